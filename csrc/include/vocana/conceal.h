/* What is heard where sound is missing: its last period again and again, fading to silence, and the
   way back into the sound.

   The period is the lag at which what was heard last fits what came before best, at most
   period_frames; without any likeness it is period_frames itself. Where the repetition begins, how
   it differs from the sound is continued and fades out, so there is no step. Of noise nothing is
   continued: that would be a burst. */
#ifndef VOCANA_CONCEAL_H
#define VOCANA_CONCEAL_H

#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_conceal vo_conceal;

typedef struct vo_conceal_config {
    uint32_t channels;
    uint32_t fade_frames;   /* of the joins, >= 1 */
    uint32_t period_frames; /* longest period, >= 2 * fade_frames */
    uint32_t mute_frames;   /* from the last sound to silence, >= 1 */
} vo_conceal_config;

/* --- Setup thread ------------------------------------------------------- */

/* BAD_ARG when the config breaks a bound given above. */
VO_NODISCARD vo_status vo_conceal_new(vo_conceal **out, const vo_conceal_config *config,
                                      const vo_allocator *allocator);
void vo_conceal_free(vo_conceal *conceal);

/* --- Any one thread at a time -------------------------------------------- */

/* n frames were heard. */
void vo_conceal_hear(vo_conceal *conceal, const float *frames, uint32_t n) VO_REALTIME;

/* No frame follows those that were heard. */
void vo_conceal_begin(vo_conceal *conceal) VO_REALTIME;

/* The next n frames instead. */
void vo_conceal_read(vo_conceal *conceal, float *out, uint32_t n) VO_REALTIME;

/* How many frames more to read, at most `most`, before the n frames of sound that are there again
   fit best; 0 when nothing fits, or when silence is reached. */
uint32_t vo_conceal_align(vo_conceal *conceal, const float *sound, uint32_t n,
                          uint32_t most) VO_REALTIME;

/* The first n frames of sound, at most fade_frames, with the way out of the silence mixed in. */
void vo_conceal_join(vo_conceal *conceal, float *sound, uint32_t n) VO_REALTIME;

VO_END_DECLS

#endif
