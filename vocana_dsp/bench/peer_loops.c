/* The loops that anybody would write, made as fast as the compiler can for the machine they run on.
   They do what the kernels do, with energy in double and integers that saturate, but know no NaN.
   Compiled when the benchmark runs. */
#include <math.h>

#include <stddef.h>
#include <stdint.h>

/* As in csrc/bench/samples/samples.h. */
typedef struct vo_bench_samples {
    void (*gain)(float *out, const float *x, float g, size_t n);
    void (*mix)(float *y, const float *x, float g, size_t n);
    void (*interleave)(float *out, float *const *rows, uint32_t channels, size_t n);
    void (*deinterleave)(float *const *rows, const float *x, uint32_t channels, size_t n);
    void (*from_int16)(float *out, const int16_t *x, size_t n);
    void (*to_int16)(int16_t *out, const float *x, size_t n);
    void (*level)(const float *x, size_t n, float *peak, double *energy);
    void (*fade)(float *out, const float *from, const float *to, const float *gain, size_t n);
} vo_bench_samples;

static void gain(float *out, const float *x, float g, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = g * x[i];
}

static void mix(float *y, const float *x, float g, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] += g * x[i];
}

static void interleave(float *out, float *const *rows, uint32_t channels, size_t n) {
    const float *restrict left = rows[0], *restrict right = rows[1];
    (void)channels;
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = left[i];
        out[2 * i + 1] = right[i];
    }
}

static void deinterleave(float *const *rows, const float *x, uint32_t channels, size_t n) {
    float *restrict left = rows[0], *restrict right = rows[1];
    (void)channels;
    for (size_t i = 0; i < n; i++) {
        left[i] = x[2 * i];
        right[i] = x[2 * i + 1];
    }
}

static void from_int16(float *out, const int16_t *x, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = (float)x[i] * 0x1p-15f;
}

static void to_int16(int16_t *out, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float v = x[i] * 0x1p15f;
        v = v < 32767 ? v : 32767;
        v = v > -32768 ? v : -32768;
        out[i] = (int16_t)(int32_t)rintf(v);
    }
}

static void level(const float *x, size_t n, float *peak, double *energy) {
    float most = 0;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        float m = fabsf(x[i]);
        most = most > m ? most : m;
        sum += (double)x[i] * x[i];
    }
    *peak = most;
    *energy = sum;
}

static void fade(float *restrict out, const float *from, const float *to, const float *weight,
                 size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = to[i] + weight[i] * (from[i] - to[i]);
}

const vo_bench_samples vo_bench_peer = {gain,       mix,      interleave, deinterleave,
                                        from_int16, to_int16, level,      fade};
