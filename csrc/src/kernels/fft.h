/* Kernels of the Fourier transform: Stockham passes over blocks of a vector's width. */
#ifndef VOCANA_KERNELS_FFT_H
#define VOCANA_KERNELS_FFT_H

#include <stddef.h>
#include <stdint.h>

#include "vocana/attributes.h"

/* One pass over radix * stride * rest complex values, decimated in frequency:

       y[q + stride (radix p + k)] = w^(p k) sum_j x[q + stride (p + rest j)] e^(-2 pi i j k /
   radix)

   for q < stride, p < rest, k < radix, where w = e^(-2 pi i / (radix rest)). The next pass has
   stride * radix for its stride; the last has 1 for its rest, and gives natural order. */
typedef struct vo_fft_pass {
    uint32_t radix, stride, rest;
    const float *twiddles; /* for each p: w^p, w^2p ... w^((radix - 1) p), as (re, im) */
} vo_fft_pass;

enum { VO_FFT_MAX_RADIX = 8 };

/* Values lie in blocks of width: their real parts, then their imaginary ones. With a width of 1
   these are pairs as the caller has them, and any pass may be the first. Wider kernels begin with
   a head: it reads pairs, its radix is the width and its stride 1, so that later strides are
   multiples of the width; the length must be one too. It may write up to width blocks.

   Of a head, twiddles come for width values p at once: for each k, a block. The last of these ends
   with the last p, and overlaps the one before if it must; a single one may be longer than rest. */
typedef struct vo_fft_kernels {
    const char *name;
    uint32_t width;

    void (*head)(const vo_fft_pass *pass, float *y, const float *pairs) VO_REALTIME;

    /* By radix; NULL where there is none. */
    void (*pass[VO_FFT_MAX_RADIX + 1])(const vo_fft_pass *pass, float *y,
                                       const float *x) VO_REALTIME;

    /* Blocks to pairs; real parts times re, imaginary ones times im. */
    void (*zip)(float *pairs, const float *x, size_t n, float re, float im) VO_REALTIME;

    /* From z, the transform of n pairs of real samples, to the n + 1 values of that of all 2 n.
       join goes back, to the conjugate of z, as n + 1 pairs of which the last means nothing. w is
       in blocks: -i e^(-pi i k / n) / 2 for k up to the end of the block that has n / 2. */
    void (*split)(float *spectrum, const float *z, const float *w, size_t n) VO_REALTIME;
    void (*join)(float *pairs, const float *spectrum, const float *w, size_t n) VO_REALTIME;
} vo_fft_kernels;

vo_fft_kernels vo_fft_kernels_scalar(void);
void vo_fft_kernels_avx2(vo_fft_kernels *kernels);
void vo_fft_kernels_avx512(vo_fft_kernels *kernels);
void vo_fft_kernels_neon(vo_fft_kernels *kernels);

/* The ladder: the best table for n complex values on this processor, or up to the level that
   VOCANA_SIMD names. */
vo_fft_kernels vo_fft_kernels_select(uint32_t n);

#endif
