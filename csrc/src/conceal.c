#include "vocana/conceal.h"

#include <string.h>

#include "vocana/crossfade.h"

/* The steps of white noise have twice its energy, those of a tone less the lower it is. Up to the
   first share a difference is a sound's, from the second on it is noise. */
#define SMOOTH 0.2f
#define ROUGH 1.2f

/* heard holds the last of `kept` or more frames, up to `end`; when it is full the last move to the
   front. loop is a period of what was heard. Its first frames are heard as lead, the first time:
   with what it differed from the sound until the end, turned about the last frame and fading out,
   so that neither the sound nor its slope has a step; but not with noise. `at` frames have been
   read since the sound stopped. */
struct vo_conceal {
    vo_conceal_config config;
    vo_crossfade *crossfade;
    float *heard;
    uint32_t kept, end;
    float *loop;
    uint32_t length;
    float *lead;
    uint32_t lead_frames;
    uint64_t at;
    float *gains; /* of the frames until silence */
    float *ahead; /* room for `kept` frames that are looked at before they are read */
    vo_allocator allocator;
};

static vo_status make(vo_conceal *conceal) {
    const vo_conceal_config *config = &conceal->config;
    const vo_allocator *allocator = &conceal->allocator;
    vo_status status = vo_crossfade_new(&conceal->crossfade, config->fade_frames,
                                        config->period_frames, config->channels, allocator);
    if (status) return status;
    conceal->kept = config->period_frames + config->fade_frames + 1;
    conceal->end = conceal->kept;
    conceal->lead_frames = config->fade_frames / 2;
    size_t frame = config->channels * sizeof(float);
    struct {
        float **buffer;
        size_t frames, bytes;
    } buffers[] = {{&conceal->heard, 2 * (size_t)conceal->kept, frame},
                   {&conceal->loop, config->period_frames, frame},
                   {&conceal->lead, (size_t)conceal->lead_frames + 1, frame},
                   {&conceal->ahead, conceal->kept, frame},
                   {&conceal->gains, config->mute_frames, sizeof(float)}};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) {
        size_t bytes;
        if (!vo_size_mul(buffers[i].frames, buffers[i].bytes, &bytes)) return VO_TOO_BIG;
        *buffers[i].buffer = vo_alloc(allocator, bytes, VO_CACHE_LINE);
        if (!*buffers[i].buffer) return VO_NO_MEM;
    }
    for (uint32_t i = 0; i < config->mute_frames; i++)
        conceal->gains[i] = vo_crossfade_gain(i, config->mute_frames);
    vo_conceal_begin(conceal);
    return VO_OK;
}

vo_status vo_conceal_new(vo_conceal **out, const vo_conceal_config *config,
                         const vo_allocator *allocator) {
    *out = NULL;
    if (!config->channels || !config->fade_frames || !config->mute_frames) return VO_BAD_ARG;
    if (config->period_frames / 2 < config->fade_frames) return VO_BAD_ARG;
    if (config->period_frames > UINT32_MAX / 4) return VO_TOO_BIG;
    if (!allocator) allocator = vo_allocator_default();
    vo_conceal *conceal = vo_alloc(allocator, sizeof *conceal, VO_CACHE_LINE);
    if (!conceal) return VO_NO_MEM;
    conceal->config = *config;
    conceal->allocator = *allocator;
    vo_status status = make(conceal);
    if (status) {
        vo_conceal_free(conceal);
        return status;
    }
    *out = conceal;
    return VO_OK;
}

