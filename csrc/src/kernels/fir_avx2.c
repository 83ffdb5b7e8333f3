#include "kernels/fir.h"

#ifdef __x86_64__

#    include "kernels/begin_avx2.h"

/* Taps that are WIDTH apart share vectors of samples: TAPS of them stand in registers, and each
   vector that is loaded goes into up to TAPS of the sums. */
enum { WIDTH = 8, TAPS = 4, SUMS = 8 };

static inline __attribute__((always_inline)) void tile(float *y, const float *x, const float *taps,
                                                       uint32_t count, int sums) {
    __m256 sum[SUMS];
#    pragma GCC unroll 16
    for (int v = 0; v < sums; v++) sum[v] = _mm256_setzero_ps();
    for (uint32_t first = 0; first < count; first += TAPS * WIDTH)
        for (uint32_t r = 0; r < WIDTH; r++) {
            const float *h = taps + first + r, *at = x - first - r;
            __m256 tap[TAPS];
#    pragma GCC unroll 4
            for (int j = 0; j < TAPS; j++) tap[j] = _mm256_broadcast_ss(h + j * WIDTH);
#    pragma GCC unroll 20
            for (int d = 1 - TAPS; d < sums; d++) {
                __m256 from = _mm256_loadu_ps(at + d * WIDTH);
#    pragma GCC unroll 4
                for (int j = TAPS - 1; j >= 0; j--)
                    if (d + j >= 0 && d + j < sums)
                        sum[d + j] = _mm256_fmadd_ps(tap[j], from, sum[d + j]);
            }
        }
#    pragma GCC unroll 16
    for (int v = 0; v < sums; v++) _mm256_storeu_ps(y + v * WIDTH, sum[v]);
}

/* The last outputs: the samples that they need, and zeros, from a copy. */
static void tail(float *y, const float *x, const float *taps, uint32_t count, size_t n) {
    __m256 sum = _mm256_setzero_ps();
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), lane);
    for (uint32_t first = 0; first < count; first += TAPS * WIDTH)
        for (uint32_t r = 0; r < WIDTH; r++)
            for (uint32_t j = TAPS; j-- > 0;) {
                uint32_t k = first + r + j * WIDTH;
                sum = _mm256_fmadd_ps(_mm256_broadcast_ss(taps + k),
                                      _mm256_maskload_ps(x - k, mask), sum);
            }
    _mm256_maskstore_ps(y, mask, sum);
}

static VO_REALTIME void run(float *y, const float *x, const float *taps, uint32_t count, size_t n) {
    for (; n >= SUMS * WIDTH; n -= SUMS * WIDTH, x += SUMS * WIDTH, y += SUMS * WIDTH)
        tile(y, x, taps, count, SUMS);
    for (; n >= 2 * WIDTH; n -= 2 * WIDTH, x += 2 * WIDTH, y += 2 * WIDTH)
        tile(y, x, taps, count, 2);
    for (; n; n -= n < WIDTH ? n : WIDTH, x += WIDTH, y += WIDTH)
        tail(y, x, taps, count, n < WIDTH ? n : WIDTH);
}

void vo_fir_kernels_avx2(vo_fir_kernels *kernels) {
    *kernels = (vo_fir_kernels){.name = "avx2", .run = run};
}

#    include "kernels/end_target.h"

#endif
