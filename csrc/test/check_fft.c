/* D1: the kernels of the Fourier transform at every level that this processor has, against the sums
   that they stand for in double. */
#define _DEFAULT_SOURCE

#include <complex.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "kernel_lines.h"
#include "kernel_samples.h"
#include "kernels/fft.h"
#include "kernels/levels.h"
#include "vocana/simd.h"

enum { MOST = 3000, MARGIN = 32, ARENA = 2 * MOST + 2 * MARGIN };

#define PI 3.14159265358979323846

static const float canary = 123456.75f;
static _Alignas(64) float in[ARENA], out[ARENA], twiddles[ARENA];

/* A checker answers NULL, or what is wrong. */
typedef const char *checker(const vo_fft_kernels *k);

static double complex turned(double turn) {
    return cexp(-2 * PI * I * turn);
}

/* The place of the real part of value i, in blocks of a width; the imaginary one is a width on. */
static size_t place(size_t i, size_t width) {
    return 2 * (i / width * width) + i % width;
}

static double complex value(const float *x, size_t i, size_t width) {
    const float *part = x + place(i, width);
    return part[0] + I * (double)part[width];
}

static void put(float *x, size_t i, size_t width, double complex v) {
    x[place(i, width)] = (float)creal(v);
    x[place(i, width) + width] = (float)cimag(v);
}

/* n random values among canaries, and room for as many results. */
static void prepare(size_t n, float **x, float **y, size_t offset) {
    for (size_t i = 0; i < ARENA; i++) in[i] = out[i] = canary;
    *x = in + MARGIN + offset;
    *y = out + MARGIN;
    for (size_t i = 0; i < 2 * n; i++) (*x)[i] = random_sample();
}

static bool outside_untouched(const float *y, size_t floats) {
    for (const float *p = out; p < out + ARENA; p++)
        if ((p < y || p >= y + floats) && *p != canary) return false;
    return true;
}

/* Sums of up to 16 products of numbers up to 2, each rounded a few times. */
static bool near(double complex found, double complex right) {
    return cabs(found - right) <= 64 * 0x1p-24 * (1 + cabs(right));
}

/* The definition of a pass; width_in is 1 for a head. */
static double complex pass_oracle(const vo_fft_pass *pass, const float *x, size_t width_in,
                                  size_t q, size_t p, size_t k) {
    double complex sum = 0;
    for (size_t j = 0; j < pass->radix; j++)
        sum += value(x, q + pass->stride * (p + pass->rest * j), width_in) *
               turned((double)(j * k) / pass->radix);
    return sum * turned((double)(p * k) / (pass->radix * pass->rest));
}

static bool pass_is_right(const vo_fft_pass *pass, const float *y, const float *x, size_t width_in,
                          size_t width) {
    for (size_t q = 0; q < pass->stride; q++)
        for (size_t p = 0; p < pass->rest; p++)
            for (size_t k = 0; k < pass->radix; k++) {
                size_t to = q + pass->stride * (pass->radix * p + k);
                if (!near(value(y, to, width), pass_oracle(pass, x, width_in, q, p, k)))
                    return false;
            }
    return true;
}

static const char *check_pass(const vo_fft_kernels *k, uint32_t radix) {
    const uint32_t rests[] = {1, 2, 3, 8};
    for (uint32_t stride = k->width; stride <= 5 * k->width; stride += k->width)
        for (size_t r = 0; r < sizeof rests / sizeof *rests; r++) {
            vo_fft_pass pass = {radix, stride, rests[r], twiddles};
            float *x, *y, *w = twiddles;
            size_t n = (size_t)radix * stride * rests[r];
            if (n > MOST) continue;
            prepare(n, &x, &y, 0);
            for (uint32_t p = 0; p < pass.rest; p++)
                for (uint32_t i = 1; i < radix; i++, w += 2)
                    put(w, 0, 1, turned((double)(p * i) / (radix * pass.rest)));
            k->pass[radix](&pass, y, x);
            if (!pass_is_right(&pass, y, x, k->width, k->width)) return "a pass is wrong";
            if (!outside_untouched(y, 2 * n)) return "a pass writes outside";
        }
    return NULL;
}

