/* Signals for meters, and the cuts that must make no difference to them. */
#ifndef METER_SIGNALS_H
#define METER_SIGNALS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "failing_alloc.h"

#define PI 3.14159265358979323846

static inline double db(double factor) {
    return 20 * log10(factor);
}

static inline double from_db(double level_db) {
    return pow(10, level_db / 20);
}

/* Adds a sine of a peak of level_db to n samples that are `stride` apart. */
static inline void add_tone(float *x, uint32_t stride, uint32_t n, double cycles_per_frame,
                            double level_db) {
    for (uint32_t i = 0; i < n; i++)
        x[(size_t)i * stride] +=
            (float)(from_db(level_db) * sin(2 * PI * fmod(cycles_per_frame * i, 1)));
}

static inline uint32_t random_bits(uint32_t *seed) {
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* -1..1, all alike. */
static inline float noise(uint32_t *seed) {
    return (float)random_bits(seed) / 0x1p23f - 1;
}

static inline uint32_t random_cut(uint32_t *seed, uint32_t left) {
    uint32_t cut = random_bits(seed) % (random_bits(seed) % 2 ? 20 : 3000);
    return cut < left ? cut : left;
}

#endif
