#include "kernels/fir.h"

#ifdef __aarch64__

#    include <arm_neon.h>

/* Four taps stand in a register, and each vector of samples goes into up to two of the sums, as
   taps that are WIDTH apart share it. */
enum { WIDTH = 4, TAPS = 2, SUMS = 12 };

static inline __attribute__((always_inline)) void tile(float *y, const float *x, const float *taps,
                                                       uint32_t count, int sums) {
    float32x4_t sum[SUMS];
    for (int v = 0; v < sums; v++) sum[v] = vdupq_n_f32(0);
    for (uint32_t first = 0; first < count; first += TAPS * WIDTH)
        for (uint32_t r = 0; r < WIDTH; r++) {
            const float *h = taps + first + r, *at = x - first - r;
            const float near = h[0], far = h[WIDTH];
            float32x4_t before = vld1q_f32(at - WIDTH);
            for (int v = 0; v < sums; v++) {
                float32x4_t from = vld1q_f32(at + v * WIDTH);
                sum[v] = vfmaq_n_f32(sum[v], before, far);
                sum[v] = vfmaq_n_f32(sum[v], from, near);
                before = from;
            }
        }
    for (int v = 0; v < sums; v++) vst1q_f32(y + v * WIDTH, sum[v]);
}

/* One output, its products in the same order. */
static void one(float *y, const float *x, const float *taps, uint32_t count) {
    float32x2_t sum = vdup_n_f32(0);
    for (uint32_t first = 0; first < count; first += TAPS * WIDTH)
        for (uint32_t r = 0; r < WIDTH; r++)
            for (uint32_t j = TAPS; j-- > 0;) {
                uint32_t k = first + r + j * WIDTH;
                sum = vfma_n_f32(sum, vdup_n_f32(*(x - k)), taps[k]);
            }
    *y = vget_lane_f32(sum, 0);
}

static VO_REALTIME void run(float *y, const float *x, const float *taps, uint32_t count, size_t n) {
    for (; n >= SUMS * WIDTH; n -= SUMS * WIDTH, x += SUMS * WIDTH, y += SUMS * WIDTH)
        tile(y, x, taps, count, SUMS);
    for (; n >= WIDTH; n -= WIDTH, x += WIDTH, y += WIDTH) tile(y, x, taps, count, 1);
    for (; n; n--) one(y++, x++, taps, count);
}

void vo_fir_kernels_neon(vo_fir_kernels *kernels) {
    *kernels = (vo_fir_kernels){.name = "neon", .run = run};
}

#endif
