/* What DeepFilterNet's network is fed with: levels of bands and a spectrum, each against a running
   mean of itself.

       level     x = 10 log10(power + 1e-10), s = a s + (1 - a) x, (x - s) / 40
       spectrum  s = a s + (1 - a) |X|, X / sqrt(s)

   The means start at -60 to -90 dB and at 1e-3 to 1e-4, in equal steps from the first to the last.
   (Schroeter et al., 2022.) */
#ifndef VOCANA_DFNORM_H
#define VOCANA_DFNORM_H

#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_dfnorm vo_dfnorm;

/* --- Any thread -------------------------------------------------------- */

/* a = e^(-hop / (rate tau_s)) with three decimals, or as many more as keep it below 1. */
double vo_dfnorm_memory(uint32_t rate, uint32_t hop, double tau_s);

/* 1 / (n_fft^2 / (2 hop)): what the spectrum of a frame in a Vorbis window is multiplied with
   before its powers are taken, so that an inverse that does not divide by n_fft gives the frame
   back. */
double vo_dfnorm_scale(uint32_t n_fft, uint32_t hop);

/* --- Setup thread ------------------------------------------------------- */

/* bands levels and bins values of a spectrum; BAD_ARG unless there are some of both and 0 <= a < 1.
 */
VO_NODISCARD vo_status vo_dfnorm_new(vo_dfnorm **out, uint32_t bands, uint32_t bins, double a,
                                     const vo_allocator *allocator);
void vo_dfnorm_free(vo_dfnorm *norm);

/* --- One thread ---------------------------------------------------------- */

/* One frame's mean powers of bands to normalised levels; out may be power. */
void vo_dfnorm_levels(vo_dfnorm *norm, float *out, const float *power) VO_REALTIME;

/* One frame's (re, im) pairs; out may be spectrum. */
void vo_dfnorm_spectrum(vo_dfnorm *norm, float *out, const float *spectrum) VO_REALTIME;

/* As new. */
void vo_dfnorm_reset(vo_dfnorm *norm) VO_REALTIME;

VO_END_DECLS

#endif
