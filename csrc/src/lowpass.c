#include "lowpass.h"

#include <math.h>
#include <stdbool.h>

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

/* The angle of each of a few points, by rotation; so few that what rotation loses is below 2^-45.
 */
enum { POINTS = 32 };

typedef struct angles {
    double sine[POINTS], cosine[POINTS];
} angles;

static void rotate(angles *a, double first, double step) {
    double sine = sin(first), cosine = cos(first);
    const double s = sin(step), c = cos(step);
    for (int i = 0; i < POINTS; i++) {
        a->sine[i] = sine;
        a->cosine[i] = cosine;
        double next = sine * c + cosine * s;
        cosine = cosine * c - sine * s;
        sine = next;
    }
}

/* The harmonics below the edge are one quotient of sines. The others follow one by one from
   cos((k + 1) a) = 2 cos(a) cos(k a) - cos((k - 1) a). */
static void points(const vo_lowpass *lowpass, double t, double step, double sum[POINTS]) {
    const double half_turn = PI / 2 / lowpass->half, below = 2.0 * (lowpass->stop - BEFORE) - 1;
    angles half, center;
    rotate(&half, t * half_turn, step * half_turn);
    rotate(&center, t * half_turn * below, step * half_turn * below);
    double last[POINTS], now[POINTS], twice[POINTS];
    for (int i = 0; i < POINTS; i++) {
        double s = half.sine[i], cc = center.cosine[i] * half.cosine[i], ss = center.sine[i] * s;
        sum[i] = fabs(s) < 1e-9 ? below : center.sine[i] / s;
        last[i] = cc + ss;
        now[i] = cc - ss;
        twice[i] = 2 - 4 * s * s;
    }
    for (int k = 0; k < COUNT; k++)
        for (int i = 0; i < POINTS; i++) {
            sum[i] += 2 * edge[k] * now[i];
            double next = twice[i] * now[i] - last[i];
            last[i] = now[i];
            now[i] = next;
        }
}

void vo_lowpass_read(const vo_lowpass *lowpass, double t, double step, uint32_t n, float *out) {
    double sum[POINTS];
    for (uint32_t i = 0; i < n; i++) {
        double at = t + i * step;
        if (i % POINTS == 0) points(lowpass, at, step, sum);
        bool inside = fabs(at) < lowpass->half;
        out[i] = inside ? (float)(sum[i % POINTS] / (2 * lowpass->half)) : 0;
    }
}
