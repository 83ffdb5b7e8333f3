#include "vocana/meter.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* Bit patterns of the magnitudes that count: the least normal number, and 10. */
enum { LEAST = 0x00800000, MOST = 0x41200000 };

static inline float counted(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits &= 0x7fffffff;
    return bits >= LEAST && bits <= MOST ? fabsf(x) : 0;
}

static inline float within_one(float x) {
    return x < 1 ? x : 1;
}

vo_level vo_meter_level(const float *frames, uint32_t n, uint32_t channels, uint32_t channel) {
    if (!n || channel >= channels) return (vo_level){0, 0};
    float peak = 0;
    double energy = 0;
    for (uint32_t i = 0; i < n; i++) {
        float x = counted(frames[(size_t)i * channels + channel]);
        peak = x > peak ? x : peak;
        energy += (double)x * x;
    }
    return (vo_level){within_one(peak), within_one((float)sqrt(energy / n))};
}
