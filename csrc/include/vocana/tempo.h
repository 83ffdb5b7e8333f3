/* Beats per minute of a stream of onset strengths, from its autocorrelation. */
#ifndef VOCANA_TEMPO_H
#define VOCANA_TEMPO_H

#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

#define VO_TEMPO_LEAST_BPM 40.0
#define VO_TEMPO_MOST_BPM 240.0

typedef struct vo_tempo vo_tempo;

/* bpm, 40 to 240, is 0 when nothing repeats, or by less than 0.05 dB, as steady tones do;
   confidence, 0..1, is how much of the strengths' variance does. */
typedef struct vo_tempo_estimate {
    double bpm, confidence;
} vo_tempo_estimate;

/* --- Setup thread ------------------------------------------------------- */

/* values_per_s: within 8 and 10000. memory_s: time in which what was heard loses all but 1/e of its
   weight, INFINITY for never; BAD_ARG unless it is above 0. */
VO_NODISCARD vo_status vo_tempo_new(vo_tempo **out, double values_per_s, double memory_s,
                                    const vo_allocator *allocator);
void vo_tempo_free(vo_tempo *tempo);

/* --- One thread ---------------------------------------------------------- */

/* Strengths as of vo_onset, in dB. */
void vo_tempo_push(vo_tempo *tempo, const float *strengths, uint64_t n) VO_REALTIME;

/* Of all that was pushed. */
vo_tempo_estimate vo_tempo_now(const vo_tempo *tempo) VO_REALTIME;

/* As new. */
void vo_tempo_reset(vo_tempo *tempo) VO_REALTIME;

VO_END_DECLS

#endif
