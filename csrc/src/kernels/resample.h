/* The kernels of resamplers: a filter for many outputs at once, and rows of coefficients for one
   output each. Every output is summed up in one order, wherever in a call it lies. */
#ifndef VOCANA_KERNELS_RESAMPLE_H
#define VOCANA_KERNELS_RESAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vocana/attributes.h"

/* grid: outputs are made so many at a time; what is read and written is rounded up to that. */
#define VO_RESAMPLE_GRID_OUTPUTS 16

/* taps are multiples of these. */
#define VO_RESAMPLE_GRID_TAPS 64
#define VO_RESAMPLE_ROW_TAPS 16

/* Output j of a cycle of `up` outputs takes row j, and its window begins j * down / up samples
   after that of output 0. */
typedef struct vo_resample_rows {
    const float *coefficients;
    size_t taps;
    size_t up, down;
} vo_resample_rows;

typedef struct vo_resample_kernels {
    const char *name;

    /* y[j] = sum over streams s and taps k of h[s * taps + k] * x[s][j + k]. */
    void (*grid)(float *y, const float *const *x, const float *h, size_t streams, size_t taps,
                 size_t n) VO_REALTIME;

    /* y[j] = row first + j, modulo up, times the window of that output; x is that of `first`. */
    void (*rows)(float *y, const float *x, const vo_resample_rows *rows, size_t first,
                 size_t n) VO_REALTIME;

    /* Sum over i < 4 of weight[i] * (row i of four in a row, times x). */
    float (*blend)(const float *x, const float *rows, const float *weight, size_t taps) VO_REALTIME;

    /* The same for n windows, `stride` apart from x on, in an order of its own: they share the work
       of making the four rows one. */
    void (*blend_each)(float *y, const float *x, size_t stride, size_t n, const float *rows,
                       const float *weight, size_t taps) VO_REALTIME;
} vo_resample_kernels;

/* The row and the window of an output; its place lies part / up after the newest sample. */
typedef struct vo_resample_place {
    const float *row, *x;
    size_t part;
} vo_resample_place;

static inline vo_resample_place vo_resample_first(const vo_resample_rows *rows, const float *x,
                                                  size_t first) {
    return (vo_resample_place){rows->coefficients + first * rows->taps, x,
                               first * rows->down % rows->up};
}

/* whole and part are down / up and down % up. */
static inline vo_resample_place vo_resample_next(vo_resample_place at, const vo_resample_rows *rows,
                                                 size_t whole, size_t part) {
    const float *end = rows->coefficients + rows->up * rows->taps, *row = at.row + rows->taps;
    size_t sum = at.part + part, turned = sum - rows->up;
    bool turns = sum >= rows->up;
    return (vo_resample_place){row == end ? rows->coefficients : row, at.x + whole + turns,
                               turns ? turned : sum};
}

/* Weights of the cubic through four points at -1, 0, 1 and 2, for a place between 0 and 1: the
   polynomial of Lagrange. */
static inline void vo_resample_weights(float weight[4], double at) {
    double before = at + 1, after = at - 1, last = at - 2;
    weight[0] = (float)(-at * after * last / 6);
    weight[1] = (float)(before * after * last / 2);
    weight[2] = (float)(-before * at * last / 2);
    weight[3] = (float)(before * at * after / 6);
}

vo_resample_kernels vo_resample_kernels_scalar(void);
void vo_resample_kernels_avx2(vo_resample_kernels *kernels);
void vo_resample_kernels_avx512(vo_resample_kernels *kernels);
void vo_resample_kernels_neon(vo_resample_kernels *kernels);

/* The best table for this processor, or the level that VOCANA_SIMD names. */
vo_resample_kernels vo_resample_kernels_select(void);

#endif
