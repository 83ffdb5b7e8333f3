#include "kernels/dynamics.h"

#ifdef __x86_64__

#    include <stdint.h>

#    include "kernels/begin_avx512.h"
#    include "kernels/polynomials.h"

/* A group is a vector: what remembers is a scan over its lanes, with the memory added last. */
_Static_assert(VO_DYNAMICS_GROUP == 16, "one vector");
enum { WIDTH = 16, LAST = WIDTH - 1 };

/* Ones in the lanes of a vector for which there are samples left. */
static inline __mmask16 lanes_of(size_t left) {
    return (__mmask16)(left < WIDTH ? (1u << left) - 1 : UINT16_MAX);
}

/* A NaN is the first operand of max, which then gives the second. */
static VO_REALTIME float loudest(float *peak, const float *x, size_t n) {
    __m512 most = _mm512_setzero_ps();
    for (size_t i = 0; i < n; i += WIDTH) {
        __mmask16 lanes = lanes_of(n - i);
        __m512 now = _mm512_abs_ps(_mm512_maskz_loadu_ps(lanes, x + i));
        now = _mm512_max_ps(now, _mm512_maskz_loadu_ps(lanes, peak + i));
        most = _mm512_max_ps(now, most);
        _mm512_mask_storeu_ps(peak + i, lanes, now);
    }
    return _mm512_reduce_max_ps(most);
}

static VO_REALTIME void greater(float *out, const float *x, size_t apart, size_t n) {
    for (size_t i = 0; i < n; i += WIDTH) {
        __mmask16 lanes = lanes_of(n - i);
        __m512 other = _mm512_maskz_loadu_ps(lanes, x + i + apart);
        other = _mm512_max_ps(_mm512_maskz_loadu_ps(lanes, x + i), other);
        _mm512_mask_storeu_ps(out + i, lanes, other);
    }
}

static VO_REALTIME void reach(uint16_t *groups, const float *level, float threshold, size_t n) {
    const __m512 least = _mm512_set1_ps(threshold);
    for (size_t i = 0; i < n; i += WIDTH) {
        __mmask16 lanes = lanes_of(n - i);
        __m512 x = _mm512_maskz_loadu_ps(lanes, level + i);
        groups[i / WIDTH] = (uint16_t)_mm512_mask_cmp_ps_mask(lanes, x, least, _CMP_GE_OQ);
    }
}

static inline __m512 log2_of(__m512 x) {
    __m512i bits = _mm512_castps_si512(x);
    __m512i exponent = _mm512_srai_epi32(
        _mm512_sub_epi32(bits, _mm512_set1_epi32(VO_HALF_SQRT2_BITS)), VO_MANTISSA_BITS);
    bits = _mm512_sub_epi32(bits, _mm512_slli_epi32(exponent, VO_MANTISSA_BITS));
    __m512 f = _mm512_sub_ps(_mm512_castsi512_ps(bits), _mm512_set1_ps(1));
    __m512 p = _mm512_setzero_ps();
#    define X(c) p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(c));
    VO_LOG2_MAP(X)
#    undef X
    return _mm512_fmadd_ps(f, p, _mm512_cvtepi32_ps(exponent));
}

static inline __m512 exp2_of(__m512 x) {
    x = _mm512_max_ps(x, _mm512_set1_ps(-126));
    x = _mm512_min_ps(x, _mm512_set1_ps(127));
    __m512 whole = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m512 r = _mm512_sub_ps(x, whole), p = _mm512_setzero_ps();
#    define X(c) p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(c));
    VO_EXP2_MAP(X)
#    undef X
    return _mm512_scalef_ps(p, whole);
}

