/* What a queue must offer to be timed: every contender fills this table, ours included, so each
   pays the same indirect calls. */
#ifndef VOCANA_BENCH_QUEUE_H
#define VOCANA_BENCH_QUEUE_H

#include <stdint.h>

typedef struct vo_bench_queue {
    /* A queue of that many interleaved frames, or a null pointer. */
    void *(*make)(uint32_t frames, uint32_t channels);
    /* Frames taken: all or fewer. One thread pushes, one pops. */
    uint32_t (*push)(void *queue, const float *frames, uint32_t n);
    uint32_t (*pop)(void *queue, float *frames, uint32_t n);
    void (*destroy)(void *queue);
} vo_bench_queue;

/* vo_ring. */
extern const vo_bench_queue vo_bench_ours;

/* Two halves that change hands only when full or empty: the fewest handovers there can be, so a
   limit for blocks that are small beside a half. It keeps up to half its frames from the reader, so
   it is of no use for audio. */
extern const vo_bench_queue vo_bench_halves;

/* vo_ring that damages one sample in 1000 blocks: what the checks must report. */
extern const vo_bench_queue vo_bench_damaged;

#endif
