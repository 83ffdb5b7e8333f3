#include "histogram.h"

/* Durations below STEPS ns have a bucket each; above, an octave is cut into STEPS equal steps. */
static uint32_t bucket_of(uint64_t ns) {
    if (ns < VO_HISTOGRAM_STEPS) return (uint32_t)ns;
    uint32_t octave = 63u - (uint32_t)__builtin_clzll(ns) - VO_HISTOGRAM_OCTAVE_BITS;
    uint32_t bucket =
        (octave + 1) * VO_HISTOGRAM_STEPS + (uint32_t)((ns >> octave) & (VO_HISTOGRAM_STEPS - 1));
    return bucket < VO_HISTOGRAM_BUCKETS ? bucket : VO_HISTOGRAM_BUCKETS - 1;
}

static uint64_t upper_edge(uint32_t bucket) {
    if (bucket < VO_HISTOGRAM_STEPS) return bucket;
    uint32_t octave = bucket / VO_HISTOGRAM_STEPS - 1;
    uint64_t step = bucket % VO_HISTOGRAM_STEPS;
    return ((VO_HISTOGRAM_STEPS + step + 1) << octave) - 1;
}

void vo_histogram_record(vo_histogram *histogram, uint64_t ns) {
    /* One writer: a load and a store do what a locked increment would. relaxed: a reader needs
       each count whole, not all of them from one moment. */
    _Atomic uint64_t *count = &histogram->counts[bucket_of(ns)];
    atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    if (ns > atomic_load_explicit(&histogram->longest_ns, memory_order_relaxed))
        atomic_store_explicit(&histogram->longest_ns, ns, memory_order_relaxed);
}

uint64_t vo_histogram_count(const vo_histogram *histogram) {
    uint64_t total = 0;
    for (uint32_t i = 0; i < VO_HISTOGRAM_BUCKETS; i++)
        total += atomic_load_explicit(&histogram->counts[i], memory_order_relaxed);
    return total;
}

uint64_t vo_histogram_quantile(const vo_histogram *histogram, double fraction) {
    uint64_t total = vo_histogram_count(histogram);
    if (!total) return 0;
    uint64_t longest = vo_histogram_longest(histogram);
    double wanted = fraction * (double)total;
    uint64_t seen = 0;
    for (uint32_t i = 0; i < VO_HISTOGRAM_BUCKETS; i++) {
        seen += atomic_load_explicit(&histogram->counts[i], memory_order_relaxed);
        if (seen && (double)seen >= wanted)
            return upper_edge(i) < longest ? upper_edge(i) : longest;
    }
    return longest;
}

uint64_t vo_histogram_longest(const vo_histogram *histogram) {
    return atomic_load_explicit(&histogram->longest_ns, memory_order_relaxed);
}