static VO_REALTIME bool curve(float *down, const float *level, const vo_curve *c, size_t n) {
    const __m512 zero = _mm512_setzero_ps(), half_knee = _mm512_set1_ps(c->half_knee);
    const __m512 knee = _mm512_add_ps(half_knee, half_knee);
    __mmask16 any = 0;
    for (size_t i = 0; i < n; i += WIDTH) {
        __mmask16 lanes = lanes_of(n - i);
        __m512 x = _mm512_maskz_loadu_ps(lanes, level + i);
        x = _mm512_mul_ps(x, _mm512_set1_ps(c->per_threshold));
        x = log2_of(_mm512_max_ps(x, _mm512_set1_ps(VO_LEAST_NORMAL)));
        __m512 over = _mm512_mul_ps(_mm512_set1_ps(c->scale), x);
        __m512 in_knee = _mm512_max_ps(_mm512_add_ps(over, half_knee), zero);
        in_knee = _mm512_min_ps(in_knee, knee);
        __m512 above = _mm512_max_ps(_mm512_sub_ps(over, half_knee), zero);
        __m512 square = _mm512_mul_ps(in_knee, in_knee);
        x = _mm512_fmadd_ps(square, _mm512_set1_ps(c->bend), above);
        x = _mm512_mul_ps(_mm512_set1_ps(c->slope), x);
        any |= _mm512_mask_cmp_ps_mask(lanes, x, zero, _CMP_GT_OQ);
        _mm512_mask_storeu_ps(down + i, lanes, x);
    }
    return any != 0;
}

/* Each lane takes that of s lanes below; fill comes in from below. */
#    define UP(v, fill, s)                                                                         \
        _mm512_castsi512_ps(                                                                       \
            _mm512_alignr_epi32(_mm512_castps_si512(v), _mm512_castps_si512(fill), WIDTH - (s)))

static inline float lane(__m512 v, int i) {
    return _mm512_cvtss_f32(_mm512_permutexvar_ps(_mm512_set1_epi32(i), v));
}

/* sum[k] = in[k] + a in[k - 1] + a^2 in[k - 2] + ... within the group. */
static inline __m512 summed(__m512 in, const vo_pole *pole) {
    const __m512 zero = _mm512_setzero_ps();
    in = _mm512_fmadd_ps(_mm512_set1_ps(pole->powers[0]), UP(in, zero, 1), in);
    in = _mm512_fmadd_ps(_mm512_set1_ps(pole->powers[1]), UP(in, zero, 2), in);
    in = _mm512_fmadd_ps(_mm512_set1_ps(pole->powers[3]), UP(in, zero, 4), in);
    return _mm512_fmadd_ps(_mm512_set1_ps(pole->powers[7]), UP(in, zero, 8), in);
}

/* One frame maps the peak p to max(most, a p + sum), and so do several in a row: the later after
   the earlier gives most' = max(most, a^s most_before + sum), sum' = sum + a^s sum_before. Where
   nothing is before, 0 stands for it: no peak is below. */
#    define JOIN(s)                                                                                \
        do {                                                                                       \
            const __m512 power = _mm512_set1_ps(release->powers[(s) - 1]);                         \
            most = _mm512_max_ps(most, _mm512_fmadd_ps(power, UP(most, zero, s), sum));            \
            sum = _mm512_fmadd_ps(power, UP(sum, zero, s), sum);                                   \
        } while (0)

static inline double unless(double memory, double least) {
    return memory < least ? 0 : memory;
}

/* Two passes, because what one group waits for is long, and fewer operations of a shorter one let
   more groups be under way. */
static inline void hold_peaks(double *memory, float *y, const float *x, const vo_pole *release,
                              size_t n) {
    const __m512 zero = _mm512_setzero_ps(), powers = _mm512_loadu_ps(release->powers);
    double peak = *memory;
    for (size_t i = 0; i < n; i += WIDTH) {
        __mmask16 lanes = lanes_of(n - i);
        __m512 most = _mm512_maskz_loadu_ps(lanes, x + i);
        __m512 sum = _mm512_mul_ps(_mm512_set1_ps(release->input), most);
        JOIN(1);
        JOIN(2);
        JOIN(4);
        JOIN(8);
        __m512 peaks = _mm512_fmadd_ps(powers, _mm512_set1_ps((float)peak), sum);
        _mm512_mask_storeu_ps(y + i, lanes, _mm512_max_ps(most, peaks));
        if (n - i < WIDTH) break;
        double falling = release->group * peak + (double)lane(sum, LAST);
        double last = (double)lane(most, LAST);
        peak = unless(falling > last ? falling : last, VO_DYNAMICS_LEAST);
    }
    *memory = peak;
}

