/* Second-order sections: the designs of the Audio EQ Cookbook, and any stable one.

   A section is kept as its analogue prototype, which stays exact at frequencies so low that the
   coefficients of z^-1 no longer can:

       H = (n2 p^2 + n1 p + n0) / (p^2 + k p + 1),   p = (1 - z^-1) / (g (1 + z^-1)),

   the bilinear transform with g = tan(pi f0 / rate). Frequencies are in cycles per frame, above 0
   and below 0.5; q and k are above 0. Nothing here checks that. */
#ifndef VOCANA_BIQUAD_H
#define VOCANA_BIQUAD_H

#include <stdbool.h>
#include <stdint.h>

#include "attributes.h"
#include "status.h"

VO_BEGIN_DECLS

#define VO_BUTTERWORTH_MOST_ORDER 8

typedef struct vo_biquad {
    double g, k;
    double n0, n1, n2;
} vo_biquad;

/* --- Any thread -------------------------------------------------------- */

/* R. Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter coefficients". The
   band-pass has 0 dB at its centre; shelves take the cookbook's slope S instead of Q. */
vo_biquad vo_biquad_low_pass(double frequency, double q) VO_REALTIME;
vo_biquad vo_biquad_high_pass(double frequency, double q) VO_REALTIME;
vo_biquad vo_biquad_band_pass(double frequency, double q) VO_REALTIME;
vo_biquad vo_biquad_notch(double frequency, double q) VO_REALTIME;
vo_biquad vo_biquad_peaking(double frequency, double gain_db, double q) VO_REALTIME;
vo_biquad vo_biquad_low_shelf(double frequency, double gain_db, double slope) VO_REALTIME;
vo_biquad vo_biquad_high_shelf(double frequency, double gain_db, double slope) VO_REALTIME;

/* (order + 1) / 2 sections of a Butterworth filter of order 1..8, the sharpest last; returns how
   many. The quality of the sharpest is raised as q is above 1/sqrt(2), which leaves order 2 as the
   cookbook has it; order 1 has none. */
uint32_t vo_biquad_butterworth(vo_biquad *out, uint32_t order, bool high_pass, double frequency,
                               double q) VO_REALTIME;

/* From b0 b1 b2 a0 a1 a2, a row of SciPy's sos. BAD_ARG when one is not finite, a0 is 0, or a pole
   is not inside the unit circle. */
VO_NODISCARD vo_status vo_biquad_from_row(vo_biquad *out, const double row[6]) VO_REALTIME;

/* Moves the gain of a cascade into its last section: all others get a peak of about 0 dB, so that
   what is in between is neither lost in float32 nor beyond it. */
void vo_biquad_balance(vo_biquad *sections, uint32_t count) VO_REALTIME;

VO_END_DECLS

#endif
