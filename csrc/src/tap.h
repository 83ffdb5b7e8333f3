/* What the two sides of a tap are made of. tap.c makes it, tap_write.c and tap_read.c use it. */
#ifndef VOCANA_TAP_STATE_H
#define VOCANA_TAP_STATE_H

#include <stdatomic.h>

#include "os/os.h"
#include "snapshot.h"
#include "vocana/crossfade.h"
#include "vocana/tap.h"

/* Words of the writer's snapshot. */
enum {
    VO_TAP_CAPTURED,
    VO_TAP_DROPPED,
    VO_TAP_WRITTEN,
    VO_TAP_OVERFLOWS,
    VO_TAP_TRIPS,
    VO_TAP_BREAKER,
    VO_TAP_GAP_AT,
    VO_TAP_GAP_FRAME,
    VO_TAP_GAP_FRAMES,
    VO_TAP_GAP_CAUSE,
    VO_TAP_WRITER_WORDS,
};

/* Words of the reader's snapshot. */
enum { VO_TAP_CONSUMED, VO_TAP_DELIVERED, VO_TAP_SKIPPED, VO_TAP_READER_WORDS };

/* Audio thread only. captured counts the device's timeline, written what was queued; gap is the
   loss that has not ended. The continuation is the beginning of what is being lost; when frames can
   be queued again it becomes `fading` and is mixed, on its way out, into the first of them. */
typedef struct vo_tap_writer {
    uint64_t captured, written, dropped, overflows;
    vo_breaker breaker;
    vo_gap gap;
    float *continuation;
    uint32_t continuation_frames;
    bool continuation_broken; /* something in the gap was never seen */
    float *fading;
    uint32_t fade_at, fade_length;
    float *mixed; /* room for one join */
} vo_tap_writer;

/* Reader thread only. consumed counts what left the ring; lost turns that into a frame of the
   timeline; pending is the loss that the next delivered frame comes after; join replaces the first
   frames after a skip. */
typedef struct vo_tap_reader {
    uint64_t consumed, lost, delivered, skipped;
    uint64_t target, high_water;
    vo_gap pending;
    float *old, *candidates, *join;
    uint32_t join_at, join_length;
} vo_tap_reader;

struct vo_tap {
    vo_tap_config config;
    vo_allocator allocator;
    vo_ring *ring;
    vo_ledger *ledger;
    vo_events *events;
    vo_crossfade *crossfade;
    vo_wake wake;
    bool wake_is_open;
    _Atomic bool ended;
    _Atomic bool woken; /* by vo_tap_wake: ends one wait without frames */

    /* Frame of the outlets' stream that is frame 0 here, stored by their writing thread before it
       queues anything: the ring's release lets the reader see it. */
    _Atomic uint64_t first;

    _Alignas(VO_CACHE_LINE) vo_tap_writer writer;
    vo_snapshot written;

    _Alignas(VO_CACHE_LINE) vo_tap_reader reader;
    vo_snapshot consumed;

    /* Frames that a sleeping reader waits for, 0 when it does not sleep. The reader sets it and
       then looks at the ring; the writer publishes and then looks here. Every access is a
       read-modify-write, so that one of them sees the other: a plain store would end the release
       sequence by which the reader's arm sees what the writer published. */
    _Alignas(VO_CACHE_LINE) _Atomic uint64_t want;
};

static inline uint64_t vo_min_u64(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

#endif
