#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "measure.h"
#include "os/os.h"

vo_bench_status vo_bench_one_thread(const vo_bench_queue *queue, const vo_bench_shape *shape,
                                    uint32_t rounds, double *ns) {
    void *self = queue->make(shape->capacity, shape->channels);
    vo_bench_blocks blocks;
    bool complete = vo_bench_blocks_new(&blocks, shape) && self;
    float *in = blocks.in, *out = blocks.out;
    vo_bench_status status = complete ? VO_BENCH_OK : VO_BENCH_NO_MEM;

    uint64_t start = vo_clock_ns();
    for (uint32_t i = 0; i < rounds && status == VO_BENCH_OK; i++) {
        vo_bench_stamp(in, shape, i);
        if (queue->push(self, in, shape->block) != shape->block ||
            queue->pop(self, out, shape->block) != shape->block)
            status = VO_BENCH_REFUSED;
        else if (!vo_bench_stamped(out, shape, i))
            status = VO_BENCH_CORRUPT;
    }
    *ns = (double)(vo_clock_ns() - start) / rounds;

    if (self) queue->destroy(self);
    free(blocks.memory);
    return status;
}

vo_bench_status vo_bench_two_memcpy(const vo_bench_shape *shape, uint32_t rounds, double *ns) {
    size_t floats = (size_t)shape->block * shape->channels;
    size_t end = (size_t)shape->capacity * shape->channels;
    float *memory = vo_bench_pages_new(end * sizeof *memory);
    vo_bench_blocks blocks;
    bool complete = vo_bench_blocks_new(&blocks, shape) && memory;
    float *in = blocks.in, *out = blocks.out;
    vo_bench_status status = complete ? VO_BENCH_OK : VO_BENCH_NO_MEM;

    uint64_t start = vo_clock_ns();
    size_t at = 0;
    for (uint32_t i = 0; i < rounds && status == VO_BENCH_OK; i++) {
        vo_bench_stamp(in, shape, i);
        memcpy(memory + at, in, floats * sizeof *in);
        vo_bench_keep(memory);
        memcpy(out, memory + at, floats * sizeof *in);
        at += floats;
        if (at == end) at = 0;
        if (!vo_bench_stamped(out, shape, i)) status = VO_BENCH_CORRUPT;
    }
    *ns = (double)(vo_clock_ns() - start) / rounds;

    free(memory);
    free(blocks.memory);
    return status;
}
