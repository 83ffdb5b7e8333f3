#include "engine.h"

#include "guard.h"
#include "tap.h"

/* How often the thread looks for room when it may not lose anything. */
#define ROOM_POLL_NS 50000

/* The longest sleep of a thread that nobody wakes. */
#define IDLE_NS 200000000

enum { FADE_MS = 10 };

/* --- Setup ---------------------------------------------------------------- */

static vo_status check(const vo_engine_config *config) {
    bool rates_differ = config->rate_in != config->rate_out;
    if (!config->rate_in || !config->rate_out || !config->channels_in || !config->chain)
        return VO_BAD_ARG;
    if (rates_differ != (config->resampler != NULL)) return VO_BAD_ARG;
    if (config->mix && vo_chain_latency(config->mix)) return VO_BAD_ARG;
    uint32_t channels = vo_chain_channels_out(config->chain);
    if (!config->out || vo_outlets_channels(config->out) != channels) return VO_BAD_ARG;
    if (config->analysis &&
        (vo_chain_latency(config->analysis) || vo_chain_channels_out(config->analysis) != channels))
        return VO_BAD_ARG;
    return VO_OK;
}

static uint32_t becomes(const vo_engine_config *config, uint32_t n) {
    return config->resampler ? (uint32_t)vo_resampler_max_output(config->resampler, n) : n;
}

static vo_status make(vo_engine *engine) {
    vo_engine_config *config = &engine->config;
    const vo_allocator *allocator = &engine->allocator;
    engine->most = becomes(config, VO_ENGINE_BLOCK);
    engine->channels_out = vo_outlets_channels(config->out);
    engine->channels_mid = config->mix ? vo_chain_channels_out(config->mix) : config->channels_in;
    engine->chain_latency = vo_chain_latency(config->chain);
    engine->latency =
        engine->chain_latency + (config->resampler ? vo_resampler_latency(config->resampler) : 0);
    engine->late = engine->latency;
    engine->chain = config->chain;

    vo_status status = vo_crossfade_new(&engine->fade, config->rate_out * FADE_MS / 1000 + 1, 0,
                                        engine->channels_out, allocator);
    if (status) return status;
    struct {
        float **buffer;
        size_t frames, channels;
    } buffers[] = {
        {&engine->taken, VO_ENGINE_BLOCK, config->channels_in},
        {&engine->mixed, VO_ENGINE_BLOCK, engine->channels_mid},
        {&engine->resampled, engine->most, engine->channels_mid},
        {&engine->chained, engine->most, engine->channels_out},
        {&engine->faded_in, engine->most, engine->channels_out},
        {&engine->analysed, engine->most, engine->channels_out},
    };
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) {
        size_t samples, bytes;
        if (!vo_size_mul(buffers[i].frames, buffers[i].channels, &samples) ||
            !vo_size_mul(samples, sizeof(float), &bytes))
            return VO_TOO_BIG;
        *buffers[i].buffer = vo_alloc(allocator, bytes, VO_CACHE_LINE);
        if (!*buffers[i].buffer) return VO_NO_MEM;
    }
    if ((status = vo_wake_open(&engine->ended))) return status;
    engine->ended_is_open = true;
    if ((status = vo_wake_open(&engine->nudge))) return status;
    engine->nudge_is_open = true;
    return VO_OK;
}

vo_status vo_engine_new(vo_engine **out, const vo_engine_config *config, vo_capture *capture,
                        const vo_allocator *allocator) {
    *out = NULL;
    vo_status status = check(config);
    if (status) return status;
    if (!allocator) allocator = vo_allocator_default();
    vo_engine *engine = vo_alloc(allocator, sizeof *engine, VO_CACHE_LINE);
    if (!engine) return VO_NO_MEM;
    engine->config = *config;
    engine->capture = capture;
    engine->in = vo_capture_tap(capture);
    engine->out = config->out;
    engine->allocator = *allocator;
    status = make(engine);
    if (status) {
        vo_engine_free(engine);
        return status;
    }
    *out = engine;
    return VO_OK;
}

