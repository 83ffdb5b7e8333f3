#include "vocana/gcc_phat.h"

#include <math.h>
#include <string.h>

#include "vocana/fft.h"

#define PI 3.14159265358979323846

enum { LEAST_PIECE = 16 };

/* A frequency in which the signals have less than this in common, of the most in any, has no say:
   its phase is that of the noise. */
static const double LEAST_COMMON = 1e-5;

/* Pieces are padded to `size`, by max_delay_frames or more, so that no delay comes round the other
   way. cross: sum over the pieces of conj(first) second, (re, im) pairs. x and spectrum have room
   for one signal, padded, and for two transforms. */
struct vo_gcc_phat {
    vo_gcc_phat_config config;
    vo_fft *fft;
    uint32_t size, filled;
    float *pieces[2], *window, *x, *spectra[2];
    double *cross;
    vo_allocator allocator;
};

static uint32_t transform_size(const vo_gcc_phat_config *config) {
    uint32_t size = (config->piece_frames + config->max_delay_frames + 1) & ~1u;
    while (!vo_fft_supports(size, true)) size += 2;
    return size;
}

static vo_status allocate(vo_gcc_phat *it) {
    const vo_allocator *from = &it->allocator;
    size_t piece = it->config.piece_frames * sizeof(float);
    size_t spectrum = ((size_t)it->size + 2) * sizeof(float);
    for (int k = 0; k < 2; k++) {
        it->pieces[k] = vo_alloc(from, piece, VO_CACHE_LINE);
        it->spectra[k] = vo_alloc(from, spectrum, VO_CACHE_LINE);
        if (!it->pieces[k] || !it->spectra[k]) return VO_NO_MEM;
    }
    it->window = vo_alloc(from, piece, VO_CACHE_LINE);
    it->x = vo_alloc(from, it->size * sizeof(float), VO_CACHE_LINE);
    it->cross = vo_alloc(from, ((size_t)it->size + 2) * sizeof(double), VO_CACHE_LINE);
    if (!it->window || !it->x || !it->cross) return VO_NO_MEM;
    return vo_fft_new(&it->fft, it->size, true, from);
}

vo_status vo_gcc_phat_new(vo_gcc_phat **out, const vo_gcc_phat_config *config,
                          const vo_allocator *allocator) {
    *out = NULL;
    if (config->piece_frames < LEAST_PIECE || config->piece_frames > VO_GCC_PHAT_MOST_FRAMES ||
        config->max_delay_frames >= config->piece_frames || !(config->memory_frames >= 0) ||
        !isfinite(config->memory_frames))
        return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_gcc_phat *it = vo_alloc(allocator, sizeof *it, VO_CACHE_LINE);
    if (!it) return VO_NO_MEM;
    it->allocator = *allocator;
    it->config = *config;
    it->size = transform_size(config);
    vo_status status = allocate(it);
    if (status != VO_OK) {
        vo_gcc_phat_free(it);
        return status;
    }
    for (uint32_t i = 0; i < config->piece_frames; i++)
        it->window[i] = (float)(0.5 - 0.5 * cos(2 * PI * (i + 0.5) / config->piece_frames));
    vo_gcc_phat_reset(it);
    *out = it;
    return VO_OK;
}

void vo_gcc_phat_free(vo_gcc_phat *it) {
    if (!it) return;
    vo_allocator allocator = it->allocator;
    for (int k = 0; k < 2; k++) {
        vo_release(&allocator, it->pieces[k]);
        vo_release(&allocator, it->spectra[k]);
    }
    vo_release(&allocator, it->window);
    vo_release(&allocator, it->x);
    vo_release(&allocator, it->cross);
    vo_fft_free(it->fft);
    vo_release(&allocator, it);
}

void vo_gcc_phat_reset(vo_gcc_phat *it) {
    it->filled = 0;
    memset(it->cross, 0, ((size_t)it->size + 2) * sizeof *it->cross);
}

