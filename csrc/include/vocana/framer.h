/* Cuts a stream into frames that overlap, and gives the spectrum of each.

       while (vo_framer_next(framer, &x, &n)) use(vo_framer_power(framer));

   takes n samples at x, however many there are, and stops at each frame that they complete. Frame t
   is the n_fft samples from t * hop on, `before` zeros standing before the first sample. */
#ifndef VOCANA_FRAMER_H
#define VOCANA_FRAMER_H

#include <stdbool.h>
#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_framer vo_framer;

typedef struct vo_framer_config {
    const float *window; /* n_fft factors, copied; NULL for ones */
    uint32_t n_fft;      /* one that vo_fft_supports, for real transforms */
    uint32_t hop;        /* 1 or more, also more than n_fft */
    uint32_t before;     /* n_fft / 2 puts the middle of frame t at sample t * hop */
} vo_framer_config;

/* --- Setup thread ------------------------------------------------------- */

/* BAD_ARG for a size that cannot be transformed, for no hop, for more than n_fft zeros before. */
VO_NODISCARD vo_status vo_framer_new(vo_framer **out, const vo_framer_config *config,
                                     const vo_allocator *allocator);
void vo_framer_free(vo_framer *framer);

/* --- Any one thread at a time -------------------------------------------- */

uint32_t vo_framer_size(const vo_framer *framer) VO_REALTIME; /* n_fft */
uint32_t vo_framer_bins(const vo_framer *framer) VO_REALTIME; /* n_fft / 2 + 1 */

/* How many frames n more samples complete. */
uint64_t vo_framer_ready(const vo_framer *framer, uint64_t n) VO_REALTIME;

/* Take samples until a frame is complete or all are taken; *x and *n go with what was taken. False
   when no frame is complete. With NULL for *x, silence. */
bool vo_framer_next(vo_framer *framer, const float **x, uint64_t *n) VO_REALTIME;

/* Of the frame that vo_framer_next gave last, until it is called again: its samples without the
   window, and |X|^2 and |X| of its bins with it. Magnitude reads what power has computed: call
   power first. */
const float *vo_framer_samples(const vo_framer *framer) VO_REALTIME;
const float *vo_framer_power(vo_framer *framer) VO_REALTIME;
const float *vo_framer_magnitude(vo_framer *framer) VO_REALTIME;

/* As new. */
void vo_framer_reset(vo_framer *framer) VO_REALTIME;

VO_END_DECLS

#endif
