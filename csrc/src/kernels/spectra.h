/* Kernels over a frame of samples and over the bins of its spectrum. Scalar is the specification.
   Sums but those of bands run in double. */
#ifndef VOCANA_KERNELS_SPECTRA_H
#define VOCANA_KERNELS_SPECTRA_H

#include <stddef.h>
#include <stdint.h>

#include "vocana/attributes.h"

/* Bands of a filter bank: length[b] bins from first[b] on, each with a weight; the weights of all
   bands lie one after the other. */
typedef struct vo_bands {
    uint32_t count;
    uint32_t *first, *length;
    float *weights;
} vo_bands;

typedef struct vo_spectra_kernels {
    const char *name;

    /* out[k] = re^2 + im^2 of n (re, im) pairs. */
    void (*power)(float *out, const float *pairs, size_t n) VO_REALTIME;

    /* out[k] = the square root of x[k] >= 0; out may be x. */
    void (*root)(float *out, const float *x, size_t n) VO_REALTIME;

    /* out[b] = sum of weight * x over the bins of band b. */
    void (*bands)(float *out, const float *x, const vo_bands *bands) VO_REALTIME;

    /* out[i] = scale * log2 of the larger of x[i] and least, for finite x and a normal least above
       0; least where x is NaN. out may be x. */
    void (*log)(float *out, const float *x, size_t n, float least, float scale) VO_REALTIME;

    /* sums[j] = sum of k^j x[k] for j = 0, 1, 2. */
    void (*moments)(double sums[3], const float *x, size_t n) VO_REALTIME;

    /* Sum of (x[k] - y[k])^2, each difference rounded to float. */
    double (*distance)(const float *x, const float *y, size_t n) VO_REALTIME;

    /* *sum = sum of the larger of x[k] and least, *log2 = log2 of their product; finite x, and a
       normal least above 0. */
    void (*means)(double *sum, double *log2, const float *x, size_t n, float least) VO_REALTIME;

    /* The smallest k for which x[0] + ... + x[k] >= target, n when there is none; x[k] >= 0. */
    size_t (*reach)(const float *x, size_t n, double target) VO_REALTIME;

    /* How many i >= 1 have x[i - 1] < 0 and not x[i], or the other way round. */
    uint32_t (*crossings)(const float *x, size_t n) VO_REALTIME;
} vo_spectra_kernels;

/* Factors of means within [1/sqrt 2, sqrt 2) whose product a double surely holds. */
enum { VO_MEANS_RUN = 1920 };

vo_spectra_kernels vo_spectra_kernels_scalar(void) VO_REALTIME;
void vo_spectra_kernels_avx2(vo_spectra_kernels *kernels);
void vo_spectra_kernels_avx512(vo_spectra_kernels *kernels);
void vo_spectra_kernels_neon(vo_spectra_kernels *kernels);

/* The ladder: the best table for this processor, or the level that VOCANA_SIMD names. */
vo_spectra_kernels vo_spectra_kernels_select(void);

#endif
