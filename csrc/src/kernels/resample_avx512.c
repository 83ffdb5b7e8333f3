#include "kernels/resample.h"

#ifdef __x86_64__

#    include "kernels/begin_avx512.h"
#    include "kernels/lanes_avx512.h"

/* Vectors of outputs that are made at a time: with two sums each and the taps, all registers. */
enum { MOST_VECTORS = 10, MOST_TAPS = 8 };

typedef __m512 vo_grid_sums[2][MOST_VECTORS];

/* Taps that are WIDTH apart see the same vectors of x, so a few of them share what is loaded:
   vector m of x belongs to tap t of output vector m - t. Even taps add to one sum and odd ones to
   another, so that an addition need not wait for the one before. Both counts are constants. */
static inline __attribute__((always_inline)) void
grid_taps(vo_grid_sums sum, const float *x, const float *h, const int vectors, const int taps) {
    __m512 tap[MOST_TAPS];
#    pragma GCC unroll 8
    for (int t = 0; t < taps; t++) tap[t] = _mm512_set1_ps(h[t * WIDTH]);
#    pragma GCC unroll 17
    for (int m = 0; m < vectors + taps - 1; m++) {
        const __m512 samples = _mm512_loadu_ps(x + m * WIDTH);
#    pragma GCC unroll 8
        for (int t = 0; t < taps; t++)
            if (m >= t && m - t < vectors)
                sum[t & 1][m - t] = _mm512_fmadd_ps(tap[t], samples, sum[t & 1][m - t]);
    }
}

static inline __attribute__((always_inline)) void grid_vectors(float *y, const float *const *x,
                                                               const float *h, size_t streams,
                                                               size_t taps, size_t at,
                                                               const int vectors) {
    vo_grid_sums sum;
#    pragma GCC unroll 10
    for (int v = 0; v < vectors; v++) sum[0][v] = sum[1][v] = _mm512_setzero_ps();
    for (size_t s = 0; s < streams; s++, h += taps)
        for (size_t first = 0; first < WIDTH; first++) {
            size_t k = first;
            for (; k + 7 * WIDTH < taps; k += 8 * WIDTH)
                grid_taps(sum, x[s] + at + k, h + k, vectors, 8);
            for (; k < taps; k += 4 * WIDTH) grid_taps(sum, x[s] + at + k, h + k, vectors, 4);
        }
#    pragma GCC unroll 10
    for (int v = 0; v < vectors; v++)
        _mm512_storeu_ps(y + at + v * WIDTH, _mm512_add_ps(sum[0][v], sum[1][v]));
}

static VO_REALTIME void grid(float *y, const float *const *x, const float *h, size_t streams,
                             size_t taps, size_t n) {
    size_t left = (n + WIDTH - 1) / WIDTH, at = 0;
    while (left) {
        size_t blocks = (left + MOST_VECTORS - 1) / MOST_VECTORS,
               now = (left + blocks - 1) / blocks;
        switch (now) {
#    define VECTORS(count)                                                                         \
    case count:                                                                                    \
        grid_vectors(y, x, h, streams, taps, at, count);                                           \
        break;
            VECTORS(1)
            VECTORS(2)
            VECTORS(3)
            VECTORS(4)
            VECTORS(5)
            VECTORS(6)
            VECTORS(7)
            VECTORS(8)
            VECTORS(9)
            VECTORS(10)
#    undef VECTORS
        }
        at += now * WIDTH;
        left -= now;
    }
}

/* Halves of a and b added up: a in the low half, b in the high one. */
static inline __m512 halved(__m512 a, __m512 b) {
    return _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xee));
}

/* The sums of four vectors. */
static inline __m128 sums(__m512 a, __m512 b, __m512 c, __m512 d) {
    __m512 ab = halved(a, b), cd = halved(c, d);
    __m512 v =
        _mm512_add_ps(_mm512_shuffle_f32x4(ab, cd, 0x88), _mm512_shuffle_f32x4(ab, cd, 0xdd));
    v = _mm512_add_ps(v, _mm512_permute_ps(v, 0x4e));
    v = _mm512_add_ps(v, _mm512_permute_ps(v, 0xb1));
    const __m512i quarters = _mm512_set_epi32(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12, 8, 4, 0);
    return _mm512_castps512_ps128(_mm512_permutexvar_ps(quarters, v));
}

/* `count` outputs of one row, `up` apart, their windows `down`. `count` is a constant. */
static inline __attribute__((always_inline)) void column(float *y, const vo_resample_place *at,
                                                         const float *x,
                                                         const vo_resample_rows *rows,
                                                         const int count) {
    __m512 sum[4];
    float found[4];
#    pragma GCC unroll 4
    for (int i = 0; i < 4; i++) sum[i] = _mm512_setzero_ps();
    for (size_t k = 0; k < rows->taps; k += WIDTH) {
        const __m512 row = _mm512_loadu_ps(at->row + k);
#    pragma GCC unroll 4
        for (int i = 0; i < count; i++)
            sum[i] = _mm512_fmadd_ps(row, _mm512_loadu_ps(x + (size_t)i * rows->down + k), sum[i]);
    }
    _mm_storeu_ps(found, sums(sum[0], sum[1], sum[2], sum[3]));
#    pragma GCC unroll 4
    for (int i = 0; i < count; i++) y[(size_t)i * rows->up] = found[i];
}

