#include "vocana/servo.h"

#include <math.h>

#define TWO_PI 6.28318530717958647692

/* Damping 0.75: the proportional part is this many times the angular frequency. */
#define PROPORTION 1.5
/* The low-passes lie this many times above the bandwidth: they cost little phase. */
#define SMOOTHING 10
/* No loop is faster than its updates: radians from one to the next. */
#define MOST_RADIANS 0.25

static double clamp(double x, double most) {
    return x > most ? most : x < -most ? -most : x;
}

vo_status vo_servo_init(vo_servo *servo, const vo_servo_config *config) {
    if (!config->rate || !(config->narrow_hz > 0) || !(config->wide_hz >= config->narrow_hz) ||
        !(config->settle_s > 0) || !(config->loose_frames > 0) || !(config->most >= 0))
        return VO_BAD_ARG;
    *servo = (vo_servo){.config = *config, .bandwidth_hz = config->wide_hz};
    return VO_OK;
}

void vo_servo_resume(vo_servo *servo) {
    servo->smooth[0] = servo->smooth[1] = 0;
    servo->correction = servo->learned;
    servo->bandwidth_hz = servo->config.wide_hz;
}

double vo_servo_update(vo_servo *servo, double error_frames, uint32_t n) {
    if (!n) return servo->correction;
    const vo_servo_config *config = &servo->config;
    double seconds = (double)n / config->rate;
    double radians = TWO_PI * servo->bandwidth_hz * seconds;
    if (radians > MOST_RADIANS) radians = MOST_RADIANS;
    double keep = 1 / (1 + SMOOTHING * radians);
    servo->smooth[0] += (1 - keep) * (error_frames - servo->smooth[0]);
    servo->smooth[1] += (1 - keep) * (servo->smooth[0] - servo->smooth[1]);

    double error = servo->smooth[1] / n; /* what one frame would have to give */
    double learned = servo->learned - radians * radians * error;
    double wanted = learned - PROPORTION * radians * error;
    servo->correction = clamp(wanted, config->most);
    if (wanted == servo->correction) servo->learned = learned; /* else it would wind up */

    if (fabs(servo->smooth[1]) > config->loose_frames) {
        servo->bandwidth_hz = config->wide_hz;
    } else {
        double part = seconds / (seconds + config->settle_s);
        servo->bandwidth_hz += part * (config->narrow_hz - servo->bandwidth_hz);
    }
    return servo->correction;
}
