/* D1: the kernels of arithmetic: gain, ramp, mix, multiply, fade have the bits of scalar, which
   errs by no more than its roundings; sums have a bound. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "kernel_checks.h"

enum { COUNT_FROM = 1000 }; /* of a ramp */

static const float FACTOR = 0.7071f, FROM = 0.9f, STEP = -0.00037f;

/* --- Kernels that have the bits of scalar ----------------------------------- */

/* out from a, b and c; out may be a or b, whose place in the call the kernel allows. */
typedef void apply(const vo_kernels *k, float *out, const float *a, const float *b, const float *c,
                   size_t n);

static void apply_gain(const vo_kernels *k, float *out, const float *a, const float *b,
                       const float *c, size_t n) {
    (void)b, (void)c;
    k->gain(out, a, FACTOR, n);
}
static void apply_ramp(const vo_kernels *k, float *out, const float *a, const float *b,
                       const float *c, size_t n) {
    (void)b, (void)c;
    k->ramp(out, a, FROM, STEP, COUNT_FROM, n);
}
static void apply_mix(const vo_kernels *k, float *out, const float *a, const float *b,
                      const float *c, size_t n) {
    (void)c;
    memmove(out, b, n * sizeof *out);
    k->mix(out, a, FACTOR, n);
}
static void apply_multiply(const vo_kernels *k, float *out, const float *a, const float *b,
                           const float *c, size_t n) {
    (void)c;
    k->multiply(out, a, b, n);
}
static void apply_fade(const vo_kernels *k, float *out, const float *a, const float *b,
                       const float *c, size_t n) {
    k->fade(out, a, b, c, n);
}

/* The exact result, and the size to which its roundings are relative. */
typedef double exact(double a, double b, double c, size_t i, double *size);

static double exact_gain(double a, double b, double c, size_t i, double *size) {
    (void)b, (void)c, (void)i;
    return *size = FACTOR * a;
}
static double exact_ramp(double a, double b, double c, size_t i, double *size) {
    (void)b, (void)c;
    double rise = (double)STEP * (double)(COUNT_FROM + i);
    *size = (fabs(FROM) + fabs(rise)) * a;
    return (FROM + rise) * a;
}
static double exact_mix(double a, double b, double c, size_t i, double *size) {
    (void)c, (void)i;
    *size = fabs(FACTOR * a) + fabs(b);
    return b + FACTOR * a;
}
static double exact_multiply(double a, double b, double c, size_t i, double *size) {
    (void)c, (void)i;
    return *size = a * b;
}
static double exact_fade(double a, double b, double c, size_t i, double *size) {
    (void)i;
    *size = fabs(c * (a - b)) + fabs(b);
    return b + c * (a - b);
}

/* places: 1 for an output of its own, 2 also in a, 3 also in b. */
static const char *as_scalar(const vo_kernels *k, apply *run, exact *value, int places) {
    static _Alignas(64) float arena[4][ARENA];
    float expected[MAX_LENGTH];
    const float canary = 123456.75f;
    const vo_kernels scalar = vo_kernels_scalar();
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++)
            for (int place = 0; place < 2 * places; place++) {
                float *out = window(arena[0], offset, 0, canary);
                float *a = window(arena[1], (offset * 5 + 3) % OFFSETS, n, canary);
                float *b = window(arena[2], (offset * 7 + 1) % OFFSETS, n, canary);
                float *c = window(arena[3], (offset * 3 + 2) % OFFSETS, n, canary);
                bool special = place >= places;
                if (special) put_special(a, n), put_special(b, n), put_special(c, n);
                run(&scalar, expected, a, b, c, n);
                for (size_t i = 0; !special && i < n; i++) {
                    double size, wanted = value(a[i], b[i], c[i], i, &size);
                    if (!(fabs(expected[i] - wanted) <= 4 * 0x1p-24 * fabs(size)))
                        return "is outside its bound";
                }
                float *into[] = {out, a, b};
                float *got = into[place % places];
                run(k, got, a, b, c, n);
                if (!same_samples(got, expected, n)) return "has other bits than scalar";
                if (!only_within(arena[place % places], sizeof *arena, got, n * sizeof *got,
                                 &canary, sizeof canary))
                    return "writes outside";
            }
    return NULL;
}

static const char *check_gain(const vo_kernels *k) {
    return as_scalar(k, apply_gain, exact_gain, 2);
}
static const char *check_mix(const vo_kernels *k) {
    return as_scalar(k, apply_mix, exact_mix, 1);
}
static const char *check_multiply(const vo_kernels *k) {
    return as_scalar(k, apply_multiply, exact_multiply, 3);
}

