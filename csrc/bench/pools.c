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

vo_bench_status vo_bench_malloc(size_t bytes, uint32_t rounds, double *ns) {
    vo_bench_status status = VO_BENCH_OK;
    uint64_t start = vo_clock_ns();
    for (uint32_t i = 0; i < rounds; i++) {
        void *memory = malloc(bytes);
        if (!memory) {
            status = VO_BENCH_NO_MEM;
            break;
        }
        vo_bench_keep(memory); /* or the pair would be optimised away */
        free(memory);
    }
    *ns = (double)(vo_clock_ns() - start) / rounds;
    return status;
}
