#include "vocana/bypass.h"

#include <stdatomic.h>
#include <string.h>

#include "kernels/kernels.h"
#include "vocana/crossfade.h"

/* wanted is written by any thread and carries nothing but itself, so every access is relaxed. The
   rest belongs to the audio thread. kept holds a row for each channel, a ring of `room` frames:
   `at` is where the block begins that was taken last, and the dry frames that are heard beside it
   are latency_frames before. faded < fade_frames while a fade towards `dry` or away from it runs.
   A path without latency keeps nothing while only the wet path is heard. */
struct vo_bypass {
    atomic_bool wanted;
    _Alignas(VO_CACHE_LINE) bool heeded; /* what was wanted when the block was taken */
    bool dry;                            /* the path that is heard, or that is faded in */
    uint32_t faded;
    uint32_t fade_frames;
    float *gains; /* of the path that is left, one per frame of a fade */
    float *kept;
    uint32_t at, room;
    uint32_t latency_frames;
    uint32_t channels;
    vo_kernels kernels;
    vo_allocator allocator;
};

static vo_status ask(vo_bypass *bypass, uint64_t block_frames) {
    uint64_t room = bypass->latency_frames + block_frames;
    size_t samples, bytes;
    if (room > UINT32_MAX || !vo_size_mul((size_t)room, bypass->channels, &samples) ||
        !vo_size_mul(samples, sizeof(float), &bytes))
        return VO_TOO_BIG;
    bypass->room = (uint32_t)room;
    bypass->kept = vo_alloc(&bypass->allocator, bytes, VO_CACHE_LINE);
    if (!vo_size_mul((size_t)bypass->fade_frames + 1, sizeof(float), &bytes)) return VO_TOO_BIG;
    bypass->gains = vo_alloc(&bypass->allocator, bytes, VO_CACHE_LINE);
    return bypass->kept && bypass->gains ? VO_OK : VO_NO_MEM;
}

vo_status vo_bypass_new(vo_bypass **out, uint32_t latency_frames, uint32_t fade_frames,
                        uint32_t channels, uint32_t block_frames, const vo_allocator *allocator) {
    *out = NULL;
    if (!channels || !block_frames) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_bypass *bypass = vo_alloc(allocator, sizeof *bypass, VO_CACHE_LINE);
    if (!bypass) return VO_NO_MEM;
    bypass->allocator = *allocator;
    bypass->latency_frames = latency_frames;
    bypass->channels = channels;
    bypass->faded = bypass->fade_frames = fade_frames;
    vo_status status = ask(bypass, block_frames);
    if (status != VO_OK) {
        vo_bypass_free(bypass);
        return status;
    }
    for (uint32_t i = 0; i < fade_frames; i++) bypass->gains[i] = vo_crossfade_gain(i, fade_frames);
    bypass->kernels = vo_kernels_select();
    atomic_init(&bypass->wanted, false);
    *out = bypass;
    return VO_OK;
}

void vo_bypass_free(vo_bypass *bypass) {
    if (!bypass) return;
    vo_allocator allocator = bypass->allocator;
    vo_release(&allocator, bypass->gains);
    vo_release(&allocator, bypass->kept);
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

void vo_bypass_reset(vo_bypass *bypass) {
    memset(bypass->kept, 0, (size_t)bypass->room * bypass->channels * sizeof *bypass->kept);
    bypass->dry = vo_bypass_is_set(bypass);
    bypass->faded = bypass->fade_frames;
    bypass->at = 0;
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/* Whether the dry path is heard in this block. */
static bool hears_dry(const vo_bypass *bypass) VO_REALTIME {
    return bypass->dry || bypass->heeded || bypass->faded < bypass->fade_frames;
}

void vo_bypass_take(vo_bypass *bypass, float *const *dry, uint32_t n) {
    bypass->heeded = vo_bypass_is_set(bypass);
    if (!bypass->latency_frames && !hears_dry(bypass)) return;
    uint32_t first = least(n, bypass->room - bypass->at);
    for (uint32_t c = 0; c < bypass->channels; c++) {
        float *row = bypass->kept + (size_t)c * bypass->room;
        memcpy(row + bypass->at, dry[c], first * sizeof *row);
        memcpy(row, dry[c] + first, (n - first) * sizeof *row);
    }
}

/* One run of frames, no longer than what is left of a fade or than the ring up to its wrap: the
   dry frames at `from`, the wet ones at x[c] + done. */
static void emit(vo_bypass *bypass, float *const *x, uint32_t done, uint32_t from, uint32_t run) {
    bool fading = bypass->faded < bypass->fade_frames;
    for (uint32_t c = 0; c < bypass->channels; c++) {
        const float *dry = bypass->kept + (size_t)c * bypass->room + from;
        float *wet = x[c] + done;
        if (fading)
            bypass->kernels.fade(wet, bypass->dry ? wet : dry, bypass->dry ? dry : wet,
                                 bypass->gains + bypass->faded, run);
        else if (bypass->dry)
            memcpy(wet, dry, run * sizeof *wet);
    }
    if (fading) bypass->faded += run;
}

static void mix(vo_bypass *bypass, float *const *x, uint32_t n) {
    uint32_t from = (bypass->at + bypass->room - bypass->latency_frames) % bypass->room;
    for (uint32_t done = 0, run; done < n; done += run) {
        if (bypass->faded == bypass->fade_frames && bypass->dry != bypass->heeded) {
            bypass->dry = bypass->heeded;
            bypass->faded = 0;
        }
        run = least(n - done, bypass->room - from);
        if (bypass->faded < bypass->fade_frames)
            run = least(run, bypass->fade_frames - bypass->faded);
        emit(bypass, x, done, from, run);
        from = (from + run) % bypass->room;
    }
}

void vo_bypass_give(vo_bypass *bypass, float *const *x, uint32_t n) {
    if (hears_dry(bypass)) mix(bypass, x, n);
    bypass->at = (bypass->at + n) % bypass->room;
}