static inline void approach(double *memory, float *y, const float *x, const vo_pole *pole,
                            double least, size_t n) {
    const __m512 powers = _mm512_loadu_ps(pole->powers);
    double value = *memory;
    for (size_t i = 0; i < n; i += WIDTH) {
        __mmask16 lanes = lanes_of(n - i);
        __m512 in = _mm512_maskz_loadu_ps(lanes, x + i);
        __m512 sum = summed(_mm512_mul_ps(_mm512_set1_ps(pole->input), in), pole);
        __m512 all = _mm512_fmadd_ps(powers, _mm512_set1_ps((float)value), sum);
        _mm512_mask_storeu_ps(y + i, lanes, all);
        if (n - i < WIDTH) break;
        value = unless(pole->group * value + (double)lane(sum, LAST), least);
    }
    *memory = value;
}

static VO_REALTIME void follow(double memory[2], float *y, const float *x, const vo_pole *release,
                               const vo_pole *attack, size_t n) {
    hold_peaks(&memory[0], y, x, release, n);
    approach(&memory[1], y, y, attack, VO_DYNAMICS_LEAST, n);
}

static VO_REALTIME void smooth(double *memory, float *y, const float *x, const vo_pole *pole,
                               size_t n) {
    approach(memory, y, x, pole, VO_DYNAMICS_SILENCE, n);
}

static VO_REALTIME void decay(double *memory, float *y, const float *x, const vo_pole *pole,
                              size_t n) {
    const __m512 zero = _mm512_setzero_ps(), powers = _mm512_loadu_ps(pole->powers);
    double value = *memory;
    for (size_t i = 0; i < n; i += WIDTH) {
        __mmask16 lanes = lanes_of(n - i);
        __m512 v = _mm512_maskz_loadu_ps(lanes, x + i);
        v = _mm512_max_ps(v, _mm512_mul_ps(_mm512_set1_ps(pole->powers[0]), UP(v, zero, 1)));
        v = _mm512_max_ps(v, _mm512_mul_ps(_mm512_set1_ps(pole->powers[1]), UP(v, zero, 2)));
        v = _mm512_max_ps(v, _mm512_mul_ps(_mm512_set1_ps(pole->powers[3]), UP(v, zero, 4)));
        v = _mm512_max_ps(v, _mm512_mul_ps(_mm512_set1_ps(pole->powers[7]), UP(v, zero, 8)));
        __m512 old = _mm512_mul_ps(powers, _mm512_set1_ps((float)value));
        _mm512_mask_storeu_ps(y + i, lanes, _mm512_max_ps(v, old));
        if (n - i < WIDTH) break;
        double falling = pole->group * value, last = (double)lane(v, LAST);
        value = unless(falling > last ? falling : last, VO_DYNAMICS_LEAST);
    }
    *memory = value;
}

static VO_REALTIME void gain(float *gain, const float *down, float from, float step, size_t n) {
    const __m512 along = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (size_t i = 0; i < n; i += WIDTH) {
        __mmask16 lanes = lanes_of(n - i);
        __m512 at = _mm512_add_ps(along, _mm512_set1_ps((float)i));
        __m512 up = _mm512_fmadd_ps(_mm512_set1_ps(step), at, _mm512_set1_ps(from));
        up = _mm512_sub_ps(up, _mm512_maskz_loadu_ps(lanes, down + i));
        _mm512_mask_storeu_ps(gain + i, lanes, exp2_of(up));
    }
}

void vo_dynamics_kernels_avx512(vo_dynamics_kernels *kernels) {
    *kernels = (vo_dynamics_kernels){.name = "avx512",
                                     .loudest = loudest,
                                     .greater = greater,
                                     .reach = reach,
                                     .curve = curve,
                                     .follow = follow,
                                     .smooth = smooth,
                                     .decay = decay,
                                     .gain = gain};
}

#    include "kernels/end_target.h"

#endif
