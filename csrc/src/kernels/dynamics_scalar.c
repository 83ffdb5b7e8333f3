#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernels/dynamics.h"
#include "kernels/levels.h"
#include "kernels/polynomials.h"

static inline float most_of(float a, float b) {
    return a > b ? a : b;
}

static VO_REALTIME float loudest(float *peak, const float *x, size_t n) {
    float most = 0;
    for (size_t i = 0; i < n; i++) {
        peak[i] = most_of(fabsf(x[i]), peak[i]);
        most = most_of(peak[i], most);
    }
    return most;
}

static VO_REALTIME void greater(float *out, const float *x, size_t apart, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = most_of(x[i], x[i + apart]);
}

static VO_REALTIME void reach(uint16_t *groups, const float *level, float threshold, size_t n) {
    for (size_t i = 0; i < n; i++) {
        unsigned bit = (unsigned)(level[i] >= threshold) << i % VO_DYNAMICS_GROUP;
        unsigned before = i % VO_DYNAMICS_GROUP ? groups[i / VO_DYNAMICS_GROUP] : 0;
        groups[i / VO_DYNAMICS_GROUP] = (uint16_t)(before | bit);
    }
}

/* x is normal. */
static inline float log2_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    int32_t exponent = (int32_t)(bits - VO_HALF_SQRT2_BITS) >> VO_MANTISSA_BITS;
    bits -= (uint32_t)exponent << VO_MANTISSA_BITS;
    memcpy(&x, &bits, sizeof x);
    float f = x - 1, p = 0;
#define X(c) p = p * f + c;
    VO_LOG2_MAP(X)
#undef X
    return (float)exponent + f * p;
}

/* From the least to the greatest normal number. */
static inline float exp2_of(float x) {
    x = most_of(x, -126);
    x = x < 127 ? x : 127;
    float whole = (x + VO_ROUND) - VO_ROUND, r = x - whole, p = 0;
#define X(c) p = p * r + c;
    VO_EXP2_MAP(X)
#undef X
    uint32_t bits;
    memcpy(&bits, &p, sizeof bits);
    bits += (uint32_t)(int32_t)whole << VO_MANTISSA_BITS;
    memcpy(&p, &bits, sizeof p);
    return p;
}

/* max(x, 0) without a branch, exactly: compilers make vectors of it. */
static inline float positive(float x) {
    return 0.5f * (x + fabsf(x));
}

/* At least the least normal number, by its bits; x is not below 0. */
static inline float normal(float x) {
    const float least = VO_LEAST_NORMAL;
    int32_t bits, least_bits;
    memcpy(&bits, &x, sizeof bits);
    memcpy(&least_bits, &least, sizeof least_bits);
    bits = bits > least_bits ? bits : least_bits;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline float down_by(const vo_curve *c, float level) {
    float over = c->scale * log2_of(normal(level * c->per_threshold));
    float beyond = positive(over - c->half_knee);
    float in_knee = positive(over + c->half_knee) - positive(over - c->half_knee);
    return c->slope * (in_knee * in_knee * c->bend + beyond);
}

static VO_REALTIME bool curve(float *down, const float *level, const vo_curve *curve, size_t n) {
    const vo_curve c = *curve;
    int any = 0;
    for (size_t i = 0; i < n; i++) down[i] = down_by(&c, level[i]);
    for (size_t i = 0; i < n; i++) any |= down[i] > 0;
    return any;
}

/* The memory changes only at the end of a group. */
static inline bool ends_group(size_t i) {
    return i % VO_DYNAMICS_GROUP == VO_DYNAMICS_GROUP - 1;
}

static inline double unless_over(double memory) {
    return memory < VO_DYNAMICS_LEAST ? 0 : memory;
}

static VO_REALTIME void follow(double memory[2], float *y, const float *x, const vo_pole *release,
                               const vo_pole *attack, size_t n) {
    double peak = memory[0], value = memory[1];
    for (size_t i = 0; i < n; i++) {
        double now = (double)x[i], falling = release->a * (peak - now) + now;
        peak = now > falling ? now : falling;
        value = attack->a * (value - peak) + peak;
        y[i] = (float)value;
        if (!ends_group(i)) continue;
        memory[0] = peak = unless_over(peak);
        memory[1] = value = unless_over(value);
    }
}

static VO_REALTIME void smooth(double *memory, float *y, const float *x, const vo_pole *pole,
                               size_t n) {
    double value = *memory;
    for (size_t i = 0; i < n; i++) {
        value = pole->a * (value - (double)x[i]) + (double)x[i];
        y[i] = (float)value;
        if (ends_group(i)) *memory = value = value < VO_DYNAMICS_SILENCE ? 0 : value;
    }
}

static VO_REALTIME void decay(double *memory, float *y, const float *x, const vo_pole *pole,
                              size_t n) {
    double value = *memory;
    for (size_t i = 0; i < n; i++) {
        value = pole->a * value > (double)x[i] ? pole->a * value : (double)x[i];
        y[i] = (float)value;
        if (ends_group(i)) *memory = value = unless_over(value);
    }
}

static VO_REALTIME void gain(float *gain, const float *down, float from, float step, size_t n) {
    for (size_t i = 0; i < n; i++) gain[i] = exp2_of(from + step * (float)i - down[i]);
}

vo_dynamics_kernels vo_dynamics_kernels_scalar(void) {
    return (vo_dynamics_kernels){.name = "scalar",
                                 .loudest = loudest,
                                 .greater = greater,
                                 .reach = reach,
                                 .curve = curve,
                                 .follow = follow,
                                 .smooth = smooth,
                                 .decay = decay,
                                 .gain = gain};
}

vo_dynamics_kernels vo_dynamics_kernels_select(void) {
    vo_dynamics_kernels kernels = vo_dynamics_kernels_scalar();
#ifdef __x86_64__
    if (vo_simd_reaches(VO_SIMD_AVX2)) vo_dynamics_kernels_avx2(&kernels);
    if (vo_simd_reaches(VO_SIMD_AVX512)) vo_dynamics_kernels_avx512(&kernels);
#endif
    return kernels;
}

void vo_pole_set(vo_pole *pole, double frames) {
    pole->a = frames > 0 ? exp(-1 / frames) : 0;
    pole->input = (float)(frames > 0 ? -expm1(-1 / frames) : 1);
    double power = 1;
    for (int k = 0; k < VO_DYNAMICS_GROUP; k++) pole->powers[k] = (float)(power *= pole->a);
    pole->group = power;
}
