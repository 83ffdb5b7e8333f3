#include "kernels/truepeak.h"

#ifdef __x86_64__

#    include "kernels/begin_avx2.h"
#    include "kernels/lanes_avx2.h"

static VO_REALTIME void between(float *out, const float *x, const float *taps, size_t n) {
    size_t i = 0;
    for (; n - i >= 4 * WIDTH; i += 4 * WIDTH) {
        __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
        for (size_t k = 0; k < VO_TRUEPEAK_TAPS; k++) {
            const __m256 tap = _mm256_broadcast_ss(taps + k);
            const float *at = x + i + k;
            s0 = _mm256_fmadd_ps(tap, _mm256_loadu_ps(at), s0);
            s1 = _mm256_fmadd_ps(tap, _mm256_loadu_ps(at + WIDTH), s1);
            s2 = _mm256_fmadd_ps(tap, _mm256_loadu_ps(at + 2 * WIDTH), s2);
            s3 = _mm256_fmadd_ps(tap, _mm256_loadu_ps(at + 3 * WIDTH), s3);
        }
        _mm256_storeu_ps(out + i, s0);
        _mm256_storeu_ps(out + i + WIDTH, s1);
        _mm256_storeu_ps(out + i + 2 * WIDTH, s2);
        _mm256_storeu_ps(out + i + 3 * WIDTH, s3);
    }
    for (; i < n; i += WIDTH) {
        __m256i lanes = first_lanes(n - i < WIDTH ? n - i : WIDTH);
        __m256 sum = _mm256_setzero_ps();
        for (size_t k = 0; k < VO_TRUEPEAK_TAPS; k++)
            sum = _mm256_fmadd_ps(_mm256_broadcast_ss(taps + k),
                                  _mm256_maskload_ps(x + i + k, lanes), sum);
        _mm256_maskstore_ps(out + i, lanes, sum);
    }
}

void vo_truepeak_kernels_avx2(vo_truepeak_kernels *kernels) {
    *kernels = (vo_truepeak_kernels){.name = "avx2", .between = between};
}

#    include "kernels/end_target.h"

#endif
