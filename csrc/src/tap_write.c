/* The audio thread's side of a tap: queue what fits, account for the rest. */
#include <string.h>

#include "guard.h"
#include "tap.h"

static uint64_t queued(vo_tap *tap) {
    return vo_ring_capacity(tap->ring) - vo_ring_writable(tap->ring);
}

uint64_t vo_tap_room(vo_tap *tap) {
    return tap->config.capacity_frames - queued(tap);
}

static void publish(vo_tap *tap) {
    const vo_tap_writer *w = &tap->writer;
    uint64_t words[VO_TAP_WRITER_WORDS] = {
        [VO_TAP_CAPTURED] = w->captured,     [VO_TAP_DROPPED] = w->dropped,
        [VO_TAP_WRITTEN] = w->written,       [VO_TAP_OVERFLOWS] = w->overflows,
        [VO_TAP_TRIPS] = w->breaker.trips,   [VO_TAP_BREAKER] = w->breaker.state,
        [VO_TAP_GAP_AT] = w->gap.at,         [VO_TAP_GAP_FRAME] = w->gap.frame,
        [VO_TAP_GAP_FRAMES] = w->gap.frames, [VO_TAP_GAP_CAUSE] = w->gap.cause,
    };
    vo_snapshot_publish(&tap->written, words, VO_TAP_WRITER_WORDS);
}

/* Wake a reader that waits for no more than there is. */
static void wake_reader(vo_tap *tap) {
    /* acq_rel: pairs with the exchange in vo_tap_arm */
    uint64_t want = atomic_fetch_or_explicit(&tap->want, 0, memory_order_acq_rel);
    if (!want || queued(tap) < want) return;
    atomic_exchange_explicit(&tap->want, 0, memory_order_acq_rel);
    vo_guard_end(); /* the one system call that a callback may make, and only for a sleeper */
    vo_wake_post(&tap->wake);
    vo_guard_begin();
}

/* --- Losing -------------------------------------------------------------- */

/* n frames of the timeline that no reader will see; frames is NULL when nobody ever saw them. */
static void lose(vo_tap *tap, const float *frames, uint64_t n, vo_cause cause) {
    vo_tap_writer *w = &tap->writer;
    if (!n) return;
    if (cause == VO_CAUSE_OVERFLOW && (!w->gap.frames || w->gap.cause != VO_CAUSE_OVERFLOW)) {
        w->overflows++;
        vo_events_push(tap->events, VO_EVENT_OVERFLOW_BEGAN, w->captured, queued(tap));
    }
    if (!w->gap.frames) {
        w->gap = (vo_gap){.frame = w->captured, .cause = (uint32_t)cause};
        w->continuation_frames = 0;
        w->continuation_broken = false;
    } else if (cause == VO_CAUSE_OVERFLOW) {
        w->gap.cause = (uint32_t)cause;
    }
    w->continuation_broken = w->continuation_broken || !frames;

    uint32_t wanted = tap->config.fade_frames - w->continuation_frames;
    if (frames && !w->continuation_broken && wanted) {
        uint32_t kept = (uint32_t)vo_min_u64(wanted, n);
        size_t channels = tap->config.channels;
        memcpy(w->continuation + w->continuation_frames * channels, frames,
               kept * channels * sizeof(float));
        w->continuation_frames += kept;
    }
    w->gap.at = w->written;
    w->gap.frames += n;
    w->dropped += n;
    w->captured += n;
}

/* Frames can be queued again: record the gap ahead of them, and join them to what was lost. */
static void end_gap(vo_tap *tap) {
    vo_tap_writer *w = &tap->writer;
    vo_ledger_push(tap->ledger, &w->gap);
    if (w->gap.cause == VO_CAUSE_OVERFLOW)
        vo_events_push(tap->events, VO_EVENT_OVERFLOW_ENDED, w->captured, w->gap.frames);
    w->gap = (vo_gap){0};
    float *spare = w->fading;
    w->fading = w->continuation;
    w->continuation = spare;
    w->fade_at = 0;
    w->fade_length = w->continuation_frames;
}

/* --- The breaker --------------------------------------------------------- */

static void tell_breaker(vo_tap *tap, vo_breaker_state before, uint64_t frame) {
    const vo_event_kind kinds[] = {[VO_BREAKER_CLOSED] = VO_EVENT_BREAKER_CLOSED,
                                   [VO_BREAKER_OPEN] = VO_EVENT_BREAKER_OPEN,
                                   [VO_BREAKER_HALF_OPEN] = VO_EVENT_BREAKER_HALF_OPEN};
    const vo_breaker *breaker = &tap->writer.breaker;
    if (breaker->state != before)
        vo_events_push(tap->events, kinds[breaker->state], frame,
                       breaker->state == VO_BREAKER_OPEN ? breaker->rest : 0);
}

