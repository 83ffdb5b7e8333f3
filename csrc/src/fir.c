#include "vocana/fir.h"

#include <math.h>
#include <string.h>

#include "kernels/fir.h"
#include "kernels/kernels.h"
#include "vocana/fft.h"

enum { BLOCK = 512 };

/* Taps of a part, 0 for all in direct form. Measured, see docs/decisions/0009-block-state-space.md:
   larger parts have fewer spectra to multiply and a longer first part. */
static uint32_t part_for(uint32_t count) {
    if (count <= 384) return 0;
    if (count <= 1024) return 128;
    return count <= 16384 ? 256 : 1024;
}

/* One channel. line: `head` samples that went by, then those of a block. A part of `window` is the
   block before and what is known of this one; `tail` is what the spectra say of this block. */
typedef struct lane {
    float *line;
    float *window, *tail;
    float *spectra; /* of the last `parts` windows, a ring */
} lane;

/* head: taps in direct form, padded. at: samples of the block of `part` that has begun. newest:
   where in the ring the spectrum of the last full window is. */
struct vo_fir {
    uint32_t head, part, parts, channels;
    uint32_t at, newest;
    vo_fir_kernels kernels;
    vo_kernels mixing;
    vo_fft *fft;
    float *taps, *responses; /* direct; spectra of the parts */
    float *sum, *wave;       /* a spectrum, a window */
    lane *lanes;
    float *storage;
    size_t lane_samples;
    vo_allocator allocator;
};

static uint32_t padded(uint32_t count, uint32_t to) {
    return (count + to - 1) / to * to;
}

/* Floats of a spectrum, padded so that each begins on a cache line. */
static size_t spectrum_samples(const vo_fir *fir) {
    return padded(2 * fir->part + 2, VO_CACHE_LINE / sizeof(float));
}

/* --- Setup ----------------------------------------------------------------- */

/* Hands out n samples of the storage. */
static float *take(float **free, size_t n) {
    float *taken = *free;
    *free += n;
    return taken;
}

static vo_status lay_out(vo_fir *fir) {
    size_t spectrum = fir->part ? spectrum_samples(fir) : 0, window = 2 * (size_t)fir->part;
    size_t ring = fir->parts * spectrum;
    size_t shared = fir->head + ring + spectrum + window;
    fir->lane_samples = fir->head + BLOCK + window + fir->part + ring;
    size_t lanes, bytes;
    if (!vo_size_mul(fir->lane_samples, fir->channels, &lanes)) return VO_TOO_BIG;
    if (!vo_size_mul(lanes + shared, sizeof(float), &bytes)) return VO_TOO_BIG;
    fir->storage = vo_alloc(&fir->allocator, bytes, VO_CACHE_LINE);
    fir->lanes = vo_alloc(&fir->allocator, fir->channels * sizeof(lane), VO_CACHE_LINE);
    if (!fir->storage || !fir->lanes) return VO_NO_MEM;
    float *free = fir->storage;
    for (uint32_t c = 0; c < fir->channels; c++)
        fir->lanes[c] = (lane){.line = take(&free, fir->head + BLOCK),
                               .window = take(&free, window),
                               .tail = take(&free, fir->part),
                               .spectra = take(&free, ring)};
    fir->taps = take(&free, fir->head);
    fir->responses = take(&free, ring);
    fir->sum = take(&free, spectrum);
    fir->wave = take(&free, window);
    return VO_OK;
}

static vo_status begin(vo_fir *fir, const float *taps, uint32_t count) {
    fir->part = part_for(count);
    uint32_t direct = fir->part ? fir->part : count;
    fir->head = padded(direct, VO_FIR_BLOCK);
    fir->parts = fir->part ? padded(count, fir->part) / fir->part - 1 : 0;
    vo_status status = lay_out(fir);
    if (status) return status;
    memcpy(fir->taps, taps, direct * sizeof *taps);
    if (!fir->part) return VO_OK;
    status = vo_fft_new(&fir->fft, 2 * fir->part, true, &fir->allocator);
    if (status) return status;
    for (uint32_t p = 0; p < fir->parts; p++) {
        uint32_t first = (p + 1) * fir->part, left = count - first;
        memset(fir->wave, 0, 2 * fir->part * sizeof *fir->wave);
        memcpy(fir->wave, taps + first, (left < fir->part ? left : fir->part) * sizeof *taps);
        vo_fft_forward(fir->fft, fir->responses + p * spectrum_samples(fir), fir->wave);
    }
    return VO_OK;
}