/* Also, a steady signal stays itself. */
static const char *check_fade(const vo_kernels *k) {
    float gains[MAX_LENGTH], steady[MAX_LENGTH], out[MAX_LENGTH + 1];
    for (size_t i = 0; i < MAX_LENGTH; i++) gains[i] = random_sample(), steady[i] = 0.3f;
    k->fade(out, steady, steady, gains, MAX_LENGTH);
    if (memcmp(out, steady, sizeof steady) != 0) return "moves DC";
    return as_scalar(k, apply_fade, exact_fade, 3);
}

/* Also, a ramp is the same in one run and in two. */
static const char *check_ramp(const vo_kernels *k) {
    float x[MAX_LENGTH], whole[MAX_LENGTH], parts[MAX_LENGTH];
    for (size_t i = 0; i < MAX_LENGTH; i++) x[i] = random_sample();
    k->ramp(whole, x, FROM, STEP, COUNT_FROM, MAX_LENGTH);
    for (uint32_t cut = 0; cut <= MAX_LENGTH; cut++) {
        k->ramp(parts, x, FROM, STEP, COUNT_FROM, cut);
        k->ramp(parts + cut, x + cut, FROM, STEP, COUNT_FROM + cut, MAX_LENGTH - cut);
        if (memcmp(parts, whole, sizeof whole) != 0) return "depends on where it is cut";
    }
    return as_scalar(k, apply_ramp, exact_ramp, 2);
}

/* --- Sums ------------------------------------------------------------------- */

/* Any order of summation in four or more lanes errs by at most (n / 4 + 4) u * sum |a||b|. */
static const char *check_dot(const vo_kernels *k) {
    static _Alignas(64) float left[ARENA], right[ARENA];
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++) {
            const float *a = window(left, offset, n, 1e6f);
            const float *b = window(right, (offset * 5 + 3) % OFFSETS, n, 1e6f);
            double sum = 0, size = 0;
            for (size_t i = 0; i < n; i++) {
                sum += (double)a[i] * b[i];
                size += fabs((double)a[i] * b[i]);
            }
            double bound = ((double)n / 4 + 4) * 0x1p-24 * size;
            if (!(fabs(k->dot(a, b, n) - sum) <= bound)) return "is outside its bound";
        }
    return NULL;
}

/* Two products and two sums: within 4 u of the sizes of what is added. */
static const char *check_complex(const vo_kernels *k) {
    static _Alignas(64) float arena[3][ARENA];
    float before[MAX_LENGTH + 1];
    const float canary = 123456.75f;
    for (size_t n = 0; n <= MAX_LENGTH / 2; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++) {
            float *acc = window(arena[0], offset, 2 * n, canary);
            const float *a = window(arena[1], (offset * 5 + 3) % OFFSETS, 2 * n, canary);
            const float *b = window(arena[2], (offset * 7 + 1) % OFFSETS, 2 * n, canary);
            memcpy(before, acc, 2 * n * sizeof *acc);
            k->multiply_add_complex(acc, a, b, n);
            for (size_t i = 0; i < 2 * n; i += 2) {
                double re = (double)a[i] * b[i], im = (double)a[i + 1] * b[i + 1];
                double ri = (double)a[i] * b[i + 1], ir = (double)a[i + 1] * b[i];
                double bound = 4 * 0x1p-24 * (fabs(re) + fabs(im) + fabs(before[i]));
                if (!(fabs(acc[i] - (before[i] + re - im)) <= bound)) return "re is wrong";
                bound = 4 * 0x1p-24 * (fabs(ri) + fabs(ir) + fabs(before[i + 1]));
                if (!(fabs(acc[i + 1] - (before[i + 1] + ri + ir)) <= bound)) return "im is wrong";
            }
            if (!only_within(arena[0], sizeof *arena, acc, 2 * n * sizeof *acc, &canary,
                             sizeof canary))
                return "writes outside";
        }
    return NULL;
}

/* --- Edges of pages ---------------------------------------------------------- */

