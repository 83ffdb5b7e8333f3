#include "kernels/families.h"

#ifdef __x86_64__

#    include "kernels/begin_avx2.h"
#    include "kernels/lanes_avx2.h"

static VO_REALTIME void gain(float *out, const float *x, float g, size_t n) {
    const __m256 factor = _mm256_set1_ps(g);
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH)
        _mm256_storeu_ps(out + i, _mm256_mul_ps(factor, _mm256_loadu_ps(x + i)));
    if (i < n) {
        __m256i mask = first_lanes(n - i);
        _mm256_maskstore_ps(out + i, mask, _mm256_mul_ps(factor, _mm256_maskload_ps(x + i, mask)));
    }
}

/* Here and below multiply, then add: a fused step would round once and differ from scalar. */
static VO_REALTIME void ramp(float *out, const float *x, float from, float step, uint32_t at,
                             size_t n) {
    const __m256 start = _mm256_set1_ps(from), slope = _mm256_set1_ps(step);
    const __m256 next = _mm256_set1_ps(WIDTH);
    __m256 frame = _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7);
    frame = _mm256_add_ps(_mm256_set1_ps((float)at), frame);
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH) {
        __m256 rise = _mm256_mul_ps(slope, frame);
        __m256 g = _mm256_add_ps(start, rise);
        _mm256_storeu_ps(out + i, _mm256_mul_ps(g, _mm256_loadu_ps(x + i)));
        frame = _mm256_add_ps(frame, next);
    }
    if (i < n) {
        __m256i mask = first_lanes(n - i);
        __m256 rise = _mm256_mul_ps(slope, frame);
        __m256 g = _mm256_add_ps(start, rise);
        _mm256_maskstore_ps(out + i, mask, _mm256_mul_ps(g, _mm256_maskload_ps(x + i, mask)));
    }
}

static VO_REALTIME void mix(float *y, const float *x, float g, size_t n) {
    const __m256 factor = _mm256_set1_ps(g);
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH) {
        __m256 more = _mm256_mul_ps(factor, _mm256_loadu_ps(x + i));
        _mm256_storeu_ps(y + i, _mm256_add_ps(_mm256_loadu_ps(y + i), more));
    }
    if (i < n) {
        __m256i mask = first_lanes(n - i);
        __m256 more = _mm256_mul_ps(factor, _mm256_maskload_ps(x + i, mask));
        _mm256_maskstore_ps(y + i, mask, _mm256_add_ps(_mm256_maskload_ps(y + i, mask), more));
    }
}

static VO_REALTIME void multiply(float *out, const float *a, const float *b, size_t n) {
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH)
        _mm256_storeu_ps(out + i, _mm256_mul_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i)));
    if (i < n) {
        __m256i mask = first_lanes(n - i);
        _mm256_maskstore_ps(
            out + i, mask,
            _mm256_mul_ps(_mm256_maskload_ps(a + i, mask), _mm256_maskload_ps(b + i, mask)));
    }
}

/* re: a.re b.re - a.im b.im, im: a.im b.re + a.re b.im. */
static inline __m256 product(__m256 a, __m256 b) {
    __m256 turned = _mm256_mul_ps(_mm256_permute_ps(a, 0xb1), _mm256_movehdup_ps(b));
    return _mm256_fmaddsub_ps(a, _mm256_moveldup_ps(b), turned);
}

static VO_REALTIME void multiply_add_complex(float *acc, const float *a, const float *b, size_t n) {
    size_t i = 0, end = 2 * n;
#    pragma GCC unroll 4
    for (; end - i >= WIDTH; i += WIDTH) {
        __m256 more = product(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i));
        _mm256_storeu_ps(acc + i, _mm256_add_ps(_mm256_loadu_ps(acc + i), more));
    }
    if (i < end) {
        __m256i mask = first_lanes(end - i);
        __m256 more = product(_mm256_maskload_ps(a + i, mask), _mm256_maskload_ps(b + i, mask));
        _mm256_maskstore_ps(acc + i, mask, _mm256_add_ps(_mm256_maskload_ps(acc + i, mask), more));
    }
}

static inline float sum_ps(__m256 v) {
    __m128 a = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    a = _mm_add_ps(a, _mm_movehl_ps(a, a));
    return _mm_cvtss_f32(_mm_add_ss(a, _mm_movehdup_ps(a)));
}

static VO_REALTIME float dot(const float *a, const float *b, size_t n) {
    __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; n - i >= 4 * WIDTH; i += 4 * WIDTH) {
        s0 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), s0);
        s1 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), s1);
        s2 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 16), _mm256_loadu_ps(b + i + 16), s2);
        s3 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 24), _mm256_loadu_ps(b + i + 24), s3);
    }
    for (; n - i >= WIDTH; i += WIDTH)
        s0 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), s0);
    if (i < n) {
        __m256i mask = first_lanes(n - i);
        s1 = _mm256_fmadd_ps(_mm256_maskload_ps(a + i, mask), _mm256_maskload_ps(b + i, mask), s1);
    }
    return sum_ps(_mm256_add_ps(_mm256_add_ps(s0, s1), _mm256_add_ps(s2, s3)));
}

static inline __m256 faded(__m256 from, __m256 to, __m256 gain) {
    __m256 step = _mm256_mul_ps(gain, _mm256_sub_ps(from, to));
    return _mm256_add_ps(to, step);
}

static VO_REALTIME void fade(float *out, const float *from, const float *to, const float *gain,
                             size_t n) {
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH)
        _mm256_storeu_ps(out + i, faded(_mm256_loadu_ps(from + i), _mm256_loadu_ps(to + i),
                                        _mm256_loadu_ps(gain + i)));
    if (i < n) {
        __m256i mask = first_lanes(n - i);
        _mm256_maskstore_ps(out + i, mask,
                            faded(_mm256_maskload_ps(from + i, mask),
                                  _mm256_maskload_ps(to + i, mask),
                                  _mm256_maskload_ps(gain + i, mask)));
    }
}

void vo_mix_avx2(vo_kernels *kernels) {
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