/* At least two outputs a row: each row is loaded once, in the order in which they lie. */
static void columns(float *y, vo_resample_place at, const vo_resample_rows *rows, size_t n) {
    const size_t whole = rows->down / rows->up, part = rows->down % rows->up;
    for (size_t i = 0; i < rows->up; i++, at = vo_resample_next(at, rows, whole, part)) {
        const float *x = at.x;
        size_t j = i, left = (n - i + rows->up - 1) / rows->up;
        for (; left > 4; left -= 4, j += 4 * rows->up, x += 4 * rows->down)
            column(y + j, &at, x, rows, 4);
        if (left == 4) column(y + j, &at, x, rows, 4);
        if (left == 3) column(y + j, &at, x, rows, 3);
        if (left == 2) column(y + j, &at, x, rows, 2);
        if (left == 1) column(y + j, &at, x, rows, 1);
    }
}

static inline __m128 four(const vo_resample_place at[4], size_t taps) {
    __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    for (size_t k = 0; k < taps; k += WIDTH) {
        s0 = _mm512_fmadd_ps(_mm512_loadu_ps(at[0].row + k), _mm512_loadu_ps(at[0].x + k), s0);
        s1 = _mm512_fmadd_ps(_mm512_loadu_ps(at[1].row + k), _mm512_loadu_ps(at[1].x + k), s1);
        s2 = _mm512_fmadd_ps(_mm512_loadu_ps(at[2].row + k), _mm512_loadu_ps(at[2].x + k), s2);
        s3 = _mm512_fmadd_ps(_mm512_loadu_ps(at[3].row + k), _mm512_loadu_ps(at[3].x + k), s3);
    }
    return sums(s0, s1, s2, s3);
}

static VO_REALTIME void rows(float *y, const float *x, const vo_resample_rows *rows, size_t first,
                             size_t n) {
    const size_t whole = rows->down / rows->up, part = rows->down % rows->up;
    vo_resample_place at[4] = {vo_resample_first(rows, x, first)};
    if (n >= 2 * rows->up) {
        columns(y, at[0], rows, n);
        return;
    }
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
    __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    for (size_t k = 0; k < taps; k += WIDTH) {
        const __m512 samples = _mm512_loadu_ps(x + k);
        s0 = _mm512_fmadd_ps(_mm512_loadu_ps(rows + k), samples, s0);
        s1 = _mm512_fmadd_ps(_mm512_loadu_ps(rows + taps + k), samples, s1);
        s2 = _mm512_fmadd_ps(_mm512_loadu_ps(rows + 2 * taps + k), samples, s2);
        s3 = _mm512_fmadd_ps(_mm512_loadu_ps(rows + 3 * taps + k), samples, s3);
    }
    s0 = _mm512_fmadd_ps(s1, _mm512_set1_ps(weight[1]),
                         _mm512_mul_ps(s0, _mm512_set1_ps(weight[0])));
    s2 = _mm512_fmadd_ps(s3, _mm512_set1_ps(weight[3]),
                         _mm512_mul_ps(s2, _mm512_set1_ps(weight[2])));
    return _mm512_reduce_add_ps(_mm512_add_ps(s0, s2));
}

/* Four rows become one, which every window shares; n is a constant. */
static inline __attribute__((always_inline)) void blend_some(float *y, const float *x,
                                                             size_t stride, const size_t n,
                                                             const float *rows, const float *weight,
                                                             size_t taps) {
    __m512 sum[4];
#    pragma GCC unroll 4
    for (size_t j = 0; j < n; j++) sum[j] = _mm512_setzero_ps();
    for (size_t k = 0; k < taps; k += WIDTH) {
        __m512 row = _mm512_mul_ps(_mm512_loadu_ps(rows + k), _mm512_set1_ps(weight[0]));
        row = _mm512_fmadd_ps(_mm512_loadu_ps(rows + taps + k), _mm512_set1_ps(weight[1]), row);
        row = _mm512_fmadd_ps(_mm512_loadu_ps(rows + 2 * taps + k), _mm512_set1_ps(weight[2]), row);
        row = _mm512_fmadd_ps(_mm512_loadu_ps(rows + 3 * taps + k), _mm512_set1_ps(weight[3]), row);
#    pragma GCC unroll 4
        for (size_t j = 0; j < n; j++)
            sum[j] = _mm512_fmadd_ps(row, _mm512_loadu_ps(x + j * stride + k), sum[j]);
    }
#    pragma GCC unroll 4
    for (size_t j = 0; j < n; j++) y[j] = _mm512_reduce_add_ps(sum[j]);
}

static VO_REALTIME void blend_each(float *y, const float *x, size_t stride, size_t n,
                                   const float *rows, const float *weight, size_t taps) {
    for (; n >= 4; n -= 4, y += 4, x += 4 * stride) blend_some(y, x, stride, 4, rows, weight, taps);
    for (; n >= 2; n -= 2, y += 2, x += 2 * stride) blend_some(y, x, stride, 2, rows, weight, taps);
    if (n) blend_some(y, x, stride, 1, rows, weight, taps);
}

void vo_resample_kernels_avx512(vo_resample_kernels *kernels) {
    *kernels = (vo_resample_kernels){
        .name = "avx512", .grid = grid, .rows = rows, .blend = blend, .blend_each = blend_each};
}

#    include "kernels/end_target.h"

#endif
