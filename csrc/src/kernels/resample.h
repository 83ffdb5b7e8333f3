/* The kernels of resamplers: a filter for many outputs at once, and rows of coefficients for one
   output each. Every output is summed up in one order, wherever in a call it lies. */
#ifndef VOCANA_KERNELS_RESAMPLE_H
#define VOCANA_KERNELS_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "vocana/attributes.h"

/* grid: outputs are made so many at a time; what is read and written is rounded up to that. */
#define VO_RESAMPLE_GRID_OUTPUTS 16

/* taps are multiples of these. */
#define VO_RESAMPLE_GRID_TAPS 64
#define VO_RESAMPLE_ROW_TAPS 16

/* A row for each of `phases`; from output to output the input moves on by whole frames and the
   phase by part, with one more frame when it passes phases. */
typedef struct vo_resample_rows {
    const float *coefficients;
    uint32_t taps;
    uint32_t phases;
    uint32_t whole, part;
} vo_resample_rows;

typedef struct vo_resample_kernels {
    const char *name;

    /* y[j] = sum over streams s and taps k of h[s * taps + k] * x[s][j + k]. */
    void (*grid)(float *y, const float *const *x, const float *h, size_t streams, size_t taps,
                 size_t n) VO_REALTIME;

    /* y[j] = the row of output j, times x from where output j begins; x and phase are those of
       output 0. */
    void (*rows)(float *y, const float *x, const vo_resample_rows *rows, uint32_t phase,
                 size_t n) VO_REALTIME;

    /* Sum over i < 4 of weight[i] * (row i of four in a row, times x). */
    float (*blend)(const float *x, const float *rows, const float *weight, size_t taps) VO_REALTIME;
} vo_resample_kernels;

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
