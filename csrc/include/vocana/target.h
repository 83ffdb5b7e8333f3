/* How many frames a consumer keeps queued, measured from how late they arrive.

   An arrival is late by what it took longer than the promptest of this period and the one before,
   a period being an eighth of memory_frames; when neither has an arrival there was an outage, which
   is no jitter. An arrival later than the target raises it at once to twice that lateness, and for
   attack_frames from there anything later raises it further. When nothing came later than half of
   the target for memory_frames, it is lowered to 1.5 times the latest, never within hold_frames of
   another change. Between half and whole nothing happens: that is the hysteresis. */
#ifndef VOCANA_TARGET_H
#define VOCANA_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "status.h"

VO_BEGIN_DECLS

#define VO_TARGET_PERIODS 8

typedef struct vo_target_config {
    uint32_t min_frames;
    uint32_t max_frames;    /* >= min_frames */
    uint32_t step_frames;   /* targets are multiples of it, or a bound; >= 1 */
    uint64_t attack_frames; /* 1 s */
    uint64_t hold_frames;   /* 5 s */
    uint64_t memory_frames; /* 20 s; >= VO_TARGET_PERIODS */
} vo_target_config;

typedef struct vo_target_period {
    uint64_t promptest; /* least time less position, modulo 2^64; only when arrived */
    uint32_t latest;    /* greatest lateness, at most max_frames */
    bool arrived;
} vo_target_period;

typedef struct vo_target {
    vo_target_config config;
    uint32_t frames;     /* the target */
    uint64_t changes;    /* of the target */
    uint64_t changed_at; /* at first: when measuring began, as is raised_at */
    uint64_t raised_at;
    uint64_t attack_ends;
    uint64_t period; /* number of the current period */
    bool measuring;  /* there was an arrival */
    bool starved;    /* an underrun was counted since the last one */
    vo_target_period periods[VO_TARGET_PERIODS + 1]; /* number n stands at n % size */
} vo_target;

/* --- The thread that owns the target -------------------------------------- */

/* BAD_ARG when the config breaks a bound given above. */
VO_NODISCARD vo_status vo_target_init(vo_target *target,
                                      const vo_target_config *config) VO_REALTIME;

/* Frames up to position `frame` of the source's timeline were there at frame now, which never goes
   back. Lost frames stand on the timeline too: a loss is not lateness. Returns the target. */
uint32_t vo_target_arrival(vo_target *target, uint64_t now, uint64_t frame) VO_REALTIME;

/* The consumer ran dry at frame now: the target is raised by one step, and not lowered for
   memory_frames. Counts once between two arrivals, and not before the first. Returns the target. */
uint32_t vo_target_underrun(vo_target *target, uint64_t now) VO_REALTIME;

VO_END_DECLS

#endif
