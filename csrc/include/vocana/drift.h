/* A resampler for two clocks that should be equal and are not: its ratio is steered while it runs.

   A position in the input moves on by 1 / ratio a frame of the output. It is a whole number and a
   fraction in integers, so it is exact for ever. A new ratio is approached in a straight line over
   VO_DRIFT_RAMP_FRAMES outputs: pitch moves, and nothing clicks. Ripple and alias are those of a
   vo_resampler at every ratio of the range. */
#ifndef VOCANA_DRIFT_H
#define VOCANA_DRIFT_H

#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

/* Frames of the output for each frame of the input. */
#define VO_DRIFT_LEAST_RATIO 0.99
#define VO_DRIFT_MOST_RATIO 1.01

#define VO_DRIFT_RAMP_FRAMES 256
#define VO_DRIFT_LATENCY_FRAMES 64
#define VO_DRIFT_MOST_CHANNELS 1024

typedef struct vo_drift vo_drift;

/* --- Setup thread ------------------------------------------------------- */

/* The ratio is 1. BAD_ARG for a number of channels out of range. */
VO_NODISCARD vo_status vo_drift_new(vo_drift **out, uint32_t channels,
                                    const vo_allocator *allocator);
void vo_drift_free(vo_drift *drift);

/* --- Any thread --------------------------------------------------------- */

/* The next call of process begins to move there. BAD_ARG, and nothing changes, beyond the range or
   for NaN. */
VO_NODISCARD vo_status vo_drift_set_ratio(vo_drift *drift, double ratio) VO_REALTIME;

/* What was set last, whether it is reached yet or not. */
double vo_drift_ratio(const vo_drift *drift) VO_REALTIME;

/* More frames than n frames can become at any ratio. */
uint64_t vo_drift_max_output(uint64_t n) VO_REALTIME;

/* --- Audio thread only --------------------------------------------------- */

/* n interleaved frames in; returns how many came out: one for each position up to the newest frame.
   All n are taken; frames for which out has no room are lost. out is not in. */
uint64_t vo_drift_process(vo_drift *drift, float *out, uint64_t room, const float *in,
                          uint64_t n) VO_REALTIME;

/* As new: silence before the next frame, and what is set holds at once. */
void vo_drift_reset(vo_drift *drift) VO_REALTIME;

VO_END_DECLS

#endif
