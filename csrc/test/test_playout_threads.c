/* A source, a consumer and somebody who looks, each on a thread of its own. */
#include <pthread.h>
#include <stdatomic.h>

#include "playout_scene.h"

enum { BLOCKS = 20000 };

static _Atomic bool over;

static void *write_blocks(void *playout) {
    vo_tap *tap = vo_playout_tap(playout);
    float block[BLOCK];
    for (int i = 0; i < BLOCKS; i++) {
        for (int k = 0; k < BLOCK; k++) block[k] = 0.25f;
        vo_tap_write(tap, block, BLOCK);
        if (i % 1000 == 999) vo_tap_lose(tap, BLOCK, VO_CAUSE_DEVICE);
    }
    vo_tap_end(tap);
    return NULL;
}

static void *look(void *playout) {
    uint64_t pulled = 0;
    while (!atomic_load(&over)) {
        vo_playout_stats p = vo_playout_stats_now(playout);
        CHECK(p.pulled == p.played + p.concealed + p.silent && p.pulled >= pulled);
        pulled = p.pulled;
    }
    return NULL;
}

int main(void) {
    vo_playout *playout;
    CHECK(vo_playout_new(&playout, &usual, NULL) == VO_OK);
    pthread_t threads[2];
    CHECK(pthread_create(&threads[0], NULL, write_blocks, playout) == 0);
    CHECK(pthread_create(&threads[1], NULL, look, playout) == 0);
    for (bool ended = false, silent = false; !ended || !silent;) {
        ended = vo_tap_ended(vo_playout_tap(playout));
        silent = vo_playout_pull(playout, scene_heard, BLOCK, 0).silent == BLOCK;
        for (int i = 0; i < BLOCK; i++) CHECK(fabsf(scene_heard[i]) < 0.6f);
    }
    CHECK(pthread_join(threads[0], NULL) == 0);
    atomic_store(&over, true);
    CHECK(pthread_join(threads[1], NULL) == 0);
    vo_tap_stats t = vo_tap_stats_now(vo_playout_tap(playout));
    CHECK(t.captured == (uint64_t)BLOCKS * BLOCK + BLOCKS / 1000 * BLOCK && t.queued == 0);
    vo_playout_stats p = vo_playout_stats_now(playout);
    CHECK(p.taken == t.delivered && p.skipped + p.lost <= t.dropped);
    vo_playout_free(playout);
    return 0;
}
