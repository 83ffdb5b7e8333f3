#include "kernels/fft.h"

/* Double within a pass: rounded once when it is stored. */
typedef struct complex {
    double re, im;
} complex;

static inline complex add(complex a, complex b) {
    return (complex){a.re + b.re, a.im + b.im};
}

static inline complex sub(complex a, complex b) {
    return (complex){a.re - b.re, a.im - b.im};
}

/* a + i b */
static inline complex add_i(complex a, complex b) {
    return (complex){a.re - b.im, a.im + b.re};
}

/* a - i b */
static inline complex sub_i(complex a, complex b) {
    return (complex){a.re + b.im, a.im - b.re};
}

static inline complex scale(complex a, double factor) {
    return (complex){a.re * factor, a.im * factor};
}

static inline complex mul(complex a, complex b) {
    return (complex){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static inline void dft2(complex x[2]) {
    complex sum = add(x[0], x[1]);
    x[1] = sub(x[0], x[1]);
    x[0] = sum;
}

static inline void dft3(complex x[3]) {
    const double sine = 0.866025403784438646764; /* of 60 degrees */
    complex sum = add(x[1], x[2]), rest = scale(sub(x[1], x[2]), sine);
    complex middle = sub(x[0], scale(sum, 0.5));
    x[0] = add(x[0], sum);
    x[1] = sub_i(middle, rest);
    x[2] = add_i(middle, rest);
}

static inline void dft4(complex x[4]) {
    complex a = add(x[0], x[2]), b = sub(x[0], x[2]), c = add(x[1], x[3]), d = sub(x[1], x[3]);
    x[0] = add(a, c);
    x[1] = sub_i(b, d);
    x[2] = sub(a, c);
    x[3] = add_i(b, d);
}

static inline void dft5(complex x[5]) {
    const double c1 = 0.309016994374947424102, c2 = -0.809016994374947424102; /* 72, 144 degrees */
    const double s1 = 0.951056516295153572116, s2 = 0.587785252292473129169;
    complex a = add(x[1], x[4]), b = sub(x[1], x[4]), c = add(x[2], x[3]), d = sub(x[2], x[3]);
    complex e = add(x[0], add(scale(a, c1), scale(c, c2)));
    complex f = add(x[0], add(scale(a, c2), scale(c, c1)));
    complex g = add(scale(b, s1), scale(d, s2)), h = sub(scale(b, s2), scale(d, s1));
    x[0] = add(x[0], add(a, c));
    x[1] = sub_i(e, g);
    x[2] = sub_i(f, h);
    x[3] = add_i(f, h);
    x[4] = add_i(e, g);
}

#define PASS(RADIX)                                                                                \
    static VO_REALTIME void pass##RADIX(const vo_fft_pass *pass, vo_fft_planes y,                  \
                                        vo_fft_planes x) {                                         \
        const size_t stride = pass->stride, rest = pass->rest;                                     \
        for (size_t p = 0; p < rest; p++) {                                                        \
            const float *w = pass->twiddles + 2 * (RADIX - 1) * p;                                 \
            for (size_t q = 0; q < stride; q++) {                                                  \
                complex v[RADIX];                                                                  \
                for (size_t j = 0; j < RADIX; j++) {                                               \
                    size_t at = q + stride * (p + rest * j);                                       \
                    v[j] = (complex){x.re[at], x.im[at]};                                          \
                }                                                                                  \
                dft##RADIX(v);                                                                     \
                for (size_t k = 0; k < RADIX; k++) {                                               \
                    size_t at = q + stride * (RADIX * p + k);                                      \
                    if (k) v[k] = mul(v[k], (complex){w[2 * k - 2], w[2 * k - 1]});                \
                    y.re[at] = (float)v[k].re;                                                     \
                    y.im[at] = (float)v[k].im;                                                     \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }

PASS(2)
PASS(3)
PASS(4)
PASS(5)

static VO_REALTIME void unzip(vo_fft_planes y, const float *pairs, size_t n) {
    for (size_t i = 0; i < n; i++) {
        y.re[i] = pairs[2 * i];
        y.im[i] = pairs[2 * i + 1];
    }
}

static VO_REALTIME void zip(float *pairs, vo_fft_planes x, size_t n, float scale) {
    for (size_t i = 0; i < n; i++) {
        pairs[2 * i] = x.re[i] * scale;
        pairs[2 * i + 1] = x.im[i] * scale;
    }
}

/* z is the transform of the even samples plus i times that of the odd ones; each is its own
   mirrored conjugate, which tells them apart. */
static VO_REALTIME void split(float *spectrum, vo_fft_planes z, vo_fft_planes w, size_t n) {
    spectrum[0] = z.re[0] + z.im[0];
    spectrum[2 * n] = z.re[0] - z.im[0];
    spectrum[1] = spectrum[2 * n + 1] = 0;
    for (size_t k = 1; k <= n / 2; k++) {
        complex a = {z.re[k], z.im[k]}, b = {z.re[n - k], -z.im[n - k]};
        complex even = scale(add(a, b), 0.5), odd = scale(sub(a, b), 0.5);
        complex turned = mul(odd, (complex){w.re[k], w.im[k]});
        complex low = sub_i(even, turned), high = add_i(even, turned);
        spectrum[2 * k] = (float)low.re;
        spectrum[2 * k + 1] = (float)low.im;
        spectrum[2 * (n - k)] = (float)high.re;
        spectrum[2 * (n - k) + 1] = (float)-high.im;
    }
}

static VO_REALTIME void join(vo_fft_planes z, const float *spectrum, vo_fft_planes w, size_t n) {
    z.re[0] = spectrum[0] + spectrum[2 * n];
    z.im[0] = spectrum[0] - spectrum[2 * n];
    for (size_t k = 1; k <= n / 2; k++) {
        const float *low = spectrum + 2 * k, *high = spectrum + 2 * (n - k);
        complex a = {low[0], low[1]}, b = {high[0], -high[1]};
        complex even = add(a, b), odd = mul(sub(a, b), (complex){w.re[k], -w.im[k]});
        complex first = add_i(even, odd), last = sub_i(even, odd);
        z.re[k] = (float)first.re;
        z.im[k] = (float)first.im;
        z.re[n - k] = (float)last.re;
        z.im[n - k] = (float)-last.im;
    }
}

vo_fft_kernels vo_fft_kernels_scalar(void) {
    return (vo_fft_kernels){.name = "scalar",
                            .pass = {NULL, NULL, pass2, pass3, pass4, pass5},
                            .unzip = unzip,
                            .zip = zip,
                            .split = split,
                            .join = join};
}
