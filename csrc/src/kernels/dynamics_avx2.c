#include "kernels/dynamics.h"

#ifdef __x86_64__

#    include "kernels/begin_avx2.h"
#    include "kernels/lanes_avx2.h"
#    include "kernels/polynomials.h"

/* A group is two vectors: each is scanned by itself, then the second takes up the last lane of the
   first, and both the memory. */
_Static_assert(VO_DYNAMICS_GROUP == 16, "two vectors");
enum { LAST = WIDTH - 1 };

/* Ones in the lanes of a vector for which there are samples left. */
static inline __m256i lanes_of(size_t left) {
    return first_lanes(left < WIDTH ? left : WIDTH);
}

static inline float lane(__m256 v, int i) {
    return _mm256_cvtss_f32(_mm256_permutevar8x32_ps(v, _mm256_set1_epi32(i)));
}

/* A NaN is the first operand of max, which then gives the second. */
static VO_REALTIME float loudest(float *peak, const float *x, size_t n) {
    const __m256 sign = _mm256_set1_ps(-0.0f);
    __m256 most = _mm256_setzero_ps();
    for (size_t i = 0; i < n; i += WIDTH) {
        __m256i lanes = lanes_of(n - i);
        __m256 now = _mm256_andnot_ps(sign, _mm256_maskload_ps(x + i, lanes));
        now = _mm256_max_ps(now, _mm256_maskload_ps(peak + i, lanes));
        most = _mm256_max_ps(now, most);
        _mm256_maskstore_ps(peak + i, lanes, now);
    }
    __m128 m = _mm_max_ps(_mm256_castps256_ps128(most), _mm256_extractf128_ps(most, 1));
    m = _mm_max_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_max_ss(m, _mm_movehdup_ps(m)));
}

static VO_REALTIME void greater(float *out, const float *x, size_t apart, size_t n) {
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH)
        _mm256_storeu_ps(out + i,
                         _mm256_max_ps(_mm256_loadu_ps(x + i), _mm256_loadu_ps(x + i + apart)));
    if (i < n) {
        __m256i lanes = first_lanes(n - i);
        __m256 other = _mm256_maskload_ps(x + i + apart, lanes);
        _mm256_maskstore_ps(out + i, lanes, _mm256_max_ps(_mm256_maskload_ps(x + i, lanes), other));
    }
}

static inline int reached(const float *level, __m256 least, size_t left) {
    __m256i lanes = lanes_of(left);
    __m256 at = _mm256_cmp_ps(_mm256_maskload_ps(level, lanes), least, _CMP_GE_OQ);
    return _mm256_movemask_ps(_mm256_and_ps(at, _mm256_castsi256_ps(lanes)));
}

static VO_REALTIME void reach(uint16_t *groups, const float *level, float threshold, size_t n) {
    const __m256 least = _mm256_set1_ps(threshold);
    for (size_t i = 0; i < n; i += 2 * WIDTH) {
        int bits = reached(level + i, least, n - i);
        if (n - i > WIDTH) bits |= reached(level + i + WIDTH, least, n - i - WIDTH) << WIDTH;
        groups[i / (2 * WIDTH)] = (uint16_t)bits;
    }
}

static inline __m256 log2_of(__m256 x) {
    __m256i bits = _mm256_castps_si256(x);
    __m256i exponent = _mm256_srai_epi32(
        _mm256_sub_epi32(bits, _mm256_set1_epi32(VO_HALF_SQRT2_BITS)), VO_MANTISSA_BITS);
    bits = _mm256_sub_epi32(bits, _mm256_slli_epi32(exponent, VO_MANTISSA_BITS));
    __m256 f = _mm256_sub_ps(_mm256_castsi256_ps(bits), _mm256_set1_ps(1));
    __m256 p = _mm256_setzero_ps();
#    define X(c) p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(c));
    VO_LOG2_MAP(X)
#    undef X
    return _mm256_fmadd_ps(f, p, _mm256_cvtepi32_ps(exponent));
}

static inline __m256 exp2_of(__m256 x) {
    x = _mm256_max_ps(x, _mm256_set1_ps(-126));
    x = _mm256_min_ps(x, _mm256_set1_ps(127));
    __m256 whole = _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m256 r = _mm256_sub_ps(x, whole), p = _mm256_setzero_ps();
#    define X(c) p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(c));
    VO_EXP2_MAP(X)
#    undef X
    __m256i exponent = _mm256_slli_epi32(_mm256_cvtps_epi32(whole), VO_MANTISSA_BITS);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(p), exponent));
}

