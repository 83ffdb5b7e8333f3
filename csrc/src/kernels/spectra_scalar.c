#include "kernels/spectra.h"

#include <math.h>
#include <string.h>

#include "kernels/polynomials.h"

/* Sums run in this many lanes, so that an addition need not wait for the one before. */
enum { LANES = 4 };

static VO_REALTIME void power(float *out, const float *pairs, size_t n) {
    for (size_t k = 0; k < n; k++) {
        float re = pairs[2 * k], im = pairs[2 * k + 1];
        out[k] = re * re + im * im;
    }
}

static VO_REALTIME void root(float *out, const float *x, size_t n) {
    for (size_t k = 0; k < n; k++) out[k] = sqrtf(x[k]);
}

static inline float dot(const float *a, const float *b, size_t n) {
    float sum[LANES] = {0};
    size_t i = 0;
    for (; n - i >= LANES; i += LANES)
        for (size_t k = 0; k < LANES; k++) sum[k] += a[i + k] * b[i + k];
    for (size_t k = 0; i < n; i++, k++) sum[k] += a[i] * b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static VO_REALTIME void bands(float *out, const float *x, const vo_bands *bands) {
    const float *weights = bands->weights;
    for (uint32_t b = 0; b < bands->count; weights += bands->length[b++])
        out[b] = dot(x + bands->first[b], weights, bands->length[b]);
}

/* x = *mantissa * 2^exponent, for a normal x above 0. */
static inline int32_t split(float x, float *mantissa) {
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    int32_t exponent = (bits - VO_HALF_SQRT2_BITS) >> VO_MANTISSA_BITS;
    bits -= (int32_t)((uint32_t)exponent << VO_MANTISSA_BITS);
    memcpy(mantissa, &bits, sizeof bits);
    return exponent;
}

static inline float at_least(float x, float least) {
    return x > least ? x : least;
}

static VO_REALTIME void logarithm(float *out, const float *x, size_t n, float least, float scale) {
    for (size_t i = 0; i < n; i++) {
        float m, p = 0;
        float e = (float)split(at_least(x[i], least), &m), f = m - 1;
#define X(coefficient) p = p * f + coefficient;
        VO_LOG2_MAP(X)
#undef X
        out[i] = scale * (e + f * p);
    }
}

static VO_REALTIME void moments(double sums[3], const float *x, size_t n) {
    sums[0] = sums[1] = sums[2] = 0;
    for (size_t k = 0; k < n; k++) {
        double once = (double)k * (double)x[k];
        sums[0] += (double)x[k];
        sums[1] += once;
        sums[2] += (double)k * once;
    }
}

static VO_REALTIME double distance(const float *x, const float *y, size_t n) {
    double sum[LANES] = {0};
    for (size_t k = 0; k < n; k++) {
        float step = x[k] - y[k];
        sum[k % LANES] += (double)step * (double)step;
    }
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static VO_REALTIME void means(double *sum, double *log2_of, const float *x, size_t n, float least) {
    *sum = *log2_of = 0;
    for (size_t from = 0; from < n; from += VO_MEANS_RUN) {
        double product = 1;
        int32_t exponents = 0;
        for (size_t k = from; k < n && k - from < VO_MEANS_RUN; k++) {
            float m, it = at_least(x[k], least);
            exponents += split(it, &m);
            product *= (double)m;
            *sum += (double)it;
        }
        *log2_of += exponents + log2(product);
    }
}

static VO_REALTIME size_t reach(const float *x, size_t n, double target) {
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        sum += (double)x[k];
        if (sum >= target) return k;
    }
    return n;
}

static VO_REALTIME uint32_t crossings(const float *x, size_t n) {
    uint32_t count = 0;
    for (size_t i = 1; i < n; i++) count += (x[i - 1] < 0) != (x[i] < 0);
    return count;
}

vo_spectra_kernels vo_spectra_kernels_scalar(void) {
    return (vo_spectra_kernels){.name = "scalar",
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
