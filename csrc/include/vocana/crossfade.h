/* Joining two pieces of audio without a click: sin^2 gains that sum to one, and the lag at which
   the new piece fits the old one best. */
#ifndef VOCANA_CROSSFADE_H
#define VOCANA_CROSSFADE_H

#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_crossfade vo_crossfade;

/* --- Setup thread ------------------------------------------------------- */

/* A join of fade_frames, aligned within align_frames; both may be 0 (a hard cut, no search). */
VO_NODISCARD vo_status vo_crossfade_new(vo_crossfade **out, uint32_t fade_frames,
                                        uint32_t align_frames, uint32_t channels,
                                        const vo_allocator *allocator);
void vo_crossfade_free(vo_crossfade *crossfade);

/* --- Any one thread at a time -------------------------------------------- */

uint32_t vo_crossfade_frames(const vo_crossfade *crossfade) VO_REALTIME;
uint32_t vo_crossfade_align_frames(const vo_crossfade *crossfade) VO_REALTIME;

/* Gain of the old piece at frame i of a join of `length` frames:
   cos^2(pi/2 * (i + 1) / (length + 1)). The new piece has one minus this. */
float vo_crossfade_gain(uint32_t i, uint32_t length) VO_REALTIME;

/* Mix frames first .. first+n-1 of a join that is `length` frames long (at most fade_frames):
   out[k] = to[k] + gain(first + k) * (from[k] - to[k]). out may be from or to. */
void vo_crossfade_mix(const vo_crossfade *crossfade, float *out, const float *from, const float *to,
                      uint32_t first, uint32_t n, uint32_t length) VO_REALTIME;

/* The first lag 0..align at which `candidates` (align + n frames) correlates with `old` (n frames)
   within 0.001 of the best. 0 when the best normalised correlation is below 0.5 or either side is
   below -80 dBFS. */
uint32_t vo_crossfade_align(const vo_crossfade *crossfade, const float *old,
                            const float *candidates, uint32_t n, uint32_t align) VO_REALTIME;

VO_END_DECLS

#endif
