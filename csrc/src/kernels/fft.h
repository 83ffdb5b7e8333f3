/* Kernels of the Fourier transform: Stockham passes over planar arrays. */
#ifndef VOCANA_KERNELS_FFT_H
#define VOCANA_KERNELS_FFT_H

#include <stddef.h>
#include <stdint.h>

#include "vocana/attributes.h"

/* Complex values as two arrays. */
typedef struct vo_fft_planes {
    float *re, *im;
} vo_fft_planes;

/* One pass over radix * stride * rest complex values, decimated in frequency:

       y[q + stride (radix p + k)] = w^(p k) sum_j x[q + stride (p + rest j)] e^(-2 pi i j k /
   radix)

   for q < stride, p < rest, k < radix, where w = e^(-2 pi i / (radix rest)). The next pass has
   stride * radix for its stride; the last has 1 for its rest, and gives natural order. */
typedef struct vo_fft_pass {
    uint32_t radix, stride, rest;
    const float *twiddles; /* for each p: w^p, w^2p ... w^((radix - 1) p), as (re, im) */
} vo_fft_pass;

enum { VO_FFT_MAX_RADIX = 5 };

typedef struct vo_fft_kernels {
    const char *name;

    /* By radix; NULL where there is none. */
    void (*pass[VO_FFT_MAX_RADIX + 1])(const vo_fft_pass *pass, vo_fft_planes y,
                                       vo_fft_planes x) VO_REALTIME;

    /* n (re, im) pairs to planes, and back times scale. */
    void (*unzip)(vo_fft_planes y, const float *pairs, size_t n) VO_REALTIME;
    void (*zip)(float *pairs, vo_fft_planes x, size_t n, float scale) VO_REALTIME;

    /* The transform z of n pairs of real samples to the n + 1 values of the transform of all 2 n;
       and back, times 2 n. w[k] = e^(-pi i k / n) for k <= n / 2. */
    void (*split)(float *spectrum, vo_fft_planes z, vo_fft_planes w, size_t n) VO_REALTIME;
    void (*join)(vo_fft_planes z, const float *spectrum, vo_fft_planes w, size_t n) VO_REALTIME;
} vo_fft_kernels;

vo_fft_kernels vo_fft_kernels_scalar(void);

/* The ladder: the best table for this processor, or the level that VOCANA_SIMD names. */
vo_fft_kernels vo_fft_kernels_select(void);

#endif
