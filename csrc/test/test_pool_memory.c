/* D2: a buffer of a pool begins on a cache line, and the rest of its last line belongs to it. */
#include <stdint.h>
#include <string.h>

#include "check.h"
#include "vocana/pool.h"

enum { BUFFERS = 20 };

static size_t padded(size_t bytes) {
    return (bytes + VO_CACHE_LINE - 1) / VO_CACHE_LINE * VO_CACHE_LINE;
}

/* All of every line is written: beyond a buffer this would be an overflow, or another's samples. */
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

int main(void) {
    const uint32_t frames[] = {1, 2, 15, 16, 17, 31, 480, 511, 513};
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
        for (uint32_t channels = 1; channels <= 3; channels++)
            for (int sharing = VO_POOL_PAIR; sharing <= VO_POOL_SHARED; sharing++)
                lines_are_whole(frames[i], channels, (vo_pool_sharing)sharing);
    return 0;
}
