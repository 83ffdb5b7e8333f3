#include "vocana/fft.h"

#include <math.h>

#include "kernels/fft.h"

#define PI 3.14159265358979323846

/* 2^31 and 3^20 are the largest powers below 2^32. */
enum { MOST_PASSES = 32, ALIGNED = VO_CACHE_LINE / sizeof(float) };

/* A real transform of n samples is a complex one of the n / 2 pairs of samples between unzip or
   join and zip or split. Everything but a and b is only read after _new. */
struct vo_fft {
    uint32_t n;
    uint32_t points; /* of the complex transform */
    uint32_t count;  /* of passes */
    float scale;     /* of an inverse */
    vo_fft_kernels kernels;
    vo_fft_pass passes[MOST_PASSES];
    vo_fft_planes turns; /* e^(-pi i k / points), k <= points / 2; for real transforms */
    vo_fft_planes a, b;  /* passes go from one to the other and back */
    float *memory;
    vo_allocator allocator;
};

/* --- Plan ----------------------------------------------------------------- */

/* Fours first, so that strides are long where the radix is odd. Returns how many passes. */
static uint32_t factor(vo_fft_pass passes[MOST_PASSES], uint32_t n) {
    const uint32_t radices[] = {4, 2, 3, 5};
    uint32_t count = 0, stride = 1;
    for (size_t i = 0; i < sizeof radices / sizeof *radices; i++)
        for (; n % radices[i] == 0; n /= radices[i], stride *= radices[i])
            passes[count++] = (vo_fft_pass){radices[i], stride, n / radices[i], NULL};
    return n == 1 ? count : 0;
}

bool vo_fft_supports(uint32_t n, bool real) {
    if (!n || (real && n % 2)) return false;
    vo_fft_pass passes[MOST_PASSES];
    uint32_t points = real ? n / 2 : n;
    return points == 1 || factor(passes, points);
}

static size_t padded(size_t floats) {
    return (floats + ALIGNED - 1) / ALIGNED * ALIGNED;
}

static size_t twiddle_floats(const vo_fft_pass *pass) {
    return padded((size_t)2 * (pass->radix - 1) * pass->rest);
}

/* e^(-2 pi i numerator / denominator), rounded once. */
static void turn(float *re, float *im, double numerator, double denominator) {
    double angle = 2 * PI * numerator / denominator;
    *re = (float)cos(angle);
    *im = (float)-sin(angle);
}

static void fill_twiddles(const vo_fft_pass *pass, float *w) {
    uint32_t n = pass->radix * pass->rest;
    for (uint64_t p = 0; p < pass->rest; p++)
        for (uint64_t k = 1; k < pass->radix; k++, w += 2) turn(&w[0], &w[1], (double)(p * k), n);
}

/* Hands out the one allocation piece by piece. */
static float *take(float **free, size_t floats) {
    float *piece = *free;
    *free += floats;
    return piece;
}

static vo_status plan(vo_fft *fft, bool real) {
    size_t plane = padded(fft->points), half = padded(fft->points / 2 + 1), bytes;
    size_t floats = 4 * plane + (real ? 2 * half : 0);
    for (uint32_t i = 0; i < fft->count; i++) floats += twiddle_floats(&fft->passes[i]);
    if (!vo_size_mul(floats, sizeof(float), &bytes)) return VO_TOO_BIG;
    float *free = fft->memory = vo_alloc(&fft->allocator, bytes, VO_CACHE_LINE);
    if (!free) return VO_NO_MEM;
    fft->a = (vo_fft_planes){take(&free, plane), take(&free, plane)};
    fft->b = (vo_fft_planes){take(&free, plane), take(&free, plane)};
    for (uint32_t i = 0; i < fft->count; i++) {
        float *twiddles = take(&free, twiddle_floats(&fft->passes[i]));
        fill_twiddles(&fft->passes[i], twiddles);
        fft->passes[i].twiddles = twiddles;
    }
    if (real) {
        fft->turns = (vo_fft_planes){take(&free, half), take(&free, half)};
        for (uint32_t k = 0; k <= fft->points / 2; k++)
            turn(&fft->turns.re[k], &fft->turns.im[k], k, fft->n);
    }
    return VO_OK;
}

vo_status vo_fft_new(vo_fft **out, uint32_t n, bool real, const vo_allocator *allocator) {
    *out = NULL;
    if (!vo_fft_supports(n, real)) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_fft *fft = vo_alloc(allocator, sizeof *fft, VO_CACHE_LINE);
    if (!fft) return VO_NO_MEM;
    fft->allocator = *allocator;
    fft->n = n;
    fft->points = real ? n / 2 : n;
    fft->scale = (float)(1.0 / n);
    fft->kernels = vo_fft_kernels_select();
    fft->count = factor(fft->passes, fft->points);
    vo_status status = plan(fft, real);
    if (status != VO_OK) {
        vo_fft_free(fft);
        return status;
    }
    *out = fft;
    return VO_OK;
}

void vo_fft_free(vo_fft *fft) {
    if (!fft) return;
    vo_allocator allocator = fft->allocator;
    vo_release(&allocator, fft->memory);
    vo_release(&allocator, fft);
}

uint32_t vo_fft_size(const vo_fft *fft) {
    return fft->n;
}

/* --- Transforms ----------------------------------------------------------- */

/* A transform of swapped planes to swapped planes is the inverse one, without its scale. */
static vo_fft_planes swapped(vo_fft_planes x) {
    return (vo_fft_planes){x.im, x.re};
}

/* All passes over x, which is a or its swap; returns where the result is. */
static vo_fft_planes transform(vo_fft *fft, vo_fft_planes x, vo_fft_planes y) {
    for (uint32_t i = 0; i < fft->count; i++) {
        fft->kernels.pass[fft->passes[i].radix](&fft->passes[i], y, x);
        vo_fft_planes other = x;
        x = y;
        y = other;
    }
    return x;
}

void vo_fft_forward(vo_fft *fft, float *spectrum, const float *x) {
    fft->kernels.unzip(fft->a, x, fft->points);
    vo_fft_planes z = transform(fft, fft->a, fft->b);
    fft->kernels.split(spectrum, z, fft->turns, fft->points);
}

void vo_fft_inverse(vo_fft *fft, float *x, const float *spectrum) {
    fft->kernels.join(fft->a, spectrum, fft->turns, fft->points);
    vo_fft_planes z = transform(fft, swapped(fft->a), swapped(fft->b));
    fft->kernels.zip(x, swapped(z), fft->points, fft->scale);
}

void vo_fft_forward_complex(vo_fft *fft, float *spectrum, const float *x) {
    fft->kernels.unzip(fft->a, x, fft->points);
    fft->kernels.zip(spectrum, transform(fft, fft->a, fft->b), fft->points, 1);
}

void vo_fft_inverse_complex(vo_fft *fft, float *x, const float *spectrum) {
    fft->kernels.unzip(fft->a, spectrum, fft->points);
    vo_fft_planes z = transform(fft, swapped(fft->a), swapped(fft->b));
    fft->kernels.zip(x, swapped(z), fft->points, fft->scale);
}
