#include "kernels/kernels.h"

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

static VO_REALTIME uint32_t classify(const float *x, size_t n, float limit) {
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

/* By a mask and not by a branch, so that no sample is slower than another. */
static VO_REALTIME uint32_t flush(float *out, const float *x, size_t n) {
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

static VO_REALTIME float dot(const float *a, const float *b, size_t n) {
    float sum[LANES] = {0};
    size_t i = 0;
    for (; n - i >= LANES; i += LANES)
        for (size_t k = 0; k < LANES; k++) sum[k] += a[i + k] * b[i + k];
    for (size_t k = 0; i < n; i++, k++) sum[k] += a[i] * b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Two roundings a sample and never a fused one, here and in every variant: all levels give the
   same bits. */
static VO_REALTIME void fade(float *out, const float *from, const float *to, const float *gain,
                             size_t n) {
    for (size_t i = 0; i < n; i++) {
        float step = gain[i] * (from[i] - to[i]);
        out[i] = to[i] + step;
    }
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

vo_kernels vo_kernels_scalar(void) {
    return (vo_kernels){.name = "scalar",
                        .classify = classify,
                        .flush = flush,
                        .dot = dot,
                        .fade = fade,
                        .level = level};
}
