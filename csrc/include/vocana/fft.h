/* Fourier transforms of fixed size, forward and back, without memory or locks of their own.

   Real transforms: n samples to n / 2 + 1 complex values, interleaved (re, im), and back. Complex
   ones: n to n. Forward is not scaled, inverse is scaled by 1 / n, so that a round trip is the
   identity. */
#ifndef VOCANA_FFT_H
#define VOCANA_FFT_H

#include <stdbool.h>
#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_fft vo_fft;

/* --- Setup thread ------------------------------------------------------- */

/* Whether this n is native: for real transforms an even one, and 2^a 3^b 5^c. */
bool vo_fft_supports(uint32_t n, bool real);

/* BAD_ARG when it is not. */
VO_NODISCARD vo_status vo_fft_new(vo_fft **out, uint32_t n, bool real,
                                  const vo_allocator *allocator);
void vo_fft_free(vo_fft *fft);

/* --- Any one thread at a time -------------------------------------------- */

uint32_t vo_fft_size(const vo_fft *fft) VO_REALTIME;

/* x: n samples; spectrum: n / 2 + 1 (re, im) pairs. They do not overlap. Any alignment. */
void vo_fft_forward(vo_fft *fft, float *spectrum, const float *x) VO_REALTIME;
void vo_fft_inverse(vo_fft *fft, float *x, const float *spectrum) VO_REALTIME;

/* n (re, im) pairs each; they do not overlap. */
void vo_fft_forward_complex(vo_fft *fft, float *spectrum, const float *x) VO_REALTIME;
void vo_fft_inverse_complex(vo_fft *fft, float *x, const float *spectrum) VO_REALTIME;

VO_END_DECLS

#endif
