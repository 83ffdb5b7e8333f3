#include "vocana/crossfade.h"

#include <math.h>
#include <stdbool.h>

#include "kernels/kernels.h"

#define HALF_PI 1.57079632679489661923

/* Below this a piece is silence: aligning it would follow noise. -80 dBFS as a mean square. */
#define SILENCE_POWER 1e-8f
/* The least normalised correlation that is worth moving a join for. */
#define LEAST_CORRELATION 0.5f
/* How much better a later lag must be: each frame further is a frame more that is lost, and equal
   periods of a tone differ by rounding only. */
#define LEAST_GAIN 1e-3f

struct vo_crossfade {
    float *gains; /* of the old piece, one per sample of a join of full length */
    uint32_t fade_frames;
    uint32_t align_frames;
    uint32_t channels;
    vo_kernels kernels;
    vo_allocator allocator;
};

float vo_crossfade_gain(uint32_t i, uint32_t length) {
    double c = cos(HALF_PI * (double)(i + 1) / (double)(length + 1));
    return (float)(c * c);
}

vo_status vo_crossfade_new(vo_crossfade **out, uint32_t fade_frames, uint32_t align_frames,
                           uint32_t channels, const vo_allocator *allocator) {
    *out = NULL;
    if (!channels) return VO_BAD_ARG;
    size_t samples, bytes;
    if (!vo_size_mul(fade_frames, channels, &samples) ||
        !vo_size_mul(samples, sizeof(float), &bytes))
        return VO_TOO_BIG;
    if (!allocator) allocator = vo_allocator_default();
    vo_crossfade *crossfade = vo_alloc(allocator, sizeof *crossfade, VO_CACHE_LINE);
    if (!crossfade) return VO_NO_MEM;
    crossfade->allocator = *allocator;
    crossfade->gains = vo_alloc(allocator, bytes ? bytes : 1, VO_CACHE_LINE);
    if (!crossfade->gains) {
        vo_crossfade_free(crossfade);
        return VO_NO_MEM;
    }
    for (uint32_t i = 0; i < fade_frames; i++)
        for (uint32_t c = 0; c < channels; c++)
            crossfade->gains[(size_t)i * channels + c] = vo_crossfade_gain(i, fade_frames);
    crossfade->fade_frames = fade_frames;
    crossfade->align_frames = align_frames;
    crossfade->channels = channels;
    crossfade->kernels = vo_kernels_select();
    *out = crossfade;
    return VO_OK;
}

void vo_crossfade_free(vo_crossfade *crossfade) {
    if (!crossfade) return;
    vo_allocator allocator = crossfade->allocator;
    vo_release(&allocator, crossfade->gains);
    vo_release(&allocator, crossfade);
}

uint32_t vo_crossfade_frames(const vo_crossfade *crossfade) {
    return crossfade->fade_frames;
}

uint32_t vo_crossfade_align_frames(const vo_crossfade *crossfade) {
    return crossfade->align_frames;
}

void vo_crossfade_mix(const vo_crossfade *crossfade, float *out, const float *from, const float *to,
                      uint32_t first, uint32_t n, uint32_t length) {
    uint32_t channels = crossfade->channels;
    if (length == crossfade->fade_frames) {
        crossfade->kernels.fade(out, from, to, crossfade->gains + (size_t)first * channels,
                                (size_t)n * channels);
        return;
    }
    /* A shorter join than usual (a gap shorter than the fade): its gains are made as it goes. */
    for (uint32_t i = 0; i < n; i++) {
        float gain = vo_crossfade_gain(first + i, length);
        for (size_t k = (size_t)i * channels; k < (size_t)(i + 1) * channels; k++)
            out[k] = to[k] + gain * (from[k] - to[k]);
    }
}

uint32_t vo_crossfade_align(const vo_crossfade *crossfade, const float *old,
                            const float *candidates, uint32_t n, uint32_t align) {
    size_t channels = crossfade->channels, samples = (size_t)n * channels;
    float (*dot)(const float *, const float *, size_t) VO_REALTIME = crossfade->kernels.dot;
    float floor = SILENCE_POWER * (float)samples;
    float old_energy = dot(old, old, samples);
    if (!(old_energy > floor)) return 0;

    float best = LEAST_CORRELATION;
    uint32_t best_lag = 0;
    bool best_found = false;
    for (uint32_t lag = 0; lag <= align; lag++) {
        const float *piece = candidates + lag * channels;
        float energy = dot(piece, piece, samples);
        if (!(energy > floor)) continue;
        float correlation = dot(old, piece, samples) / sqrtf(old_energy * energy);
        if (correlation > best + (best_found ? LEAST_GAIN : 0)) {
            best = correlation;
            best_lag = lag;
            best_found = true;
        }
    }
    return best_lag;
}
