/* What a pool asks for: whole cache lines, and nothing for sizes that cannot be; what it does when
   there is nothing to be had. */
#include <stdint.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "vocana/pool.h"

enum { BUFFERS = 20 };

static size_t padded(size_t bytes) {
    return (bytes + VO_CACHE_LINE - 1) / VO_CACHE_LINE * VO_CACHE_LINE;
}

/* D2: a buffer begins on a cache line, and the rest of its last line belongs to it.
   All of every line is written: beyond a buffer this would be an overflow, or another's samples. */
static void lines_are_whole(uint32_t frames, uint32_t channels, vo_pool_sharing sharing) {
    const size_t bytes = padded((size_t)frames * channels * sizeof(float));
    vo_pool_config config = {frames, channels, BUFFERS / 2, BUFFERS, sharing};
    vo_pool *pool;
    vo_handle handle;
    unsigned char *buffers[BUFFERS];
    CHECK(vo_pool_new(&pool, &config, NULL) == VO_OK);
    for (int i = 0; i < BUFFERS; i++) {
        if (i >= BUFFERS / 2) CHECK(vo_pool_grow(pool) == VO_OK);
        CHECK(vo_pool_acquire(pool, &handle) == VO_OK);
        buffers[i] = (unsigned char *)vo_pool_data(pool, handle);
        CHECK((uintptr_t)buffers[i] % VO_CACHE_LINE == 0);
        for (size_t k = 0; k < bytes; k++) CHECK(buffers[i][k] == 0);
        memset(buffers[i], i + 1, bytes);
    }
    for (int i = 0; i < BUFFERS; i++)
        for (size_t k = 0; k < bytes; k++) CHECK(buffers[i][k] == i + 1);
    vo_pool_free(pool);
}

static void refuses_sizes(void) {
    vo_pool_config bad[] = {
        {0, 1, 0, 1, VO_POOL_PAIR},          {1, 0, 0, 1, VO_POOL_PAIR},
        {1, 1, 0, 0, VO_POOL_PAIR},          {1, 1, 2, 1, VO_POOL_SHARED},
        {1, 1, 0, 1, (vo_pool_sharing)7},    {UINT32_MAX, UINT32_MAX, 0, 1, VO_POOL_PAIR},
        {1, 1, 0, UINT32_MAX, VO_POOL_PAIR}, {UINT32_MAX, 1 << 20, 0, 1 << 20, VO_POOL_SHARED},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        failing_alloc memory;
        failing_alloc_init(&memory, 0, false);
        vo_pool *pool;
        vo_status status = vo_pool_new(&pool, &bad[i], &memory.allocator);
        CHECK(status == (i < 5 ? VO_BAD_ARG : VO_TOO_BIG));
        CHECK(pool == NULL && memory.calls == 0);
    }
}

/* A grow that finds no memory changes nothing. */
static void survives_a_failed_grow(vo_pool_sharing sharing) {
    failing_alloc memory;
    vo_pool_config config = {8, 1, 1, 3, sharing};
    vo_pool *pool;
    failing_alloc_init(&memory, 0, false);
    CHECK(vo_pool_new(&pool, &config, &memory.allocator) == VO_OK);
    vo_handle handle, none;
    CHECK(vo_pool_acquire(pool, &handle) == VO_OK);
    memory.fail_at = memory.calls + 1;
    CHECK(vo_pool_grow(pool) == VO_NO_MEM);
    CHECK(vo_pool_acquire(pool, &none) == VO_EMPTY && vo_pool_stats_now(pool).free == 0);
    CHECK(vo_pool_grow(pool) == VO_OK && vo_pool_stats_now(pool).free == 1);
    CHECK(vo_pool_release(pool, handle, 1) == VO_OK);
    vo_pool_free(pool);
    CHECK(memory.live == 0);
}

int main(void) {
    const uint32_t frames[] = {1, 2, 15, 16, 17, 31, 480, 511, 513};
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
        for (uint32_t channels = 1; channels <= 3; channels++)
            for (int sharing = VO_POOL_PAIR; sharing <= VO_POOL_SHARED; sharing++)
                lines_are_whole(frames[i], channels, (vo_pool_sharing)sharing);
    refuses_sizes();
    for (int sharing = VO_POOL_PAIR; sharing <= VO_POOL_SHARED; sharing++)
        survives_a_failed_grow((vo_pool_sharing)sharing);
    return 0;
}