/* Frames for which the breaker still rests. It stops at once when the reader has caught up: the
   overload is over, and resting would only lose more. */
static uint64_t rest_left(vo_tap *tap) {
    vo_tap_writer *w = &tap->writer;
    vo_breaker_state before = w->breaker.state;
    if (before == VO_BREAKER_CLOSED) return 0;
    uint64_t caught_up = vo_min_u64(tap->config.target_frames, tap->config.capacity_frames / 2);
    if (before == VO_BREAKER_OPEN && queued(tap) <= caught_up)
        vo_breaker_probe(&w->breaker, w->captured);
    vo_breaker_state state = vo_breaker_poll(&w->breaker, w->captured);
    tell_breaker(tap, before, w->captured);
    return state == VO_BREAKER_OPEN ? w->breaker.reopens_at - w->captured : 0;
}

static void judge(vo_tap *tap, bool overflowed, uint64_t frame) {
    vo_breaker *breaker = &tap->writer.breaker;
    vo_breaker_state before = breaker->state;
    if (overflowed)
        vo_breaker_failure(breaker, frame);
    else
        vo_breaker_success(breaker, frame);
    tell_breaker(tap, before, frame);
}

/* --- Writing ------------------------------------------------------------- */

/* Whether the next frame can be queued; ends an open gap when it can. */
static bool can_queue(vo_tap *tap) {
    if (!vo_tap_room(tap)) return false;
    if (!tap->writer.gap.frames) return true;
    if (vo_ledger_full(tap->ledger)) return false;
    end_gap(tap);
    return true;
}

/* Queue n frames for which there is room. They are counted before the reader can see them, so that
   no account ever shows more read than written. */
static void queue(vo_tap *tap, const float *frames, uint32_t n) {
    if (!n) return;
    size_t frame_bytes = tap->config.channels * sizeof(float);
    vo_spans to = vo_ring_acquire(tap->ring, n);
    memcpy(to.first, frames, to.first_frames * frame_bytes);
    if (to.second_frames)
        memcpy(to.second, frames + (size_t)to.first_frames * tap->config.channels,
               to.second_frames * frame_bytes);
    tap->writer.written += n;
    tap->writer.captured += n;
    publish(tap);
    vo_ring_commit(tap->ring, n);
}

void vo_tap_write(vo_tap *tap, const float *frames, uint32_t n) {
    vo_tap_writer *w = &tap->writer;
    size_t channels = tap->config.channels;
    bool tried = false, full = false;
    uint64_t full_at = 0;

    while (n) {
        uint64_t rest = full ? 0 : rest_left(tap);
        if (!rest && !full) {
            tried = true;
            if (!can_queue(tap)) {
                full = true;
                full_at = w->captured;
            }
        }
        uint32_t run = rest ? (uint32_t)vo_min_u64(n, rest) : n;
        const float *from = frames;
        if (w->fade_at < w->fade_length) {
            run = (uint32_t)vo_min_u64(run, w->fade_length - w->fade_at);
            vo_crossfade_mix(tap->crossfade, w->mixed, w->fading + w->fade_at * channels, frames,
                             w->fade_at, run, w->fade_length);
            w->fade_at += run;
            from = w->mixed;
        }
        uint32_t fits = rest || full ? 0 : (uint32_t)vo_min_u64(run, vo_tap_room(tap));
        queue(tap, from, fits);
        if (fits < run && !rest && !full) {
            full = true;
            full_at = w->captured;
        }
        lose(tap, from + fits * channels, run - fits, VO_CAUSE_OVERFLOW);
        frames += run * channels;
        n -= run;
    }
    if (tried) judge(tap, full, full ? full_at : w->captured);
    publish(tap);
    wake_reader(tap);
}

void vo_tap_lose(vo_tap *tap, uint64_t n, vo_cause cause) {
    lose(tap, NULL, n, cause);
    publish(tap);
}

void vo_tap_end(vo_tap *tap) {
    publish(tap);
    /* release: pairs with the acquire in vo_tap_ended */
    atomic_store_explicit(&tap->ended, true, memory_order_release);
    vo_guard_end();
    vo_wake_post(&tap->wake);
    vo_guard_begin();
}
