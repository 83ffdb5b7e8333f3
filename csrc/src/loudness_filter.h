/* K-weighting (ITU-R BS.1770-4, annex 1): a shelf for the head, and a high-pass. */
#ifndef VOCANA_LOUDNESS_FILTER_H
#define VOCANA_LOUDNESS_FILTER_H

#include "vocana/biquad.h"

enum { VO_LOUDNESS_SECTIONS = 2 };

/* --- Any thread ---------------------------------------------------------- */

/* The analogue prototypes behind the coefficients that the standard prints for 48 kHz, brought to
   `rate` by the bilinear transform (B. De Man, Evaluation of implementations of the EBU R128
   loudness measurement, AES 145, 2018). The transform bends the shelf at low rates: by up to 0.06
   dB at 16 kHz and 0.21 dB at 8 kHz. */
void vo_loudness_filter_design(vo_biquad sections[VO_LOUDNESS_SECTIONS], double rate) VO_REALTIME;

#endif
