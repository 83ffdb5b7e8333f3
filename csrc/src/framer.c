#include "vocana/framer.h"

#include <string.h>

#include "kernels/kernels.h"
#include "kernels/spectra.h"
#include "vocana/fft.h"

/* Samples that are moved at once when the end of the buffer is reached, at least. */
enum { LEAST_ROOM = 4096, ALIGNED = VO_CACHE_LINE / sizeof(float) };

/* The buffer holds `fill` samples; the next frame begins with sample `at` of them, or `skip` more
   samples have to go by first (a hop beyond the frame), and then at == fill. */
struct vo_framer {
    uint32_t n_fft, bins, hop, before;
    size_t capacity, fill, at, skip;
    const float *frame;
    vo_kernels kernels;
    vo_spectra_kernels spectra;
    vo_fft *fft;
    float *memory;
    float *buffer, *window, *windowed, *spectrum, *power, *magnitude;
    vo_allocator allocator;
};

static size_t padded(size_t floats) {
    return (floats + ALIGNED - 1) / ALIGNED * ALIGNED;
}

/* Hands out the one allocation piece by piece. */
static float *take(float **free, size_t floats) {
    float *piece = *free;
    *free += padded(floats);
    return piece;
}

static vo_status lay_out(vo_framer *framer, const float *window) {
    size_t n = framer->n_fft, bins = framer->bins, room = n < LEAST_ROOM ? LEAST_ROOM : n, bytes;
    framer->capacity = n + room;
    size_t floats = padded(framer->capacity) + 2 * padded(n) + padded(2 * bins) + 2 * padded(bins);
    if (!vo_size_mul(floats, sizeof(float), &bytes)) return VO_TOO_BIG;
    float *free = framer->memory = vo_alloc(&framer->allocator, bytes, VO_CACHE_LINE);
    if (!free) return VO_NO_MEM;
    framer->buffer = take(&free, framer->capacity);
    framer->window = take(&free, n);
    framer->windowed = take(&free, n);
    framer->spectrum = take(&free, 2 * bins);
    framer->power = take(&free, bins);
    framer->magnitude = take(&free, bins);
    for (size_t i = 0; i < n; i++) framer->window[i] = window ? window[i] : 1;
    return VO_OK;
}

vo_status vo_framer_new(vo_framer **out, const vo_framer_config *config,
                        const vo_allocator *allocator) {
    *out = NULL;
    uint32_t n = config->n_fft;
    if (!vo_fft_supports(n, true) || !config->hop || config->before > n) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_framer *framer = vo_alloc(allocator, sizeof *framer, VO_CACHE_LINE);
    if (!framer) return VO_NO_MEM;
    framer->allocator = *allocator;
    framer->n_fft = n;
    framer->bins = n / 2 + 1;
    framer->hop = config->hop;
    framer->before = config->before;
    framer->kernels = vo_kernels_select();
    framer->spectra = vo_spectra_kernels_select();
    vo_status status = lay_out(framer, config->window);
    if (status == VO_OK) status = vo_fft_new(&framer->fft, n, true, allocator);
    if (status != VO_OK) {
        vo_framer_free(framer);
        return status;
    }
    vo_framer_reset(framer);
    *out = framer;
    return VO_OK;
}

void vo_framer_free(vo_framer *framer) {
    if (!framer) return;
    vo_allocator allocator = framer->allocator;
    vo_fft_free(framer->fft);
    vo_release(&allocator, framer->memory);
    vo_release(&allocator, framer);
}

uint32_t vo_framer_size(const vo_framer *framer) {
    return framer->n_fft;
}

uint32_t vo_framer_bins(const vo_framer *framer) {
    return framer->bins;
}

uint64_t vo_framer_ready(const vo_framer *framer, uint64_t n) {
    uint64_t queued = framer->fill - framer->at;
    if (n < framer->skip || n - framer->skip + queued < framer->n_fft) return 0;
    return 1 + (n - framer->skip + queued - framer->n_fft) / framer->hop;
}

/* Moves what the next frame needs to the front when the buffer is full behind it. */
static void make_room(vo_framer *framer) {
    if (framer->at + framer->n_fft <= framer->capacity) return;
    framer->fill -= framer->at;
    memmove(framer->buffer, framer->buffer + framer->at, framer->fill * sizeof(float));
    framer->at = 0;
}

static void advance(vo_framer *framer) {
    size_t queued = framer->fill - framer->at;
    size_t hop = framer->hop < queued ? framer->hop : queued;
    framer->frame = framer->buffer + framer->at;
    framer->at += hop;
    framer->skip = framer->hop - hop;
}

static size_t least(uint64_t a, uint64_t b) {
    return (size_t)(a < b ? a : b);
}

bool vo_framer_next(vo_framer *framer, const float **x, uint64_t *n) {
    while (framer->fill - framer->at < framer->n_fft) {
        size_t skipped = least(framer->skip, *n);
        framer->skip -= skipped;
        make_room(framer);
        size_t taken = least(framer->capacity - framer->fill, *n - skipped);
        float *to = framer->buffer + framer->fill;
        if (*x)
            memcpy(to, *x + skipped, taken * sizeof *to);
        else
            memset(to, 0, taken * sizeof *to);
        framer->fill += taken;
        if (*x) *x += skipped + taken;
        *n -= skipped + taken;
        if (!*n && framer->fill - framer->at < framer->n_fft) return false;
    }
    advance(framer);
    return true;
}

const float *vo_framer_samples(const vo_framer *framer) {
    return framer->frame;
}

const float *vo_framer_power(vo_framer *framer) {
    framer->kernels.multiply(framer->windowed, framer->frame, framer->window, framer->n_fft);
    vo_fft_forward(framer->fft, framer->spectrum, framer->windowed);
    framer->spectra.power(framer->power, framer->spectrum, framer->bins);
    return framer->power;
}

const float *vo_framer_magnitude(vo_framer *framer) {
    framer->spectra.root(framer->magnitude, framer->power, framer->bins);
    return framer->magnitude;
}

void vo_framer_reset(vo_framer *framer) {
    framer->at = framer->skip = 0;
    framer->fill = framer->before;
    framer->frame = framer->buffer;
    memset(framer->buffer, 0, framer->n_fft * sizeof(float));
}
