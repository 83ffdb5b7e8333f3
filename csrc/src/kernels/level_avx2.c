#include "kernels/families.h"

#ifdef __x86_64__

#    include <string.h>

#    include "kernels/begin_avx2.h"
#    include "kernels/lanes_avx2.h"

/* Three magnitudes stand for all that were seen: the smallest but zero, the greatest finite one and
   the greatest. They are kept as unsigned distances that wrap round for what is not meant (zero
   lies before 1, infinity and NaN lie beyond FINITE), so that one minimum finds each. */
typedef struct extremes {
    __m256i above_zero, below_infinity, greatest;
} extremes;

#    define FINITE 0x7f7fffff

static inline void widen(extremes *e, __m256i bits) {
    __m256i m = _mm256_and_si256(bits, _mm256_set1_epi32(0x7fffffff));
    e->above_zero = _mm256_min_epu32(e->above_zero, _mm256_sub_epi32(m, _mm256_set1_epi32(1)));
    e->below_infinity =
        _mm256_min_epu32(e->below_infinity, _mm256_sub_epi32(_mm256_set1_epi32(FINITE), m));
    e->greatest = _mm256_max_epu32(e->greatest, m);
}

static inline uint32_t least(__m256i v) {
    __m128i a = _mm_min_epu32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    a = _mm_min_epu32(a, _mm_shuffle_epi32(a, 0x4e));
    a = _mm_min_epu32(a, _mm_shuffle_epi32(a, 0xb1));
    return (uint32_t)_mm_cvtsi128_si32(a);
}

/* The three, judged by scalar: the thresholds stand in one place. */
static inline uint32_t seen(extremes e, float limit) {
    const uint32_t bits[3] = {least(e.above_zero) + 1, FINITE - least(e.below_infinity),
                              ~least(_mm256_xor_si256(e.greatest, _mm256_set1_epi32(-1)))};
    float witness[3];
    memcpy(witness, bits, sizeof witness);
    return vo_scalar_classify(witness, 3, limit);
}

static VO_REALTIME uint32_t classify(const float *x, size_t n, float limit) {
    if (!n) return 0;
    const __m256i ones = _mm256_set1_epi32(-1);
    extremes e = {ones, ones, _mm256_setzero_si256()};
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH) widen(&e, _mm256_loadu_si256((const __m256i *)(x + i)));
    if (i < n) {
        __m256i mask = first_lanes(n - i);
        __m256 tail = _mm256_maskload_ps(x + i, mask);
        tail = _mm256_blendv_ps(_mm256_broadcast_ss(x), tail, _mm256_castsi256_ps(mask));
        widen(&e, _mm256_castps_si256(tail));
    }
    return seen(e, limit);
}

/* Plus INT32_MAX, the magnitudes of denormals are the least of all, and zero is the greatest. */
static inline __m256i denormals(__m256i bits) {
    __m256i m = _mm256_and_si256(bits, _mm256_set1_epi32(0x7fffffff));
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(INT32_MIN + 0x7fffff),
                              _mm256_add_epi32(m, _mm256_set1_epi32(INT32_MAX)));
}

/* NaN and denormals to 0, infinities to the limit. */
static inline __m256i cleaned(__m256i bits, __m256i limit) {
    const __m256i magnitude = _mm256_set1_epi32(0x7fffffff);
    __m256i m = _mm256_and_si256(bits, magnitude);
    __m256i infinite = _mm256_cmpeq_epi32(m, _mm256_set1_epi32(0x7f800000));
    __m256i nan = _mm256_cmpgt_epi32(m, _mm256_set1_epi32(0x7f800000));
    __m256i loud = _mm256_or_si256(_mm256_andnot_si256(magnitude, bits), limit);
    bits = _mm256_blendv_epi8(bits, loud, infinite);
    return _mm256_andnot_si256(_mm256_or_si256(nan, denormals(bits)), bits);
}

