/* Deep filtering: each of the lower bins of a spectrum is a complex FIR over the frames around it,
   with coefficients that are new in every frame (Mack and Habets, 2020).

       Y[t] = sum_k c[t][k] X[t + look_ahead - (order - 1) + k], k = 0 ... order - 1

   Frames before the first count as zero, and so do those behind the last when zeros are given. Bins
   that are not filtered come out as they went in, as late as the others. */
#ifndef VOCANA_DEEPFILTER_H
#define VOCANA_DEEPFILTER_H

#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_deepfilter vo_deepfilter;

typedef struct vo_deepfilter_config {
    uint32_t bins;       /* of a spectrum */
    uint32_t filtered;   /* the first of them, at most bins */
    uint32_t order;      /* taps */
    uint32_t look_ahead; /* frames, below order */
} vo_deepfilter_config;

/* --- Setup thread ------------------------------------------------------- */

VO_NODISCARD vo_status vo_deepfilter_new(vo_deepfilter **out, const vo_deepfilter_config *config,
                                         const vo_allocator *allocator);
void vo_deepfilter_free(vo_deepfilter *filter);

/* --- One thread ---------------------------------------------------------- */

/* Takes the spectrum of frame t and the coefficients of frame t - look_ahead, and gives that frame.
   spectrum and out: bins (re, im) pairs, which do not overlap; coefficients: for each filtered bin
   order pairs, the oldest frame's first. */
void vo_deepfilter_process(vo_deepfilter *filter, float *out, const float *spectrum,
                           const float *coefficients) VO_REALTIME;

/* As new. */
void vo_deepfilter_reset(vo_deepfilter *filter) VO_REALTIME;

VO_END_DECLS

#endif
