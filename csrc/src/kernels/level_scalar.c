#include "kernels/families.h"

#include <math.h>
#include <string.h>

/* Bit patterns of |x|: as integers they sort like the numbers, and compare at one speed. */
enum {
    MAGNITUDE = 0x7fffffff,
    LEAST_NORMAL = 0x00800000,
    INFINITE = 0x7f800000, /* and NaN beyond it */
};

/* Sums run in this many lanes, so that an addition need not wait for the one before. */
enum { LANES = 4 };

static inline int32_t magnitude(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (int32_t)(bits & MAGNITUDE);
}

/* The pattern that an |x| beyond limit exceeds: every one is beyond -1, no finite one beyond NaN.
 */
static inline int32_t limit_magnitude(float limit) {
    return limit < 0 ? -1 : magnitude(limit);
}

VO_REALTIME uint32_t vo_scalar_classify(const float *x, size_t n, float limit) {
    int32_t over = limit_magnitude(limit);
    uint32_t signal = 0, nonfinite = 0, denormal = 0, beyond = 0;
    for (size_t i = 0; i < n; i++) {
        int32_t m = magnitude(x[i]);
        signal |= m > 0;
        nonfinite |= m >= INFINITE;
        denormal |= (m > 0) & (m < LEAST_NORMAL);
        beyond |= (m < INFINITE) & (m > over);
    }
    return signal * VO_SEEN_SIGNAL | nonfinite * VO_SEEN_NONFINITE | denormal * VO_SEEN_DENORMAL |
           beyond * VO_SEEN_OVER;
}

static inline uint32_t mask_of(uint32_t condition) {
    return 0 - condition;
}

VO_REALTIME uint32_t vo_scalar_sanitise(float *out, const float *x, size_t n, float limit) {
    int32_t over = limit_magnitude(limit);
    uint32_t signal = 0, nonfinite = 0, denormal = 0, beyond = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        int32_t m = (int32_t)(bits & MAGNITUDE);
        uint32_t tiny = (m > 0) & (m < LEAST_NORMAL), nan = m > INFINITE, infinite = m == INFINITE;
        signal |= m > 0;
        nonfinite |= nan | infinite;
        denormal |= tiny;
        beyond |= (m < INFINITE) & (m > over);
        bits &= ~mask_of(tiny | nan);
        bits &= ~(mask_of(infinite) & MAGNITUDE);
        bits |= mask_of(infinite) & (uint32_t)magnitude(limit);
        memcpy(out + i, &bits, sizeof bits);
    }
    return signal * VO_SEEN_SIGNAL | nonfinite * VO_SEEN_NONFINITE | denormal * VO_SEEN_DENORMAL |
           beyond * VO_SEEN_OVER;
}

/* By a mask and not by a branch, so that no sample is slower than another. */
VO_REALTIME uint32_t vo_scalar_flush(float *out, const float *x, size_t n) {
    uint32_t count = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        int32_t m = (int32_t)(bits & MAGNITUDE);
        uint32_t denormal = (m > 0) & (m < LEAST_NORMAL);
        count += denormal;
        bits &= denormal - 1;
        memcpy(out + i, &bits, sizeof bits);
    }
    return count;
}

static VO_REALTIME void level(const float *x, size_t n, float *peak, double *energy) {
    float highest = 0;
    double sum[LANES] = {0};
    for (size_t i = 0; i < n; i++) {
        highest = fabsf(x[i]) > highest ? fabsf(x[i]) : highest;
        sum[i % LANES] += (double)x[i] * x[i];
    }
    *peak = highest;
    *energy = (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

void vo_level_scalar(vo_kernels *kernels) {
    kernels->classify = vo_scalar_classify;
    kernels->sanitise = vo_scalar_sanitise;
    kernels->flush = vo_scalar_flush;
    kernels->level = level;
}
