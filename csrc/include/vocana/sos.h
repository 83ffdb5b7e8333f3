/* A cascade of second-order sections, as block state-space: 16 samples at a time, one product of a
   matrix with the samples and the state instead of a recursion from sample to sample.

   No latency: what is known of a step is put out at once, and the state moves on when the step is
   full. A change runs the old cascade and the new one side by side for one sin^2 crossfade; the new
   one goes on from the state of the old one. What is set meanwhile comes next. */
#ifndef VOCANA_SOS_H
#define VOCANA_SOS_H

#include "alloc.h"
#include "biquad.h"
#include "status.h"

VO_BEGIN_DECLS

#define VO_SOS_MOST_SECTIONS 16

typedef struct vo_sos vo_sos;

/* --- Setup thread ------------------------------------------------------- */

/* 1..VO_SOS_MOST_SECTIONS sections for each of `channels`; fade_frames is 10 ms times the rate, 0 a
   hard step. BAD_ARG for other counts, TOO_BIG, NO_MEM. */
VO_NODISCARD vo_status vo_sos_new(vo_sos **out, const vo_biquad *sections, uint32_t count,
                                  uint32_t fade_frames, uint32_t channels,
                                  const vo_allocator *allocator);
void vo_sos_free(vo_sos *sos);

/* --- Audio thread only --------------------------------------------------- */

/* Other coefficients, as many as at first, from the next frame, with a crossfade. */
void vo_sos_set(vo_sos *sos, const vo_biquad *sections) VO_REALTIME;

/* n frames of each channel in place, all finite. */
void vo_sos_process(vo_sos *sos, float *const *x, uint32_t n) VO_REALTIME;

/* As if the silence before had lasted for ever; what is set holds from the next frame. */
void vo_sos_reset(vo_sos *sos) VO_REALTIME;

VO_END_DECLS

#endif
