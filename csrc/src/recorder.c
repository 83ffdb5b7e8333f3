#include "vocana/recorder.h"

#include <errno.h>

#include "os/os.h"
#include "record.h"
#include "tap.h"

enum {
    READ_FRAMES = 1024,
    EVENTS = 1024,
    RING_S = 10,
    LOOKS = 8, /* at the tap in a flush interval, at least */
    LEAST_BUFFER_BYTES = 256 << 10,
    MOST_BUFFER_BYTES = 8 << 20,
    HURRIES_AFTER_NS = 500000000, /* a stop, with what it may leave: silence for a loss of hours */
};

struct vo_recorder {
    vo_allocator allocator;
    vo_record *record;
    vo_tap *tap;
    vo_events *events;
    vo_outlets *outlets; /* control thread only */
    float *block;
    uint64_t look_ns, look_frames, frames_left;
    vo_thread thread;
    vo_wake ended;
    bool ended_is_open, joined;
    uint64_t hurries_at_ns; /* once it is stopping */
    _Atomic bool started, stopping, has_ended;
};

/* --- Setup ------------------------------------------------------------------- */

static vo_tap_config tap_config(const vo_recorder_config *config) {
    const vo_wav_format *format = &config->record.format;
    uint64_t ring = config->ring_frames ? config->ring_frames : (uint64_t)RING_S * format->rate;
    return (vo_tap_config){
        .channels = format->channels,
        .policy = VO_DROP_NEWEST,
        .capacity_frames = ring,
        .events = EVENTS,
        /* a full ring is tried at once, since every frame counts */
        .breaker = {.trips_after = UINT32_MAX, .rest_frames = 1, .max_rest_frames = 1},
    };
}

/* Two flush intervals, within reason. */
static uint64_t buffer_bytes(const vo_record_config *config) {
    double bytes = 2.0 * (double)config->flush_ns / 1e9 * config->format.rate *
                   vo_wav_frame_bytes(&config->format);
    if (bytes < LEAST_BUFFER_BYTES) return LEAST_BUFFER_BYTES;
    return bytes < MOST_BUFFER_BYTES ? (uint64_t)bytes : MOST_BUFFER_BYTES;
}

static bool hurries(const void *self) {
    const vo_recorder *recorder = self;
    /* acquire: pairs with the release in vo_recorder_stop */
    return atomic_load_explicit(&recorder->stopping, memory_order_acquire) &&
           vo_clock_ns() >= recorder->hurries_at_ns;
}

static vo_status make(vo_recorder *recorder, const vo_recorder_config *config) {
    const vo_allocator *allocator = &recorder->allocator;
    const vo_wav_format *format = &config->record.format;
    vo_record_config record = config->record;
    vo_tap_config tap = tap_config(config);
    vo_status status = vo_events_new(&recorder->events, EVENTS, allocator);
    if (status) return status;
    record.events = recorder->events;
    record.hurries = hurries;
    record.self = recorder;
    if (!record.buffer_bytes) record.buffer_bytes = buffer_bytes(&record);
    if ((status = vo_record_new(&recorder->record, &record, allocator))) return status;
    if ((status = vo_tap_new(&recorder->tap, &tap, allocator))) return status;
    recorder->block =
        vo_alloc(allocator, (size_t)READ_FRAMES * format->channels * sizeof(float), VO_CACHE_LINE);
    if (!recorder->block) return VO_NO_MEM;
    recorder->look_ns = record.flush_ns / LOOKS + 1;
    recorder->frames_left = config->frames ? config->frames : UINT64_MAX;
    recorder->look_frames = VO_RECORD_WRITE_BYTES / vo_wav_frame_bytes(format);
    status = vo_wake_open(&recorder->ended);
    recorder->ended_is_open = !status;
    return status;
}

