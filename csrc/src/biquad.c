#include "vocana/biquad.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

static double warped(double frequency) {
    return tan(PI * frequency);
}

vo_biquad vo_biquad_low_pass(double frequency, double q) {
    return (vo_biquad){.g = warped(frequency), .k = 1 / q, .n0 = 1};
}

vo_biquad vo_biquad_high_pass(double frequency, double q) {
    return (vo_biquad){.g = warped(frequency), .k = 1 / q, .n2 = 1};
}

vo_biquad vo_biquad_band_pass(double frequency, double q) {
    return (vo_biquad){.g = warped(frequency), .k = 1 / q, .n1 = 1 / q};
}

vo_biquad vo_biquad_notch(double frequency, double q) {
    return (vo_biquad){.g = warped(frequency), .k = 1 / q, .n0 = 1, .n2 = 1};
}

/* The cookbook's A. */
static double amplitude(double gain_db) {
    return pow(10, gain_db / 40);
}

vo_biquad vo_biquad_peaking(double frequency, double gain_db, double q) {
    double a = amplitude(gain_db);
    return (vo_biquad){.g = warped(frequency), .k = 1 / (a * q), .n0 = 1, .n1 = a / q, .n2 = 1};
}

/* The cookbook's 1/Q for a slope. */
static double damping(double a, double slope) {
    return sqrt((a + 1 / a) * (1 / slope - 1) + 2);
}

/* Its denominators A s^2 + .. + 1 and s^2 + .. + A become p^2 + k p + 1 with p = s sqrt(A) and
   p = s / sqrt(A). */
vo_biquad vo_biquad_low_shelf(double frequency, double gain_db, double slope) {
    double a = amplitude(gain_db), k = damping(a, slope);
    return (vo_biquad){.g = warped(frequency) / sqrt(a), .k = k, .n0 = a * a, .n1 = a * k, .n2 = 1};
}

vo_biquad vo_biquad_high_shelf(double frequency, double gain_db, double slope) {
    double a = amplitude(gain_db), k = damping(a, slope);
    return (vo_biquad){.g = warped(frequency) * sqrt(a), .k = k, .n0 = 1, .n1 = a * k, .n2 = a * a};
}

/* 1 / (p + 1) or p / (p + 1), both sides times p + 1. */
static vo_biquad first_order(double frequency, bool high_pass) {
    return (vo_biquad){.g = warped(frequency), .k = 2, .n0 = !high_pass, .n1 = 1, .n2 = high_pass};
}

uint32_t vo_biquad_butterworth(vo_biquad *out, uint32_t order, bool high_pass, double frequency,
                               double q) {
    uint32_t count = 0;
    if (order % 2) out[count++] = first_order(frequency, high_pass);
    for (uint32_t i = order / 2; i-- > 0;) {
        double sharp = 1 / (2 * cos(PI * (order - 1 - 2 * i) / (2 * order)));
        double q_i = i ? sharp : sharp * q * sqrt(2);
        out[count++] =
            high_pass ? vo_biquad_high_pass(frequency, q_i) : vo_biquad_low_pass(frequency, q_i);
    }
    return count;
}

vo_status vo_biquad_from_row(vo_biquad *out, const double row[6]) {
    double a0 = row[3], a1 = row[4] / a0, a2 = row[5] / a0;
    double b0 = row[0] / a0, b1 = row[1] / a0, b2 = row[2] / a0;
    double at_dc = 1 + a1 + a2, at_nyquist = 1 - a1 + a2; /* of the denominator */
    if (!(at_dc > 0 && at_nyquist > 0 && fabs(a2) < 1)) return VO_BAD_ARG;
    if (!isfinite(b0) || !isfinite(b1) || !isfinite(b2)) return VO_BAD_ARG;
    double g = sqrt(at_dc / at_nyquist);
    *out = (vo_biquad){.g = g,
                       .k = 2 * g * (1 - a2) / at_dc,
                       .n0 = (b0 + b1 + b2) / at_dc,
                       .n1 = 2 * g * (b0 - b2) / at_dc,
                       .n2 = (b0 - b1 + b2) / at_nyquist};
    return VO_OK;
}

static void scale(vo_biquad *q, double factor) {
    q->n0 *= factor;
    q->n1 *= factor;
    q->n2 *= factor;
}

void vo_biquad_balance(vo_biquad *sections, uint32_t count) {
    double total = 1;
    for (uint32_t i = 0; i < count; i++) {
        vo_biquad *q = &sections[i];
        double resonance = hypot(q->n0 - q->n2, q->n1) / q->k; /* at p = j */
        double peak = fmax(fmax(fabs(q->n0), fabs(q->n2)), resonance);
        if (peak == 0) continue; /* nothing comes out, whatever the others do */
        scale(q, 1 / peak);
        total *= peak;
    }
    scale(&sections[count - 1], total);
}
