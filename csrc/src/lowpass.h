/* A low-pass of linear phase in continuous time, from which every filter of a resampler is read.

   Its impulse response is a cosine series over -half..half: harmonic k of 1 / (2 half) passes by
   c(k), which is 1 up to the passband, 0 in the stopband, and in between what a linear program
   found to be best. Response and slope are 0 at both ends, so that what is left in the stopband
   falls by 18 dB an octave. It is flat (0.007 dB) up to harmonic stop - VO_LOWPASS_EDGE and is
   below -115 dB from harmonic stop on, or -111 dB if stop is below 32. */
#ifndef VOCANA_LOWPASS_H
#define VOCANA_LOWPASS_H

#include <stdint.h>

#include "vocana/attributes.h"

/* Width of the edge in harmonics. */
#define VO_LOWPASS_EDGE 5.5

typedef struct vo_lowpass {
    double half;   /* length of one side, in samples */
    uint32_t stop; /* 16 or more */
} vo_lowpass;

/* The response at t, t + step .. in samples, n of them; 0 beyond half. Values one sample apart sum
   up to 1. */
void vo_lowpass_read(const vo_lowpass *lowpass, double t, double step, uint32_t n, float *out);

#endif
