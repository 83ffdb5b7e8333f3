#include <string.h>

#include "tap.h"

/* Gaps that can wait for a stuck reader. When all are taken, frames go on being lost into the gap
   that is open, so the account stays exact. */
enum { GAPS_WAITING = 1024 };

static vo_status check(const vo_tap_config *config) {
    if (!config->channels || !config->capacity_frames || !config->events) return VO_BAD_ARG;
    if (config->target_frames >= config->capacity_frames) return VO_BAD_ARG;
    if (config->high_water_frames > config->capacity_frames) return VO_BAD_ARG;
    if (config->high_water_frames && config->high_water_frames < config->target_frames)
        return VO_BAD_ARG;
    if (config->policy > VO_FAIL) return VO_BAD_ARG;
    return VO_OK;
}

static vo_status make(vo_tap *tap, const vo_allocator *allocator) {
    const vo_tap_config *config = &tap->config;
    uint32_t channels = config->channels;
    vo_status status;
    if ((status = vo_breaker_init(&tap->writer.breaker, &config->breaker))) return status;
    if ((status = vo_ring_new(&tap->ring, config->capacity_frames, channels, allocator)))
        return status;
    if ((status = vo_ledger_new(&tap->ledger, GAPS_WAITING, allocator))) return status;
    if ((status = vo_events_new(&tap->events, config->events, allocator))) return status;
    if ((status = vo_crossfade_new(&tap->crossfade, config->fade_frames, config->align_frames,
                                   channels, allocator)))
        return status;

    size_t fade_bytes, span_bytes;
    if (!vo_size_mul((size_t)channels * sizeof(float), config->fade_frames, &fade_bytes) ||
        !vo_size_mul((size_t)channels * sizeof(float),
                     (size_t)config->fade_frames + config->align_frames, &span_bytes))
        return VO_TOO_BIG;
    struct {
        float **buffer;
        size_t bytes;
    } buffers[] = {
        {&tap->writer.continuation, fade_bytes}, {&tap->writer.fading, fade_bytes},
        {&tap->writer.mixed, fade_bytes},        {&tap->reader.old, fade_bytes},
        {&tap->reader.join, fade_bytes},         {&tap->reader.candidates, span_bytes},
    };
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) {
        *buffers[i].buffer = vo_alloc(allocator, buffers[i].bytes + 1, VO_CACHE_LINE);
        if (!*buffers[i].buffer) return VO_NO_MEM;
    }
    if ((status = vo_wake_open(&tap->wake))) return status;
    tap->wake_is_open = true;
    return VO_OK;
}

vo_status vo_tap_new(vo_tap **out, const vo_tap_config *config, const vo_allocator *allocator) {
    *out = NULL;
    vo_status status = check(config);
    if (status) return status;
    if (!allocator) allocator = vo_allocator_default();
    vo_tap *tap = vo_alloc(allocator, sizeof *tap, VO_CACHE_LINE);
    if (!tap) return VO_NO_MEM;
    tap->config = *config;
    tap->allocator = *allocator;
    tap->reader.target = config->target_frames;
    tap->reader.high_water = config->high_water_frames;
    status = make(tap, allocator);
    if (status) {
        vo_tap_free(tap);
        return status;
    }
    *out = tap;
    return VO_OK;
}

void vo_tap_free(vo_tap *tap) {
    if (!tap) return;
    vo_allocator allocator = tap->allocator;
    if (tap->wake_is_open) vo_wake_close(&tap->wake);
    vo_ring_free(tap->ring);
    vo_ledger_free(tap->ledger);
    vo_events_free(tap->events);
    vo_crossfade_free(tap->crossfade);
    float *buffers[] = {tap->writer.continuation, tap->writer.fading, tap->writer.mixed,
                        tap->reader.old,          tap->reader.join,   tap->reader.candidates};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        vo_release(&allocator, buffers[i]);
    vo_release(&allocator, tap);
}

/* --- Waiting ------------------------------------------------------------- */