static VO_REALTIME bool curve(float *down, const float *level, const vo_curve *c, size_t n) {
    const __m256 zero = _mm256_setzero_ps(), half_knee = _mm256_set1_ps(c->half_knee);
    const __m256 knee = _mm256_add_ps(half_knee, half_knee);
    int any = 0;
    for (size_t i = 0; i < n; i += WIDTH) {
        __m256i lanes = lanes_of(n - i);
        __m256 x = _mm256_maskload_ps(level + i, lanes);
        x = _mm256_mul_ps(x, _mm256_set1_ps(c->per_threshold));
        x = log2_of(_mm256_max_ps(x, _mm256_set1_ps(VO_LEAST_NORMAL)));
        __m256 over = _mm256_mul_ps(_mm256_set1_ps(c->scale), x);
        __m256 in_knee = _mm256_max_ps(_mm256_add_ps(over, half_knee), zero);
        in_knee = _mm256_min_ps(in_knee, knee);
        __m256 above = _mm256_max_ps(_mm256_sub_ps(over, half_knee), zero);
        __m256 square = _mm256_mul_ps(in_knee, in_knee);
        x = _mm256_fmadd_ps(square, _mm256_set1_ps(c->bend), above);
        x = _mm256_mul_ps(_mm256_set1_ps(c->slope), x);
        x = _mm256_and_ps(x, _mm256_castsi256_ps(lanes));
        any |= _mm256_movemask_ps(_mm256_cmp_ps(x, zero, _CMP_GT_OQ));
        _mm256_maskstore_ps(down + i, lanes, x);
    }
    return any != 0;
}

/* Each lane takes that of s lanes below; fill comes in from below. s is 1, 2 or 4. */
static inline __m256 up(__m256 v, __m256 fill, int s) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256i from = _mm256_sub_epi32(lane, _mm256_set1_epi32(s));
    v = _mm256_permutevar8x32_ps(v, from);
    return _mm256_blendv_ps(v, fill, _mm256_castsi256_ps(from));
}

static inline __m256 power(const vo_pole *pole, int s) {
    return _mm256_broadcast_ss(&pole->powers[s - 1]);
}

/* sum[k] = in[k] + a in[k - 1] + a^2 in[k - 2] + ... within the vector. */
static inline __m256 summed(__m256 in, const vo_pole *pole) {
    const __m256 zero = _mm256_setzero_ps();
    in = _mm256_fmadd_ps(power(pole, 1), up(in, zero, 1), in);
    in = _mm256_fmadd_ps(power(pole, 2), up(in, zero, 2), in);
    return _mm256_fmadd_ps(power(pole, 4), up(in, zero, 4), in);
}

/* One frame maps the peak p to max(most, a p + sum), and so do several in a row: the later after
   the earlier gives most' = max(most, a^s most_before + sum), sum' = sum + a^s sum_before. Where
   nothing is before, 0 stands for it: no peak is below. */
typedef struct peaks {
    __m256 most, sum;
} peaks;

static inline peaks joined(peaks later, __m256 a, __m256 most, __m256 sum) {
    later.most = _mm256_max_ps(later.most, _mm256_fmadd_ps(a, most, later.sum));
    later.sum = _mm256_fmadd_ps(a, sum, later.sum);
    return later;
}

static inline peaks scanned(__m256 x, const vo_pole *release) {
    const __m256 zero = _mm256_setzero_ps();
    peaks p = {x, _mm256_mul_ps(_mm256_set1_ps(release->input), x)};
    for (int s = 1; s < WIDTH; s *= 2)
        p = joined(p, power(release, s), up(p.most, zero, s), up(p.sum, zero, s));
    return p;
}

/* Two halves of a group, as far as there are frames. */
typedef struct halves {
    __m256i low, high;
    bool whole;
} halves;

static inline halves halves_of(size_t left) {
    size_t above = left > WIDTH ? left - WIDTH : 0;
    return (halves){lanes_of(left), lanes_of(above), left >= VO_DYNAMICS_GROUP};
}

static inline double unless(double memory, double least) {
    return memory < least ? 0 : memory;
}

/* Two passes, because what one group waits for is long, and fewer operations of a shorter one let
   more groups be under way. */