static const char *check_radix_3(const vo_fft_kernels *k) {
    return check_pass(k, 3);
}
static const char *check_radix_4(const vo_fft_kernels *k) {
    return check_pass(k, 4);
}

static const char *check_head(const vo_fft_kernels *k) {
    const uint32_t width = k->width;
    for (uint32_t rest = 1; k->head && rest <= 3 * width; rest++)
        for (size_t offset = 0; offset < 16; offset += 3) {
            vo_fft_pass pass = {width, 1, rest, twiddles};
            float *x, *y, *w = twiddles;
            size_t n = (size_t)width * rest, room = n > width * width ? n : width * width;
            prepare(n, &x, &y, offset);
            for (uint32_t at = 0; at < rest; at += width) {
                uint32_t first = at && at + width > rest ? rest - width : at;
                for (uint32_t i = 1; i < width; i++, w += 2 * width)
                    for (uint32_t p = 0; p < width; p++)
                        put(w, p, width, turned((double)((first + p) * i) / (double)n));
            }
            k->head(&pass, y, x);
            if (!pass_is_right(&pass, y, x, 1, width)) return "a head is wrong";
            if (!outside_untouched(y, 2 * room)) return "a head writes outside";
        }
    return NULL;
}

static const char *check_zip(const vo_fft_kernels *k) {
    for (size_t n = k->width; n <= 20 * k->width; n += k->width) {
        float *x, *y;
        prepare(n, &x, &y, 0);
        y += n % 7;
        k->zip(y, x, n, 0.5f, -2);
        for (size_t i = 0; i < n; i++) {
            double complex v = value(x, i, k->width);
            if (value(y, i, 1) != creal(v) / 2 - 2 * I * cimag(v)) return "zip is wrong";
        }
        if (!outside_untouched(y, 2 * n)) return "zip writes outside";
    }
    return NULL;
}

/* What split and join have in common: both halves of a spectrum from a sum and a difference. */
static double complex crossed(double complex a, double complex b, size_t k, size_t n) {
    return (a + b) / 2 - I * turned((double)k / (2 * (double)n)) * (a - b) / 2;
}

static void put_turns(size_t n, size_t width) {
    for (size_t k = 0; k < (n / 2 / width + 1) * width; k++)
        put(twiddles, k, width, -I * turned((double)k / (2 * (double)n)) / 2);
}

static const char *check_split(const vo_fft_kernels *k) {
    for (size_t n = k->width; n <= 20 * k->width; n += k->width) {
        float *x, *y;
        prepare(n, &x, &y, 0);
        put_turns(n, k->width);
        y += n % 7;
        k->split(y, x, twiddles, n);
        for (size_t i = 0; i <= n; i++) {
            double complex a = value(x, i % n, k->width), b = value(x, (n - i) % n, k->width);
            if (!near(value(y, i, 1), crossed(a, conj(b), i, n))) return "split is wrong";
        }
        if (y[1] != 0 || y[2 * n + 1] != 0) return "split has an imaginary end";
        if (!outside_untouched(y, 2 * n + 2)) return "split writes outside";
    }
    return NULL;
}

/* The imaginary parts of both ends are nothing that samples could have. */
static const char *check_join(const vo_fft_kernels *k) {
    for (size_t n = k->width; n <= 20 * k->width; n += k->width) {
        float *x, *y;
        prepare(n + 1, &x, &y, n % 7);
        put_turns(n, k->width);
        k->join(y, x, twiddles, n);
        for (size_t i = 0; i < n; i++) {
            double complex a = value(x, i, 1), b = value(x, n - i, 1);
            if (i == 0) a = creal(a), b = creal(b);
            if (!near(value(y, i, 1), crossed(conj(a), b, i, n))) return "join is wrong";
        }
        if (!outside_untouched(y, 2 * n + 2)) return "join writes outside";
    }
    return NULL;
}

