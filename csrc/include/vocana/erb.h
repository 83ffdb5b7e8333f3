/* Bands as wide as the ear's filters: equivalent rectangular bandwidths.

   Widths in Hz after Glasberg and Moore (1990), 24.7 (4.37 f / 1000 + 1). Bands of whole bins, each
   bin in one band, are the ones of DeepFilterNet: equal steps of 9.265 ln(1 + f / (24.7 * 9.265)),
   and no band narrower than a least number of bins. */
#ifndef VOCANA_ERB_H
#define VOCANA_ERB_H

#include <stdint.h>

#include "attributes.h"
#include "status.h"

VO_BEGIN_DECLS

/* --- Any thread -------------------------------------------------------- */

double vo_erb_width_hz(double hz);
double vo_erb_from_hz(double hz);
double vo_erb_to_hz(double erb);

/* Bins in each band, n_fft / 2 + 1 in all. BAD_ARG when there are not enough for `least` in each.
 */
VO_NODISCARD vo_status vo_erb_widths(uint32_t *widths, uint32_t bands, uint32_t rate,
                                     uint32_t n_fft, uint32_t least);

/* The mean of each band's bins; and each bin with the value of its band. */
void vo_erb_means(float *means, const uint32_t *widths, uint32_t bands,
                  const float *power) VO_REALTIME;
void vo_erb_spread(float *bins, const uint32_t *widths, uint32_t bands,
                   const float *values) VO_REALTIME;

VO_END_DECLS

#endif