vo_status vo_fir_new(vo_fir **out, const float *taps, uint32_t count, uint32_t channels,
                     const vo_allocator *allocator) {
    *out = NULL;
    if (!count || count > VO_FIR_MOST_TAPS || !channels) return VO_BAD_ARG;
    for (uint32_t k = 0; k < count; k++)
        if (!isfinite(taps[k])) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_fir *fir = vo_alloc(allocator, sizeof *fir, VO_CACHE_LINE);
    if (!fir) return VO_NO_MEM;
    fir->allocator = *allocator;
    fir->channels = channels;
    fir->kernels = vo_fir_kernels_select();
    fir->mixing = vo_kernels_select();
    vo_status status = begin(fir, taps, count);
    if (status)
        vo_fir_free(fir);
    else
        *out = fir;
    return status;
}

void vo_fir_free(vo_fir *fir) {
    if (!fir) return;
    vo_allocator allocator = fir->allocator;
    vo_fft_free(fir->fft);
    vo_release(&allocator, fir->lanes);
    vo_release(&allocator, fir->storage);
    vo_release(&allocator, fir);
}

uint32_t vo_fir_part(const vo_fir *fir) {
    return fir->part;
}

/* --- Audio thread --------------------------------------------------------------- */

void vo_fir_reset(vo_fir *fir) {
    fir->at = fir->newest = 0;
    memset(fir->storage, 0, fir->channels * fir->lane_samples * sizeof *fir->storage);
}

/* The block is full: its spectrum, and what all of them say of the next block. */
static void turn(vo_fir *fir, lane *l) {
    size_t spectrum = spectrum_samples(fir), bins = fir->part + 1, part = fir->part;
    vo_fft_forward(fir->fft, l->spectra + fir->newest * spectrum, l->window);
    memset(fir->sum, 0, 2 * bins * sizeof *fir->sum);
    for (uint32_t p = 0; p < fir->parts; p++) {
        uint32_t when = (fir->newest + fir->parts - p) % fir->parts;
        fir->mixing.multiply_add_complex(fir->sum, l->spectra + when * spectrum,
                                         fir->responses + p * spectrum, bins);
    }
    vo_fft_inverse(fir->fft, fir->wave, fir->sum);
    memcpy(l->tail, fir->wave + part, part * sizeof *l->tail);
    memcpy(l->window, l->window + part, part * sizeof *l->window);
}

/* The direct form, from the line to x. */
static void run_head(const vo_fir *fir, lane *l, float *x, uint32_t n) {
    memcpy(l->line + fir->head, x, n * sizeof *x);
    fir->kernels.run(x, l->line + fir->head, fir->taps, fir->head, n);
    memmove(l->line, l->line + n, fir->head * sizeof *x);
}

void vo_fir_process(vo_fir *fir, float *const *x, uint32_t n) {
    for (uint32_t done = 0, run; done < n; done += run) {
        run = n - done < BLOCK ? n - done : BLOCK;
        if (fir->part && run > fir->part - fir->at) run = fir->part - fir->at;
        bool full = fir->part && fir->at + run == fir->part;
        if (full) fir->newest = (fir->newest + 1) % fir->parts;
        for (uint32_t c = 0; c < fir->channels; c++) {
            lane *l = &fir->lanes[c];
            float *y = x[c] + done;
            if (fir->part) memcpy(l->window + fir->part + fir->at, y, run * sizeof *y);
            run_head(fir, l, y, run);
            if (fir->part) fir->mixing.mix(y, l->tail + fir->at, 1, run);
            if (full) turn(fir, l);
        }
        if (fir->part) fir->at = (fir->at + run) % fir->part;
    }
}
