#include "vocana/fragment.h"

#include <math.h>
#include <string.h>

/* The sample in the high bytes, as if it were one of 4. */
static inline int32_t high(const uint8_t *at, uint32_t width) {
    uint32_t bits = 0;
    if (width == 1) {
        bits = (uint32_t)at[0] << 24;
    } else if (width == 2) {
        uint16_t half;
        memcpy(&half, at, sizeof half);
        bits = (uint32_t)half << 16;
    } else if (width == 3) {
        bits = (uint32_t)at[0] << 8 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 24;
    } else {
        memcpy(&bits, at, sizeof bits);
    }
    return (int32_t)bits;
}

static inline void put_high(uint8_t *at, uint32_t width, int32_t sample) {
    uint32_t bits = (uint32_t)sample;
    if (width == 1) {
        at[0] = (uint8_t)(bits >> 24);
    } else if (width == 2) {
        uint16_t half = (uint16_t)(bits >> 16);
        memcpy(at, &half, sizeof half);
    } else if (width == 3) {
        at[0] = (uint8_t)(bits >> 8);
        at[1] = (uint8_t)(bits >> 16);
        at[2] = (uint8_t)(bits >> 24);
    } else {
        memcpy(at, &bits, sizeof bits);
    }
}

static inline int32_t sample(const void *fragment, uint32_t width, size_t i) {
    return high((const uint8_t *)fragment + i * width, width) >> (32 - 8 * width);
}

uint32_t vo_fragment_rms(const void *fragment, uint32_t width, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double v = sample(fragment, width, i), square = v * v;
        sum = sum + square;
    }
    return n ? (uint32_t)sqrt(sum / (double)n) : 0;
}

uint32_t vo_fragment_max(const void *fragment, uint32_t width, size_t n) {
    uint32_t most = 0;
    for (size_t i = 0; i < n; i++) {
        int32_t v = sample(fragment, width, i);
        uint32_t magnitude = v < 0 ? 0 - (uint32_t)v : (uint32_t)v;
        most = magnitude > most ? magnitude : most;
    }
    return most;
}

void vo_fragment_lin2lin(void *out, uint32_t out_width, const void *fragment, uint32_t width,
                         size_t n) {
    const uint8_t *from = fragment;
    uint8_t *to = out;
    for (size_t i = 0; i < n; i++)
        put_high(to + i * out_width, out_width, high(from + i * width, width));
}

/* Below the least whole number plus one all is the least, as it was there. */
void vo_fragment_tomono(void *out, const void *fragment, uint32_t width, double left, double right,
                        size_t n) {
    const double full = (double)(INT64_C(1) << (8 * width - 1));
    uint8_t *to = out;
    for (size_t i = 0; i < n; i++) {
        double l = left * sample(fragment, width, 2 * i);
        double r = right * sample(fragment, width, 2 * i + 1);
        double sum = l + r;
        sum = sum > full - 1 ? full - 1 : sum < 1 - full ? -full : floor(sum);
        put_high(to + i * width, width, (int32_t)((uint32_t)(int32_t)sum << (32 - 8 * width)));
    }
}