static void touch_gain(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    size_t bytes = n * sizeof(float);
    k->gain(at_edge(pages, 0, bytes, end), at_edge(pages, 1, bytes, end), 1, n);
}
static void touch_ramp(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    size_t bytes = n * sizeof(float);
    k->ramp(at_edge(pages, 0, bytes, end), at_edge(pages, 1, bytes, end), 1, 1, 0, n);
}
static void touch_mix(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    size_t bytes = n * sizeof(float);
    k->mix(at_edge(pages, 0, bytes, end), at_edge(pages, 1, bytes, end), 1, n);
}
static void touch_multiply(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    size_t bytes = n * sizeof(float);
    k->multiply(at_edge(pages, 0, bytes, end), at_edge(pages, 1, bytes, end),
                at_edge(pages, 2, bytes, end), n);
}
static void touch_complex(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    size_t bytes = 2 * n * sizeof(float);
    k->multiply_add_complex(at_edge(pages, 0, bytes, end), at_edge(pages, 1, bytes, end),
                            at_edge(pages, 2, bytes, end), n);
}
static void touch_dot(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    size_t bytes = n * sizeof(float);
    k->dot(at_edge(pages, 0, bytes, end), at_edge(pages, 1, bytes, end), n);
}
static void touch_fade(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    size_t bytes = n * sizeof(float);
    k->fade(at_edge(pages, 0, bytes, end), at_edge(pages, 1, bytes, end),
            at_edge(pages, 2, bytes, end), at_edge(pages, 3, bytes, end), n);
}

static const kernel_row rows[] = {
    {"gain", check_gain, touch_gain},
    {"ramp", check_ramp, touch_ramp},
    {"mix", check_mix, touch_mix},
    {"multiply", check_multiply, touch_multiply},
    {"multiply_add_complex", check_complex, touch_complex},
    {"dot", check_dot, touch_dot},
    {"fade", check_fade, touch_fade},
};

/* --- Planted faults ----------------------------------------------------------- */

static VO_REALTIME void gain_no_tail(float *out, const float *x, float g, size_t n) {
    for (size_t i = 0; i < (n & ~(size_t)7); i++) out[i] = g * x[i];
}
static VO_REALTIME void ramp_summed(float *out, const float *x, float from, float step, uint32_t at,
                                    size_t n) {
    for (float g = from + step * (float)at; n; n--, g += step) *out++ = g * *x++;
}
static VO_REALTIME void mix_fused(float *y, const float *x, float g, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = fmaf(g, x[i], y[i]);
}
static VO_REALTIME void multiply_one_more(float *out, const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = a[i] * b[i];
    out[n] = 0;
}
static VO_REALTIME void complex_conjugate(float *acc, const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < 2 * n; i += 2) {
        acc[i] += a[i] * b[i] + a[i + 1] * b[i + 1];
        acc[i + 1] += a[i + 1] * b[i] - a[i] * b[i + 1];
    }
}
static VO_REALTIME float dot_no_tail(const float *a, const float *b, size_t n) {
    return vo_kernels_scalar().dot(a, b, n & ~(size_t)7);
}
static VO_REALTIME float dot_beyond(const float *a, const float *b, size_t n) {
    volatile float beyond = a[n];
    (void)beyond;
    return vo_kernels_scalar().dot(a, b, n);
}
static VO_REALTIME void fade_one_more(float *out, const float *from, const float *to,
                                      const float *gain, size_t n) {
    vo_kernels_scalar().fade(out, from, to, gain, n);
    out[n] = 0;
}
static VO_REALTIME void fade_fused(float *out, const float *from, const float *to,
                                   const float *gain, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = fmaf(gain[i], from[i] - to[i], to[i]);
}

static void spoil_gain(vo_kernels *k) {
    k->gain = gain_no_tail;
}
static void spoil_ramp(vo_kernels *k) {
    k->ramp = ramp_summed;
}
static void spoil_mix(vo_kernels *k) {
    k->mix = mix_fused;
}
static void spoil_multiply(vo_kernels *k) {
    k->multiply = multiply_one_more;
}
static void spoil_complex(vo_kernels *k) {
    k->multiply_add_complex = complex_conjugate;
}
static void spoil_dot(vo_kernels *k) {
    k->dot = dot_no_tail;
}
static void spoil_dot_bounds(vo_kernels *k) {
    k->dot = dot_beyond;
}
static void spoil_fade(vo_kernels *k) {
    k->fade = fade_one_more;
}
static void spoil_fade_rounding(vo_kernels *k) {
    k->fade = fade_fused;
}

static const kernel_fault faults[] = {
    {"a gain without its tail", "gain", spoil_gain},
    {"a ramp that adds up its steps", "ramp", spoil_ramp},
    {"a mix with a fused step", "mix", spoil_mix},
    {"a product of one sample too many", "multiply", spoil_multiply},
    {"a product with the conjugate", "multiply_add_complex", spoil_complex},
    {"a dot without its tail", "dot", spoil_dot},
    {"a dot that reads beyond", "dot", spoil_dot_bounds},
    {"a fade of one sample too many", "fade", spoil_fade},
    {"a fade with a fused step", "fade", spoil_fade_rounding},
};

int main(void) {
    kernel_checks(rows, sizeof rows / sizeof *rows, faults, sizeof faults / sizeof *faults);
    return 0;
}
