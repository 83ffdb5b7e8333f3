/* True peaks: how far the signal between the samples goes (ITU-R BS.1770-4, Annex 2).

   Rates below 88.2 kHz are oversampled four times, those below 176.4 kHz twice, higher ones not at
   all, by a filter of 24 taps a phase that is flat to 0.01 dB up to 0.41 of the rate. What a
   finite number of points still misses (up to 0.5 dB at 20 kHz) is made good by the parabola
   through a point and its neighbours. */
#ifndef VOCANA_TRUEPEAK_H
#define VOCANA_TRUEPEAK_H

#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_truepeak vo_truepeak;

/* A peak is known this many frames after the sample before it; nothing of a sample is left in the
   state after twice as many. */
#define VO_TRUEPEAK_DELAY 12

/* --- Setup thread ------------------------------------------------------- */

VO_NODISCARD vo_status vo_truepeak_new(vo_truepeak **out, uint32_t rate, uint32_t channels,
                                       const vo_allocator *allocator);
void vo_truepeak_free(vo_truepeak *truepeak);

/* --- Any one thread at a time -------------------------------------------- */

/* n frames of a channel, of any number. Gives the greatest magnitude, at least floor; peaks[i],
   unless peaks is NULL, is that from frame i - VO_TRUEPEAK_DELAY up to the next. Nothing but that
   it is there is known of what lies below floor, which saves time. */
float vo_truepeak_process(vo_truepeak *truepeak, uint32_t channel, float *peaks, const float *x,
                          uint32_t n, float floor) VO_REALTIME;

/* As new: silence came before. */
void vo_truepeak_reset(vo_truepeak *truepeak) VO_REALTIME;

/* --- Any thread --------------------------------------------------------- */

/* Points for each sample: 4, 2 or 1. */
uint32_t vo_truepeak_factor(const vo_truepeak *truepeak) VO_REALTIME;

VO_END_DECLS

#endif
