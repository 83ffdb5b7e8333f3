#include "kernels/resample.h"

#ifdef __aarch64__

#    include <arm_neon.h>

enum { WIDTH = 4, VECTORS = VO_RESAMPLE_GRID_OUTPUTS / WIDTH, TAPS = 4 };

/* Taps that are WIDTH apart see the same vectors of x, so a few of them share what is loaded:
   vector m of x belongs to tap t of output vector m - t. Even taps add to one sum and odd ones to
   another, so that an addition need not wait for the one before. */
static VO_REALTIME void grid(float *y, const float *const *x, const float *h, size_t streams,
                             size_t taps, size_t n) {
    for (size_t j = 0; j < n; j += VO_RESAMPLE_GRID_OUTPUTS) {
        float32x4_t sum[2][VECTORS];
        for (int v = 0; v < VECTORS; v++) sum[0][v] = sum[1][v] = vdupq_n_f32(0);
        for (size_t s = 0; s < streams; s++)
            for (size_t first = 0; first < WIDTH; first++)
                for (size_t k = first; k < taps; k += TAPS * WIDTH) {
                    const float *from = x[s] + j + k, *tap = h + s * taps + k;
#    pragma GCC unroll 7
                    for (int m = 0; m < VECTORS + TAPS - 1; m++) {
                        float32x4_t samples = vld1q_f32(from + m * WIDTH);
#    pragma GCC unroll 4
                        for (int t = 0; t < TAPS; t++)
                            if (m >= t && m - t < VECTORS)
                                sum[t & 1][m - t] =
                                    vfmaq_n_f32(sum[t & 1][m - t], samples, tap[t * WIDTH]);
                    }
                }
        for (int v = 0; v < VECTORS; v++)
            vst1q_f32(y + j + v * WIDTH, vaddq_f32(sum[0][v], sum[1][v]));
    }
}

/* The sums of four vectors. */
static inline float32x4_t sums(float32x4_t a, float32x4_t b, float32x4_t c, float32x4_t d) {
    return vpaddq_f32(vpaddq_f32(a, b), vpaddq_f32(c, d));
}

static inline float32x4_t four(const vo_resample_place at[4], size_t taps) {
    float32x4_t s0 = vdupq_n_f32(0), s1 = s0, s2 = s0, s3 = s0;
    for (size_t k = 0; k < taps; k += WIDTH) {
        s0 = vfmaq_f32(s0, vld1q_f32(at[0].row + k), vld1q_f32(at[0].x + k));
        s1 = vfmaq_f32(s1, vld1q_f32(at[1].row + k), vld1q_f32(at[1].x + k));
        s2 = vfmaq_f32(s2, vld1q_f32(at[2].row + k), vld1q_f32(at[2].x + k));
        s3 = vfmaq_f32(s3, vld1q_f32(at[3].row + k), vld1q_f32(at[3].x + k));
    }
    return sums(s0, s1, s2, s3);
}

static VO_REALTIME void rows(float *y, const float *x, const vo_resample_rows *rows, size_t first,
                             size_t n) {
    const size_t whole = rows->down / rows->up, part = rows->down % rows->up;
    vo_resample_place at[4] = {vo_resample_first(rows, x, first)};
    size_t j = 0;
    for (; n - j >= 4; j += 4) {
        for (int i = 0; i < 3; i++) at[i + 1] = vo_resample_next(at[i], rows, whole, part);
        vst1q_f32(y + j, four(at, rows->taps));
        at[0] = vo_resample_next(at[3], rows, whole, part);
    }
    for (; j < n; j++) {
        at[1] = at[2] = at[3] = at[0];
        y[j] = vgetq_lane_f32(four(at, rows->taps), 0);
        at[0] = vo_resample_next(at[0], rows, whole, part);
    }
}

static VO_REALTIME float blend(const float *x, const float *rows, const float *weight,
                               size_t taps) {
    float32x4_t s0 = vdupq_n_f32(0), s1 = s0, s2 = s0, s3 = s0;
    for (size_t k = 0; k < taps; k += WIDTH) {
        float32x4_t samples = vld1q_f32(x + k);
        s0 = vfmaq_f32(s0, vld1q_f32(rows + k), samples);
        s1 = vfmaq_f32(s1, vld1q_f32(rows + taps + k), samples);
        s2 = vfmaq_f32(s2, vld1q_f32(rows + 2 * taps + k), samples);
        s3 = vfmaq_f32(s3, vld1q_f32(rows + 3 * taps + k), samples);
    }
    s0 = vfmaq_n_f32(vmulq_n_f32(s0, weight[0]), s1, weight[1]);
    s2 = vfmaq_n_f32(vmulq_n_f32(s2, weight[2]), s3, weight[3]);
    return vaddvq_f32(vaddq_f32(s0, s2));
}

/* Four rows become one, which every window shares; n is a constant. */
static inline __attribute__((always_inline)) void blend_some(float *y, const float *x,
                                                             size_t stride, const size_t n,
                                                             const float *rows, const float *weight,
                                                             size_t taps) {
    float32x4_t sum[4];
#    pragma GCC unroll 4
    for (size_t j = 0; j < n; j++) sum[j] = vdupq_n_f32(0);
    for (size_t k = 0; k < taps; k += WIDTH) {
        float32x4_t row = vmulq_n_f32(vld1q_f32(rows + k), weight[0]);
        row = vfmaq_n_f32(row, vld1q_f32(rows + taps + k), weight[1]);
        row = vfmaq_n_f32(row, vld1q_f32(rows + 2 * taps + k), weight[2]);
        row = vfmaq_n_f32(row, vld1q_f32(rows + 3 * taps + k), weight[3]);
#    pragma GCC unroll 4
        for (size_t j = 0; j < n; j++)
            sum[j] = vfmaq_f32(sum[j], row, vld1q_f32(x + j * stride + k));
    }
#    pragma GCC unroll 4
    for (size_t j = 0; j < n; j++) y[j] = vaddvq_f32(sum[j]);
}

static VO_REALTIME void blend_each(float *y, const float *x, size_t stride, size_t n,
                                   const float *rows, const float *weight, size_t taps) {
    for (; n >= 4; n -= 4, y += 4, x += 4 * stride) blend_some(y, x, stride, 4, rows, weight, taps);
    for (; n >= 2; n -= 2, y += 2, x += 2 * stride) blend_some(y, x, stride, 2, rows, weight, taps);
    if (n) blend_some(y, x, stride, 1, rows, weight, taps);
}

void vo_resample_kernels_neon(vo_resample_kernels *kernels) {
    *kernels = (vo_resample_kernels){
        .name = "neon", .grid = grid, .rows = rows, .blend = blend, .blend_each = blend_each};
}

#endif
