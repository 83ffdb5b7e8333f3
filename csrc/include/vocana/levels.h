/* Levels of each channel as a meter shows them: RMS, peak, and the peak that is held.

   Full scale is 1, and what is above it is shown as it is. Samples that no converter delivers (NaN,
   infinity, |x| > 10, denormals) count as 0. Levels move every hundredth of a second of audio,
   whatever the blocks. */
#ifndef VOCANA_LEVELS_H
#define VOCANA_LEVELS_H

#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_levels vo_levels;

typedef struct vo_levels_config {
    uint32_t rate;     /* 100 or more */
    uint32_t channels; /* 1..64 */
    double rms_ms;     /* time constant of the mean square */
    double attack_ms;  /* time constants of the peak; 0 is at once */
    double release_ms;
    double hold_ms; /* how long a held peak stays before it falls to the peak */
} vo_levels_config;

typedef struct vo_channel_levels {
    double rms, peak, held;
} vo_channel_levels;

/* --- Setup thread ------------------------------------------------------- */

/* BAD_ARG for a time that is negative, NaN or infinite, and for sizes out of range. */
VO_NODISCARD vo_status vo_levels_new(vo_levels **out, const vo_levels_config *config,
                                     const vo_allocator *allocator);
void vo_levels_free(vo_levels *levels);

/* --- Any one thread at a time -------------------------------------------- */

/* n frames; sample i of channel c is x[c][i * stride]. */
void vo_levels_process(vo_levels *levels, const float *const *x, size_t stride,
                       size_t n) VO_REALTIME;

/* As new. */
void vo_levels_reset(vo_levels *levels) VO_REALTIME;

/* All 0 for a channel that is not there. */
vo_channel_levels vo_levels_now(const vo_levels *levels, uint32_t channel) VO_REALTIME;

VO_END_DECLS

#endif
