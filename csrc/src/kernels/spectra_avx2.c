#include "kernels/spectra.h"

#ifdef __x86_64__

#    include <math.h>

#    include "kernels/polynomials.h"

#    include "kernels/begin_avx2.h"
#    include "kernels/lanes_avx2.h"

enum { REACH_BLOCK = 64 };

static inline float squared(const float *pair) {
    return pair[0] * pair[0] + pair[1] * pair[1];
}

static inline float sum_ps(__m256 v) {
    __m128 a = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    a = _mm_add_ps(a, _mm_movehl_ps(a, a));
    return _mm_cvtss_f32(_mm_add_ss(a, _mm_movehdup_ps(a)));
}

static inline double sum_pd(__m256d v) {
    __m128d a = _mm_add_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd(v, 1));
    return _mm_cvtsd_f64(_mm_add_sd(a, _mm_unpackhi_pd(a, a)));
}

static inline int32_t sum_epi32(__m256i v) {
    __m128i a = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    a = _mm_add_epi32(a, _mm_shuffle_epi32(a, 0x4e));
    a = _mm_add_epi32(a, _mm_shuffle_epi32(a, 0xb1));
    return _mm_cvtsi128_si32(a);
}

/* The lower and the upper lanes as doubles. */
static inline __m256d low_pd(__m256 x) {
    return _mm256_cvtps_pd(_mm256_castps256_ps128(x));
}
static inline __m256d high_pd(__m256 x) {
    return _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1));
}

static VO_REALTIME void power(float *out, const float *pairs, size_t n) {
    size_t k = 0;
    for (; n - k >= WIDTH; k += WIDTH) {
        __m256 a = _mm256_loadu_ps(pairs + 2 * k), b = _mm256_loadu_ps(pairs + 2 * k + WIDTH);
        __m256 re = _mm256_shuffle_ps(a, b, 0x88), im = _mm256_shuffle_ps(a, b, 0xdd);
        __m256 sums = _mm256_fmadd_ps(re, re, _mm256_mul_ps(im, im));
        __m256d in_order = _mm256_permute4x64_pd(_mm256_castps_pd(sums), 0xd8);
        _mm256_storeu_ps(out + k, _mm256_castpd_ps(in_order));
    }
    for (; k < n; k++) out[k] = squared(pairs + 2 * k);
}

static VO_REALTIME void root(float *out, const float *x, size_t n) {
    size_t k = 0;
    for (; n - k >= WIDTH; k += WIDTH)
        _mm256_storeu_ps(out + k, _mm256_sqrt_ps(_mm256_loadu_ps(x + k)));
    for (; k < n; k++) out[k] = sqrtf(x[k]);
}

static inline float dot(const float *a, const float *b, size_t n) {
    __m256 sum = _mm256_setzero_ps();
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH)
        sum = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), sum);
    __m256i mask = first_lanes(n - i);
    __m256 tail = _mm256_mul_ps(_mm256_maskload_ps(a + i, mask), _mm256_maskload_ps(b + i, mask));
    return sum_ps(_mm256_add_ps(sum, tail));
}

static VO_REALTIME void bands(float *out, const float *x, const vo_bands *bands) {
    const float *weights = bands->weights;
    for (uint32_t b = 0; b < bands->count; weights += bands->length[b++])
        out[b] = dot(x + bands->first[b], weights, bands->length[b]);
}

/* x = *mantissa * 2^exponent. */
static inline __m256i split(__m256 x, __m256 *mantissa) {
    __m256i bits = _mm256_castps_si256(x);
    __m256i above = _mm256_sub_epi32(bits, _mm256_set1_epi32(VO_HALF_SQRT2_BITS));
    __m256i exponent = _mm256_srai_epi32(above, VO_MANTISSA_BITS);
    bits = _mm256_sub_epi32(bits, _mm256_slli_epi32(exponent, VO_MANTISSA_BITS));
    *mantissa = _mm256_castsi256_ps(bits);
    return exponent;
}