void vo_engine_free(vo_engine *engine) {
    if (!engine) return;
    vo_allocator allocator = engine->allocator;
    if (engine->ended_is_open) vo_wake_close(&engine->ended);
    if (engine->nudge_is_open) vo_wake_close(&engine->nudge);
    vo_crossfade_free(engine->fade);
    float *buffers[] = {engine->taken,   engine->mixed,    engine->resampled,
                        engine->chained, engine->faded_in, engine->analysed};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        vo_release(&allocator, buffers[i]);
    vo_release(&allocator, engine);
}

/* --- The thread ----------------------------------------------------------- */

static bool stopping(const vo_engine *engine) {
    return atomic_load_explicit(&engine->stopping, memory_order_acquire);
}

static bool leaving(const vo_engine *engine) {
    return atomic_load_explicit(&engine->leaving, memory_order_acquire);
}

/* How many frames can be taken; 0 when there is no room for any, and no time to wait for it. */
static uint32_t room(vo_engine *engine) {
    uint32_t n = VO_ENGINE_BLOCK;
    if (!engine->config.lossless) return n;
    uint64_t capacity = vo_outlets_capacity(engine->out);
    while (n > 1 && becomes(&engine->config, n) > capacity) n /= 2;
    uint64_t wanted = vo_min_u64(becomes(&engine->config, n), capacity);
    while (vo_outlets_room(engine->out) < wanted) {
        if (stopping(engine)) return 0;
        vo_wake_wait(&engine->nudge, ROOM_POLL_NS);
    }
    return n;
}

static bool counts_frames(uint32_t kind) {
    return kind == VO_EVENT_DEVICE_LOST || kind == VO_EVENT_BREAKER_OPEN ||
           kind == VO_EVENT_REJECTED;
}

/* Of an overflow each tap tells by itself, where the gap stands. */
static bool told_with_the_gap(uint32_t kind) {
    return kind == VO_EVENT_OVERFLOW_BEGAN || kind == VO_EVENT_OVERFLOW_ENDED;
}

/* What the capture told, in frames of the output. */
static void pass_on_events(vo_engine *engine) {
    vo_event told[16];
    uint32_t n;
    do {
        n = vo_events_pop(vo_tap_events(engine->in), told, sizeof told / sizeof *told);
        for (uint32_t i = 0; i < n; i++) {
            uint64_t value = told[i].value;
            if (told_with_the_gap(told[i].kind)) continue;
            if (counts_frames(told[i].kind)) value = vo_engine_scale(engine, value);
            vo_outlets_tell(engine->out, (vo_event_kind)told[i].kind,
                            engine->base + vo_engine_scale(engine, told[i].frame), value);
        }
    } while (n == sizeof told / sizeof *told);
}

/* Tell what passed between the engine before and the first block, once. */
static void resume(vo_engine *engine) {
    const vo_engine_config *config = &engine->config;
    if (engine->resumed) return;
    engine->resumed = true;
    if (!config->resumes_after_ns) return;
    vo_first_callback first = vo_capture_first(engine->capture);
    double passed_s = ((double)first.ns - (double)config->resumes_after_ns) * 1e-9;
    double frames = (passed_s - (double)first.frames / config->rate_in) * config->rate_out;
    if (frames < 0.5) return;
    uint64_t lost = (uint64_t)(frames + 0.5);
    vo_outlets_tell(engine->out, VO_EVENT_DEVICE_LOST, engine->base, lost);
    vo_outlets_lose(engine->out, lost, VO_CAUSE_DEVICE);
    engine->base += lost;
}

/* Take up to n frames; false when none will follow. */
static bool take(vo_engine *engine, uint32_t n) {
    /* before looking: what comes before the end is seen */
    bool ended = vo_tap_ended(engine->in) || leaving(engine);
    vo_guard_begin();
    vo_tap_block block = vo_tap_read(engine->in, engine->taken, n);
    if (block.frames) resume(engine);
    pass_on_events(engine);
    if (block.frames) {
        if (block.gap) vo_engine_lose(engine, block.gap, (vo_cause)block.cause);
        vo_engine_run(engine, engine->taken, block.frames);
    }
    vo_guard_end();
    if (block.frames) return true;
    if (!ended) vo_tap_wait(engine->in, 1, IDLE_NS);
    return !ended;
}

