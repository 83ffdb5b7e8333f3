/* By how much one signal comes later than another: generalised cross-correlation with the phase
   transform (Knapp and Carter, The generalized correlation method for estimation of time delay,
   IEEE ASSP 24, 1976). Nothing is changed and nothing is aligned. */
#ifndef VOCANA_GCC_PHAT_H
#define VOCANA_GCC_PHAT_H

#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

#define VO_GCC_PHAT_MOST_FRAMES (1u << 22)

typedef struct vo_gcc_phat vo_gcc_phat;

typedef struct vo_gcc_phat_config {
    uint32_t piece_frames; /* the signals are compared in pieces of this, which overlap by half */
    uint32_t max_delay_frames; /* that is looked for, either way; less than piece_frames */
    double memory_frames;      /* time constant with which the past is forgotten; 0 is never */
} vo_gcc_phat_config;

/* confidence: 1 when every frequency agrees on a whole number of frames, near 0 when none do. */
typedef struct vo_gcc_phat_delay {
    double frames; /* above 0 when the second signal is later */
    double confidence;
} vo_gcc_phat_delay;

/* --- Setup thread ------------------------------------------------------- */

/* BAD_ARG for pieces below 16 frames or beyond VO_GCC_PHAT_MOST_FRAMES, for a delay that is not
   shorter than they are, and for a memory that is negative, NaN or infinite. */
VO_NODISCARD vo_status vo_gcc_phat_new(vo_gcc_phat **out, const vo_gcc_phat_config *config,
                                       const vo_allocator *allocator);
void vo_gcc_phat_free(vo_gcc_phat *gcc_phat);

/* --- Any one thread at a time -------------------------------------------- */

/* n samples of each signal, `stride` apart. NaN and infinity count as 0. */
void vo_gcc_phat_process(vo_gcc_phat *gcc_phat, const float *first, const float *second,
                         size_t stride, size_t n) VO_REALTIME;
void vo_gcc_phat_reset(vo_gcc_phat *gcc_phat) VO_REALTIME;

/* From the whole pieces so far; {0, 0} before the first, and when a signal is silent. */
vo_gcc_phat_delay vo_gcc_phat_now(vo_gcc_phat *gcc_phat) VO_REALTIME;

VO_END_DECLS

#endif
