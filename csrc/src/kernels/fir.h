/* The inner loop of a finite impulse response, in direct form. */
#ifndef VOCANA_KERNELS_FIR_H
#define VOCANA_KERNELS_FIR_H

#include <stddef.h>
#include <stdint.h>

#include "vocana/attributes.h"

/* Taps come in blocks of this many. */
enum { VO_FIR_BLOCK = 64 };

typedef struct vo_fir_kernels {
    const char *name;

    /* y[i] = sum of taps[k] * x[i - k] over count taps, a multiple of VO_FIR_BLOCK: x has count
       samples before it. An output has the same bits wherever it stands in a run. y and x do not
       overlap. */
    void (*run)(float *y, const float *x, const float *taps, uint32_t count, size_t n) VO_REALTIME;
} vo_fir_kernels;

vo_fir_kernels vo_fir_kernels_scalar(void);
void vo_fir_kernels_avx2(vo_fir_kernels *kernels);
void vo_fir_kernels_avx512(vo_fir_kernels *kernels);
void vo_fir_kernels_neon(vo_fir_kernels *kernels);

/* The ladder. */
vo_fir_kernels vo_fir_kernels_select(void);

#endif
