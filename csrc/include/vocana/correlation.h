/* How alike two channels are: 1 the same, 0 unrelated, -1 the same upside down. */
#ifndef VOCANA_CORRELATION_H
#define VOCANA_CORRELATION_H

#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_correlation vo_correlation;

/* --- Setup thread ------------------------------------------------------- */

/* time_ms: time constant with which the past is forgotten. BAD_ARG when it is negative, NaN or
   infinite, or the rate is below 100. */
VO_NODISCARD vo_status vo_correlation_new(vo_correlation **out, uint32_t rate, double time_ms,
                                          const vo_allocator *allocator);
void vo_correlation_free(vo_correlation *correlation);

/* --- Any one thread at a time -------------------------------------------- */

/* n frames of two channels; sample i of channel c is x[c][i * stride]. Samples that no converter
   delivers count as 0. */
void vo_correlation_process(vo_correlation *correlation, const float *const *x, size_t stride,
                            size_t n) VO_REALTIME;
void vo_correlation_reset(vo_correlation *correlation) VO_REALTIME;

/* sum xy / sqrt(sum x^2 sum y^2), a mean is not taken off; 0 when one of them is silent. Of late,
   in whole hundredths of a second, and of every frame since reset. */
double vo_correlation_now(const vo_correlation *correlation) VO_REALTIME;
double vo_correlation_whole(const vo_correlation *correlation) VO_REALTIME;

VO_END_DECLS

#endif
