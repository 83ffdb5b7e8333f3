/* Loudness as EBU R 128 and ITU-R BS.1770-4 define it, over any length of time in memory that does
   not grow.

   Momentary loudness looks back over 400 ms and short-term loudness over 3 s, both moved on every
   hundredth of a second; integrated loudness is gated at -70 LUFS and 10 LU below the mean of what
   is above that; the range is that of EBU Tech 3342. */
#ifndef VOCANA_LOUDNESS_H
#define VOCANA_LOUDNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

#define VO_LOUDNESS_LEAST_RATE 8000

typedef struct vo_loudness vo_loudness;

typedef struct vo_loudness_config {
    uint32_t rate;         /* VO_LOUDNESS_LEAST_RATE or more */
    uint32_t channels;     /* 1..64 */
    const double *weights; /* of the power of each channel; NULL for those of the standard */
    bool true_peak;        /* whether that is read too */
} vo_loudness_config;

/* LUFS, and LU of range. -INFINITY where there is none: silence, or too little time (400 ms for
   momentary and integrated, 3 s for short-term). */
typedef struct vo_loudness_reading {
    double momentary, short_term;         /* now */
    double max_momentary, max_short_term; /* since reset, as what follows */
    double integrated, range;
    double true_peak_db; /* of the loudest channel; -INFINITY unless it is asked for */
} vo_loudness_reading;

/* --- Setup thread ------------------------------------------------------- */

/* The weights of the standard are 1, with more than three channels 1.41 for the last two, and with
   six 0 for the fourth: L R C LFE Ls Rs; without LFE, L R C Ls Rs; L R Ls Rs. More than six
   channels weigh 1 each. BAD_ARG for a weight that is negative, NaN or infinite, and for sizes out
   of range. */
VO_NODISCARD vo_status vo_loudness_new(vo_loudness **out, const vo_loudness_config *config,
                                       const vo_allocator *allocator);
void vo_loudness_free(vo_loudness *loudness);

/* --- Any one thread at a time -------------------------------------------- */

/* n frames; sample i of channel c is x[c][i * stride]. Samples that no converter delivers (NaN,
   infinity, |x| > 10, denormals) count as 0. */
void vo_loudness_process(vo_loudness *loudness, const float *const *x, size_t stride,
                         size_t n) VO_REALTIME;
void vo_loudness_reset(vo_loudness *loudness) VO_REALTIME;

/* How often a block of 400 ms was looked at by the gate: ten times a second. */
uint64_t vo_loudness_blocks(const vo_loudness *loudness) VO_REALTIME;

/* Some microseconds: integrated loudness and range are read off the gates. */
vo_loudness_reading vo_loudness_now(const vo_loudness *loudness) VO_REALTIME;

VO_END_DECLS

#endif
