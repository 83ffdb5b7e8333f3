#include "kernels/families.h"

#ifdef __x86_64__

#    include "kernels/begin_avx512.h"
#    include "kernels/lanes_avx512.h"

static VO_REALTIME void gain(float *out, const float *x, float g, size_t n) {
    const __m512 factor = _mm512_set1_ps(g);
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH)
        _mm512_storeu_ps(out + i, _mm512_mul_ps(factor, _mm512_loadu_ps(x + i)));
    if (i < n) {
        __mmask16 mask = first_lanes(n - i);
        _mm512_mask_storeu_ps(out + i, mask,
                              _mm512_mul_ps(factor, _mm512_maskz_loadu_ps(mask, x + i)));
    }
}

/* Here and below multiply, then add: a fused step would round once and differ from scalar. */
static VO_REALTIME void ramp(float *out, const float *x, float from, float step, uint32_t at,
                             size_t n) {
    const __m512 start = _mm512_set1_ps(from), slope = _mm512_set1_ps(step);
    const __m512 next = _mm512_set1_ps(WIDTH);
    __m512 frame = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    frame = _mm512_add_ps(_mm512_set1_ps((float)at), frame);
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH) {
        __m512 rise = _mm512_mul_ps(slope, frame);
        __m512 g = _mm512_add_ps(start, rise);
        _mm512_storeu_ps(out + i, _mm512_mul_ps(g, _mm512_loadu_ps(x + i)));
        frame = _mm512_add_ps(frame, next);
    }
    if (i < n) {
        __mmask16 mask = first_lanes(n - i);
        __m512 rise = _mm512_mul_ps(slope, frame);
        __m512 g = _mm512_add_ps(start, rise);
        _mm512_mask_storeu_ps(out + i, mask, _mm512_mul_ps(g, _mm512_maskz_loadu_ps(mask, x + i)));
    }
}

static VO_REALTIME void mix(float *y, const float *x, float g, size_t n) {
    const __m512 factor = _mm512_set1_ps(g);
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH) {
        __m512 more = _mm512_mul_ps(factor, _mm512_loadu_ps(x + i));
        _mm512_storeu_ps(y + i, _mm512_add_ps(_mm512_loadu_ps(y + i), more));
    }
    if (i < n) {
        __mmask16 mask = first_lanes(n - i);
        __m512 more = _mm512_mul_ps(factor, _mm512_maskz_loadu_ps(mask, x + i));
        _mm512_mask_storeu_ps(y + i, mask, _mm512_add_ps(_mm512_maskz_loadu_ps(mask, y + i), more));
    }
}

static VO_REALTIME void multiply(float *out, const float *a, const float *b, size_t n) {
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH)
        _mm512_storeu_ps(out + i, _mm512_mul_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i)));
    if (i < n) {
        __mmask16 mask = first_lanes(n - i);
        _mm512_mask_storeu_ps(
            out + i, mask,
            _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, a + i), _mm512_maskz_loadu_ps(mask, b + i)));
    }
}

/* re: a.re b.re - a.im b.im, im: a.im b.re + a.re b.im. */
static inline __m512 product(__m512 a, __m512 b) {
    __m512 turned = _mm512_mul_ps(_mm512_permute_ps(a, 0xb1), _mm512_movehdup_ps(b));
    return _mm512_fmaddsub_ps(a, _mm512_moveldup_ps(b), turned);
}

static VO_REALTIME void multiply_add_complex(float *acc, const float *a, const float *b, size_t n) {
    size_t i = 0, end = 2 * n;
#    pragma GCC unroll 4
    for (; end - i >= WIDTH; i += WIDTH) {
        __m512 more = product(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i));
        _mm512_storeu_ps(acc + i, _mm512_add_ps(_mm512_loadu_ps(acc + i), more));
    }
    if (i < end) {
        __mmask16 mask = first_lanes(end - i);
        __m512 more =
            product(_mm512_maskz_loadu_ps(mask, a + i), _mm512_maskz_loadu_ps(mask, b + i));
        _mm512_mask_storeu_ps(acc + i, mask,
                              _mm512_add_ps(_mm512_maskz_loadu_ps(mask, acc + i), more));
    }
}

static VO_REALTIME float dot(const float *a, const float *b, size_t n) {
    __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; n - i >= 4 * WIDTH; i += 4 * WIDTH) {
        s0 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), s0);
        s1 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 16), _mm512_loadu_ps(b + i + 16), s1);
        s2 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 32), _mm512_loadu_ps(b + i + 32), s2);
        s3 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 48), _mm512_loadu_ps(b + i + 48), s3);
    }
    for (; n - i >= WIDTH; i += WIDTH)
        s0 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), s0);
    if (i < n) {
        __mmask16 mask = first_lanes(n - i);
        s1 = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, a + i), _mm512_maskz_loadu_ps(mask, b + i),
                             s1);
    }
    return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(s0, s1), _mm512_add_ps(s2, s3)));
}

static inline __m512 faded(__m512 from, __m512 to, __m512 gain) {
    __m512 step = _mm512_mul_ps(gain, _mm512_sub_ps(from, to));
    return _mm512_add_ps(to, step);
}

static VO_REALTIME void fade(float *out, const float *from, const float *to, const float *gain,
                             size_t n) {
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH)
        _mm512_storeu_ps(out + i, faded(_mm512_loadu_ps(from + i), _mm512_loadu_ps(to + i),
                                        _mm512_loadu_ps(gain + i)));
    if (i < n) {
        __mmask16 mask = first_lanes(n - i);
        _mm512_mask_storeu_ps(out + i, mask,
                              faded(_mm512_maskz_loadu_ps(mask, from + i),
                                    _mm512_maskz_loadu_ps(mask, to + i),
                                    _mm512_maskz_loadu_ps(mask, gain + i)));
    }
}

void vo_mix_avx512(vo_kernels *kernels) {
    kernels->gain = gain;
    kernels->ramp = ramp;
    kernels->mix = mix;
    kernels->multiply = multiply;
    kernels->multiply_add_complex = multiply_add_complex;
    kernels->dot = dot;
    kernels->fade = fade;
}

#    include "kernels/end_target.h"

#endif
