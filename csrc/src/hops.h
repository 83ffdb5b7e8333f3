/* Whatever the blocks, a meter sees hops: pieces of a hundredth of a second that lie where they lie
   in the stream. What it finds in them is then the same for every way of cutting the stream.

   Samples that no converter delivers (NaN, infinity, |x| > 10, denormals) come as 0. */
#ifndef VOCANA_HOPS_H
#define VOCANA_HOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/kernels.h"
#include "vocana/alloc.h"
#include "vocana/status.h"

enum { VO_HOPS_A_SECOND = 100, VO_HOPS_MOST_CHANNELS = 64 };

/* frames is the length of this hop. A rate that is no multiple of 100 has hops of two lengths:
   rest / 100 of a frame is owed to the next one. row_frames is a length that holds any. */
typedef struct vo_hops {
    vo_kernels kernels;
    float *rows;
    uint64_t *refused; /* samples of each channel that came as 0, since reset */
    uint32_t rate, channels;
    uint32_t frames, filled, rest, row_frames;
} vo_hops;

/* --- Setup thread ------------------------------------------------------- */

/* BAD_ARG for a rate below 100, and for no channels or more than 64. */
VO_NODISCARD vo_status vo_hops_init(vo_hops *hops, uint32_t rate, uint32_t channels,
                                    const vo_allocator *allocator);
void vo_hops_release(vo_hops *hops, const vo_allocator *allocator);

/* --- Any one thread at a time -------------------------------------------- */

void vo_hops_reset(vo_hops *hops) VO_REALTIME;

/* Takes up to n frames, until the hop is full; returns how many. Sample i of channel c is
   x[c][i * stride], and the first i is `at`. */
size_t vo_hops_take(vo_hops *hops, const float *const *x, size_t stride, size_t at,
                    size_t n) VO_REALTIME;

/* After a full hop has been looked at: the next one, empty. */
void vo_hops_next(vo_hops *hops) VO_REALTIME;

static inline bool vo_hops_full(const vo_hops *hops) {
    return hops->filled == hops->frames;
}

static inline const float *vo_hops_row(const vo_hops *hops, uint32_t channel) {
    return hops->rows + (size_t)channel * hops->row_frames;
}

#endif