vo_status vo_recorder_new(vo_recorder **out, const vo_recorder_config *config, int *error,
                          const vo_allocator *allocator) {
    *out = NULL;
    *error = 0;
    if (!allocator) allocator = vo_allocator_default();
    vo_recorder *recorder = vo_alloc(allocator, sizeof *recorder, VO_CACHE_LINE);
    if (!recorder) return VO_NO_MEM;
    recorder->allocator = *allocator;
    vo_status status = make(recorder, config);
    if (!status) {
        *error = vo_record_open(recorder->record);
        status = *error ? VO_SYSTEM : VO_OK;
    }
    if (status) {
        vo_recorder_free(recorder);
        return status;
    }
    *out = recorder;
    return VO_OK;
}

void vo_recorder_free(vo_recorder *recorder) {
    if (!recorder) return;
    vo_allocator allocator = recorder->allocator;
    vo_record_free(recorder->record);
    vo_tap_free(recorder->tap);
    vo_events_free(recorder->events);
    if (recorder->ended_is_open) vo_wake_close(&recorder->ended);
    vo_release(&allocator, recorder->block);
    vo_release(&allocator, recorder);
}

void vo_recorder_abandon(vo_recorder *recorder) {
    vo_record_abandon(recorder->record);
}

/* --- Its thread ----------------------------------------------------------------- */

static void begin(vo_recorder *recorder) {
    uint64_t first = atomic_load_explicit(&recorder->tap->first, memory_order_relaxed);
    vo_record_begin(recorder->record, first == VO_OUTLETS_NOTHING ? 0 : first);
}

/* How many of n frames there is to be a place for. */
static uint64_t grant(vo_recorder *recorder, uint64_t n) {
    if (n > recorder->frames_left) n = recorder->frames_left;
    recorder->frames_left -= n;
    return n;
}

static void lose(vo_recorder *recorder, uint64_t frames, uint32_t cause) {
    begin(recorder);
    vo_record_lose(recorder->record, grant(recorder, frames), (vo_cause)cause);
}

/* Write what is queued. */
static void drain(vo_recorder *recorder) {
    vo_tap_block block;
    while (recorder->frames_left &&
           (block = vo_tap_read(recorder->tap, recorder->block, READ_FRAMES)).frames) {
        lose(recorder, block.gap, block.cause);
        vo_record_take(recorder->record, recorder->block, grant(recorder, block.frames));
    }
}

/* What was lost after the last frame. */
static void drain_loss(vo_recorder *recorder) {
    vo_gap gap = vo_tap_stats_now(recorder->tap).open_gap;
    lose(recorder, gap.frames, gap.cause);
}

static bool nothing_will_come(const vo_recorder *recorder) {
    /* acquire: pairs with the release in vo_recorder_stop; what was queued before it is seen */
    return atomic_load_explicit(&recorder->stopping, memory_order_acquire) ||
           vo_tap_ended(recorder->tap);
}

/* Nothing is written any more: what still comes goes nowhere, since a source that may lose nothing
   waits for room in every tap. */
static void let_pass(vo_recorder *recorder) {
    while (!nothing_will_come(recorder))
        if (!vo_tap_read(recorder->tap, recorder->block, READ_FRAMES).frames)
            vo_tap_wait(recorder->tap, recorder->look_frames, (int64_t)recorder->look_ns);
}

static void *run(void *self) {
    vo_recorder *recorder = self;
    vo_thread_enter(&recorder->thread, "vo-recorder");
    while (recorder->frames_left && !nothing_will_come(recorder)) {
        uint64_t due = vo_record_step(recorder->record);
        if (due > recorder->look_ns) due = recorder->look_ns;
        vo_tap_wait(recorder->tap, recorder->look_frames, (int64_t)due);
        drain(recorder);
    }
    drain(recorder);
    drain_loss(recorder);
    vo_record_close(recorder->record);
    /* release: pairs with the acquire in vo_recorder_state_now; its files are closed */
    atomic_store_explicit(&recorder->has_ended, true, memory_order_release);
    vo_wake_post(&recorder->ended);
    let_pass(recorder);
    return NULL;
}

