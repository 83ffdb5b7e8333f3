/* Blocks that carry their number in the first and the last sample, so a queue that loses, repeats
   or tears a block is found out while it is timed. */
#ifndef VOCANA_BENCH_BLOCKS_H
#define VOCANA_BENCH_BLOCKS_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

/* Numbers below 2^24 are exact in float32. */
#define VO_BENCH_STAMPS ((uint32_t)1 << 24)

/* Zeroed and 64-byte aligned, or NULL; give it to free. */
static inline float *vo_bench_block_new(const vo_bench_shape *shape) {
    size_t bytes = ((size_t)shape->block * shape->channels * sizeof(float) + 63) & ~(size_t)63;
    float *block = aligned_alloc(64, bytes);
    if (block) memset(block, 0, bytes);
    return block;
}

static inline void vo_bench_stamp(float *block, const vo_bench_shape *shape, uint32_t number) {
    float stamp = (float)(number % VO_BENCH_STAMPS);
    block[0] = stamp;
    block[(size_t)shape->block * shape->channels - 1] = stamp;
}

static inline bool vo_bench_stamped(const float *block, const vo_bench_shape *shape,
                                    uint32_t number) {
    float stamp = (float)(number % VO_BENCH_STAMPS);
    return block[0] == stamp && block[(size_t)shape->block * shape->channels - 1] == stamp;
}

/* The compiler must take memory as read and changed here. */
static inline void vo_bench_keep(void *memory) {
    __asm__ volatile("" : : "r"(memory) : "memory");
}

#endif
