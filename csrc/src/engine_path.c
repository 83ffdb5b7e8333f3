/* The signal path of an engine, from frames of the capture to frames in the outlets. */
#include <string.h>

#include "engine.h"

uint64_t vo_engine_scale(const vo_engine *engine, uint64_t frames) {
    uint64_t in = engine->config.rate_in, out = engine->config.rate_out;
    return frames / in * out + (frames % in * out + in - 1) / in;
}

/* --- Gaps ----------------------------------------------------------------- */

/* What is told of a loss keeps the timeline at the capture's place: a loss of less than a frame is
   told with a later one. */
void vo_engine_lose(vo_engine *engine, uint64_t frames, vo_cause cause) {
    engine->lost += frames;
    uint64_t at = vo_engine_scale(engine, engine->read);
    uint64_t told = vo_engine_scale(engine, engine->read + engine->lost) - at;
    if (told <= engine->told) return;
    vo_engine_gap gap = {at, told - engine->told, cause};
    engine->told = told;
    if (engine->gap_count == VO_ENGINE_GAPS) {
        engine->gaps[(engine->first_gap + VO_ENGINE_GAPS - 1) % VO_ENGINE_GAPS].frames +=
            gap.frames;
    } else {
        engine->gaps[(engine->first_gap + engine->gap_count) % VO_ENGINE_GAPS] = gap;
        engine->gap_count++;
    }
}

void vo_engine_tell_gaps(vo_engine *engine) {
    while (engine->gap_count && engine->gaps[engine->first_gap].at <= engine->made) {
        const vo_engine_gap *gap = &engine->gaps[engine->first_gap];
        vo_outlets_lose(engine->out, gap->frames, gap->cause);
        engine->first_gap = (engine->first_gap + 1) % VO_ENGINE_GAPS;
        engine->gap_count--;
    }
}

/* Into the outlets, each gap at its place. */
static void deliver(vo_engine *engine, const float *frames, uint64_t n) {
    while (n) {
        vo_engine_tell_gaps(engine);
        uint64_t run = n;
        if (engine->gap_count) {
            uint64_t clear = engine->gaps[engine->first_gap].at - engine->made;
            if (clear < run) run = clear;
        }
        vo_outlets_write(engine->out, frames, (uint32_t)run);
        engine->made += run;
        frames += run * engine->channels_out;
        n -= run;
    }
}

/* --- Stages --------------------------------------------------------------- */

/* The time since *since goes to a stage. */
static void stage(vo_engine *engine, vo_engine_stage stage, uint64_t *since) {
    uint64_t now = vo_clock_ns();
    vo_histogram_record(&engine->times[stage], now - *since);
    *since = now;
}

static void retire(vo_engine *engine) {
    engine->chain = engine->next;
    engine->next = NULL;
    atomic_fetch_add_explicit(&engine->retired, 1, memory_order_release);
}

/* Through the chain, and while another one is faded in through both. */
static void chained(vo_engine *engine, const float *in, uint32_t n) {
    if (!engine->next) {
        engine->next = atomic_exchange_explicit(&engine->pending, NULL, memory_order_acq_rel);
        engine->faded = 0;
    }
    vo_chain_process(engine->chain, engine->chained, in, n);
    if (!engine->next) return;
    size_t channels = engine->channels_out;
    uint32_t length = vo_crossfade_frames(engine->fade), left = length - engine->faded;
    uint32_t run = left < n ? left : n;
    vo_chain_process(engine->next, engine->faded_in, in, n);
    vo_crossfade_mix(engine->fade, engine->chained, engine->chained, engine->faded_in,
                     engine->faded, run, length);
    memcpy(engine->chained + run * channels, engine->faded_in + run * channels,
           (n - run) * channels * sizeof(float));
    engine->faded += run;
    if (engine->faded == length) retire(engine);
}

/* Of n frames that came, deliver what is not latency, and no more than `most`. */
static void through(vo_engine *engine, const float *frames, uint32_t n, uint64_t most) {
    const vo_engine_config *config = &engine->config;
    uint64_t began = vo_clock_ns(), since = began;
    if (config->mix) {
        vo_chain_process(config->mix, engine->mixed, frames, n);
        frames = engine->mixed;
        stage(engine, VO_ENGINE_MIX, &since);
    }
    if (config->resampler) {
        n = (uint32_t)vo_resampler_process(config->resampler, engine->resampled, engine->most,
                                           frames, n);
        frames = engine->resampled;
        stage(engine, VO_ENGINE_RESAMPLE, &since);
    }
    chained(engine, frames, n);
    stage(engine, VO_ENGINE_CHAIN, &since);

    uint64_t off = engine->late < n ? engine->late : n, kept = n - off;
    if (kept > most) kept = most;
    engine->late -= off;
    frames = engine->chained + off * engine->channels_out;
    deliver(engine, frames, kept);
    stage(engine, VO_ENGINE_DELIVER, &since);
    if (config->analysis) {
        vo_chain_process(config->analysis, engine->analysed, frames, (uint32_t)kept);
        stage(engine, VO_ENGINE_ANALYSIS, &since);
    }
    vo_histogram_record(&engine->times[VO_ENGINE_TOTAL], since - began);
}

void vo_engine_run(vo_engine *engine, const float *frames, uint32_t n) {
    engine->read += n;
    through(engine, frames, n, UINT64_MAX);
}

uint64_t vo_engine_drain(vo_engine *engine, uint32_t n) {
    uint64_t whole = vo_engine_scale(engine, engine->read);
    if (engine->made == whole) return 0;
    memset(engine->taken, 0, (size_t)n * engine->config.channels_in * sizeof(float));
    through(engine, engine->taken, n, whole - engine->made);
    return whole - engine->made;
}
