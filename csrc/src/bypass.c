#include "vocana/bypass.h"

#include <stdatomic.h>
#include <string.h>

#include "vocana/crossfade.h"

/* wanted is written by any thread and carries nothing but itself, so every access is relaxed. The
   rest belongs to the audio thread. delay holds the last latency_frames dry frames, the oldest at
   `oldest`. faded < fade_frames while a fade towards `dry` or away from it runs. */
struct vo_bypass {
    atomic_bool wanted;
    bool dry; /* the path that is heard, or that is faded in */
    uint32_t faded;
    uint32_t fade_frames;
    float *delay;
    uint32_t oldest;
    uint32_t latency_frames;
    uint32_t channels;
    vo_crossfade *crossfade;
    vo_allocator allocator;
};

vo_status vo_bypass_new(vo_bypass **out, uint32_t latency_frames, uint32_t fade_frames,
                        uint32_t channels, const vo_allocator *allocator) {
    *out = NULL;
    if (!channels) return VO_BAD_ARG;
    size_t samples, bytes;
    if (!vo_size_mul(latency_frames, channels, &samples) ||
        !vo_size_mul(samples, sizeof(float), &bytes))
        return VO_TOO_BIG;
    if (!allocator) allocator = vo_allocator_default();
    vo_bypass *bypass = vo_alloc(allocator, sizeof *bypass, VO_CACHE_LINE);
    if (!bypass) return VO_NO_MEM;
    bypass->allocator = *allocator;
    vo_status status = vo_crossfade_new(&bypass->crossfade, fade_frames, 0, channels, allocator);
    if (status == VO_OK) {
        bypass->delay = vo_alloc(allocator, bytes ? bytes : 1, VO_CACHE_LINE);
        if (!bypass->delay) status = VO_NO_MEM;
    }
    if (status != VO_OK) {
        vo_bypass_free(bypass);
        return status;
    }
    atomic_init(&bypass->wanted, false);
    bypass->faded = bypass->fade_frames = fade_frames;
    bypass->latency_frames = latency_frames;
    bypass->channels = channels;
    *out = bypass;
    return VO_OK;
}

void vo_bypass_free(vo_bypass *bypass) {
    if (!bypass) return;
    vo_allocator allocator = bypass->allocator;
    vo_crossfade_free(bypass->crossfade);
    vo_release(&allocator, bypass->delay);
    vo_release(&allocator, bypass);
}

void vo_bypass_set(vo_bypass *bypass, bool bypassed) {
    atomic_store_explicit(&bypass->wanted, bypassed, memory_order_relaxed);
}

bool vo_bypass_is_set(const vo_bypass *bypass) {
    return atomic_load_explicit(&bypass->wanted, memory_order_relaxed);
}

uint32_t vo_bypass_latency(const vo_bypass *bypass) {
    return bypass->latency_frames;
}

bool vo_bypass_needs_wet(const vo_bypass *bypass) {
    return !bypass->dry || bypass->faded < bypass->fade_frames || !vo_bypass_is_set(bypass);
}

void vo_bypass_reset(vo_bypass *bypass) {
    memset(bypass->delay, 0,
           (size_t)bypass->latency_frames * bypass->channels * sizeof *bypass->delay);
    bypass->dry = vo_bypass_is_set(bypass);
    bypass->faded = bypass->fade_frames;
}

/* One run of frames: no longer than what is left of a fade, or than the delay up to its wrap. */
static void emit(vo_bypass *bypass, float *out, const float *dry, const float *wet, uint32_t run) {
    const float *to = bypass->dry ? dry : wet;
    if (bypass->faded < bypass->fade_frames) {
        vo_crossfade_mix(bypass->crossfade, out, bypass->dry ? wet : dry, to, bypass->faded, run,
                         bypass->fade_frames);
        bypass->faded += run;
    } else if (out != to) {
        memcpy(out, to, (size_t)run * bypass->channels * sizeof *out);
    }
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

void vo_bypass_process(vo_bypass *bypass, float *out, const float *dry, const float *wet,
                       uint32_t n) {
    bool wanted = vo_bypass_is_set(bypass) || !wet;
    size_t channels = bypass->channels;
    while (n) {
        if (bypass->faded == bypass->fade_frames && bypass->dry != wanted) {
            bypass->dry = wanted;
            bypass->faded = 0;
        }
        uint32_t run = n;
        if (bypass->faded < bypass->fade_frames)
            run = least(run, bypass->fade_frames - bypass->faded);
        if (bypass->latency_frames) {
            run = least(run, bypass->latency_frames - bypass->oldest);
            float *delayed = bypass->delay + bypass->oldest * channels;
            emit(bypass, out, delayed, wet, run);
            memcpy(delayed, dry, run * channels * sizeof *dry);
            bypass->oldest = (bypass->oldest + run) % bypass->latency_frames;
        } else {
            emit(bypass, out, dry, wet, run);
        }
        out += run * channels;
        dry += run * channels;
        if (wet) wet += run * channels;
        n -= run;
    }
}
