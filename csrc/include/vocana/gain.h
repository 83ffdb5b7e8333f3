/* A volume in dB and a mute, changed from any thread without a click.

   A change is one ramp with the sin^2 law of a crossfade. A ramp that has begun runs to its end;
   what is set meanwhile is heard next: a change is complete at most two ramps after it was set. */
#ifndef VOCANA_GAIN_H
#define VOCANA_GAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

/* The range of a level. Anything below the least is silence. */
#define VO_GAIN_LEAST_DB (-64.0f)
#define VO_GAIN_MOST_DB 24.0f

typedef struct vo_gain vo_gain;

/* --- Setup thread ------------------------------------------------------- */

/* 0 dB, not muted. ramp_frames is 5 ms times the rate; 0 is a hard step. BAD_ARG for zero channels,
   TOO_BIG, NO_MEM. */
VO_NODISCARD vo_status vo_gain_new(vo_gain **out, uint32_t ramp_frames, uint32_t channels,
                                   const vo_allocator *allocator);
void vo_gain_free(vo_gain *gain);

/* --- Any thread --------------------------------------------------------- */

/* 10^(db / 20), exactly 1 at 0 dB; 0 below VO_GAIN_LEAST_DB and for NaN. */
float vo_gain_factor(float db) VO_REALTIME;

/* BAD_ARG, and nothing changes, above VO_GAIN_MOST_DB or for NaN. */
VO_NODISCARD vo_status vo_gain_set_db(vo_gain *gain, float db) VO_REALTIME;
void vo_gain_set_muted(vo_gain *gain, bool muted) VO_REALTIME;

/* What was set last, whether it is heard yet or not. */
float vo_gain_db(const vo_gain *gain) VO_REALTIME;
bool vo_gain_muted(const vo_gain *gain) VO_REALTIME;

/* --- Audio thread only --------------------------------------------------- */

/* n interleaved frames; out may be in, else they do not overlap. At 0 dB samples pass bit-exact;
   silence is +0 whatever comes in. The first block, and the first after a reset, has no ramp. */
void vo_gain_process(vo_gain *gain, float *out, const float *in, uint32_t n) VO_REALTIME;

/* Forget a ramp that is running: what is set now holds from the next frame. */
void vo_gain_reset(vo_gain *gain) VO_REALTIME;

VO_END_DECLS

#endif
