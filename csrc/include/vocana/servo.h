/* Holds a level at its aim by steering a ratio: the loop with which a consumer follows a source
   whose clock is not its own.

   The error is smoothed by two low-passes, then a proportional part answers it and an integral part
   learns the difference of the clocks: F. Adriaensen, "Controlling adaptive resampling", Linux
   Audio Conference 2012. The loop is wide at first and whenever the smoothed error is large, so
   that it locks soon, and becomes narrow from there, so that jitter does not move the pitch. */
#ifndef VOCANA_SERVO_H
#define VOCANA_SERVO_H

#include <stdint.h>

#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_servo_config {
    uint32_t rate;       /* >= 1 */
    double wide_hz;      /* bandwidth at first */
    double narrow_hz;    /* in the end; > 0, <= wide_hz */
    double settle_s;     /* time constant from one to the other; > 0 */
    double loose_frames; /* smoothed error beyond which the loop is wide again; > 0 */
    double most;         /* greatest correction; 0 never steers */
} vo_servo_config;

typedef struct vo_servo {
    vo_servo_config config;
    double bandwidth_hz;
    double smooth[2]; /* the error after one low-pass and after both, in frames */
    double learned;   /* the integral part, frames a frame */
    double correction;
} vo_servo;

/* --- The thread that owns the servo -------------------------------------- */

/* BAD_ARG when the config breaks a bound given above. */
VO_NODISCARD vo_status vo_servo_init(vo_servo *servo, const vo_servo_config *config) VO_REALTIME;

/* n frames later the level is error_frames above its aim. Returns what to add to a ratio of output
   to input: less than 0 for a level that is too high. */
double vo_servo_update(vo_servo *servo, double error_frames, uint32_t n) VO_REALTIME;

/* The level was moved by other means: forget the errors, keep what was learned, and be wide. */
void vo_servo_resume(vo_servo *servo) VO_REALTIME;

VO_END_DECLS

#endif
