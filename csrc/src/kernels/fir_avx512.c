#include "kernels/fir.h"

#ifdef __x86_64__

#    include "kernels/begin_avx512.h"

/* Taps that are WIDTH apart share vectors of samples: TAPS of them stand in registers, and each
   vector that is loaded goes into up to TAPS of the sums. */
enum { WIDTH = 16, TAPS = 4, SUMS = 16 };

/* `sums` vectors of outputs, the last under a mask. Whatever their number, an output adds its
   products in one order. */
static inline __attribute__((always_inline)) void tile(float *y, const float *x, const float *taps,
                                                       uint32_t count, int sums, __mmask16 last) {
    __m512 sum[SUMS];
#    pragma GCC unroll 16
    for (int v = 0; v < sums; v++) sum[v] = _mm512_setzero_ps();
    for (uint32_t first = 0; first < count; first += TAPS * WIDTH)
        for (uint32_t r = 0; r < WIDTH; r++) {
            const float *h = taps + first + r, *at = x - first - r;
            __m512 tap[TAPS];
#    pragma GCC unroll 4
            for (int j = 0; j < TAPS; j++) tap[j] = _mm512_set1_ps(h[j * WIDTH]);
#    pragma GCC unroll 20
            for (int d = 1 - TAPS; d < sums; d++) {
                __mmask16 mask = d == sums - 1 ? last : 0xffff;
                __m512 from = _mm512_maskz_loadu_ps(mask, at + d * WIDTH);
#    pragma GCC unroll 4
                for (int j = TAPS - 1; j >= 0; j--)
                    if (d + j >= 0 && d + j < sums)
                        sum[d + j] = _mm512_fmadd_ps(tap[j], from, sum[d + j]);
            }
        }
#    pragma GCC unroll 16
    for (int v = 0; v < sums; v++)
        _mm512_mask_storeu_ps(y + v * WIDTH, v == sums - 1 ? last : 0xffff, sum[v]);
}

static VO_REALTIME void run(float *y, const float *x, const float *taps, uint32_t count, size_t n) {
    for (; n >= SUMS * WIDTH; n -= SUMS * WIDTH, x += SUMS * WIDTH, y += SUMS * WIDTH)
        tile(y, x, taps, count, SUMS, 0xffff);
    for (; n >= 8 * WIDTH; n -= 8 * WIDTH, x += 8 * WIDTH, y += 8 * WIDTH)
        tile(y, x, taps, count, 8, 0xffff);
    for (; n >= 4 * WIDTH; n -= 4 * WIDTH, x += 4 * WIDTH, y += 4 * WIDTH)
        tile(y, x, taps, count, 4, 0xffff);
    for (; n >= WIDTH; n -= WIDTH, x += WIDTH, y += WIDTH) tile(y, x, taps, count, 1, 0xffff);
    if (n) tile(y, x, taps, count, 1, (__mmask16)((1u << n) - 1));
}

void vo_fir_kernels_avx512(vo_fir_kernels *kernels) {
    *kernels = (vo_fir_kernels){.name = "avx512", .run = run};
}

#    include "kernels/end_target.h"

#endif
