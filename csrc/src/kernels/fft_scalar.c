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

static inline complex load(const float *x) {
    return (complex){(double)x[0], (double)x[1]};
}

static inline void store(float *y, complex v) {
    y[0] = (float)v.re;
    y[1] = (float)v.im;
}

#define PASS(RADIX)                                                                                \
    static VO_REALTIME void pass##RADIX(const vo_fft_pass *pass, float *y, const float *x) {       \
        const size_t stride = pass->stride, rest = pass->rest;                                     \
        for (size_t p = 0; p < rest; p++) {                                                        \
            const float *w = pass->twiddles + 2 * (RADIX - 1) * p;                                 \
            for (size_t q = 0; q < stride; q++) {                                                  \
                complex v[RADIX];                                                                  \
                for (size_t j = 0; j < RADIX; j++)                                                 \
                    v[j] = load(x + 2 * (q + stride * (p + rest * j)));                            \
                dft##RADIX(v);                                                                     \
                for (size_t k = 0; k < RADIX; k++) {                                               \
                    if (k) v[k] = mul(v[k], load(w + 2 * (k - 1)));                                \
                    store(y + 2 * (q + stride * (RADIX * p + k)), v[k]);                           \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }

PASS(2)
PASS(3)
PASS(4)
PASS(5)

static VO_REALTIME void zip(float *pairs, const float *x, size_t n, float re, float im) {
    for (size_t i = 0; i < 2 * n; i += 2) {
        pairs[i] = x[i] * re;
        pairs[i + 1] = x[i + 1] * im;
    }
}

/* z is the transform of the even samples plus i times that of the odd ones; each of the two is its
   own mirrored conjugate, which tells them apart. */
static inline void cross(float *low, float *high, complex a, complex b, complex w) {
    complex even = scale(add(a, b), 0.5), odd = mul(sub(a, b), w);
    complex sum = add(even, odd), rest = sub(even, odd);
    store(low, sum);
    store(high, (complex){rest.re, -rest.im});
}

static inline complex conjugate(complex a) {
    return (complex){a.re, -a.im};
}

static VO_REALTIME void split(float *spectrum, const float *z, const float *w, size_t n) {
    spectrum[0] = z[0] + z[1];
    spectrum[2 * n] = z[0] - z[1];
    spectrum[1] = spectrum[2 * n + 1] = 0;
    for (size_t k = 1; k <= n / 2; k++) {
        complex a = load(z + 2 * k), b = load(z + 2 * (n - k));
        cross(spectrum + 2 * k, spectrum + 2 * (n - k), a, conjugate(b), load(w + 2 * k));
    }
}

static VO_REALTIME void join(float *pairs, const float *spectrum, const float *w, size_t n) {
    pairs[0] = 0.5f * (spectrum[0] + spectrum[2 * n]);
    pairs[1] = 0.5f * (spectrum[2 * n] - spectrum[0]);
    for (size_t k = 1; k <= n / 2; k++) {
        complex a = load(spectrum + 2 * k), b = load(spectrum + 2 * (n - k));
        cross(pairs + 2 * k, pairs + 2 * (n - k), conjugate(a), b, load(w + 2 * k));
    }
}

vo_fft_kernels vo_fft_kernels_scalar(void) {
    return (vo_fft_kernels){.name = "scalar",
                            .width = 1,
                            .pass = {[2] = pass2, pass3, pass4, pass5},
                            .zip = zip,
                            .split = split,
                            .join = join};
}