static inline __m256 log2_of(__m256 x) {
    __m256 m, p = _mm256_setzero_ps();
    __m256 e = _mm256_cvtepi32_ps(split(x, &m));
    __m256 f = _mm256_sub_ps(m, _mm256_set1_ps(1));
#    define X(coefficient) p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(coefficient));
    VO_LOG2_MAP(X)
#    undef X
    return _mm256_fmadd_ps(f, p, e);
}

/* max_ps gives its second operand when the first is NaN. */
static VO_REALTIME void logarithm(float *out, const float *x, size_t n, float least, float scale) {
    const __m256 floor = _mm256_set1_ps(least), by = _mm256_set1_ps(scale);
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH) {
        __m256 it = _mm256_max_ps(_mm256_loadu_ps(x + i), floor);
        _mm256_storeu_ps(out + i, _mm256_mul_ps(by, log2_of(it)));
    }
    if (i < n) {
        __m256i mask = first_lanes(n - i);
        __m256 it = _mm256_max_ps(_mm256_maskload_ps(x + i, mask), floor);
        _mm256_maskstore_ps(out + i, mask, _mm256_mul_ps(by, log2_of(it)));
    }
}

static VO_REALTIME void moments(double sums[3], const float *x, size_t n) {
    __m256d s0 = _mm256_setzero_pd(), s1 = s0, s2 = s0;
    __m256d at = _mm256_setr_pd(0, 1, 2, 3);
    const __m256d half = _mm256_set1_pd(WIDTH / 2);
    size_t k = 0;
    for (; n - k >= WIDTH; k += WIDTH) {
        __m256 v = _mm256_loadu_ps(x + k);
        __m256d low = low_pd(v), high = high_pd(v), next = _mm256_add_pd(at, half);
        __m256d low_once = _mm256_mul_pd(at, low), high_once = _mm256_mul_pd(next, high);
        s0 = _mm256_add_pd(s0, _mm256_add_pd(low, high));
        s1 = _mm256_add_pd(s1, _mm256_add_pd(low_once, high_once));
        s2 = _mm256_fmadd_pd(at, low_once, _mm256_fmadd_pd(next, high_once, s2));
        at = _mm256_add_pd(next, half);
    }
    sums[0] = sum_pd(s0);
    sums[1] = sum_pd(s1);
    sums[2] = sum_pd(s2);
    for (; k < n; k++) {
        double once = (double)k * (double)x[k];
        sums[0] += (double)x[k];
        sums[1] += once;
        sums[2] += (double)k * once;
    }
}

static VO_REALTIME double distance(const float *x, const float *y, size_t n) {
    __m256d a = _mm256_setzero_pd(), b = a;
    size_t k = 0;
    for (; n - k >= WIDTH; k += WIDTH) {
        __m256 step = _mm256_sub_ps(_mm256_loadu_ps(x + k), _mm256_loadu_ps(y + k));
        a = _mm256_fmadd_pd(low_pd(step), low_pd(step), a);
        b = _mm256_fmadd_pd(high_pd(step), high_pd(step), b);
    }
    double sum = sum_pd(_mm256_add_pd(a, b));
    for (; k < n; k++) {
        float step = x[k] - y[k];
        sum += (double)step * (double)step;
    }
    return sum;
}

/* A sum, and a product as 2^exponents * low * high. */
typedef struct both {
    __m256d sum, low, high;
    __m256i exponents;
} both;

static inline void take(both *so_far, __m256 term, __m256 factor) {
    __m256 m;
    so_far->exponents = _mm256_add_epi32(so_far->exponents, split(factor, &m));
    so_far->low = _mm256_mul_pd(so_far->low, low_pd(m));
    so_far->high = _mm256_mul_pd(so_far->high, high_pd(m));
    so_far->sum = _mm256_add_pd(so_far->sum, _mm256_add_pd(low_pd(term), high_pd(term)));
}