bool vo_tap_ready(vo_tap *tap, uint64_t n) {
    return vo_ring_readable(tap->ring) >= vo_min_u64(n, tap->config.capacity_frames) ||
           vo_tap_ended(tap);
}

bool vo_tap_arm(vo_tap *tap, uint64_t n) {
    n = vo_min_u64(n, tap->config.capacity_frames);
    /* acq_rel: either this sees what the writer published, or the writer sees this. */
    atomic_exchange_explicit(&tap->want, n ? n : 1, memory_order_acq_rel);
    return vo_tap_ready(tap, n);
}

int vo_tap_descriptor(const vo_tap *tap) {
    return tap->wake.readable;
}

void vo_tap_disarm(vo_tap *tap) {
    atomic_exchange_explicit(&tap->want, 0, memory_order_acq_rel);
    vo_wake_drain(&tap->wake);
}

vo_status vo_tap_wait(vo_tap *tap, uint64_t n, int64_t timeout_ns) {
    uint64_t now = vo_clock_ns(), deadline = now + (uint64_t)(timeout_ns > 0 ? timeout_ns : 0);
    vo_status status = VO_OK;
    while (!vo_tap_arm(tap, n) && !status) {
        if (atomic_exchange_explicit(&tap->woken, false, memory_order_acquire)) {
            vo_wake_drain(&tap->wake);
            break;
        }
        now = vo_clock_ns();
        status =
            now < deadline ? vo_wake_wait(&tap->wake, (int64_t)(deadline - now)) : VO_TIMED_OUT;
    }
    atomic_exchange_explicit(&tap->want, 0, memory_order_acq_rel);
    return vo_tap_ready(tap, n) ? VO_OK : status ? status : VO_TIMED_OUT;
}

void vo_tap_wake(vo_tap *tap) {
    atomic_store_explicit(&tap->woken, true, memory_order_release);
    vo_wake_post(&tap->wake);
}

/* --- Any thread ---------------------------------------------------------- */

bool vo_tap_ended(const vo_tap *tap) {
    /* acquire: pairs with the release in vo_tap_end; whoever sees it sees the last frames too */
    return atomic_load_explicit(&tap->ended, memory_order_acquire);
}

uint64_t vo_tap_capacity(const vo_tap *tap) {
    return tap->config.capacity_frames;
}

vo_events *vo_tap_events(vo_tap *tap) {
    return tap->events;
}

vo_tap_stats vo_tap_stats_now(const vo_tap *tap) {
    /* The reader's side first: what it has consumed was written before. */
    uint64_t reader[VO_TAP_READER_WORDS], writer[VO_TAP_WRITER_WORDS];
    uint64_t after[VO_TAP_READER_WORDS];
    vo_snapshot_read(&tap->consumed, after, VO_TAP_READER_WORDS);
    do {
        memcpy(reader, after, sizeof reader);
        vo_snapshot_read(&tap->written, writer, VO_TAP_WRITER_WORDS);
        vo_snapshot_read(&tap->consumed, after, VO_TAP_READER_WORDS);
    } while (after[VO_TAP_CONSUMED] != reader[VO_TAP_CONSUMED]);
    return (vo_tap_stats){
        .captured = writer[VO_TAP_CAPTURED],
        .delivered = reader[VO_TAP_DELIVERED],
        .dropped = writer[VO_TAP_DROPPED] + reader[VO_TAP_SKIPPED],
        .queued = writer[VO_TAP_WRITTEN] - reader[VO_TAP_CONSUMED],
        .overflows = writer[VO_TAP_OVERFLOWS],
        .trips = writer[VO_TAP_TRIPS],
        .breaker = (uint32_t)writer[VO_TAP_BREAKER],
        .open_gap = {.at = writer[VO_TAP_GAP_AT],
                     .frame = writer[VO_TAP_GAP_FRAME],
                     .frames = writer[VO_TAP_GAP_FRAMES],
                     .cause = (uint32_t)writer[VO_TAP_GAP_CAUSE]},
    };
}
