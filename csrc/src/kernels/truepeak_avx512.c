#include "kernels/truepeak.h"

#ifdef __x86_64__

#    include <stdint.h>

#    include "kernels/begin_avx512.h"

enum { WIDTH = 16 };

static VO_REALTIME void between(float *out, const float *x, const float *taps, size_t n) {
    size_t i = 0;
    for (; n - i >= 4 * WIDTH; i += 4 * WIDTH) {
        __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
        for (size_t k = 0; k < VO_TRUEPEAK_TAPS; k++) {
            const __m512 tap = _mm512_set1_ps(taps[k]);
            const float *at = x + i + k;
            s0 = _mm512_fmadd_ps(tap, _mm512_loadu_ps(at), s0);
            s1 = _mm512_fmadd_ps(tap, _mm512_loadu_ps(at + WIDTH), s1);
            s2 = _mm512_fmadd_ps(tap, _mm512_loadu_ps(at + 2 * WIDTH), s2);
            s3 = _mm512_fmadd_ps(tap, _mm512_loadu_ps(at + 3 * WIDTH), s3);
        }
        _mm512_storeu_ps(out + i, s0);
        _mm512_storeu_ps(out + i + WIDTH, s1);
        _mm512_storeu_ps(out + i + 2 * WIDTH, s2);
        _mm512_storeu_ps(out + i + 3 * WIDTH, s3);
    }
    for (; i < n; i += WIDTH) {
        __mmask16 lanes = (__mmask16)(n - i < WIDTH ? (1u << (n - i)) - 1 : UINT16_MAX);
        __m512 sum = _mm512_setzero_ps();
        for (size_t k = 0; k < VO_TRUEPEAK_TAPS; k++)
            sum = _mm512_fmadd_ps(_mm512_set1_ps(taps[k]), _mm512_maskz_loadu_ps(lanes, x + i + k),
                                  sum);
        _mm512_mask_storeu_ps(out + i, lanes, sum);
    }
}

void vo_truepeak_kernels_avx512(vo_truepeak_kernels *kernels) {
    *kernels = (vo_truepeak_kernels){.name = "avx512", .between = between};
}

#    include "kernels/end_target.h"

#endif