/* Every kernel of one level; a head is what only vectors have. */
static void check_level(const vo_fft_kernels *k) {
    for (uint32_t radix = 2; radix <= VO_FFT_MAX_RADIX; radix++) {
        char kernel[] = "fft radix-0";
        kernel[sizeof kernel - 2] += (char)radix;
        if (k->pass[radix]) say_equal(kernel, k->name, check_pass(k, radix));
    }
    if (k->head) say_equal("fft head", k->name, check_head(k));
    say_equal("fft zip", k->name, check_zip(k));
    say_equal("fft split", k->name, check_split(k));
    say_equal("fft join", k->name, check_join(k));
}

/* --- Negative controls: each of these must be reported --------------------- */

static vo_fft_kernels sound; /* the best level, which each control spoils in one place */

static VO_REALTIME void pass_one_twiddle(const vo_fft_pass *pass, float *y, const float *x) {
    float *w = (float *)pass->twiddles, kept = w[2 * 3 * (pass->rest - 1)];
    w[2 * 3 * (pass->rest - 1)] = -kept;
    sound.pass[4](pass, y, x);
    w[2 * 3 * (pass->rest - 1)] = kept;
}
static VO_REALTIME void pass_one_more(const vo_fft_pass *pass, float *y, const float *x) {
    sound.pass[3](pass, y, x);
    y[6 * (size_t)pass->stride * pass->rest] = 0;
}
static VO_REALTIME void head_no_tail(const vo_fft_pass *pass, float *y, const float *pairs) {
    sound.head(pass, y, pairs);
    y[2 * (size_t)pass->radix * pass->rest - 1] += 1e-3f;
}
static VO_REALTIME void zip_no_sign(float *pairs, const float *x, size_t n, float re, float im) {
    sound.zip(pairs, x, n, re, fabsf(im));
}
static VO_REALTIME void split_backwards(float *y, const float *z, const float *w, size_t n) {
    sound.split(y, z, w, n);
    y[n + 1] = -y[n + 1];
}
static VO_REALTIME void join_no_end(float *y, const float *x, const float *w, size_t n) {
    sound.join(y, x, w, n);
    y[0] = x[0] / 2;
}

static void check_controls(void) {
    vo_fft_kernels bad[] = {sound, sound, sound, sound, sound, sound};
    bad[0].pass[4] = pass_one_twiddle;
    bad[1].pass[3] = pass_one_more;
    bad[2].head = sound.head ? head_no_tail : pass_one_twiddle;
    bad[3].zip = zip_no_sign;
    bad[4].split = split_backwards;
    bad[5].join = join_no_end;
    const struct control {
        const char *fault;
        checker *check;
    } controls[] = {
        {"a wrong twiddle", check_radix_4},         {"a pass of one too many", check_radix_3},
        {"a wrong last value", check_head},         {"zip without its sign", check_zip},
        {"split with a wrong middle", check_split}, {"join without its end", check_join},
    };
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) {
        if (controls[i].check == check_head && !sound.head) continue;
        say_caught(controls[i].fault, controls[i].check(&bad[i]));
    }
}

int main(void) {
    vo_fft_kernels found[3] = {vo_fft_kernels_scalar()};
    size_t count = 1;
#ifdef __x86_64__
    if (vo_simd_reaches(VO_SIMD_AVX2)) vo_fft_kernels_avx2(&found[count++]);
    if (vo_simd_reaches(VO_SIMD_AVX512)) vo_fft_kernels_avx512(&found[count++]);
#endif
#ifdef __aarch64__
    if (vo_simd_reaches(VO_SIMD_NEON)) vo_fft_kernels_neon(&found[count++]);
#endif
    for (size_t l = 0; l < count; l++) check_level(&found[l]);
    sound = found[count - 1];
    CHECK(strcmp(vo_fft_kernels_select(256).name, sound.name) == 0);
    CHECK(strcmp(vo_fft_kernels_select(25).name, "scalar") == 0);
    check_controls();
    return 0;
}
