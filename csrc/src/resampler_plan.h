/* How a ratio is resampled: which filter, cut into which rows, and who multiplies them. */
#ifndef VOCANA_RESAMPLER_PLAN_H
#define VOCANA_RESAMPLER_PLAN_H

#include <stdint.h>

#include "lowpass.h"
#include "vocana/resampler.h"

typedef enum vo_resampler_method {
    VO_RESAMPLER_COPY,  /* equal rates */
    VO_RESAMPLER_GRID,  /* small ratios: many outputs of one phase at a time */
    VO_RESAMPLER_ROWS,  /* a row of coefficients for each phase */
    VO_RESAMPLER_BLEND, /* too many phases: four rows near the phase, interpolated */
} vo_resampler_method;

/* Output m is the input at m * down / up - delay, all in frames of the input. Its phase is
   m * down % up, its newest input m * down / up. */
typedef struct vo_resampler_plan {
    vo_resampler_method method;
    uint32_t up, down; /* to and from, in lowest terms */
    uint32_t latency;  /* frames of the output */
    vo_lowpass lowpass;
    uint32_t streams; /* the input is dealt out to so many, frame by frame */
    uint32_t taps;    /* in each stream, with zeros up to what kernels need */
    uint32_t steps;   /* BLEND: rows between one input and the next */
    uint32_t rows;    /* of streams * taps coefficients */
} vo_resampler_plan;

/* Rates and quality are in range. */
vo_resampler_plan vo_resampler_plan_of(uint32_t from_rate, uint32_t to_rate,
                                       vo_resampler_quality quality);

/* Up to where the response is flat, in parts of the input's rate. */
double vo_resampler_plan_passband(const vo_resampler_plan *plan);

/* rows * streams * taps coefficients, oldest input first. */
void vo_resampler_plan_fill(const vo_resampler_plan *plan, float *coefficients);

#endif