static inline void hold_peaks(double *memory, float *y, const float *x, const vo_pole *release,
                              size_t n) {
    const __m256 powers = _mm256_loadu_ps(release->powers);
    const __m256 powers_on = _mm256_loadu_ps(release->powers + WIDTH);
    double peak = *memory;
    for (size_t i = 0; i < n; i += VO_DYNAMICS_GROUP) {
        halves part = halves_of(n - i);
        const __m256 old = _mm256_set1_ps((float)peak);
        peaks low = scanned(_mm256_maskload_ps(x + i, part.low), release);
        peaks high = scanned(_mm256_maskload_ps(x + i + WIDTH, part.high), release);
        high = joined(high, powers, _mm256_set1_ps(lane(low.most, LAST)),
                      _mm256_set1_ps(lane(low.sum, LAST)));
        __m256 first = _mm256_max_ps(low.most, _mm256_fmadd_ps(powers, old, low.sum));
        __m256 second = _mm256_max_ps(high.most, _mm256_fmadd_ps(powers_on, old, high.sum));
        _mm256_maskstore_ps(y + i, part.low, first);
        _mm256_maskstore_ps(y + i + WIDTH, part.high, second);
        if (!part.whole) break;
        double falling = release->group * peak + (double)lane(high.sum, LAST);
        double last = (double)lane(high.most, LAST);
        peak = unless(falling > last ? falling : last, VO_DYNAMICS_LEAST);
    }
    *memory = peak;
}

static inline void approach(double *memory, float *y, const float *x, const vo_pole *pole,
                            double least, size_t n) {
    const __m256 powers = _mm256_loadu_ps(pole->powers), input = _mm256_set1_ps(pole->input);
    const __m256 powers_on = _mm256_loadu_ps(pole->powers + WIDTH);
    double value = *memory;
    for (size_t i = 0; i < n; i += VO_DYNAMICS_GROUP) {
        halves part = halves_of(n - i);
        const __m256 old = _mm256_set1_ps((float)value);
        __m256 low = _mm256_mul_ps(input, _mm256_maskload_ps(x + i, part.low));
        __m256 high = _mm256_mul_ps(input, _mm256_maskload_ps(x + i + WIDTH, part.high));
        low = summed(low, pole);
        high = summed(high, pole);
        high = _mm256_fmadd_ps(powers, _mm256_set1_ps(lane(low, LAST)), high);
        _mm256_maskstore_ps(y + i, part.low, _mm256_fmadd_ps(powers, old, low));
        _mm256_maskstore_ps(y + i + WIDTH, part.high, _mm256_fmadd_ps(powers_on, old, high));
        if (!part.whole) break;
        value = unless(pole->group * value + (double)lane(high, LAST), least);
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

static inline __m256 decayed(__m256 v, const vo_pole *pole) {
    const __m256 zero = _mm256_setzero_ps();
    for (int s = 1; s < WIDTH; s *= 2)
        v = _mm256_max_ps(v, _mm256_mul_ps(power(pole, s), up(v, zero, s)));
    return v;
}

static VO_REALTIME void decay(double *memory, float *y, const float *x, const vo_pole *pole,
                              size_t n) {
    const __m256 powers = _mm256_loadu_ps(pole->powers);
    const __m256 powers_on = _mm256_loadu_ps(pole->powers + WIDTH);
    double value = *memory;
    for (size_t i = 0; i < n; i += VO_DYNAMICS_GROUP) {
        halves part = halves_of(n - i);
        const __m256 old = _mm256_set1_ps((float)value);
        __m256 low = decayed(_mm256_maskload_ps(x + i, part.low), pole);
        __m256 high = decayed(_mm256_maskload_ps(x + i + WIDTH, part.high), pole);
        high = _mm256_max_ps(high, _mm256_mul_ps(powers, _mm256_set1_ps(lane(low, LAST))));
        _mm256_maskstore_ps(y + i, part.low, _mm256_max_ps(low, _mm256_mul_ps(powers, old)));
        _mm256_maskstore_ps(y + i + WIDTH, part.high,
                            _mm256_max_ps(high, _mm256_mul_ps(powers_on, old)));
        if (!part.whole) break;
        double falling = pole->group * value, last = (double)lane(high, LAST);
        value = unless(falling > last ? falling : last, VO_DYNAMICS_LEAST);
    }
    *memory = value;
}

static VO_REALTIME void gain(float *gain, const float *down, float from, float step, size_t n) {
    const __m256 along = _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7);
    for (size_t i = 0; i < n; i += WIDTH) {
        __m256i lanes = lanes_of(n - i);
        __m256 at = _mm256_add_ps(along, _mm256_set1_ps((float)i));
        __m256 up = _mm256_fmadd_ps(_mm256_set1_ps(step), at, _mm256_set1_ps(from));
        up = _mm256_sub_ps(up, _mm256_maskload_ps(down + i, lanes));
        _mm256_maskstore_ps(gain + i, lanes, exp2_of(up));
    }
}

void vo_dynamics_kernels_avx2(vo_dynamics_kernels *kernels) {
    *kernels = (vo_dynamics_kernels){.name = "avx2",
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
