#include "vocana/gain.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "vocana/crossfade.h"

/* db and muted are written by any thread and carry nothing but themselves, so every access is
   relaxed. The rest belongs to the audio thread: at < ramp_frames while a ramp from `from` to `to`
   runs, and at == ramp_frames while the gain is `to`. fresh: nothing was heard yet, so the next
   block starts at its gain. */
struct vo_gain {
    _Atomic float db;
    atomic_bool muted;
    bool fresh;
    float from, to;
    uint32_t at;
    uint32_t ramp_frames;
    uint32_t channels;
    float *ramp; /* weight of `from`, one per frame */
    vo_allocator allocator;
};

vo_status vo_gain_new(vo_gain **out, uint32_t ramp_frames, uint32_t channels,
                      const vo_allocator *allocator) {
    *out = NULL;
    if (!channels) return VO_BAD_ARG;
    size_t bytes;
    if (!vo_size_mul(ramp_frames, sizeof(float), &bytes)) return VO_TOO_BIG;
    if (!allocator) allocator = vo_allocator_default();
    vo_gain *gain = vo_alloc(allocator, sizeof *gain, VO_CACHE_LINE);
    if (!gain) return VO_NO_MEM;
    gain->allocator = *allocator;
    gain->ramp = vo_alloc(allocator, bytes ? bytes : 1, VO_CACHE_LINE);
    if (!gain->ramp) {
        vo_gain_free(gain);
        return VO_NO_MEM;
    }
    for (uint32_t i = 0; i < ramp_frames; i++) gain->ramp[i] = vo_crossfade_gain(i, ramp_frames);
    atomic_init(&gain->db, 0);
    atomic_init(&gain->muted, false);
    gain->ramp_frames = ramp_frames;
    gain->channels = channels;
    vo_gain_reset(gain);
    *out = gain;
    return VO_OK;
}

void vo_gain_free(vo_gain *gain) {
    if (!gain) return;
    vo_allocator allocator = gain->allocator;
    vo_release(&allocator, gain->ramp);
    vo_release(&allocator, gain);
}

float vo_gain_factor(float db) {
    return db >= VO_GAIN_LEAST_DB ? (float)pow(10, (double)db / 20) : 0;
}

vo_status vo_gain_set_db(vo_gain *gain, float db) {
    if (!(db <= VO_GAIN_MOST_DB)) return VO_BAD_ARG;
    atomic_store_explicit(&gain->db, db, memory_order_relaxed);
    return VO_OK;
}

void vo_gain_set_muted(vo_gain *gain, bool muted) {
    atomic_store_explicit(&gain->muted, muted, memory_order_relaxed);
}

float vo_gain_db(const vo_gain *gain) {
    return atomic_load_explicit(&gain->db, memory_order_relaxed);
}

bool vo_gain_muted(const vo_gain *gain) {
    return atomic_load_explicit(&gain->muted, memory_order_relaxed);
}

void vo_gain_reset(vo_gain *gain) {
    gain->fresh = true;
}

/* Between two ramps: begin the next one when something else is wanted. */
static void follow(vo_gain *gain, float wanted) {
    if (gain->fresh) {
        gain->from = gain->to = wanted;
        gain->at = gain->ramp_frames;
        gain->fresh = false;
    } else if (gain->at == gain->ramp_frames && wanted != gain->to) {
        gain->from = gain->to;
        gain->to = wanted;
        gain->at = 0;
    }
}

static void hold(float factor, float *out, const float *in, size_t samples) {
    if (factor == 1) {
        if (out != in) memcpy(out, in, samples * sizeof *out);
    } else if (factor == 0) {
        memset(out, 0, samples * sizeof *out);
    } else {
        for (size_t i = 0; i < samples; i++) out[i] = factor * in[i];
    }
}

void vo_gain_process(vo_gain *gain, float *out, const float *in, uint32_t n) {
    float wanted = vo_gain_muted(gain) ? 0 : vo_gain_factor(vo_gain_db(gain));
    size_t channels = gain->channels;
    while (n) {
        follow(gain, wanted);
        uint32_t left = gain->ramp_frames - gain->at, run = left && left < n ? left : n;
        if (!left) hold(gain->to, out, in, run * channels);
        for (uint32_t i = 0; left && i < run; i++) {
            float factor = gain->to + gain->ramp[gain->at + i] * (gain->from - gain->to);
            for (size_t k = i * channels; k < (i + 1) * channels; k++) out[k] = factor * in[k];
        }
        if (left) gain->at += run;
        out += run * channels;
        in += run * channels;
        n -= run;
    }
}
