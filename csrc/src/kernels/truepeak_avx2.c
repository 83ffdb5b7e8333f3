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

/* A NaN is the first operand of max, which then gives the second. */
static VO_REALTIME float crests(float *peaks, const float *before, const float *at,
                                const float *after, size_t n) {
    const __m256 zero = _mm256_setzero_ps(), minus = _mm256_set1_ps(-0.0f);
    __m256 greatest = zero;
    for (size_t i = 0; i < n; i += WIDTH) {
        __m256i lanes = first_lanes(n - i < WIDTH ? n - i : WIDTH);
        __m256 x = _mm256_maskload_ps(at + i, lanes);
        __m256 sign = _mm256_and_ps(x, minus), most = _mm256_andnot_ps(minus, x);
        __m256 left = _mm256_xor_ps(sign, _mm256_maskload_ps(before + i, lanes));
        __m256 right = _mm256_xor_ps(sign, _mm256_maskload_ps(after + i, lanes));
        left = _mm256_sub_ps(most, left);
        right = _mm256_sub_ps(most, right);
        __m256 bend = _mm256_add_ps(left, right), slope = _mm256_sub_ps(right, left);
        bend = _mm256_max_ps(bend, _mm256_set1_ps(VO_TRUEPEAK_FLAT));
        bend = _mm256_mul_ps(_mm256_set1_ps(8), bend);
        __m256 farthest = _mm256_and_ps(_mm256_cmp_ps(left, zero, _CMP_GE_OQ),
                                        _mm256_cmp_ps(right, zero, _CMP_GE_OQ));
        __m256 more = _mm256_div_ps(_mm256_mul_ps(slope, slope), bend);
        most = _mm256_add_ps(most, _mm256_and_ps(farthest, more));
        most = _mm256_max_ps(most, _mm256_maskload_ps(peaks + i, lanes));
        greatest = _mm256_max_ps(most, greatest);
        _mm256_maskstore_ps(peaks + i, lanes, most);
    }
    __m128 m = _mm_max_ps(_mm256_castps256_ps128(greatest), _mm256_extractf128_ps(greatest, 1));
    m = _mm_max_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_max_ss(m, _mm_movehdup_ps(m)));
}

void vo_truepeak_kernels_avx2(vo_truepeak_kernels *kernels) {
    *kernels = (vo_truepeak_kernels){.name = "avx2", .between = between, .crests = crests};
}

#    include "kernels/end_target.h"

#endif
