/* One consumer's end of a capture: its ring, its overflow policy, its breaker, its account.

   At every moment captured == delivered + dropped + queued, to the frame. */
#ifndef VOCANA_TAP_H
#define VOCANA_TAP_H

#include "breaker.h"
#include "events.h"
#include "ledger.h"
#include "ring.h"

VO_BEGIN_DECLS

typedef struct vo_tap vo_tap;

typedef enum vo_overflow_policy {
    VO_DROP_NEWEST, /* lose what does not fit; keep all that is queued */
    VO_SKIP,        /* also: above high water the reader jumps to the target fill */
    VO_FAIL,        /* as DROP_NEWEST; the binding raises at the next read */
} vo_overflow_policy;

typedef struct vo_tap_config {
    uint32_t channels;
    vo_overflow_policy policy;
    uint64_t capacity_frames;   /* exact, not rounded */
    uint64_t target_frames;     /* fill after a skip, < capacity */
    uint64_t high_water_frames; /* SKIP: jump above this fill; 0 = when full */
    uint32_t fade_frames;       /* length of a join */
    uint32_t align_frames;      /* how far a skip may move to fit better */
    uint32_t events;            /* length of the event queue */
    vo_breaker_config breaker;
} vo_tap_config;

/* What a read returned. */
typedef struct vo_tap_block {
    uint64_t frame;   /* first frame on the device's timeline */
    uint64_t gap;     /* frames lost just before it */
    uint64_t skipped; /* of these, by this read's own jump */
    uint32_t cause;   /* vo_cause, when gap > 0 */
    uint32_t frames;  /* frames delivered; a read never crosses a gap */
} vo_tap_block;

typedef struct vo_tap_stats {
    uint64_t captured;
    uint64_t delivered;
    uint64_t dropped;
    uint64_t queued;
    uint64_t overflows; /* runs of frames lost because the ring was full */
    uint64_t trips;     /* times the breaker opened */
    uint32_t breaker;   /* vo_breaker_state */
    vo_gap open_gap;    /* loss that has not ended yet; frames == 0 when there is none */
} vo_tap_stats;

/* --- Setup thread ------------------------------------------------------- */

VO_NODISCARD vo_status vo_tap_new(vo_tap **out, const vo_tap_config *config,
                                  const vo_allocator *allocator);
void vo_tap_free(vo_tap *tap);

/* --- Audio thread only --------------------------------------------------- */

/* Take n frames: queue what fits, account for the rest. */
void vo_tap_write(vo_tap *tap, const float *frames, uint32_t n) VO_REALTIME;

/* Account for n frames of the timeline that nobody will see. */
void vo_tap_lose(vo_tap *tap, uint64_t n, vo_cause cause) VO_REALTIME;

/* No frame will follow. */
void vo_tap_end(vo_tap *tap) VO_REALTIME;

/* Frames that can be queued now. */
uint64_t vo_tap_room(vo_tap *tap) VO_REALTIME;

/* The queue of this tap's events, for what the capture itself has to tell. */
vo_events *vo_tap_events(vo_tap *tap) VO_REALTIME;

/* --- Reader thread only ------------------------------------------------- */

/* Up to n frames, never across a gap; zero frames when nothing is queued. */
vo_tap_block vo_tap_read(vo_tap *tap, float *frames, uint32_t n) VO_REALTIME;

/* Up to n frames that directly follow the last ones; none when a gap comes first. Never skips.
   Returns the frames delivered. */
uint32_t vo_tap_read_on(vo_tap *tap, float *frames, uint32_t n) VO_REALTIME;

/* What a SKIP leaves, and the fill above which it comes, from now on instead of what the config
   says; kept below the capacity. */
void vo_tap_steer(vo_tap *tap, uint64_t target_frames, uint64_t high_water_frames) VO_REALTIME;

/* Frames queued, and the frame of the timeline behind the newest of them. */
uint64_t vo_tap_queued(vo_tap *tap) VO_REALTIME;
uint64_t vo_tap_newest(vo_tap *tap) VO_REALTIME;

/* Whether n frames are queued, or all there can be, or the tap has ended. */
bool vo_tap_ready(vo_tap *tap, uint64_t n) VO_REALTIME;

/* Until vo_tap_ready: OK; else TIMED_OUT, INTERRUPTED. Blocks. */
vo_status vo_tap_wait(vo_tap *tap, uint64_t n, int64_t timeout_ns);

/* Ask for one post to vo_tap_descriptor when n frames are queued or the tap ends. True when that
   is so already. For event loops that wait by themselves. */
bool vo_tap_arm(vo_tap *tap, uint64_t n) VO_REALTIME;
int vo_tap_descriptor(const vo_tap *tap) VO_REALTIME;

/* Take back posts that the descriptor holds. */
void vo_tap_disarm(vo_tap *tap);

/* The gap `ahead` behind the next one that a read will meet; false when there is none yet. */
bool vo_tap_next_gap(vo_tap *tap, uint32_t ahead, vo_gap *out) VO_REALTIME;

/* Whether the next frame to be read, queued or not yet, comes after a gap. */
bool vo_tap_at_gap(vo_tap *tap) VO_REALTIME;

/* --- Any thread -------------------------------------------------------- */

vo_tap_stats vo_tap_stats_now(const vo_tap *tap);
bool vo_tap_ended(const vo_tap *tap) VO_REALTIME;
uint64_t vo_tap_capacity(const vo_tap *tap) VO_REALTIME;

/* Wake whoever waits, frames or not. */
void vo_tap_wake(vo_tap *tap) VO_REALTIME;

VO_END_DECLS

#endif
