#include "kernels/families.h"

#ifdef __aarch64__

#    include <arm_neon.h>

enum { WIDTH = 4 };

/* The conversion of this architecture rounds to even, saturates, and makes 0 of NaN. */
static inline int32x4_t nearest(const float *x, float full) {
    return vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(x), full));
}

static VO_REALTIME void to_int16(int16_t *out, const float *x, size_t n) {
    size_t i = 0;
    for (; n - i >= 2 * WIDTH; i += 2 * WIDTH) {
        int16x4_t low = vqmovn_s32(nearest(x + i, 0x1p15f));
        vst1q_s16(out + i, vqmovn_high_s32(low, nearest(x + i + WIDTH, 0x1p15f)));
    }
    vo_scalar_to_int16(out + i, x + i, n - i);
}

static inline uint8x16_t nearest_int24(const float *x) {
    int32x4_t v = vminq_s32(nearest(x, 0x1p23f), vdupq_n_s32(0x7fffff));
    return vreinterpretq_u8_s32(vmaxq_s32(v, vdupq_n_s32(-0x800000)));
}

/* 16 samples: their lowest bytes, those in the middle and the highest, stored in turn. */
static VO_REALTIME void to_int24(uint8_t *out, const float *x, size_t n) {
    static const uint8_t every_fourth[] = {0,  4,  8,  12, 16, 20, 24, 28,
                                           32, 36, 40, 44, 48, 52, 56, 60};
    const uint8x16_t lowest = vld1q_u8(every_fourth), one = vdupq_n_u8(1);
    const uint8x16_t middle = vaddq_u8(lowest, one), highest = vaddq_u8(middle, one);
    size_t i = 0;
    for (; n - i >= 4 * WIDTH; i += 4 * WIDTH) {
        const uint8x16x4_t v = {{nearest_int24(x + i), nearest_int24(x + i + 4),
                                 nearest_int24(x + i + 8), nearest_int24(x + i + 12)}};
        const uint8x16x3_t bytes = {
            {vqtbl4q_u8(v, lowest), vqtbl4q_u8(v, middle), vqtbl4q_u8(v, highest)}};
        vst3q_u8(out + 3 * i, bytes);
    }
    vo_scalar_to_int24(out + 3 * i, x + i, n - i);
}

static VO_REALTIME void to_int32(int32_t *out, const float *x, size_t n) {
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH) vst1q_s32(out + i, nearest(x + i, 0x1p31f));
    vo_scalar_to_int32(out + i, x + i, n - i);
}

/* To float, compilers make the same of the scalar loops. */
void vo_pcm_neon(vo_kernels *kernels) {
    kernels->to_int16 = to_int16;
    kernels->to_int24 = to_int24;
    kernels->to_int32 = to_int32;
}

#endif
