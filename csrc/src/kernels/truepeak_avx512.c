#include "kernels/truepeak.h"

#ifdef __x86_64__

#    include <stdint.h>

#    include "kernels/begin_avx512.h"

enum { WIDTH = 16 };

/* Ones in the lanes of a vector for which there are samples left. */
static inline __mmask16 lanes_of(size_t left) {
    return (__mmask16)(left < WIDTH ? (1u << left) - 1 : UINT16_MAX);
}

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
        __mmask16 lanes = lanes_of(n - i);
        __m512 sum = _mm512_setzero_ps();
        for (size_t k = 0; k < VO_TRUEPEAK_TAPS; k++)
            sum = _mm512_fmadd_ps(_mm512_set1_ps(taps[k]), _mm512_maskz_loadu_ps(lanes, x + i + k),
                                  sum);
        _mm512_mask_storeu_ps(out + i, lanes, sum);
    }
}

/* A NaN is the first operand of max, which then gives the second. */
static VO_REALTIME float crests(float *peaks, const float *before, const float *at,
                                const float *after, size_t n) {
    const __m512 zero = _mm512_setzero_ps(), minus = _mm512_set1_ps(-0.0f);
    __m512 greatest = zero;
    for (size_t i = 0; i < n; i += WIDTH) {
        __mmask16 lanes = lanes_of(n - i);
        __m512 x = _mm512_maskz_loadu_ps(lanes, at + i);
        __m512 sign = _mm512_and_ps(x, minus), most = _mm512_abs_ps(x);
        __m512 left = _mm512_xor_ps(sign, _mm512_maskz_loadu_ps(lanes, before + i));
        __m512 right = _mm512_xor_ps(sign, _mm512_maskz_loadu_ps(lanes, after + i));
        left = _mm512_sub_ps(most, left);
        right = _mm512_sub_ps(most, right);
        __m512 bend = _mm512_add_ps(left, right), slope = _mm512_sub_ps(right, left);
        bend = _mm512_max_ps(bend, _mm512_set1_ps(VO_TRUEPEAK_FLAT));
        bend = _mm512_mul_ps(_mm512_set1_ps(8), bend);
        __mmask16 farthest = _mm512_cmp_ps_mask(left, zero, _CMP_GE_OQ);
        farthest = _mm512_mask_cmp_ps_mask(farthest, right, zero, _CMP_GE_OQ);
        __m512 more = _mm512_div_ps(_mm512_mul_ps(slope, slope), bend);
        most = _mm512_mask_add_ps(most, farthest, most, more);
        most = _mm512_max_ps(most, _mm512_maskz_loadu_ps(lanes, peaks + i));
        greatest = _mm512_max_ps(most, greatest);
        _mm512_mask_storeu_ps(peaks + i, lanes, most);
    }
    return _mm512_reduce_max_ps(greatest);
}

void vo_truepeak_kernels_avx512(vo_truepeak_kernels *kernels) {
    *kernels = (vo_truepeak_kernels){.name = "avx512", .between = between, .crests = crests};
}

#    include "kernels/end_target.h"

#endif