/* --- Control ------------------------------------------------------------------------ */

vo_tap *vo_recorder_tap(vo_recorder *recorder) {
    return recorder->tap;
}

vo_status vo_recorder_attach(vo_recorder *recorder, vo_outlets *outlets) {
    if (recorder->outlets) return VO_BAD_ARG;
    vo_status status = vo_outlets_attach(outlets, recorder->tap);
    if (!status) recorder->outlets = outlets;
    return status;
}

vo_status vo_recorder_detach(vo_recorder *recorder, int64_t timeout_ns) {
    if (!recorder->outlets) return VO_OK;
    vo_status status = vo_outlets_detach(recorder->outlets, recorder->tap, timeout_ns);
    if (!status) recorder->outlets = NULL;
    return status;
}

vo_status vo_recorder_start(vo_recorder *recorder) {
    if (recorder->started || recorder->joined) return VO_BAD_ARG;
    vo_status status = vo_thread_start(&recorder->thread, run, recorder);
    recorder->started = !status;
    return status;
}

static uint64_t moment_after(int64_t timeout_ns) {
    return vo_clock_ns() + (uint64_t)(timeout_ns > 0 ? timeout_ns : 0);
}

static vo_status wait_until(const vo_recorder *recorder, uint64_t deadline) {
    while (vo_recorder_state_now(recorder) != VO_RECORDER_ENDED) {
        uint64_t now = vo_clock_ns();
        if (now >= deadline) return VO_TIMED_OUT;
        if (vo_wake_wait(&recorder->ended, (int64_t)(deadline - now)) == VO_INTERRUPTED)
            return VO_INTERRUPTED;
    }
    vo_wake_post(&recorder->ended); /* for whoever else waits: one post wakes one */
    return VO_OK;
}

vo_status vo_recorder_wait(vo_recorder *recorder, int64_t timeout_ns) {
    return wait_until(recorder, moment_after(timeout_ns));
}

vo_status vo_recorder_stop(vo_recorder *recorder, int64_t timeout_ns) {
    if (recorder->joined) return VO_OK;
    if (!recorder->started) {
        vo_record_close(recorder->record);
        recorder->has_ended = recorder->joined = true;
        return VO_OK;
    }
    if (!recorder->stopping) recorder->hurries_at_ns = vo_clock_ns() + HURRIES_AFTER_NS;
    /* release: pairs with the acquires in nothing_will_come and hurries */
    atomic_store_explicit(&recorder->stopping, true, memory_order_release);
    vo_tap_wake(recorder->tap);
    uint64_t deadline = moment_after(timeout_ns);
    vo_status status;
    do status = wait_until(recorder, deadline);
    while (status == VO_INTERRUPTED);
    if (status) return status;
    vo_thread_join(&recorder->thread);
    recorder->joined = true;
    return VO_OK;
}

uint32_t vo_recorder_events(vo_recorder *recorder, vo_event *out, uint32_t n) {
    return vo_events_pop(recorder->events, out, n);
}

/* --- Any thread ----------------------------------------------------------------------- */

vo_recorder_state vo_recorder_state_now(const vo_recorder *recorder) {
    /* acquire: pairs with the release at the end of run */
    if (atomic_load_explicit(&recorder->has_ended, memory_order_acquire)) return VO_RECORDER_ENDED;
    return recorder->started ? VO_RECORDER_RUNNING : VO_RECORDER_OPEN;
}

vo_record_stats vo_recorder_stats_now(const vo_recorder *recorder) {
    return vo_record_stats_now(recorder->record);
}

uint64_t vo_recorder_events_dropped(const vo_recorder *recorder) {
    return vo_events_dropped(recorder->events);
}

bool vo_recorder_path(const vo_recorder *recorder, uint32_t index, char *out, uint64_t bytes) {
    return vo_record_path(recorder->record, index, out, bytes);
}

int64_t vo_recorder_thread(const vo_recorder *recorder) {
    return vo_thread_native(&recorder->thread);
}
