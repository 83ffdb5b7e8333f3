#include "kernels/families.h"

#ifdef __aarch64__

#    include <arm_neon.h>

enum { WIDTH = 4 };

static VO_REALTIME void interleave(float *out, float *const *rows, uint32_t channels, size_t n) {
    if (channels != 2) {
        vo_scalar_interleave(out, rows, channels, n);
        return;
    }
    const float *left = rows[0], *right = rows[1];
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH) {
        const float32x4x2_t pairs = {{vld1q_f32(left + i), vld1q_f32(right + i)}};
        vst2q_f32(out + 2 * i, pairs);
    }
    for (; i < n; i++) {
        out[2 * i] = left[i];
        out[2 * i + 1] = right[i];
    }
}

static VO_REALTIME void deinterleave(float *const *rows, const float *x, uint32_t channels,
                                     size_t n) {
    if (channels != 2) {
        vo_scalar_deinterleave(rows, x, channels, n);
        return;
    }
    float *left = rows[0], *right = rows[1];
    size_t i = 0;
    for (; n - i >= WIDTH; i += WIDTH) {
        float32x4x2_t pairs = vld2q_f32(x + 2 * i);
        vst1q_f32(left + i, pairs.val[0]);
        vst1q_f32(right + i, pairs.val[1]);
    }
    for (; i < n; i++) {
        left[i] = x[2 * i];
        right[i] = x[2 * i + 1];
    }
}

void vo_rows_neon(vo_kernels *kernels) {
    kernels->interleave = interleave;
    kernels->deinterleave = deinterleave;
}

#endif
