/* How a needle follows what it shows: fast up, slow down, in time and not in calls. */
#ifndef VOCANA_BALLISTICS_H
#define VOCANA_BALLISTICS_H

#include "attributes.h"

VO_BEGIN_DECLS

/* Time constants in frames: after one of them, 1 - 1/e of the way is done. 0 is at once. */
typedef struct vo_ballistics {
    double attack_frames, release_frames;
    double value;
} vo_ballistics;

/* --- Any one thread at a time -------------------------------------------- */

/* Rests at 0. Times in ms, 0 or more, for frames of `rate` a second. */
void vo_ballistics_init(vo_ballistics *needle, double attack_ms, double release_ms,
                        double rate) VO_REALTIME;

/* Time goes on by `frames` while the needle is drawn to target; returns its new value. Steps add
   up: two of n frames end where one of 2 n does. */
double vo_ballistics_step(vo_ballistics *needle, double target, double frames) VO_REALTIME;

VO_END_DECLS

#endif
