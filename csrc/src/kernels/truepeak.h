/* The kernel behind true peaks. Scalar is the specification. */
#ifndef VOCANA_KERNELS_TRUEPEAK_H
#define VOCANA_KERNELS_TRUEPEAK_H

#include <stddef.h>

#include "vocana/attributes.h"

enum { VO_TRUEPEAK_TAPS = 24 };

/* A parabola that bends less is a line. */
#define VO_TRUEPEAK_FLAT 0x1p-60f

typedef struct vo_truepeak_kernels {
    const char *name;

    /* out[i] = sum of taps[k] * x[i + k]; x holds n + VO_TRUEPEAK_TAPS - 1 samples. */
    void (*between)(float *out, const float *x, const float *taps, size_t n) VO_REALTIME;

    /* peaks[i] = max(peaks[i], crest), where crest is the height of the parabola through at[i] and
       its neighbours if at[i] is the farthest of the three, else |at[i]|: it is at most 5/4 of the
       farthest. Gives the greatest of peaks. */
    float (*crests)(float *peaks, const float *before, const float *at, const float *after,
                    size_t n) VO_REALTIME;
} vo_truepeak_kernels;

vo_truepeak_kernels vo_truepeak_kernels_scalar(void) VO_REALTIME;
void vo_truepeak_kernels_avx2(vo_truepeak_kernels *kernels);
void vo_truepeak_kernels_avx512(vo_truepeak_kernels *kernels);

/* The ladder. */
vo_truepeak_kernels vo_truepeak_kernels_select(void);

#endif