static inline double log2_product(const both *it) {
    __m256d all = _mm256_mul_pd(it->low, it->high);
    __m128d pair = _mm_mul_pd(_mm256_castpd256_pd128(all), _mm256_extractf128_pd(all, 1));
    double product = _mm_cvtsd_f64(_mm_mul_sd(pair, _mm_unpackhi_pd(pair, pair)));
    return sum_epi32(it->exponents) + log2(product);
}

static VO_REALTIME void means(double *sum, double *log2_sum, const float *x, size_t n,
                              float least) {
    const __m256 floor = _mm256_set1_ps(least), one = _mm256_set1_ps(1);
    both it = {.sum = _mm256_setzero_pd()};
    *log2_sum = 0;
    for (size_t k = 0; k < n;) {
        size_t end = n - k < VO_MEANS_RUN ? n : k + VO_MEANS_RUN;
        it.low = it.high = _mm256_set1_pd(1);
        it.exponents = _mm256_setzero_si256();
        for (; end - k >= WIDTH; k += WIDTH) {
            __m256 v = _mm256_max_ps(_mm256_loadu_ps(x + k), floor);
            take(&it, v, v);
        }
        if (k < end) {
            __m256i mask = first_lanes(end - k);
            __m256 v = _mm256_max_ps(_mm256_maskload_ps(x + k, mask), floor);
            __m256 lanes = _mm256_castsi256_ps(mask);
            take(&it, _mm256_and_ps(v, lanes), _mm256_blendv_ps(one, v, lanes));
            k = end;
        }
        *log2_sum += log2_product(&it);
    }
    *sum = sum_pd(it.sum);
}

static VO_REALTIME size_t reach(const float *x, size_t n, double target) {
    double sum = 0;
    size_t k = 0;
    for (; n - k >= REACH_BLOCK; k += REACH_BLOCK) {
        __m256d a = _mm256_setzero_pd(), b = a;
        for (size_t i = k; i < k + REACH_BLOCK; i += WIDTH) {
            __m256 v = _mm256_loadu_ps(x + i);
            a = _mm256_add_pd(a, low_pd(v));
            b = _mm256_add_pd(b, high_pd(v));
        }
        double block = sum_pd(_mm256_add_pd(a, b));
        if (sum + block >= target) break;
        sum += block;
    }
    for (; k < n; k++) {
        sum += (double)x[k];
        if (sum >= target) return k;
    }
    return n;
}

/* Counts downwards: a lane of a mask is -1. */
static VO_REALTIME uint32_t crossings(const float *x, size_t n) {
    const __m256 zero = _mm256_setzero_ps();
    __m256i count = _mm256_setzero_si256();
    size_t i = 0;
    for (; n > WIDTH && i < n - WIDTH; i += WIDTH) {
        __m256 before = _mm256_cmp_ps(_mm256_loadu_ps(x + i), zero, _CMP_LT_OQ);
        __m256 after = _mm256_cmp_ps(_mm256_loadu_ps(x + i + 1), zero, _CMP_LT_OQ);
        count = _mm256_sub_epi32(count, _mm256_castps_si256(_mm256_xor_ps(before, after)));
    }
    uint32_t total = (uint32_t)sum_epi32(count);
    for (i++; i < n; i++) total += (x[i - 1] < 0) != (x[i] < 0);
    return total;
}

void vo_spectra_kernels_avx2(vo_spectra_kernels *kernels) {
    *kernels = (vo_spectra_kernels){.name = "avx2",
                                    .power = power,
                                    .root = root,
                                    .bands = bands,
                                    .log = logarithm,
                                    .moments = moments,
                                    .distance = distance,
                                    .means = means,
                                    .reach = reach,
                                    .crossings = crossings};
}

#    include "kernels/end_target.h"

#endif
