/* One timed run each. A run is short; the caller interleaves contenders and takes medians. */
#ifndef VOCANA_BENCH_MEASURE_H
#define VOCANA_BENCH_MEASURE_H

#include <stdint.h>

#include "queue.h"
#include "vocana/pool.h"

typedef enum vo_bench_status {
    VO_BENCH_OK,
    VO_BENCH_NO_MEM,  /* memory or a queue could not be had */
    VO_BENCH_REFUSED, /* no thread, or a queue took part of a block or none */
    VO_BENCH_CORRUPT, /* what came out is not what went in */
} vo_bench_status;

typedef struct vo_bench_shape {
    uint32_t capacity; /* frames; a multiple of 2 * block */
    uint32_t channels;
    uint32_t block;  /* frames */
    uint32_t layout; /* any number: where in their pages the blocks lie, see blocks.h */
} vo_bench_shape;

/* Two processors for the two threads; -1 leaves a thread where it is. */
typedef struct vo_bench_cpus {
    int writer;
    int reader;
} vo_bench_cpus;

/* --- One thread ----------------------------------------------------------- */

/* *ns = nanoseconds for one push and one pop of a block. */
vo_bench_status vo_bench_one_thread(const vo_bench_queue *queue, const vo_bench_shape *shape,
                                    uint32_t rounds, double *ns);

/* The limit: a block copied into memory of the queue's size, at the place where a queue would put
   it, and out again. */
vo_bench_status vo_bench_two_memcpy(const vo_bench_shape *shape, uint32_t rounds, double *ns);

/* --- Two threads ---------------------------------------------------------- */

/* *gb_per_s = 10^9 bytes a second that came out of the queue, one thread pushing, one popping.
   blocks is rounded up to whole fillings of the queue, which vo_bench_halves needs to end. */
vo_bench_status vo_bench_bulk(const vo_bench_queue *queue, const vo_bench_shape *shape,
                              vo_bench_cpus cpus, uint32_t blocks, double *gb_per_s);

/* *ns = one way of a block that goes to the other thread by one queue and back by another. Not for
   vo_bench_halves, which would keep the block. */
vo_bench_status vo_bench_ping_pong(const vo_bench_queue *queue, const vo_bench_shape *shape,
                                   vo_bench_cpus cpus, uint32_t rounds, double *ns);

/* *ns = one way of a single atomic that two threads hand to each other. */
vo_bench_status vo_bench_bounce(vo_bench_cpus cpus, uint32_t rounds, double *ns);

/* --- Pool ------------------------------------------------------------------ */

/* *ns = one acquire and one release on the calling thread. */
vo_bench_status vo_bench_pool(const vo_pool_config *config, uint32_t rounds, double *ns);

/* *ns = one malloc and one free of that many bytes. */
vo_bench_status vo_bench_malloc(size_t bytes, uint32_t rounds, double *ns);

#endif
