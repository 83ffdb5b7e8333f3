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

/* Where the low 12 bits of addresses agree, a load can wait for a store to another place; a copy is
   30 % slower then. So queues have their frames at a page's start, and the two blocks move over
   the page with shape->layout: same layout, same addresses, for every contender. */
#define VO_BENCH_PAGE ((size_t)4096)

static inline size_t vo_bench_pages(size_t bytes) {
    return (bytes + VO_BENCH_PAGE - 1) & ~(VO_BENCH_PAGE - 1);
}

/* Zeroed pages, or NULL; give them to free. */
static inline void *vo_bench_pages_new(size_t bytes) {
    void *memory = aligned_alloc(VO_BENCH_PAGE, vo_bench_pages(bytes));
    if (memory) memset(memory, 0, vo_bench_pages(bytes));
    return memory;
}

/* The block that goes in and the block that comes out; give `memory` to free. */
typedef struct vo_bench_blocks {
    void *memory;
    float *in, *out;
} vo_bench_blocks;

/* False when there is no memory. */
static inline bool vo_bench_blocks_new(vo_bench_blocks *blocks, const vo_bench_shape *shape) {
    size_t bytes = vo_bench_pages(shape->block * shape->channels * sizeof(float)) + VO_BENCH_PAGE;
    unsigned char *memory = vo_bench_pages_new(2 * bytes);
    size_t in = (size_t)shape->layout * 13 % 64 * 64, out = (size_t)shape->layout * 29 % 64 * 64;
    *blocks = (vo_bench_blocks){.memory = memory};
    if (!memory) return false;
    blocks->in = (float *)(void *)(memory + in);
    blocks->out = (float *)(void *)(memory + bytes + out);
    return true;
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
