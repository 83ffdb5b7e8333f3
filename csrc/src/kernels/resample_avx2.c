#include "kernels/resample.h"

#ifdef __x86_64__

#    include "kernels/begin_avx2.h"

enum { WIDTH = 8 };

/* Vectors of outputs that are made at a time: with two sums each and the taps, all registers. */
enum { MOST_VECTORS = 4, MOST_TAPS = 4 };

typedef __m256 vo_grid_sums[2][MOST_VECTORS];

/* Taps that are WIDTH apart see the same vectors of x, so a few of them share what is loaded:
   vector m of x belongs to tap t of output vector m - t. Even taps add to one sum and odd ones to
   another, so that an addition need not wait for the one before. Both counts are constants. */
static inline __attribute__((always_inline)) void
grid_taps(vo_grid_sums sum, const float *x, const float *h, const int vectors, const int taps) {
    __m256 tap[MOST_TAPS];
#    pragma GCC unroll 4
    for (int t = 0; t < taps; t++) tap[t] = _mm256_set1_ps(h[t * WIDTH]);
#    pragma GCC unroll 7
    for (int m = 0; m < vectors + taps - 1; m++) {
        const __m256 samples = _mm256_loadu_ps(x + m * WIDTH);
#    pragma GCC unroll 4
        for (int t = 0; t < taps; t++)
            if (m >= t && m - t < vectors)
                sum[t & 1][m - t] = _mm256_fmadd_ps(tap[t], samples, sum[t & 1][m - t]);
    }
}

static inline __attribute__((always_inline)) void grid_vectors(float *y, const float *const *x,
                                                               const float *h, size_t streams,
                                                               size_t taps, size_t at,
                                                               const int vectors) {
    vo_grid_sums sum;
#    pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) sum[0][v] = sum[1][v] = _mm256_setzero_ps();
    for (size_t s = 0; s < streams; s++, h += taps)
        for (size_t first = 0; first < WIDTH; first++)
            for (size_t k = first; k < taps; k += 4 * WIDTH)
                grid_taps(sum, x[s] + at + k, h + k, vectors, 4);
#    pragma GCC unroll 4
    for (int v = 0; v < vectors; v++)
        _mm256_storeu_ps(y + at + v * WIDTH, _mm256_add_ps(sum[0][v], sum[1][v]));
}

static VO_REALTIME void grid(float *y, const float *const *x, const float *h, size_t streams,
                             size_t taps, size_t n) {
    size_t at = 0;
    for (; at + 2 * WIDTH < n; at += 4 * WIDTH) grid_vectors(y, x, h, streams, taps, at, 4);
    if (at < n) grid_vectors(y, x, h, streams, taps, at, 2);
}

/* The sums of four vectors. */
static inline __m128 sums(__m256 a, __m256 b, __m256 c, __m256 d) {
    __m256 v = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
    return _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
}

static inline __m128 four(const vo_resample_place at[4], size_t taps) {
    __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    for (size_t k = 0; k < taps; k += WIDTH) {
        s0 = _mm256_fmadd_ps(_mm256_loadu_ps(at[0].row + k), _mm256_loadu_ps(at[0].x + k), s0);
        s1 = _mm256_fmadd_ps(_mm256_loadu_ps(at[1].row + k), _mm256_loadu_ps(at[1].x + k), s1);
        s2 = _mm256_fmadd_ps(_mm256_loadu_ps(at[2].row + k), _mm256_loadu_ps(at[2].x + k), s2);
        s3 = _mm256_fmadd_ps(_mm256_loadu_ps(at[3].row + k), _mm256_loadu_ps(at[3].x + k), s3);
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
        _mm_storeu_ps(y + j, four(at, rows->taps));
        at[0] = vo_resample_next(at[3], rows, whole, part);
    }
    for (; j < n; j++) {
        at[1] = at[2] = at[3] = at[0];
        _mm_store_ss(y + j, four(at, rows->taps));
        at[0] = vo_resample_next(at[0], rows, whole, part);
    }
}

static VO_REALTIME float blend(const float *x, const float *rows, const float *weight,
                               size_t taps) {
    __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    for (size_t k = 0; k < taps; k += WIDTH) {
        const __m256 samples = _mm256_loadu_ps(x + k);
        s0 = _mm256_fmadd_ps(_mm256_loadu_ps(rows + k), samples, s0);
        s1 = _mm256_fmadd_ps(_mm256_loadu_ps(rows + taps + k), samples, s1);
        s2 = _mm256_fmadd_ps(_mm256_loadu_ps(rows + 2 * taps + k), samples, s2);
        s3 = _mm256_fmadd_ps(_mm256_loadu_ps(rows + 3 * taps + k), samples, s3);
    }
    s0 = _mm256_fmadd_ps(s1, _mm256_set1_ps(weight[1]),
                         _mm256_mul_ps(s0, _mm256_set1_ps(weight[0])));
    s2 = _mm256_fmadd_ps(s3, _mm256_set1_ps(weight[3]),
                         _mm256_mul_ps(s2, _mm256_set1_ps(weight[2])));
    s0 = _mm256_add_ps(s0, s2);
    return _mm_cvtss_f32(sums(s0, s0, s0, s0));
}

/* Four rows become one, which every window shares; n is a constant. */
static inline __attribute__((always_inline)) void blend_some(float *y, const float *x,
                                                             size_t stride, const size_t n,
                                                             const float *rows, const float *weight,
                                                             size_t taps) {
    __m256 sum[4];
#    pragma GCC unroll 4
    for (size_t j = 0; j < n; j++) sum[j] = _mm256_setzero_ps();
    for (size_t k = 0; k < taps; k += WIDTH) {
        __m256 row = _mm256_mul_ps(_mm256_loadu_ps(rows + k), _mm256_set1_ps(weight[0]));
        row = _mm256_fmadd_ps(_mm256_loadu_ps(rows + taps + k), _mm256_set1_ps(weight[1]), row);
        row = _mm256_fmadd_ps(_mm256_loadu_ps(rows + 2 * taps + k), _mm256_set1_ps(weight[2]), row);
        row = _mm256_fmadd_ps(_mm256_loadu_ps(rows + 3 * taps + k), _mm256_set1_ps(weight[3]), row);
#    pragma GCC unroll 4
        for (size_t j = 0; j < n; j++)
            sum[j] = _mm256_fmadd_ps(row, _mm256_loadu_ps(x + j * stride + k), sum[j]);
    }
#    pragma GCC unroll 4
    for (size_t j = 0; j < n; j++) y[j] = _mm_cvtss_f32(sums(sum[j], sum[j], sum[j], sum[j]));
}

static VO_REALTIME void blend_each(float *y, const float *x, size_t stride, size_t n,
                                   const float *rows, const float *weight, size_t taps) {
    for (; n >= 4; n -= 4, y += 4, x += 4 * stride) blend_some(y, x, stride, 4, rows, weight, taps);
    for (; n >= 2; n -= 2, y += 2, x += 2 * stride) blend_some(y, x, stride, 2, rows, weight, taps);
    if (n) blend_some(y, x, stride, 1, rows, weight, taps);
}

void vo_resample_kernels_avx2(vo_resample_kernels *kernels) {
    *kernels = (vo_resample_kernels){
        .name = "avx2", .grid = grid, .rows = rows, .blend = blend, .blend_each = blend_each};
}

#    include "kernels/end_target.h"

#endif