/* The losses behind the last frame. */
static void lose_the_rest(vo_engine *engine) {
    vo_gap gap, open = vo_tap_stats_now(engine->in).open_gap;
    if (open.frames || vo_tap_next_gap(engine->in, 0, &gap)) resume(engine);
    for (uint32_t i = 0; vo_tap_next_gap(engine->in, i, &gap); i++)
        vo_engine_lose(engine, gap.frames, (vo_cause)gap.cause);
    if (open.frames) vo_engine_lose(engine, open.frames, (vo_cause)open.cause);
}

static void work_to_the_end(vo_engine *engine) {
    uint32_t n;
    do {
        if (!(n = room(engine))) return;
    } while (take(engine, n));
    lose_the_rest(engine);
    do {
        if (!(n = room(engine))) return;
    } while (vo_engine_drain(engine, n));
    vo_engine_tell_gaps(engine);
}

static void *work(void *self) {
    vo_engine *engine = self;
    vo_thread_enter(&engine->thread, "vo-engine");
    engine->base = vo_outlets_position(engine->out);
    work_to_the_end(engine);
    if (vo_tap_ended(engine->in) || stopping(engine)) vo_outlets_end(engine->out);
    atomic_store_explicit(&engine->running, false, memory_order_release);
    vo_wake_post(&engine->ended);
    return NULL;
}

vo_status vo_engine_start(vo_engine *engine) {
    if (engine->started || stopping(engine)) return VO_BAD_ARG;
    atomic_store_explicit(&engine->running, true, memory_order_release);
    vo_status status = vo_thread_start(&engine->thread, work, engine);
    if (status) atomic_store_explicit(&engine->running, false, memory_order_release);
    engine->started = !status;
    return status;
}

/* Tell the thread, and wait for it to end. */
static vo_status end(vo_engine *engine, _Atomic bool *flag, int64_t timeout_ns) {
    atomic_store_explicit(flag, true, memory_order_release);
    vo_wake_post(&engine->nudge);
    vo_tap_wake(engine->in);
    if (!engine->started) return VO_OK;
    uint64_t deadline = vo_clock_ns() + (uint64_t)timeout_ns;
    while (atomic_load_explicit(&engine->running, memory_order_acquire)) {
        uint64_t now = vo_clock_ns();
        if (now >= deadline) return VO_TIMED_OUT;
        vo_wake_wait(&engine->ended, (int64_t)(deadline - now));
    }
    vo_thread_join(&engine->thread);
    engine->started = false;
    return VO_OK;
}

vo_status vo_engine_stop(vo_engine *engine, int64_t timeout_ns) {
    return end(engine, &engine->stopping, timeout_ns);
}

vo_status vo_engine_leave(vo_engine *engine, int64_t timeout_ns) {
    return end(engine, &engine->leaving, timeout_ns);
}

/* --- Control and looks ---------------------------------------------------- */

vo_status vo_engine_set_chain(vo_engine *engine, vo_chain *chain, vo_chain **untaken) {
    *untaken = NULL;
    if (vo_chain_channels_out(chain) != engine->channels_out ||
        vo_chain_latency(chain) != engine->chain_latency)
        return VO_BAD_ARG;
    *untaken = atomic_exchange_explicit(&engine->pending, chain, memory_order_acq_rel);
    return VO_OK;
}

uint64_t vo_engine_retired(const vo_engine *engine) {
    return atomic_load_explicit(&engine->retired, memory_order_acquire);
}

int64_t vo_engine_thread(const vo_engine *engine) {
    return vo_thread_native(&engine->thread);
}

uint32_t vo_engine_latency(const vo_engine *engine) {
    return engine->latency;
}

vo_stage_times vo_engine_times(const vo_engine *engine, vo_engine_stage stage) {
    if (stage >= VO_ENGINE_STAGES) return (vo_stage_times){0};
    const vo_histogram *times = &engine->times[stage];
    return (vo_stage_times){
        .count = vo_histogram_count(times),
        .p50_ns = (double)vo_histogram_quantile(times, 0.50),
        .p99_ns = (double)vo_histogram_quantile(times, 0.99),
        .max_ns = (double)vo_histogram_longest(times),
    };
}
