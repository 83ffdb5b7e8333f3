#include <stdlib.h>

#include "blocks.h"
#include "measure.h"
#include "os/os.h"

vo_bench_status vo_bench_pool(const vo_pool_config *config, uint32_t rounds, double *ns) {
    vo_pool *pool;
    if (vo_pool_new(&pool, config, NULL) != VO_OK) return VO_BENCH_NO_MEM;
    vo_bench_status status = VO_BENCH_OK;
    uint64_t start = vo_clock_ns();
    for (uint32_t i = 0; i < rounds; i++) {
        vo_handle handle;
        if (vo_pool_acquire(pool, &handle) != VO_OK || vo_pool_release(pool, handle, i) != VO_OK) {
            status = VO_BENCH_REFUSED;
            break;
        }
    }
    *ns = (double)(vo_clock_ns() - start) / rounds;
    vo_pool_free(pool);
    return status;
}

/* The best that malloc does for this size, whatever the program has left in its heap: a thread of
   its own has an arena of its own, and between two blocks that stay a freed one is neither merged
   nor split. That a second thread exists costs malloc a lock, as it does in any program with an
   engine. */
typedef struct malloc_run {
    size_t bytes;
    uint32_t rounds;
    double ns;
    vo_bench_status status;
} malloc_run;

static void *malloc_and_free(void *self) {
    malloc_run *run = self;
    void *below = malloc(run->bytes), *between = malloc(run->bytes), *above = malloc(run->bytes);
    free(between);
    uint64_t start = vo_clock_ns();
    for (uint32_t i = 0; i < run->rounds; i++) {
        void *memory = malloc(run->bytes);
        if (!memory) {
            run->status = VO_BENCH_NO_MEM;
            break;
        }
        vo_bench_keep(memory); /* or the pair would be optimised away */
        free(memory);
    }
    run->ns = (double)(vo_clock_ns() - start) / run->rounds;
    free(below);
    free(above);
    return NULL;
}

vo_bench_status vo_bench_malloc(size_t bytes, uint32_t rounds, double *ns) {
    malloc_run run = {.bytes = bytes, .rounds = rounds};
    vo_thread thread;
    if (vo_thread_start(&thread, malloc_and_free, &run) != VO_OK) return VO_BENCH_REFUSED;
    vo_thread_join(&thread);
    *ns = run.ns;
    return run.status;
}
