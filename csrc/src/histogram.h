/* Durations in log-linear buckets: 64 steps an octave, so a percentile is right within 1.6 %, and
   those of the parts of a duration sum to that of the whole. */
#ifndef VOCANA_HISTOGRAM_H
#define VOCANA_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#include "vocana/attributes.h"

enum {
    VO_HISTOGRAM_OCTAVE_BITS = 6,
    VO_HISTOGRAM_STEPS = 1 << VO_HISTOGRAM_OCTAVE_BITS,
    /* 0 ns .. 2^36 ns (68 s); longer counts as longest */
    VO_HISTOGRAM_BUCKETS = VO_HISTOGRAM_STEPS * 31,
};

typedef struct vo_histogram {
    _Atomic uint64_t counts[VO_HISTOGRAM_BUCKETS];
    _Atomic uint64_t longest_ns;
} vo_histogram;

/* --- One recording thread ------------------------------------------------ */

void vo_histogram_record(vo_histogram *histogram, uint64_t ns) VO_REALTIME;

/* --- Any thread -------------------------------------------------------- */

uint64_t vo_histogram_count(const vo_histogram *histogram) VO_REALTIME;

/* The duration that `fraction` (0..1) of the recorded ones do not exceed: the upper edge of its
   bucket, never beyond the longest; 0 when nothing was recorded. */
uint64_t vo_histogram_quantile(const vo_histogram *histogram, double fraction) VO_REALTIME;
uint64_t vo_histogram_longest(const vo_histogram *histogram) VO_REALTIME;

#endif
