#include "vocana/stft.h"

#include <math.h>
#include <string.h>

#include "kernels/kernels.h"
#include "vocana/fft.h"

enum { ALIGNED = VO_CACHE_LINE / sizeof(float) };

static size_t padded(size_t floats) {
    return (floats + ALIGNED - 1) / ALIGNED * ALIGNED;
}

/* Runs of n_fft samples one after the other, all zero. */
static vo_status take_runs(float **memory, size_t count, uint32_t n_fft,
                           const vo_allocator *allocator) {
    size_t bytes;
    if (!vo_size_mul(count * padded(n_fft), sizeof(float), &bytes)) return VO_TOO_BIG;
    *memory = vo_alloc(allocator, bytes, VO_CACHE_LINE);
    return *memory ? VO_OK : VO_NO_MEM;
}

/* --- Analysis --------------------------------------------------------------- */

/* The next frame begins with the `kept` samples in history, or `skip` samples after the last one
   that was taken (a hop beyond the frame), and then none is kept. */
struct vo_stft {
    uint32_t n_fft, hop, before;
    uint32_t kept, skip;
    vo_kernels kernels;
    vo_fft *fft;
    float *memory;
    float *window, *history, *frame, *windowed;
    vo_allocator allocator;
};

vo_status vo_stft_new(vo_stft **out, const vo_stft_config *config, const vo_allocator *allocator) {
    *out = NULL;
    uint32_t n = config->n_fft;
    if (!vo_fft_supports(n, true) || !config->hop || config->before > n) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_stft *stft = vo_alloc(allocator, sizeof *stft, VO_CACHE_LINE);
    if (!stft) return VO_NO_MEM;
    stft->allocator = *allocator;
    stft->n_fft = n;
    stft->hop = config->hop;
    stft->before = config->before;
    stft->kernels = vo_kernels_select();
    vo_status status = take_runs(&stft->memory, 4, n, allocator);
    if (status == VO_OK) status = vo_fft_new(&stft->fft, n, true, allocator);
    if (status != VO_OK) {
        vo_stft_free(stft);
        return status;
    }
    stft->window = stft->memory;
    stft->history = stft->window + padded(n);
    stft->frame = stft->history + padded(n);
    stft->windowed = stft->frame + padded(n);
    memcpy(stft->window, config->window, n * sizeof *stft->window);
    vo_stft_reset(stft);
    *out = stft;
    return VO_OK;
}

void vo_stft_free(vo_stft *stft) {
    if (!stft) return;
    vo_allocator allocator = stft->allocator;
    vo_fft_free(stft->fft);
    vo_release(&allocator, stft->memory);
    vo_release(&allocator, stft);
}

void vo_stft_reset(vo_stft *stft) {
    memset(stft->history, 0, stft->n_fft * sizeof *stft->history);
    stft->kept = stft->before;
    stft->skip = 0;
}

uint64_t vo_stft_ready(const vo_stft *stft, uint64_t n) {
    uint64_t there = stft->kept + n;
    if (there < (uint64_t)stft->skip + stft->n_fft) return 0;
    return 1 + (there - stft->skip - stft->n_fft) / stft->hop;
}

/* The lines of a long result are far away: they are sent for while the frame is windowed. */
static void transform(vo_stft *stft, float *spectrum, const float *frame) {
    for (uint32_t i = 0; i < stft->n_fft + 2; i += ALIGNED) __builtin_prefetch(spectrum + i, 1);
    stft->kernels.multiply(stft->windowed, frame, stft->window, stft->n_fft);
    vo_fft_forward(stft->fft, spectrum, stft->windowed);
}

