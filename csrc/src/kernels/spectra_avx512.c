#include "kernels/spectra.h"

#ifdef __x86_64__

#    include <math.h>

#    include "kernels/polynomials.h"

#    include "kernels/begin_avx512.h"
#    include "kernels/lanes_avx512.h"

enum { REACH_BLOCK = 64 };

static inline float squared(const float *pair) {
    return pair[0] * pair[0] + pair[1] * pair[1];
}

/* The lower and the upper lanes as doubles. */
static inline __m512d low_pd(__m512 x) {
    return _mm512_cvtps_pd(_mm512_castps512_ps256(x));
}
static inline __m512d high_pd(__m512 x) {
    return _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1));
}

static VO_REALTIME void power(float *out, const float *pairs, size_t n) {
    const __m512i even =
        _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
    size_t k = 0;
    for (; n - k >= WIDTH; k += WIDTH) {
        __m512 a = _mm512_loadu_ps(pairs + 2 * k), b = _mm512_loadu_ps(pairs + 2 * k + WIDTH);
        __m512 re = _mm512_permutex2var_ps(a, even, b), im = _mm512_permutex2var_ps(a, odd, b);
        _mm512_storeu_ps(out + k, _mm512_fmadd_ps(re, re, _mm512_mul_ps(im, im)));
    }
    for (; k < n; k++) out[k] = squared(pairs + 2 * k);
}

static VO_REALTIME void root(float *out, const float *x, size_t n) {
    size_t k = 0;
    for (; n - k >= WIDTH; k += WIDTH)
        _mm512_storeu_ps(out + k, _mm512_sqrt_ps(_mm512_loadu_ps(x + k)));
    for (; k < n; k++) out[k] = sqrtf(x[k]);
}

/* x = *mantissa * 2^exponent. */
static inline __m512i split(__m512 x, __m512 *mantissa) {
    __m512i bits = _mm512_castps_si512(x);
    __m512i above = _mm512_sub_epi32(bits, _mm512_set1_epi32(VO_HALF_SQRT2_BITS));
    __m512i exponent = _mm512_srai_epi32(above, VO_MANTISSA_BITS);
    bits = _mm512_sub_epi32(bits, _mm512_slli_epi32(exponent, VO_MANTISSA_BITS));
    *mantissa = _mm512_castsi512_ps(bits);
    return exponent;
}

static inline __m512 log2_of(__m512 x) {
    __m512 m, p = _mm512_setzero_ps();
    __m512 e = _mm512_cvtepi32_ps(split(x, &m));
    __m512 f = _mm512_sub_ps(m, _mm512_set1_ps(1));
#    define X(coefficient) p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(coefficient));
    VO_LOG2_MAP(X)
#    undef X
    return _mm512_fmadd_ps(f, p, e);
}

/* max_ps gives its second operand when the first is NaN. */
static VO_REALTIME void logarithm(float *out, const float *x, size_t n, float least, float scale) {
    const __m512 floor = _mm512_set1_ps(least), by = _mm512_set1_ps(scale);
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH) {
        __m512 it = _mm512_max_ps(_mm512_loadu_ps(x + i), floor);
        _mm512_storeu_ps(out + i, _mm512_mul_ps(by, log2_of(it)));
    }
    if (i < n) {
        __mmask16 mask = first_lanes(n - i);
        __m512 it = _mm512_max_ps(_mm512_maskz_loadu_ps(mask, x + i), floor);
        _mm512_mask_storeu_ps(out + i, mask, _mm512_mul_ps(by, log2_of(it)));
    }
}

static VO_REALTIME void moments(double sums[3], const float *x, size_t n) {
    __m512d s0 = _mm512_setzero_pd(), s1 = s0, s2 = s0;
    __m512d at = _mm512_setr_pd(0, 1, 2, 3, 4, 5, 6, 7);
    const __m512d half = _mm512_set1_pd(WIDTH / 2);
    size_t k = 0;
    for (; n - k >= WIDTH; k += WIDTH) {
        __m512 v = _mm512_loadu_ps(x + k);
        __m512d low = low_pd(v), high = high_pd(v), next = _mm512_add_pd(at, half);
        __m512d low_once = _mm512_mul_pd(at, low), high_once = _mm512_mul_pd(next, high);
        s0 = _mm512_add_pd(s0, _mm512_add_pd(low, high));
        s1 = _mm512_add_pd(s1, _mm512_add_pd(low_once, high_once));
        s2 = _mm512_fmadd_pd(at, low_once, _mm512_fmadd_pd(next, high_once, s2));
        at = _mm512_add_pd(next, half);
    }
    sums[0] = _mm512_reduce_add_pd(s0);
    sums[1] = _mm512_reduce_add_pd(s1);
    sums[2] = _mm512_reduce_add_pd(s2);
    for (; k < n; k++) {
        double once = (double)k * (double)x[k];
        sums[0] += (double)x[k];
        sums[1] += once;
        sums[2] += (double)k * once;
    }
}

