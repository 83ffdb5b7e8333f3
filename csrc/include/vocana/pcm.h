/* Samples as files and devices have them, and what is done with arrays of float samples.

   Float samples have 1.0 as full scale. To integers they are rounded to the nearest, halves to
   even; what is beyond full scale saturates; NaN is 0. From integers they are exact, but for int32,
   which is rounded to the 24 bits of a float. An int24 is 3 bytes, the lowest first. */
#ifndef VOCANA_PCM_H
#define VOCANA_PCM_H

#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

/* The kernels for this processor; nothing in it changes. */
typedef struct vo_pcm vo_pcm;

/* --- Setup thread ------------------------------------------------------- */

VO_NODISCARD vo_status vo_pcm_new(vo_pcm **out, const vo_allocator *allocator);
void vo_pcm_free(vo_pcm *pcm);

/* --- Any thread --------------------------------------------------------- */

void vo_pcm_from_int16(const vo_pcm *pcm, float *out, const int16_t *x, size_t n) VO_REALTIME;
void vo_pcm_from_int24(const vo_pcm *pcm, float *out, const uint8_t *x, size_t n) VO_REALTIME;
void vo_pcm_from_int32(const vo_pcm *pcm, float *out, const int32_t *x, size_t n) VO_REALTIME;

void vo_pcm_to_int16(const vo_pcm *pcm, int16_t *out, const float *x, size_t n) VO_REALTIME;
void vo_pcm_to_int24(const vo_pcm *pcm, uint8_t *out, const float *x, size_t n) VO_REALTIME;
void vo_pcm_to_int32(const vo_pcm *pcm, int32_t *out, const float *x, size_t n) VO_REALTIME;

/* out[i] = g * x[i]; out may be x. */
void vo_pcm_gain(const vo_pcm *pcm, float *out, const float *x, float g, size_t n) VO_REALTIME;

/* y[i] += g * x[i]; y may be x. */
void vo_pcm_mix(const vo_pcm *pcm, float *y, const float *x, float g, size_t n) VO_REALTIME;

/* n interleaved frames and a row of n samples for each channel. They do not overlap. */
void vo_pcm_interleave(const vo_pcm *pcm, float *out, float *const *rows, uint32_t channels,
                       size_t n) VO_REALTIME;
void vo_pcm_deinterleave(const vo_pcm *pcm, float *const *rows, const float *x, uint32_t channels,
                         size_t n) VO_REALTIME;

VO_END_DECLS

#endif
