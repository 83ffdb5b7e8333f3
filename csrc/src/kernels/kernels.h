/* The table of kernels. Scalar is the specification; faster variants overwrite its entries. */
#ifndef VOCANA_KERNELS_H
#define VOCANA_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "vocana/attributes.h"

/* What classify finds in a run of samples. */
enum {
    VO_SEEN_SIGNAL = 1,    /* at least one sample is not zero */
    VO_SEEN_NONFINITE = 2, /* NaN or infinity */
    VO_SEEN_DENORMAL = 4,
    VO_SEEN_OVER = 8, /* finite, and |x| > limit */
};

typedef struct vo_kernels {
    const char *name;

    /* OR of VO_SEEN_* over n samples. Uses integer compares: no sample is slower than another. */
    uint32_t (*classify)(const float *x, size_t n, float limit) VO_REALTIME;

    /* out[i] = x[i], or +0 where x[i] is denormal; returns how many were. Every other sample keeps
       its bits. out may be x; n is below 2^32. */
    uint32_t (*flush)(float *out, const float *x, size_t n) VO_REALTIME;

    /* Sum of a[i] * b[i]. */
    float (*dot)(const float *a, const float *b, size_t n) VO_REALTIME;

    /* out[i] = to[i] + gain[i] * (from[i] - to[i]); out may be to or from. */
    void (*fade)(float *out, const float *from, const float *to, const float *gain,
                 size_t n) VO_REALTIME;

    /* *peak = max |x[i]|, *energy = sum of x[i]^2, for finite x. */
    void (*level)(const float *x, size_t n, float *peak, double *energy) VO_REALTIME;
} vo_kernels;

vo_kernels vo_kernels_scalar(void) VO_REALTIME;
void vo_kernels_avx2(vo_kernels *kernels);
void vo_kernels_avx512(vo_kernels *kernels);
void vo_kernels_neon(vo_kernels *kernels);

/* The ladder: the best table for this processor, or the level that VOCANA_SIMD names. */
vo_kernels vo_kernels_select(void);

#endif
