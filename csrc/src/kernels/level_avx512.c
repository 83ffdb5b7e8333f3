#include "kernels/families.h"

#ifdef __x86_64__

#    include <string.h>

#    include "kernels/begin_avx512.h"
#    include "kernels/lanes_avx512.h"

/* Three magnitudes stand for all that were seen: the smallest but zero, the greatest finite one and
   the greatest. They are kept as unsigned distances that wrap round for what is not meant (zero
   lies before 1, infinity and NaN lie beyond FINITE), so that one minimum finds each. */
typedef struct extremes {
    __m512i above_zero, below_infinity, greatest;
} extremes;

#    define FINITE 0x7f7fffff

static inline void widen(extremes *e, __m512i bits) {
    __m512i m = _mm512_and_si512(bits, _mm512_set1_epi32(0x7fffffff));
    e->above_zero = _mm512_min_epu32(e->above_zero, _mm512_sub_epi32(m, _mm512_set1_epi32(1)));
    e->below_infinity =
        _mm512_min_epu32(e->below_infinity, _mm512_sub_epi32(_mm512_set1_epi32(FINITE), m));
    e->greatest = _mm512_max_epu32(e->greatest, m);
}

/* The three, judged by scalar: the thresholds stand in one place. */
static inline uint32_t seen(extremes e, float limit) {
    const uint32_t bits[3] = {_mm512_reduce_min_epu32(e.above_zero) + 1,
                              FINITE - _mm512_reduce_min_epu32(e.below_infinity),
                              _mm512_reduce_max_epu32(e.greatest)};
    float witness[3];
    memcpy(witness, bits, sizeof witness);
    return vo_scalar_classify(witness, 3, limit);
}

static VO_REALTIME uint32_t classify(const float *x, size_t n, float limit) {
    if (!n) return 0;
    const __m512i ones = _mm512_set1_epi32(-1);
    extremes e = {ones, ones, _mm512_setzero_si512()};
    size_t i = 0;
#    pragma GCC unroll 4
    for (; n - i >= WIDTH; i += WIDTH) widen(&e, _mm512_loadu_si512(x + i));
    if (i < n) {
        __m512i first = _mm512_castps_si512(_mm512_set1_ps(x[0]));
        widen(&e, _mm512_mask_loadu_epi32(first, first_lanes(n - i), x + i));
    }
    return seen(e, limit);
}

/* NaN and denormals to 0, infinities to the limit. Classes are told by the instruction for it. */
static inline __m512 cleaned(__m512 x, __m512 limit) {
    enum { NANS = 0x81, INFINITIES = 0x18, DENORMALS = 0x20 };
    const __m512 sign = _mm512_castsi512_ps(_mm512_set1_epi32(INT32_MIN));
    __mmask16 infinite = _mm512_fpclass_ps_mask(x, INFINITIES);
    __mmask16 nothing = _mm512_fpclass_ps_mask(x, NANS | DENORMALS);
    x = _mm512_mask_or_ps(x, infinite, limit, _mm512_and_ps(x, sign));
    return _mm512_maskz_mov_ps((__mmask16)~nothing, x);
}

static VO_REALTIME uint32_t sanitise(float *out, const float *x, size_t n, float limit) {
    if (!n) return 0;
    const __m512i ones = _mm512_set1_epi32(-1);
    const __m512 most = _mm512_set1_ps(limit), first = _mm512_set1_ps(x[0]);
    extremes e = {ones, ones, _mm512_setzero_si512()};
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH) {
        __m512 v = _mm512_loadu_ps(x + i);
        widen(&e, _mm512_castps_si512(v));
        _mm512_storeu_ps(out + i, cleaned(v, most));
    }
    if (i < n) {
        __mmask16 mask = first_lanes(n - i);
        __m512 v = _mm512_mask_loadu_ps(first, mask, x + i);
        widen(&e, _mm512_castps_si512(v));
        _mm512_mask_storeu_ps(out + i, mask, cleaned(v, most));
    }
    return seen(e, limit);
}

/* Twice a pattern has no sign; 1 less puts zero beyond all others. Adds to the count. */
static inline __m512i flush_lanes(__m512i count, float *out, const float *x, __mmask16 lanes) {
    __m512i bits = _mm512_maskz_loadu_epi32(lanes, x);
    __m512i m = _mm512_sub_epi32(_mm512_add_epi32(bits, bits), _mm512_set1_epi32(1));
    __mmask16 denormal = _mm512_cmplt_epu32_mask(m, _mm512_set1_epi32(0x00ffffff));
    bits = _mm512_mask_mov_epi32(bits, denormal, _mm512_setzero_si512());
    _mm512_mask_storeu_epi32(out, lanes, bits);
    return _mm512_mask_add_epi32(count, denormal, count, _mm512_set1_epi32(1));
}

static VO_REALTIME uint32_t flush(float *out, const float *x, size_t n) {
    const __mmask16 all = 0xffff;
    __m512i c0 = _mm512_setzero_si512(), c1 = c0;
    size_t i = 0;
    for (; n - i >= 4 * WIDTH; i += 4 * WIDTH) {
        c0 = flush_lanes(c0, out + i, x + i, all);
        c1 = flush_lanes(c1, out + i + 16, x + i + 16, all);
        c0 = flush_lanes(c0, out + i + 32, x + i + 32, all);
        c1 = flush_lanes(c1, out + i + 48, x + i + 48, all);
    }
    for (; n - i >= WIDTH; i += WIDTH) c0 = flush_lanes(c0, out + i, x + i, all);
    if (i < n) c1 = flush_lanes(c1, out + i, x + i, first_lanes(n - i));
    return (uint32_t)_mm512_reduce_add_epi32(_mm512_add_epi32(c0, c1));
}

/* Peak as a bit pattern, which sorts like |x|. */
typedef struct levels {
    __m512i peak;
    __m512d low, high;
} levels;

static inline void raise_levels(levels *l, __m512 x) {
    __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(x));
    __m512d high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1));
    __m512i m = _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(0x7fffffff));
    l->peak = _mm512_max_epu32(l->peak, m);
    l->low = _mm512_fmadd_pd(low, low, l->low);
    l->high = _mm512_fmadd_pd(high, high, l->high);
}

static VO_REALTIME void level(const float *x, size_t n, float *peak, double *energy) {
    levels a = {_mm512_setzero_si512(), _mm512_setzero_pd(), _mm512_setzero_pd()}, b = a;
    size_t i = 0;
    for (; n - i >= 2 * WIDTH; i += 2 * WIDTH) {
        raise_levels(&a, _mm512_loadu_ps(x + i));
        raise_levels(&b, _mm512_loadu_ps(x + i + WIDTH));
    }
    for (; n - i >= WIDTH; i += WIDTH) raise_levels(&a, _mm512_loadu_ps(x + i));
    if (i < n) raise_levels(&b, _mm512_maskz_loadu_ps(first_lanes(n - i), x + i));
    uint32_t bits = _mm512_reduce_max_epu32(_mm512_max_epu32(a.peak, b.peak));
    memcpy(peak, &bits, sizeof bits);
    *energy = _mm512_reduce_add_pd(
        _mm512_add_pd(_mm512_add_pd(a.low, a.high), _mm512_add_pd(b.low, b.high)));
}

void vo_level_avx512(vo_kernels *kernels) {
    kernels->classify = classify;
    kernels->sanitise = sanitise;
    kernels->flush = flush;
    kernels->level = level;
}

#    include "kernels/end_target.h"

#endif
