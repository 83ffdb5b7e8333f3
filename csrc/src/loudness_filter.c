#include "loudness_filter.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

static const double SHELF_HZ = 1681.974450955533, SHELF_DB = 3.999843853973347,
                    SHELF_Q = 0.7071752369554196, SHELF_BEND = 0.4996667741545416;
static const double PASS_HZ = 38.13547087602444, PASS_Q = 0.5003270373238773;
static const double STANDARD_RATE = 48000;

void vo_loudness_filter_design(vo_biquad sections[VO_LOUDNESS_SECTIONS], double rate) {
    double high = pow(10, SHELF_DB / 20), standard = tan(PI * PASS_HZ / STANDARD_RATE);
    sections[0] = (vo_biquad){.g = tan(PI * SHELF_HZ / rate),
                              .k = 1 / SHELF_Q,
                              .n0 = 1,
                              .n1 = pow(high, SHELF_BEND) / SHELF_Q,
                              .n2 = high};
    /* The standard's numerator is 1, -2, 1 at 48 kHz; at other rates it has the gain that it has
       there. */
    sections[1] = (vo_biquad){.g = tan(PI * PASS_HZ / rate),
                              .k = 1 / PASS_Q,
                              .n2 = 1 + standard / PASS_Q + standard * standard};
}
