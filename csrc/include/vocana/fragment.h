/* What Python had as audioop until 3.12, to the bit: n samples of 1 to 4 bytes each, signed, the
   lowest byte first, of any alignment. */
#ifndef VOCANA_FRAGMENT_H
#define VOCANA_FRAGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "attributes.h"

VO_BEGIN_DECLS

/* --- Any thread --------------------------------------------------------- */

/* floor(sqrt(mean of squares)), the squares summed in double one after the other; 0 of none. */
uint32_t vo_fragment_rms(const void *fragment, uint32_t width, size_t n) VO_REALTIME;

/* The greatest magnitude: 2^31 at most. */
uint32_t vo_fragment_max(const void *fragment, uint32_t width, size_t n) VO_REALTIME;

/* The high bytes of each sample, with zeros behind them when out is wider. */
void vo_fragment_lin2lin(void *out, uint32_t out_width, const void *fragment, uint32_t width,
                         size_t n) VO_REALTIME;

/* floor(left * l + right * r) of n pairs, saturated; left and right are finite. */
void vo_fragment_tomono(void *out, const void *fragment, uint32_t width, double left, double right,
                        size_t n) VO_REALTIME;

VO_END_DECLS

#endif