static VO_REALTIME uint32_t sanitise(float *out, const float *x, size_t n, float limit) {
    if (!n) return 0;
    const __m256i ones = _mm256_set1_epi32(-1), most = _mm256_castps_si256(_mm256_set1_ps(limit));
    const __m256i first = _mm256_castps_si256(_mm256_set1_ps(x[0]));
    extremes e = {ones, ones, _mm256_setzero_si256()};
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(x + i));
        widen(&e, v);
        _mm256_storeu_si256((__m256i *)(out + i), cleaned(v, most));
    }
    if (i < n) {
        __m256i mask = first_lanes(n - i);
        __m256i v = _mm256_castps_si256(_mm256_maskload_ps(x + i, mask));
        v = _mm256_blendv_epi8(first, v, mask);
        widen(&e, v);
        _mm256_maskstore_ps(out + i, mask, _mm256_castsi256_ps(cleaned(v, most)));
    }
    return seen(e, limit);
}

static inline uint32_t total(__m256i v) {
    __m128i a = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    a = _mm_add_epi32(a, _mm_shuffle_epi32(a, 0x4e));
    a = _mm_add_epi32(a, _mm_shuffle_epi32(a, 0xb1));
    return (uint32_t)_mm_cvtsi128_si32(a);
}

/* Counts downwards: a lane of a mask is -1. */
static VO_REALTIME uint32_t flush(float *out, const float *x, size_t n) {
    __m256i c0 = _mm256_setzero_si256(), c1 = c0;
    size_t i = 0;
    for (; n - i >= 2 * WIDTH; i += 2 * WIDTH) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(x + i));
        __m256i b = _mm256_loadu_si256((const __m256i *)(x + i + WIDTH));
        __m256i in_a = denormals(a), in_b = denormals(b);
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_andnot_si256(in_a, a));
        _mm256_storeu_si256((__m256i *)(out + i + WIDTH), _mm256_andnot_si256(in_b, b));
        c0 = _mm256_add_epi32(c0, in_a);
        c1 = _mm256_add_epi32(c1, in_b);
    }
    for (; i < n; i += WIDTH) {
        __m256i mask = first_lanes(n - i < WIDTH ? n - i : WIDTH);
        __m256i a = _mm256_castps_si256(_mm256_maskload_ps(x + i, mask));
        __m256i in_a = denormals(a);
        _mm256_maskstore_ps(out + i, mask, _mm256_castsi256_ps(_mm256_andnot_si256(in_a, a)));
        c0 = _mm256_add_epi32(c0, in_a);
    }
    return 0 - total(_mm256_add_epi32(c0, c1));
}

static inline double sum_pd(__m256d v) {
    __m128d a = _mm_add_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd(v, 1));
    return _mm_cvtsd_f64(_mm_add_sd(a, _mm_unpackhi_pd(a, a)));
}

/* Peak as a bit pattern, which sorts like |x|. */
typedef struct levels {
    __m256i peak;
    __m256d low, high;
} levels;

static inline void raise_levels(levels *l, __m256 x) {
    __m256d low = _mm256_cvtps_pd(_mm256_castps256_ps128(x));
    __m256d high = _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1));
    __m256i m = _mm256_and_si256(_mm256_castps_si256(x), _mm256_set1_epi32(0x7fffffff));
    l->peak = _mm256_max_epu32(l->peak, m);
    l->low = _mm256_fmadd_pd(low, low, l->low);
    l->high = _mm256_fmadd_pd(high, high, l->high);
}

static VO_REALTIME void level(const float *x, size_t n, float *peak, double *energy) {
    levels a = {_mm256_setzero_si256(), _mm256_setzero_pd(), _mm256_setzero_pd()}, b = a;
    size_t i = 0;
    for (; n - i >= 2 * WIDTH; i += 2 * WIDTH) {
        raise_levels(&a, _mm256_loadu_ps(x + i));
        raise_levels(&b, _mm256_loadu_ps(x + i + WIDTH));
    }
    for (; n - i >= WIDTH; i += WIDTH) raise_levels(&a, _mm256_loadu_ps(x + i));
    if (i < n) raise_levels(&b, _mm256_maskload_ps(x + i, first_lanes(n - i)));
    __m256i highest = _mm256_max_epu32(a.peak, b.peak);
    uint32_t bits = ~least(_mm256_xor_si256(highest, _mm256_set1_epi32(-1)));
    memcpy(peak, &bits, sizeof bits);
    *energy = sum_pd(_mm256_add_pd(_mm256_add_pd(a.low, a.high), _mm256_add_pd(b.low, b.high)));
}

void vo_level_avx2(vo_kernels *kernels) {
    kernels->classify = classify;
    kernels->sanitise = sanitise;
    kernels->flush = flush;
    kernels->level = level;
}

#    include "kernels/end_target.h"

#endif
