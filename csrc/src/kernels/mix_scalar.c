#include "kernels/families.h"

/* Sums run in this many lanes, so that an addition need not wait for the one before. */
enum { LANES = 4 };

static VO_REALTIME void gain(float *out, const float *x, float g, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = g * x[i];
}

/* Here and below a product and a sum are two statements, and two roundings in every variant: a
   compiler may fuse within one, and all levels have to give the same bits. */
static VO_REALTIME void ramp(float *out, const float *x, float from, float step, uint32_t at,
                             size_t n) {
    const int32_t end = (int32_t)n, start = (int32_t)at;
    for (int32_t i = 0; i < end; i++) {
        float rise = step * (float)(start + i);
        float g = from + rise;
        out[i] = g * x[i];
    }
}

static VO_REALTIME void mix(float *y, const float *x, float g, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float more = g * x[i];
        y[i] = y[i] + more;
    }
}

static VO_REALTIME void multiply(float *out, const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = a[i] * b[i];
}

static VO_REALTIME void multiply_add_complex(float *acc, const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < 2 * n; i += 2) {
        acc[i] += a[i] * b[i] - a[i + 1] * b[i + 1];
        acc[i + 1] += a[i] * b[i + 1] + a[i + 1] * b[i];
    }
}

static VO_REALTIME float dot(const float *a, const float *b, size_t n) {
    float sum[LANES] = {0};
    size_t i = 0;
    for (; n - i >= LANES; i += LANES)
        for (size_t k = 0; k < LANES; k++) sum[k] += a[i + k] * b[i + k];
    for (size_t k = 0; i < n; i++, k++) sum[k] += a[i] * b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static VO_REALTIME void fade(float *out, const float *from, const float *to, const float *gain,
                             size_t n) {
    for (size_t i = 0; i < n; i++) {
        float step = gain[i] * (from[i] - to[i]);
        out[i] = to[i] + step;
    }
}

void vo_mix_scalar(vo_kernels *kernels) {
    kernels->gain = gain;
    kernels->ramp = ramp;
    kernels->mix = mix;
    kernels->multiply = multiply;
    kernels->multiply_add_complex = multiply_add_complex;
    kernels->dot = dot;
    kernels->fade = fade;
}
