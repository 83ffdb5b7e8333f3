#include <string.h>

#include "kernels/families.h"

VO_REALTIME void vo_scalar_from_int16(float *out, const int16_t *x, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = (float)x[i] * 0x1p-15f;
}

VO_REALTIME void vo_scalar_from_int24(float *out, const uint8_t *x, size_t n) {
    for (size_t i = 0; i < n; i++, x += 3) {
        uint32_t high = (uint32_t)x[0] << 8 | (uint32_t)x[1] << 16 | (uint32_t)x[2] << 24;
        out[i] = (float)(int32_t)high * 0x1p-31f;
    }
}

VO_REALTIME void vo_scalar_from_int32(float *out, const int32_t *x, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = (float)x[i] * 0x1p-31f;
}

/* The nearest whole number in -full..full - 1. To add 1.5 * 2^52 leaves no bit for what is below
   one, so the sum is rounded as the standard says, to even; its low bits are the number. */
static inline int32_t nearest(float x, double full) {
    double v = x == x ? (double)x * full : 0;
    v = v < full - 1 ? v : full - 1;
    v = v > -full ? v : -full;
    double sum = v + 0x1.8p52;
    uint64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    return (int32_t)(uint32_t)bits;
}

VO_REALTIME void vo_scalar_to_int16(int16_t *out, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = (int16_t)nearest(x[i], 0x1p15);
}

VO_REALTIME void vo_scalar_to_int24(uint8_t *out, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = (uint32_t)nearest(x[i], 0x1p23);
        *out++ = (uint8_t)bits;
        *out++ = (uint8_t)(bits >> 8);
        *out++ = (uint8_t)(bits >> 16);
    }
}

VO_REALTIME void vo_scalar_to_int32(int32_t *out, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = nearest(x[i], 0x1p31);
}

void vo_pcm_scalar(vo_kernels *kernels) {
    kernels->from_int16 = vo_scalar_from_int16;
    kernels->from_int24 = vo_scalar_from_int24;
    kernels->from_int32 = vo_scalar_from_int32;
    kernels->to_int16 = vo_scalar_to_int16;
    kernels->to_int24 = vo_scalar_to_int24;
    kernels->to_int32 = vo_scalar_to_int32;
}
