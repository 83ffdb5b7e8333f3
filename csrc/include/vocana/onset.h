/* How strongly something begins: the mean rise of the mel bands, in dB, from one frame to the next.

   Value t is made of the n_fft samples before sample t * hop, with silence before the first; the
   values before a whole frame can be compared with another are 0. */
#ifndef VOCANA_ONSET_H
#define VOCANA_ONSET_H

#include <stdint.h>

#include "alloc.h"
#include "mel.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_onset vo_onset;

/* --- Setup thread ------------------------------------------------------- */

/* The bank's log and floor do not count: rises are in dB above 1e-10, and above what is `range_db`
   below the loudest band of both frames: a steady tone has no rises in what its window leaks, if
   that is 60. INFINITY for no such floor; BAD_ARG unless it is above 0, and for what vo_mel_new or
   vo_framer_new refuse. */
VO_NODISCARD vo_status vo_onset_new(vo_onset **out, const vo_mel_config *bank, uint32_t hop,
                                    float range_db, const float *window,
                                    const vo_allocator *allocator);
void vo_onset_free(vo_onset *onset);

/* --- One thread ---------------------------------------------------------- */

/* How many values n more samples give. */
uint64_t vo_onset_ready(const vo_onset *onset, uint64_t n) VO_REALTIME;

/* Takes n samples and writes the values that they give; returns how many. */
uint64_t vo_onset_process(vo_onset *onset, float *values, const float *x, uint64_t n) VO_REALTIME;

/* As new. */
void vo_onset_reset(vo_onset *onset) VO_REALTIME;

VO_END_DECLS

#endif
