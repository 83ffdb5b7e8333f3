#include "lowpass.h"

#include <math.h>

#define PI 3.14159265358979323846

/* c(stop - 14) .. c(stop + 6), by bench/resampler_edge.py. */
enum { BEFORE = 14, COUNT = 21 };

static const double edge[COUNT] = {
    1.000769708253123,  0.999276322186056, 1.000449637624853,  0.999870436410967,
    0.999846136453937,  1.000360223423319, 0.999531391752653,  1.000420329451133,
    1.000176770542003,  0.975676922596694, 0.753257173593230,  0.348374592153402,
    0.074550085031667,  0.004599846962758, 0.000001658677255,  -0.000001625990564,
    -0.000000193661147, 0.000001277136527, -0.000001452077388, 0.000001350101995,
    -0.000001241757903,
};

double vo_lowpass_at(const vo_lowpass *lowpass, double t) {
    if (!(fabs(t) < lowpass->half)) return 0;
    double angle = PI * t / lowpass->half, half_sine = sin(angle / 2);
    double below = (double)(lowpass->stop - BEFORE); /* the harmonics that pass by 1, and 0 */
    double sum = fabs(half_sine) < 1e-9 ? 2 * below - 1 : sin((below - 0.5) * angle) / half_sine;
    double last = cos((below - 1) * angle), now = cos(below * angle), twice = 2 * cos(angle);
    for (int i = 0; i < COUNT; i++) {
        sum += 2 * edge[i] * now;
        double next = twice * now - last;
        last = now;
        now = next;
    }
    return sum / (2 * lowpass->half);
}

void vo_lowpass_row(const vo_lowpass *lowpass, double phase, uint32_t taps, float *row) {
    for (uint32_t age = taps; age--;)
        *row++ = (float)vo_lowpass_at(lowpass, lowpass->half - phase - age);
}