void vo_conceal_free(vo_conceal *conceal) {
    if (!conceal) return;
    vo_allocator allocator = conceal->allocator;
    vo_crossfade_free(conceal->crossfade);
    vo_release(&allocator, conceal->heard);
    vo_release(&allocator, conceal->loop);
    vo_release(&allocator, conceal->lead);
    vo_release(&allocator, conceal->ahead);
    vo_release(&allocator, conceal->gains);
    vo_release(&allocator, conceal);
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

void vo_conceal_hear(vo_conceal *conceal, const float *frames, uint32_t n) {
    size_t channels = conceal->config.channels;
    if (n > conceal->kept) {
        frames += (n - conceal->kept) * channels;
        n = conceal->kept;
    }
    if (n > 2 * conceal->kept - conceal->end) {
        memmove(conceal->heard, conceal->heard + (conceal->end - conceal->kept) * channels,
                conceal->kept * channels * sizeof(float));
        conceal->end = conceal->kept;
    }
    memcpy(conceal->heard + conceal->end * channels, frames, n * channels * sizeof(float));
    conceal->end += n;
}

/* How far what was heard `back` frames before the end is from what stood before the loop. */
static float difference(const float *end, const float *start, size_t back, size_t channels,
                        size_t c) {
    return *(end + c - back * channels) - *(start + c - back * channels);
}

/* How much of that difference is continued: all that is smooth, and nothing of noise, whose end
   says nothing about what would have come. */
static float smoothness(const float *end, const float *start, uint32_t n, size_t channels,
                        size_t c) {
    float energy = 0, steps = 0, later = difference(end, start, 1, channels, c);
    for (uint32_t back = 2; back < n + 2; back++) {
        float earlier = difference(end, start, back, channels, c);
        energy += earlier * earlier;
        steps += (later - earlier) * (later - earlier);
        later = earlier;
    }
    float share = (ROUGH * energy - steps) / (ROUGH - SMOOTH);
    return share >= energy ? 1 : share > 0 ? share / energy : 0;
}

void vo_conceal_begin(vo_conceal *conceal) {
    size_t channels = conceal->config.channels;
    uint32_t fade = conceal->config.fade_frames, longest = conceal->config.period_frames;
    const float *end = conceal->heard + conceal->end * channels;
    uint32_t shortest = longest / 2;
    /* The first lag that fits is the longest period, and so the least like a buzz. */
    uint32_t lag = vo_crossfade_align(conceal->crossfade, end - fade * channels,
                                      end - (fade + longest) * channels, fade, longest - shortest);
    conceal->length = longest - lag;
    const float *start = end - conceal->length * channels;
    memcpy(conceal->loop, start, conceal->length * channels * sizeof(float));
    /* The end of the loop goes over into what came before its start. */
    uint32_t turn = least(fade, conceal->length / 2);
    float *tail = conceal->loop + (conceal->length - turn) * channels;
    vo_crossfade_mix(conceal->crossfade, tail, tail, start - turn * channels, 0, turn, turn);
    for (uint32_t i = 0; i < conceal->lead_frames; i++) {
        float gain = vo_crossfade_gain(i, conceal->lead_frames);
        for (size_t c = 0; c < channels; c++) {
            float last = difference(end, start, 1, channels, c);
            float before = difference(end, start, i + 2, channels, c);
            conceal->lead[i * channels + c] = gain * (2 * last - before);
        }
    }
    for (size_t c = 0; c < channels; c++) {
        float share = smoothness(end, start, conceal->lead_frames, channels, c);
        for (size_t k = c; k < conceal->lead_frames * channels; k += channels)
            conceal->lead[k] = conceal->loop[k] + share * conceal->lead[k];
    }
    conceal->at = 0;
}

/* n frames from `at` on, without reading them. */
static void make_frames(const vo_conceal *conceal, float *out, uint64_t at, uint32_t n) {
    const vo_conceal_config *config = &conceal->config;
    size_t channels = config->channels;
    for (uint32_t i = 0; i < n; i++, at++, out += channels) {
        if (at >= config->mute_frames) {
            memset(out, 0, (n - i) * channels * sizeof(float));
            return;
        }
        const float *from = at < conceal->lead_frames
                                ? conceal->lead + at * channels
                                : conceal->loop + at % conceal->length * channels;
        for (size_t c = 0; c < channels; c++) out[c] = conceal->gains[at] * from[c];
    }
}

void vo_conceal_read(vo_conceal *conceal, float *out, uint32_t n) {
    make_frames(conceal, out, conceal->at, n);
    conceal->at += n;
}

uint32_t vo_conceal_align(vo_conceal *conceal, const float *sound, uint32_t n, uint32_t most) {
    n = least(n, conceal->config.fade_frames);
    most = least(most, conceal->kept - n);
    make_frames(conceal, conceal->ahead, conceal->at, n + most);
    return vo_crossfade_align(conceal->crossfade, sound, conceal->ahead, n, most);
}

void vo_conceal_join(vo_conceal *conceal, float *sound, uint32_t n) {
    n = least(n, conceal->config.fade_frames);
    vo_conceal_read(conceal, conceal->ahead, n);
    vo_crossfade_mix(conceal->crossfade, sound, conceal->ahead, sound, 0, n, n);
}
