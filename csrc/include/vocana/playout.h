/* The end of a consumer that has a clock of its own: always as many frames as it asks for, with as
   little latency as the source's jitter allows.

   It owns a tap and reads it through a resampler whose ratio is steered, so that the fill stays at
   a target (vo_servo, vo_drift). The target follows the measured jitter, and rises by a block with
   every underrun (vo_target). What lies above it by more than a block for half a second, or by more
   than max_frames at once, is skipped when the next frames come, joined and aligned. Where nothing
   is there, and where the source lost frames, the sound goes on as vo_conceal makes it.

   Fill is what is queued behind the last frame that a pull needed. At every moment
   pulled == played + concealed + silent. What is played comes out of the resampler for the frames
   taken from the tap, one for one but for its ratio, and VO_DRIFT_LATENCY_FRAMES later.

   Control acts once a pull: another cut of the same frames is steered at other moments. */
#ifndef VOCANA_PLAYOUT_H
#define VOCANA_PLAYOUT_H

#include "tap.h"

VO_BEGIN_DECLS

typedef struct vo_playout vo_playout;

typedef struct vo_playout_config {
    uint32_t rate;            /* frames of the source a second, >= 1000 */
    uint32_t channels;        /* 1 to VO_DRIFT_MOST_CHANNELS */
    uint32_t block_frames;    /* a step of the target, >= 1 */
    uint32_t min_frames;      /* the target's bounds, */
    uint32_t start_frames;    /* in between: where it begins, */
    uint32_t max_frames;      /* and at most half of the capacity */
    uint64_t capacity_frames; /* more is never queued */
    uint64_t calm_frames;     /* without an underrun before the target falls; >= 8 */
    uint32_t fade_frames;     /* length of a join, >= 1 */
    uint32_t align_frames;    /* how far a join may move to fit better */
    uint32_t mute_frames;     /* of concealment until silence, >= 1 */
    double most_ppm;          /* the ratio moves this far at most, 0 to 10000; 0 never steers */
} vo_playout_config;

/* What a pull gave. */
typedef struct vo_playout_block {
    uint64_t frame;     /* of the tap's timeline that is heard first; stands still in concealment */
    uint64_t skipped;   /* frames jumped over to give latency back */
    uint32_t played;    /* of the frames given; the others are */
    uint32_t concealed; /* made up, */
    uint32_t silent;    /* or from before the first frame of the source or after the last */
} vo_playout_block;

typedef struct vo_playout_stats {
    uint64_t pulled;
    uint64_t played;
    uint64_t concealed;
    uint64_t silent;
    uint64_t taken;         /* frames of the source that were heard */
    uint64_t skipped;       /* and those jumped over to give latency back */
    uint64_t lost;          /* and those that never came: a full tap's, or the device's */
    uint64_t skips;         /* jumps */
    uint64_t concealments;  /* runs of concealed frames that are over; */
    uint64_t underruns;     /* of these, because frames came too late */
    uint64_t interruptions; /* of 150 ms or longer */
    uint64_t longest;       /* frames of the longest */
    uint64_t queued;        /* fill after the last pull */
    uint64_t target;
    uint64_t changes; /* of the target */
    uint64_t frame;   /* of the tap's timeline that is heard next */
    double level;     /* smoothed fill */
    double ratio;     /* of output to input */
} vo_playout_stats;

/* --- Setup thread ------------------------------------------------------- */

/* BAD_ARG when the config breaks a bound given above. */
VO_NODISCARD vo_status vo_playout_new(vo_playout **out, const vo_playout_config *config,
                                      const vo_allocator *allocator);
void vo_playout_free(vo_playout *playout);

/* The tap to write to. Its reader's side belongs to the playout. */
vo_tap *vo_playout_tap(vo_playout *playout) VO_REALTIME;

/* --- The consumer's thread ------------------------------------------------ */

/* n frames, always. Never waits. since_frames: time since the tap was last written to; with it the
   fill is known to the frame, and without (0) to a block of the source. */
vo_playout_block vo_playout_pull(vo_playout *playout, float *out, uint32_t n,
                                 uint32_t since_frames) VO_REALTIME;

/* --- Any thread -------------------------------------------------------- */

vo_playout_stats vo_playout_stats_now(const vo_playout *playout);

VO_END_DECLS

#endif
