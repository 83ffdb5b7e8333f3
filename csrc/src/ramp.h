/* A factor that moves from one value to another by the sin^2 law, without a click.

   A ramp that has begun runs to its end; what is wanted meanwhile is heard next: a change is
   complete at most two ramps after it was asked for. */
#ifndef VOCANA_RAMP_H
#define VOCANA_RAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "kernels/kernels.h"

/* at < frames while a ramp from `from` to `to` runs; at == frames while the factor is `to`. The
   weight of `from` is cosine^2 of an angle that turns by the same step with each frame, so a ramp
   is the same however it is cut. */
typedef struct vo_ramp {
    float from, to;
    uint32_t at, frames;
    double cosine, sine;           /* of the angle at frame `at` */
    double step_cosine, step_sine; /* of one step of it */
    bool settled;                  /* false: the next frames begin at what is wanted */
    vo_kernels kernels;
} vo_ramp;

/* Frames of the usual ramp: 5 ms. */
static inline uint32_t vo_ramp_frames(uint32_t rate) {
    return (rate + 100) / 200;
}

/* --- Setup thread ------------------------------------------------------- */

void vo_ramp_init(vo_ramp *ramp);

/* --- Audio thread only --------------------------------------------------- */

/* Forget everything: the next frames have the factor that is wanted then, without a ramp. */
void vo_ramp_reset(vo_ramp *ramp) VO_REALTIME;

/* The factor from the next frame on, as if nothing had been before. */
void vo_ramp_settle(vo_ramp *ramp, float factor) VO_REALTIME;

/* x[c][i] times the factor at frame i, on its way to `wanted`; a new ramp is `frames` long, 0 is a
   hard step. A steady 1 leaves every bit as it is; a steady 0 makes +0 of anything. */
void vo_ramp_apply(vo_ramp *ramp, float wanted, uint32_t frames, float *const *x, uint32_t channels,
                   uint32_t n) VO_REALTIME;

#endif
