/* Another sample rate, streaming: any rational ratio, linear phase, an output in every call.

   After N frames in all, ceil(N * to / from) frames have come out, however the input was cut; each
   has the same bits, however it was cut. The output is the input delayed by a whole number of
   output frames. Equal rates copy. */
#ifndef VOCANA_RESAMPLER_H
#define VOCANA_RESAMPLER_H

#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

#define VO_RESAMPLER_LEAST_RATE 8000
#define VO_RESAMPLER_MOST_RATE 768000
#define VO_RESAMPLER_MOST_CHANNELS 1024

/* How near the passband comes to the Nyquist frequency of the lower rate, paid for with delay:
   name, delay in frames of the lower rate, and its limit in ms. Ripple (0.01 dB at most)
   and what lies beyond that Nyquist frequency (below -110 dB) are the same for all. */
#define VO_RESAMPLER_QUALITY_MAP(X)                                                                \
    X(FAST, 32, 5)     /* 80 % */                                                                  \
    X(BALANCED, 64, 5) /* 90 %, less below 12.8 kHz */                                             \
    X(BEST, 160, 20)   /* 96 % */

typedef enum vo_resampler_quality {
#define X(name, frames, ms) VO_RESAMPLER_##name,
    VO_RESAMPLER_QUALITY_MAP(X)
#undef X
} vo_resampler_quality;

typedef struct vo_resampler vo_resampler;

/* --- Setup thread ------------------------------------------------------- */

/* Rates in Hz. BAD_ARG for a rate, a quality or a number of channels out of range. */
VO_NODISCARD vo_status vo_resampler_new(vo_resampler **out, uint32_t from_rate, uint32_t to_rate,
                                        uint32_t channels, vo_resampler_quality quality,
                                        const vo_allocator *allocator);
void vo_resampler_free(vo_resampler *resampler);

/* --- Any one thread at a time -------------------------------------------- */

/* n interleaved frames in; returns how many came out. All n are taken; frames for which out has no
   room are lost, and there are none with room for vo_resampler_max_output(n). out is not in. */
uint64_t vo_resampler_process(vo_resampler *resampler, float *out, uint64_t room, const float *in,
                              uint64_t n) VO_REALTIME;

/* How many frames the next n will become. */
uint64_t vo_resampler_output(const vo_resampler *resampler, uint64_t n) VO_REALTIME;

/* The latency frames that are still inside, as if silence followed; then as new. */
uint64_t vo_resampler_flush(vo_resampler *resampler, float *out, uint64_t room) VO_REALTIME;

/* As new: silence before the next frame. */
void vo_resampler_reset(vo_resampler *resampler) VO_REALTIME;

/* --- Any thread --------------------------------------------------------- */

/* The most frames that n frames can become: ceil(n * to / from). */
uint64_t vo_resampler_max_output(const vo_resampler *resampler, uint64_t n) VO_REALTIME;

/* In output frames. */
uint32_t vo_resampler_latency(const vo_resampler *resampler) VO_REALTIME;

/* Up to where the response is flat, in Hz; half the rate when rates are equal. */
double vo_resampler_passband_hz(const vo_resampler *resampler) VO_REALTIME;

VO_END_DECLS

#endif