static VO_REALTIME double distance(const float *x, const float *y, size_t n) {
    __m512d a = _mm512_setzero_pd(), b = a;
    size_t k = 0;
    for (; n - k >= WIDTH; k += WIDTH) {
        __m512 step = _mm512_sub_ps(_mm512_loadu_ps(x + k), _mm512_loadu_ps(y + k));
        a = _mm512_fmadd_pd(low_pd(step), low_pd(step), a);
        b = _mm512_fmadd_pd(high_pd(step), high_pd(step), b);
    }
    double sum = _mm512_reduce_add_pd(_mm512_add_pd(a, b));
    for (; k < n; k++) {
        float step = x[k] - y[k];
        sum += (double)step * (double)step;
    }
    return sum;
}

/* A sum, and a product as 2^exponents * low * high. */
typedef struct both {
    __m512d sum, low, high;
    __m512i exponents;
} both;

static inline void take(both *so_far, __m512 term, __m512 factor) {
    __m512 m;
    so_far->exponents = _mm512_add_epi32(so_far->exponents, split(factor, &m));
    so_far->low = _mm512_mul_pd(so_far->low, low_pd(m));
    so_far->high = _mm512_mul_pd(so_far->high, high_pd(m));
    so_far->sum = _mm512_add_pd(so_far->sum, _mm512_add_pd(low_pd(term), high_pd(term)));
}

static VO_REALTIME void means(double *sum, double *log2_sum, const float *x, size_t n,
                              float least) {
    const __m512 floor = _mm512_set1_ps(least), one = _mm512_set1_ps(1);
    both it = {.sum = _mm512_setzero_pd()};
    *log2_sum = 0;
    for (size_t k = 0; k < n;) {
        size_t end = n - k < VO_MEANS_RUN ? n : k + VO_MEANS_RUN;
        it.low = it.high = _mm512_set1_pd(1);
        it.exponents = _mm512_setzero_si512();
        for (; end - k >= WIDTH; k += WIDTH) {
            __m512 v = _mm512_max_ps(_mm512_loadu_ps(x + k), floor);
            take(&it, v, v);
        }
        if (k < end) {
            __mmask16 mask = first_lanes(end - k);
            __m512 v = _mm512_max_ps(_mm512_maskz_loadu_ps(mask, x + k), floor);
            take(&it, _mm512_maskz_mov_ps(mask, v), _mm512_mask_mov_ps(one, mask, v));
            k = end;
        }
        double product = _mm512_reduce_mul_pd(_mm512_mul_pd(it.low, it.high));
        *log2_sum += _mm512_reduce_add_epi32(it.exponents) + log2(product);
    }
    *sum = _mm512_reduce_add_pd(it.sum);
}

static VO_REALTIME size_t reach(const float *x, size_t n, double target) {
    double sum = 0;
    size_t k = 0;
    for (; n - k >= REACH_BLOCK; k += REACH_BLOCK) {
        __m512d a = _mm512_setzero_pd(), b = a;
        for (size_t i = k; i < k + REACH_BLOCK; i += WIDTH) {
            __m512 v = _mm512_loadu_ps(x + i);
            a = _mm512_add_pd(a, low_pd(v));
            b = _mm512_add_pd(b, high_pd(v));
        }
        double block = _mm512_reduce_add_pd(_mm512_add_pd(a, b));
        if (sum + block >= target) break;
        sum += block;
    }
    for (; k < n; k++) {
        sum += (double)x[k];
        if (sum >= target) return k;
    }
    return n;
}

static VO_REALTIME uint32_t crossings(const float *x, size_t n) {
    const __m512 zero = _mm512_setzero_ps();
    const __m512i one = _mm512_set1_epi32(1);
    __m512i count = _mm512_setzero_si512();
    size_t i = 0;
    for (; n > WIDTH && i < n - WIDTH; i += WIDTH) {
        __mmask16 before = _mm512_cmp_ps_mask(_mm512_loadu_ps(x + i), zero, _CMP_LT_OQ);
        __mmask16 after = _mm512_cmp_ps_mask(_mm512_loadu_ps(x + i + 1), zero, _CMP_LT_OQ);
        count = _mm512_mask_add_epi32(count, (__mmask16)(before ^ after), count, one);
    }
    uint32_t total = (uint32_t)_mm512_reduce_add_epi32(count);
    for (i++; i < n; i++) total += (x[i - 1] < 0) != (x[i] < 0);
    return total;
}

/* Bands are mostly shorter than a vector of this width: AVX2 keeps them. */
void vo_spectra_kernels_avx512(vo_spectra_kernels *kernels) {
    kernels->name = "avx512";
    kernels->power = power;
    kernels->root = root;
    kernels->log = logarithm;
    kernels->moments = moments;
    kernels->distance = distance;
    kernels->means = means;
    kernels->reach = reach;
    kernels->crossings = crossings;
}

#    include "kernels/end_target.h"

#endif
