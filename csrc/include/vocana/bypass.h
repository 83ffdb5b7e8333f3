/* A switch between a processed path and the sound before it, aligned in time.

   The processed (wet) path declares how many frames it delays the sound; the dry path is delayed
   by the same number, so that switching neither repeats nor loses a frame. A switch is a crossfade
   with the sin^2 law that runs to its end; what is set meanwhile is heard next. */
#ifndef VOCANA_BYPASS_H
#define VOCANA_BYPASS_H

#include <stdbool.h>
#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_bypass vo_bypass;

/* --- Setup thread ------------------------------------------------------- */

/* Not bypassed; silence in the delay. latency_frames is the delay of the wet path; fade_frames 0 is
   a hard switch; blocks have block_frames at most. BAD_ARG for no channels or no frames, TOO_BIG,
   NO_MEM. */
VO_NODISCARD vo_status vo_bypass_new(vo_bypass **out, uint32_t latency_frames, uint32_t fade_frames,
                                     uint32_t channels, uint32_t block_frames,
                                     const vo_allocator *allocator);
void vo_bypass_free(vo_bypass *bypass);

/* --- Any thread --------------------------------------------------------- */

/* true: the dry path is to be heard. */
void vo_bypass_set(vo_bypass *bypass, bool bypassed) VO_REALTIME;

/* What was set last, whether it is heard yet or not. */
bool vo_bypass_is_set(const vo_bypass *bypass) VO_REALTIME;
uint32_t vo_bypass_latency(const vo_bypass *bypass) VO_REALTIME;

/* --- Audio thread only --------------------------------------------------- */

/* The block of n frames that is about to enter the wet path, one row for each channel. What was set
   before this is heard in this block. */
void vo_bypass_take(vo_bypass *bypass, float *const *dry, uint32_t n) VO_REALTIME;

/* The n frames that left the wet path meanwhile become what is heard. Where one path alone is
   heard, and where both are equal, samples pass bit-exact; the other path is not looked at. */
void vo_bypass_give(vo_bypass *bypass, float *const *x, uint32_t n) VO_REALTIME;

/* Silence in the delay; what is set now is heard from the next frame, without a fade. */
void vo_bypass_reset(vo_bypass *bypass) VO_REALTIME;

VO_END_DECLS

#endif