/* A frame that begins in history is put together first; the others are read where they are. */
uint64_t vo_stft_process(vo_stft *stft, float *spectra, const float *x, uint64_t n) {
    const uint64_t count = vo_stft_ready(stft, n);
    const uint32_t n_fft = stft->n_fft, values = n_fft + 2;
    uint64_t old = stft->kept, at = stft->skip; /* of the next frame: in history, then in x */
    const float *begin = stft->history;
    for (uint64_t t = 0; t < count; t++, spectra += values) {
        if (old) {
            memcpy(stft->frame, begin, old * sizeof *begin);
            memcpy(stft->frame + old, x, (n_fft - old) * sizeof *x);
            transform(stft, spectra, stft->frame);
        } else {
            transform(stft, spectra, x + at);
        }
        uint64_t gone = stft->hop < old ? stft->hop : old;
        begin += gone;
        old -= gone;
        at += stft->hop - gone;
    }
    if (begin != stft->history) memmove(stft->history, begin, old * sizeof *begin);
    if (at < n) memcpy(stft->history + old, x + at, (n - at) * sizeof *x);
    stft->kept = (uint32_t)(at < n ? old + n - at : old);
    stft->skip = (uint32_t)(at < n ? 0 : at - n);
    return count;
}

/* --- Synthesis --------------------------------------------------------------- */

/* window: what a frame is multiplied with, the division by the sum of squares included. sum: what
   the frames so far give, from the next sample that comes out. */
struct vo_istft {
    uint32_t n_fft, hop;
    vo_fft *fft;
    float *memory;
    float *window, *sum, *frame;
    vo_allocator allocator;
};

/* Of the windows that cover sample i of a hop. */
static double squares(const float *window, uint32_t n_fft, uint32_t hop, uint32_t i) {
    double sum = 0;
    for (uint64_t k = i; k < n_fft; k += hop) sum += (double)window[k] * (double)window[k];
    return sum;
}

double vo_stft_overlap(const float *window, uint32_t n_fft, uint32_t hop) {
    if (!hop || hop > n_fft) return 0;
    double least = INFINITY, greatest = 0;
    for (uint32_t i = 0; i < hop; i++) {
        double sum = squares(window, n_fft, hop, i);
        if (!isfinite(sum)) return 0;
        least = fmin(least, sum);
        greatest = fmax(greatest, sum);
    }
    return greatest > 0 ? least / greatest : 0;
}

vo_status vo_istft_new(vo_istft **out, const vo_stft_config *config,
                       const vo_allocator *allocator) {
    *out = NULL;
    uint32_t n = config->n_fft, hop = config->hop;
    if (!vo_fft_supports(n, true)) return VO_BAD_ARG;
    if (!(vo_stft_overlap(config->window, n, hop) > VO_STFT_LEAST_OVERLAP)) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_istft *istft = vo_alloc(allocator, sizeof *istft, VO_CACHE_LINE);
    if (!istft) return VO_NO_MEM;
    istft->allocator = *allocator;
    istft->n_fft = n;
    istft->hop = hop;
    vo_status status = take_runs(&istft->memory, 3, n, allocator);
    if (status == VO_OK) status = vo_fft_new(&istft->fft, n, true, allocator);
    if (status != VO_OK) {
        vo_istft_free(istft);
        return status;
    }
    istft->window = istft->memory;
    istft->sum = istft->window + padded(n);
    istft->frame = istft->sum + padded(n);
    for (uint32_t i = 0; i < n; i++)
        istft->window[i] =
            (float)((double)config->window[i] / squares(config->window, n, hop, i % hop));
    *out = istft;
    return VO_OK;
}

void vo_istft_free(vo_istft *istft) {
    if (!istft) return;
    vo_allocator allocator = istft->allocator;
    vo_fft_free(istft->fft);
    vo_release(&allocator, istft->memory);
    vo_release(&allocator, istft);
}

void vo_istft_reset(vo_istft *istft) {
    memset(istft->sum, 0, istft->n_fft * sizeof *istft->sum);
}

void vo_istft_process(vo_istft *istft, float *x, const float *spectra, uint64_t frames) {
    const uint32_t n = istft->n_fft, hop = istft->hop;
    for (uint64_t t = 0; t < frames; t++, spectra += n + 2, x += hop) {
        vo_fft_inverse(istft->fft, istft->frame, spectra);
        for (uint32_t i = 0; i < n; i++) istft->sum[i] += istft->frame[i] * istft->window[i];
        memcpy(x, istft->sum, hop * sizeof *x);
        memmove(istft->sum, istft->sum + hop, (n - hop) * sizeof *x);
        memset(istft->sum + n - hop, 0, hop * sizeof *x);
    }
}

void vo_istft_rest(const vo_istft *istft, float *x) {
    memcpy(x, istft->sum, (istft->n_fft - istft->hop) * sizeof *x);
}
