/* Short-time Fourier transforms of a stream, and back.

   Frame t is n_fft samples from t * hop on, `before` zeros standing before the first sample; times
   the window, it becomes n_fft / 2 + 1 values as (re, im) pairs. With n_fft - hop zeros before,
   each hop that goes in gives one frame.

   The inverse adds the frames up, each times the window again, and divides by the sum of the
   squares of the windows: hop samples for each frame. What comes out is what went in, later by
   `before`. */
#ifndef VOCANA_STFT_H
#define VOCANA_STFT_H

#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_stft vo_stft;
typedef struct vo_istft vo_istft;

typedef struct vo_stft_config {
    const float *window; /* n_fft factors, copied */
    uint32_t n_fft;      /* one that vo_fft_supports, for real transforms */
    uint32_t hop;        /* 1 or more; of an inverse n_fft at most */
    uint32_t before;     /* n_fft at most; an inverse does not look at it */
} vo_stft_config;

/* Of the greatest sum of squares that a window has at a hop, the least must be more than this part,
   or samples are lost that no inverse finds. */
#define VO_STFT_LEAST_OVERLAP 1e-8

/* --- Setup thread ------------------------------------------------------- */

/* BAD_ARG for a size that cannot be transformed, for no hop, for too many zeros before. */
VO_NODISCARD vo_status vo_stft_new(vo_stft **out, const vo_stft_config *config,
                                   const vo_allocator *allocator);
void vo_stft_free(vo_stft *stft);

/* Least sum of squares by the greatest, over the samples of a hop: "nonzero overlap-add". 0 for a
   hop beyond n_fft and when a factor is not finite. */
double vo_stft_overlap(const float *window, uint32_t n_fft, uint32_t hop);

/* BAD_ARG as well when the overlap is VO_STFT_LEAST_OVERLAP or less. */
VO_NODISCARD vo_status vo_istft_new(vo_istft **out, const vo_stft_config *config,
                                    const vo_allocator *allocator);
void vo_istft_free(vo_istft *istft);

/* --- Any one thread at a time -------------------------------------------- */

/* How many frames n more samples complete. */
uint64_t vo_stft_ready(const vo_stft *stft, uint64_t n) VO_REALTIME;

/* Take n samples; write the frames that they complete one after the other, and return how many. */
uint64_t vo_stft_process(vo_stft *stft, float *spectra, const float *x, uint64_t n) VO_REALTIME;

/* As new. */
void vo_stft_reset(vo_stft *stft) VO_REALTIME;

/* Take frames; write hop samples for each. */
void vo_istft_process(vo_istft *istft, float *x, const float *spectra, uint64_t frames) VO_REALTIME;

/* What the frames so far have put after the samples that came out: n_fft - hop samples. */
void vo_istft_rest(const vo_istft *istft, float *x) VO_REALTIME;
void vo_istft_reset(vo_istft *istft) VO_REALTIME;

VO_END_DECLS

#endif
