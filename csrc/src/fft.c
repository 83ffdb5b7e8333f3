#include "vocana/fft.h"

#include <math.h>
#include <string.h>

#include "kernels/fft.h"

#define PI 3.14159265358979323846

/* 2^31 and 3^20 are the largest powers below 2^32. */
enum { MOST_PASSES = 32, ALIGNED = VO_CACHE_LINE / sizeof(float) };

/* A real transform of 2 n samples is a complex one of their n pairs, which split takes apart. An
   inverse is the conjugate of the transform of the conjugate. Only a and b change after _new. */
struct vo_fft {
    uint32_t n;
    uint32_t points; /* of the complex transform */
    uint32_t count;  /* of passes */
    vo_fft_kernels kernels;
    vo_fft_pass passes[MOST_PASSES];
    float *turns; /* of split and join; NULL for a complex transform */
    float *a, *b; /* passes go from one to the other and back */
    float *memory;
    vo_allocator allocator;
};

/* --- Plan ----------------------------------------------------------------- */

bool vo_fft_supports(uint32_t n, bool real) {
    if (!n || (real && n % 2)) return false;
    const uint32_t primes[] = {2, 3, 5};
    for (size_t i = 0; i < sizeof primes / sizeof *primes; i++)
        while (n % primes[i] == 0) n /= primes[i];
    return n == 1;
}

static void add_pass(vo_fft *fft, uint32_t radix) {
    const vo_fft_pass *before = fft->count ? &fft->passes[fft->count - 1] : NULL;
    uint32_t stride = before ? before->stride * before->radix : 1;
    fft->passes[fft->count++] = (vo_fft_pass){radix, stride, fft->points / stride / radix, NULL};
}

/* A head where the kernels have one. Then eights and fours, and a two only where there is no other
   way: its passes move as much and do less. */
static void factor(vo_fft *fft) {
    uint32_t left = fft->points / fft->kernels.width, twos = 0;
    if (fft->kernels.head) add_pass(fft, fft->kernels.width);
    for (; left % 2 == 0; left /= 2) twos++;
    while (twos) {
        uint32_t bits = !fft->kernels.pass[8] || twos == 2 || twos == 4 ? 2 : 3;
        if (bits > twos) bits = twos;
        add_pass(fft, 1u << bits);
        twos -= bits;
    }
    for (; left % 3 == 0; left /= 3) add_pass(fft, 3);
    for (; left % 5 == 0; left /= 5) add_pass(fft, 5);
}

/* Rounds up to whole cache lines. */
static size_t padded(size_t floats) {
    return (floats + ALIGNED - 1) / ALIGNED * ALIGNED;
}

/* e^(-2 pi i turn) times scale, each part rounded once. */
static void rotation(float *re, float *im, double turn, double scale) {
    *re = (float)(scale * cos(2 * PI * turn));
    *im = (float)(-scale * sin(2 * PI * turn));
}

static size_t head_blocks(const vo_fft *fft) {
    return (fft->passes[0].rest + fft->kernels.width - 1) / fft->kernels.width;
}

static size_t twiddle_floats(const vo_fft *fft, uint32_t i) {
    const vo_fft_pass *pass = &fft->passes[i];
    size_t values =
        i == 0 && fft->kernels.head ? head_blocks(fft) * fft->kernels.width : pass->rest;
    return padded(2 * (pass->radix - 1) * values);
}

static void fill_head(const vo_fft *fft, float *w) {
    const size_t width = fft->kernels.width, rest = fft->passes[0].rest;
    for (size_t block = 0; block < head_blocks(fft); block++) {
        size_t first = block * width;
        if (block && first + width > rest) first = rest - width;
        for (size_t k = 1; k < width; k++, w += 2 * width)
            for (size_t i = 0; i < width; i++)
                rotation(w + i, w + width + i, (double)(k * (first + i)) / fft->points, 1);
    }
}

static void fill_pass(const vo_fft_pass *pass, float *w) {
    const double n = (double)pass->radix * pass->rest;
    for (size_t p = 0; p < pass->rest; p++)
        for (size_t k = 1; k < pass->radix; k++, w += 2) rotation(w, w + 1, (double)(k * p) / n, 1);
}

static void fill_turns(const vo_fft *fft, float *w, size_t values) {
    const size_t width = fft->kernels.width;
    for (size_t k = 0; k < values; k++) {
        float *block = w + 2 * (k / width * width) + k % width, re;
        rotation(&re, block, (double)k / fft->n, 0.5);
        block[width] = -re;
    }
}

/* Hands out the one allocation piece by piece. */
static float *take(float **free, size_t floats) {
    float *piece = *free;
    *free += floats;
    return piece;
}

static vo_status plan(vo_fft *fft) {
    const size_t width = fft->kernels.width;
    const size_t most = fft->points > width * width ? fft->points : width * width;
    const size_t work = padded(2 * (most + 1)), turns = (fft->points / 2 / width + 1) * width;
    size_t floats = 2 * work + (fft->n != fft->points ? padded(2 * turns) : 0), bytes;
    for (uint32_t i = 0; i < fft->count; i++) floats += twiddle_floats(fft, i);
    if (!vo_size_mul(floats, sizeof(float), &bytes)) return VO_TOO_BIG;
    float *free = fft->memory = vo_alloc(&fft->allocator, bytes, VO_CACHE_LINE);
    if (!free) return VO_NO_MEM;
    fft->a = take(&free, work);
    fft->b = take(&free, work);
    for (uint32_t i = 0; i < fft->count; i++) {
        float *twiddles = take(&free, twiddle_floats(fft, i));
        if (i == 0 && fft->kernels.head)
            fill_head(fft, twiddles);
        else
            fill_pass(&fft->passes[i], twiddles);
        fft->passes[i].twiddles = twiddles;
    }
    if (fft->n != fft->points) fill_turns(fft, fft->turns = free, turns);
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
    fft->kernels = vo_fft_kernels_select(fft->points);
    factor(fft);
    vo_status status = plan(fft);
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

/* All passes; returns where the result is. pairs may be b. */
static const float *transform(const vo_fft *fft, const float *pairs) {
    const float *x = pairs;
    float *y = fft->a;
    for (uint32_t i = 0; i < fft->count; i++) {
        const vo_fft_pass *pass = &fft->passes[i];
        if (i == 0 && fft->kernels.head)
            fft->kernels.head(pass, y, x);
        else
            fft->kernels.pass[pass->radix](pass, y, x);
        x = y;
        y = y == fft->a ? fft->b : fft->a;
    }
    return x;
}

void vo_fft_forward(vo_fft *fft, float *spectrum, const float *x) {
    fft->kernels.split(spectrum, transform(fft, x), fft->turns, fft->points);
}

void vo_fft_inverse(vo_fft *fft, float *x, const float *spectrum) {
    const float scale = 1 / (float)fft->points;
    fft->kernels.join(fft->b, spectrum, fft->turns, fft->points);
    fft->kernels.zip(x, transform(fft, fft->b), fft->points, scale, -scale);
}

void vo_fft_forward_complex(vo_fft *fft, float *spectrum, const float *x) {
    fft->kernels.zip(spectrum, transform(fft, x), fft->points, 1, 1);
}

void vo_fft_inverse_complex(vo_fft *fft, float *x, const float *spectrum) {
    const float scale = 1 / (float)fft->points;
    for (size_t i = 0; i < 2 * (size_t)fft->points; i += 2) {
        fft->b[i] = spectrum[i];
        fft->b[i + 1] = -spectrum[i + 1];
    }
    fft->kernels.zip(x, transform(fft, fft->b), fft->points, scale, -scale);
}
