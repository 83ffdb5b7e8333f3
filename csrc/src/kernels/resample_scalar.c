#include "kernels/resample.h"

/* Sums of a row run in this many lanes, so that an addition need not wait for the one before. */
enum { LANES = 4, OUTPUTS = VO_RESAMPLE_GRID_OUTPUTS };

static VO_REALTIME void grid(float *y, const float *const *x, const float *h, size_t streams,
                             size_t taps, size_t n) {
    for (size_t j = 0; j < n; j += OUTPUTS) {
        float sum[OUTPUTS] = {0};
        for (size_t s = 0; s < streams; s++)
            for (size_t k = 0; k < taps; k++) {
                const float *at = x[s] + j + k;
                float by = h[s * taps + k];
                for (size_t i = 0; i < OUTPUTS; i++) sum[i] += by * at[i];
            }
        for (size_t i = 0; i < OUTPUTS; i++) y[j + i] = sum[i];
    }
}

static inline float dot(const float *a, const float *b, size_t n) {
    float sum[LANES] = {0};
    for (size_t i = 0; i < n; i += LANES)
        for (size_t k = 0; k < LANES; k++) sum[k] += a[i + k] * b[i + k];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static VO_REALTIME void rows(float *y, const float *x, const vo_resample_rows *rows, size_t first,
                             size_t n) {
    const size_t whole = rows->down / rows->up, part = rows->down % rows->up;
    vo_resample_place at = vo_resample_first(rows, x, first);
    for (size_t j = 0; j < n; j++, at = vo_resample_next(at, rows, whole, part))
        y[j] = dot(at.row, at.x, rows->taps);
}

static VO_REALTIME float blend(const float *x, const float *rows, const float *weight,
                               size_t taps) {
    float sum = 0;
    for (size_t i = 0; i < 4; i++) sum += weight[i] * dot(rows + i * taps, x, taps);
    return sum;
}

static VO_REALTIME void blend_each(float *y, const float *x, size_t stride, size_t n,
                                   const float *rows, const float *weight, size_t taps) {
    for (size_t j = 0; j < n; j++) y[j] = blend(x + j * stride, rows, weight, taps);
}

vo_resample_kernels vo_resample_kernels_scalar(void) {
    return (vo_resample_kernels){
        .name = "scalar", .grid = grid, .rows = rows, .blend = blend, .blend_each = blend_each};
}