static void transform(vo_gcc_phat *it, int k) {
    uint32_t piece = it->config.piece_frames;
    for (uint32_t i = 0; i < piece; i++) it->x[i] = it->window[i] * it->pieces[k][i];
    memset(it->x + piece, 0, (it->size - piece) * sizeof *it->x);
    vo_fft_forward(it->fft, it->spectra[k], it->x);
}

static void compare(vo_gcc_phat *it) {
    uint32_t piece = it->config.piece_frames, kept = piece / 2, gone = piece - kept;
    double keep = it->config.memory_frames > 0 ? exp(-(double)gone / it->config.memory_frames) : 1;
    transform(it, 0);
    transform(it, 1);
    const float *a = it->spectra[0], *b = it->spectra[1];
    for (uint32_t i = 0; i < it->size + 2; i += 2) {
        double ar = (double)a[i], ai = (double)a[i + 1], br = (double)b[i], bi = (double)b[i + 1];
        it->cross[i] = keep * it->cross[i] + (ar * br + ai * bi);
        it->cross[i + 1] = keep * it->cross[i + 1] + (ar * bi - ai * br);
    }
    for (int k = 0; k < 2; k++) memmove(it->pieces[k], it->pieces[k] + gone, kept * sizeof(float));
    it->filled = kept;
}

static void copy(float *to, const float *from, size_t stride, size_t n) {
    for (size_t i = 0; i < n; i++) to[i] = isfinite(from[i * stride]) ? from[i * stride] : 0;
}

void vo_gcc_phat_process(vo_gcc_phat *it, const float *first, const float *second, size_t stride,
                         size_t n) {
    while (n) {
        size_t room = it->config.piece_frames - it->filled, run = n < room ? n : room;
        copy(it->pieces[0] + it->filled, first, stride, run);
        copy(it->pieces[1] + it->filled, second, stride, run);
        it->filled += (uint32_t)run;
        first += run * stride;
        second += run * stride;
        n -= run;
        if (it->filled == it->config.piece_frames) compare(it);
    }
}

static double magnitude(const double *value) {
    return sqrt(value[0] * value[0] + value[1] * value[1]);
}

/* Gives every frequency that has a say a magnitude of 1; returns the sum of these over both halves
   of the spectrum. */
static double whiten(vo_gcc_phat *it) {
    float *to = it->spectra[0];
    double most = 0, say = 0;
    for (uint32_t i = 0; i < it->size + 2; i += 2) most = fmax(most, magnitude(it->cross + i));
    for (uint32_t i = 0; i < it->size + 2; i += 2) {
        double common = magnitude(it->cross + i);
        double weight = common > LEAST_COMMON * most ? 1 / common : 0;
        to[i] = (float)(weight * it->cross[i]);
        to[i + 1] = (float)(weight * it->cross[i + 1]);
        if (weight > 0) say += i == 0 || i == it->size ? 1 : 2;
    }
    return say;
}

/* Correlation at a delay, which may be negative. */
static double at(const vo_gcc_phat *it, int64_t delay) {
    return (double)it->x[delay < 0 ? delay + it->size : delay];
}

vo_gcc_phat_delay vo_gcc_phat_now(vo_gcc_phat *it) {
    double say = whiten(it);
    if (!(say > 0)) return (vo_gcc_phat_delay){0, 0};
    vo_fft_inverse(it->fft, it->x, it->spectra[0]);
    int64_t most = it->config.max_delay_frames, best = -most;
    for (int64_t delay = -most; delay <= most; delay++)
        if (at(it, delay) > at(it, best)) best = delay;
    double before = at(it, best - 1), peak = at(it, best), after = at(it, best + 1);
    double bend = before - 2 * peak + after;
    double shift = bend < 0 ? 0.5 * (before - after) / bend : 0;
    return (vo_gcc_phat_delay){(double)best + fmax(-0.5, fmin(0.5, shift)),
                               fmax(0, fmin(1, peak * it->size / say))};
}
