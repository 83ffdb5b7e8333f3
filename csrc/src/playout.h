/* What a playout is made of. playout.c makes it, playout_pull.c moves frames, playout_control.c
   decides how many. */
#ifndef VOCANA_PLAYOUT_STATE_H
#define VOCANA_PLAYOUT_STATE_H

#include "snapshot.h"
#include "vocana/conceal.h"
#include "vocana/drift.h"
#include "vocana/playout.h"
#include "vocana/servo.h"
#include "vocana/target.h"

/* Frames that go through the resampler at once. */
enum { VO_PLAYOUT_RUN = 256 };

/* What made an output. */
typedef enum vo_playout_kind { VO_PLAYED, VO_CONCEALED, VO_SILENT } vo_playout_kind;

/* The consumer's thread only, but for the snapshot.

   in holds frames from the tap in hand, at in_at of in_frames; next is the timeline's frame of the
   first. made holds what the resampler gave for the last run, all of one kind. While nothing is
   playing, `hole` frames of a loss and `delay` frames until the sound fits are still to be
   concealed, and when it is dry, `needed` frames have to be there; run counts what was concealed.
 */
struct vo_playout {
    vo_playout_config config;
    vo_allocator allocator;
    vo_tap *tap;
    vo_drift *drift;
    vo_conceal *conceal;

    float *in, *mute;
    uint32_t in_at, in_frames;
    uint64_t next;
    float *made;
    uint64_t made_at, made_frames;
    vo_playout_kind kind;

    bool started; /* a frame was played */
    bool playing;
    bool dry;     /* not playing because nothing was there, not because of a loss */
    bool aligned; /* delay is known */
    uint64_t hole, delay, needed, run;
    uint64_t jumped; /* skipped frames that the next block's gap will tell of again */

    vo_target target;
    vo_servo servo;
    uint32_t since;   /* frames of the next block that the source has by now: counted as fill */
    double aim;       /* the fill that the servo holds: on its way to the target */
    double lowest[2]; /* fill of this quarter of a second and of the one before */
    uint64_t quarter_ends; /* frame of the clock */
    bool trim;             /* too much was queued for long: skip */
    bool moved;            /* the fill was moved by a skip or a return */
    uint64_t newest;       /* of the tap's timeline, at the last pull, */
    double arrived;        /* and on the consumer's clock */
    uint64_t last_pull;    /* the clock at the last pull, when nothing had come by then; else 0 */

    vo_playout_stats stats;
    vo_snapshot published;
};

/* --- Control ---------------------------------------------------------------- */

/* A pull of n frames begins, since_frames after the last write: look at what has come, and say what
   may be skipped. */
void vo_playout_look(vo_playout *p, uint32_t n, uint32_t since_frames) VO_REALTIME;

/* It is over: steer. */
void vo_playout_steer(vo_playout *p, uint32_t n) VO_REALTIME;

/* The stats are what everybody sees from now on. */
void vo_playout_publish(vo_playout *p) VO_REALTIME;

/* Frames of the source that can still be heard. */
uint64_t vo_playout_fill(vo_playout *p) VO_REALTIME;

#endif
