/* Handles that lie, pools that grow and shrink, and threads that fight for buffers.

   test_pool [N]: about N acquires in each test with threads. */
#include "vocana/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "check.h"

static vo_pool *pool_of(uint32_t initial, uint32_t maximum, vo_pool_sharing sharing) {
    vo_pool_config config = {
        .frames = 16, .channels = 2, .initial = initial, .maximum = maximum, .sharing = sharing};
    vo_pool *pool;
    CHECK(vo_pool_new(&pool, &config, NULL) == VO_OK);
    return pool;
}

static vo_handle take(vo_pool *pool) {
    vo_handle handle;
    CHECK(vo_pool_acquire(pool, &handle) == VO_OK);
    CHECK(handle != VO_NO_HANDLE);
    CHECK((uintptr_t)vo_pool_data(pool, handle) % 64 == 0); /* D2 */
    return handle;
}

static bool give(vo_pool *pool, vo_handle handle) {
    return vo_pool_release(pool, handle, 1) == VO_OK;
}

/* G1: 10 made at once, grows to 50, then nothing. G15: every count. */
static void grows_to_its_maximum(vo_pool_sharing sharing) {
    vo_pool *pool = pool_of(10, 50, sharing);
    vo_handle handles[50];
    CHECK(vo_pool_stats_now(pool).free == 10);
    for (int i = 0; i < 10; i++) handles[i] = take(pool);
    vo_handle none = 7;
    CHECK(vo_pool_acquire(pool, &none) == VO_EMPTY && none == VO_NO_HANDLE);
    for (int i = 10; i < 50; i++) {
        CHECK(vo_pool_grow(pool) == VO_OK);
        handles[i] = take(pool);
    }
    CHECK(vo_pool_grow(pool) == VO_EMPTY);
    CHECK(vo_pool_acquire(pool, &none) == VO_EMPTY);
    for (int i = 0; i < 50; i++)
        for (int k = 0; k < i; k++)
            CHECK(vo_pool_data(pool, handles[i]) != vo_pool_data(pool, handles[k]));
    for (int i = 0; i < 50; i++) CHECK(give(pool, handles[i]));
    CHECK(give(pool, take(pool)));
    vo_pool_stats stats = vo_pool_stats_now(pool);
    CHECK(stats.acquired == 51 && stats.reused == 1 && stats.missed == 2 && stats.rejected == 0);
    CHECK(stats.live == 0 && stats.free == 50 && stats.peak == 50 && stats.maximum == 50);
    vo_pool_free(pool);
}

/* J3: at the limit, a release makes room for exactly one acquire, for ever. */
static void cycles_at_the_limit(vo_pool_sharing sharing) {
    vo_pool *pool = pool_of(4, 4, sharing);
    vo_handle handles[4], none;
    for (int i = 0; i < 4; i++) handles[i] = take(pool);
    for (int i = 0; i < 10000; i++) {
        CHECK(vo_pool_acquire(pool, &none) == VO_EMPTY);
        CHECK(give(pool, handles[i % 4]));
        handles[i % 4] = take(pool);
    }
    vo_pool_stats stats = vo_pool_stats_now(pool);
    CHECK(stats.live == 4 && stats.free == 0 && stats.peak == 4);
    CHECK(stats.acquired == 10004 && stats.reused == 10000 && stats.missed == 10000);
    vo_pool_free(pool);
}

/* J4, N2: stale, released twice, foreign, made up: counted, and nothing changes. */
static void refuses_handles_that_lie(vo_pool_sharing sharing) {
    vo_pool *pool = pool_of(2, 4, sharing), *other = pool_of(2, 4, sharing);
    vo_handle first = take(pool), second = take(pool);
    vo_handle foreign = take(other), twin = take(other);
    CHECK(foreign != first && twin != second);
    CHECK(give(pool, first));
    vo_handle again = take(pool);
    CHECK(again != first);
    vo_handle lies[] = {VO_NO_HANDLE,
                        first,
                        foreign,
                        again + 1,
                        again ^ 1u << 31,
                        ~again,
                        UINT64_MAX,
                        again ^ 1ull << 32,
                        again ^ 2ull << 32,
                        again + (1ull << 34),
                        again - (1ull << 34)};
    vo_pool_stats before = vo_pool_stats_now(pool);
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        CHECK(vo_pool_data(pool, lies[i]) == NULL);
        CHECK(vo_pool_release(pool, lies[i], 1) == VO_BAD_HANDLE);
        CHECK(vo_pool_stats_now(pool).rejected == before.rejected + 1);
        before.rejected++;
    }
    vo_pool_stats after = vo_pool_stats_now(pool);
    CHECK(memcmp(&before, &after, sizeof before) == 0);
    CHECK(give(pool, again) && give(pool, second) && !give(pool, second));
    CHECK(vo_pool_stats_now(pool).live == 0);
    vo_pool_free(pool);

    /* A pool at the address of one that is gone does not know its handles. */
    vo_handle ghost = foreign;
    for (int i = 0; i < 100; i++) {
        vo_pool_free(other);
        other = pool_of(2, 4, sharing);
        vo_handle same_place = take(other);
        CHECK(vo_pool_release(other, ghost, 1) == VO_BAD_HANDLE);
        ghost = same_place;
    }
    vo_pool_free(other);
}

/* G3, J1: free and idle for long enough goes; in use never; what went comes back by growing. */
static void trims_what_is_idle(vo_pool_sharing sharing) {
    vo_pool *pool = pool_of(6, 6, sharing);
    vo_handle handles[6];
    for (int i = 0; i < 6; i++) handles[i] = take(pool);
    for (int i = 0; i < 4; i++) CHECK(vo_pool_release(pool, handles[i], 1000 + 100 * i) == VO_OK);
    CHECK(vo_pool_trim(pool, 1300, 250, 0) == 1);
    CHECK(vo_pool_trim(pool, 1300, 200, 0) == 1);
    CHECK(vo_pool_stats_now(pool).live == 2 && vo_pool_stats_now(pool).free == 2);
    CHECK(vo_pool_trim(pool, 900, 1, 0) == 0); /* a clock that went back trims nothing */
    CHECK(vo_pool_trim(pool, 1300, 0, 0) == 2);
    CHECK(vo_pool_trim(pool, UINT64_MAX, 0, 0) == 0);
    for (int i = 4; i < 6; i++) CHECK(vo_pool_data(pool, handles[i]) != NULL);
    for (int i = 0; i < 4; i++) CHECK(vo_pool_data(pool, handles[i]) == NULL);
    vo_handle none;
    CHECK(vo_pool_acquire(pool, &none) == VO_EMPTY);
    for (int i = 0; i < 4; i++) CHECK(vo_pool_grow(pool) == VO_OK);
    CHECK(vo_pool_grow(pool) == VO_EMPTY);
    for (int i = 0; i < 4; i++) {
        CHECK(!give(pool, handles[i]));
        handles[i] = take(pool);
    }
    for (int i = 0; i < 6; i++) CHECK(give(pool, handles[i]));
    CHECK(vo_pool_stats_now(pool).free == 6 && vo_pool_stats_now(pool).reused == 0);
    vo_pool_free(pool);

    /* What is to be kept stays free, and what is out does not count. */
    pool = pool_of(6, 6, sharing);
    for (int i = 0; i < 2; i++) handles[i] = take(pool);
    CHECK(vo_pool_trim(pool, 1, 0, 9) == 0 && vo_pool_trim(pool, 1, 0, 4) == 0);
    CHECK(vo_pool_trim(pool, 1, 0, 3) == 1 && vo_pool_trim(pool, 1, 0, 1) == 2);
    CHECK(vo_pool_stats_now(pool).live == 2 && vo_pool_stats_now(pool).free == 1);
    handles[2] = take(pool);
    CHECK(vo_pool_acquire(pool, &none) == VO_EMPTY);
    for (int i = 0; i < 3; i++) CHECK(give(pool, handles[i]));
    vo_pool_free(pool);

    /* Of a buffer that nobody has used yet, the rest begins with the first look at it. */
    pool = pool_of(3, 3, sharing);
    CHECK(vo_pool_trim(pool, 5000, 10, 0) == 0);
    CHECK(vo_pool_trim(pool, 5009, 10, 0) == 0);
    CHECK(vo_pool_trim(pool, 5010, 10, 0) == 3);
    vo_pool_free(pool);
}

/* --- Threads --------------------------------------------------------------- */

enum { BUFFERS = 24, HELD = 3 };

typedef struct contest {
    vo_pool *pool;
    uint64_t mark; /* of the thread: nobody else may be seen in its buffers */
    uint64_t rounds, acquired, missed;
    _Atomic bool *stop;
} contest;

static void sign(float *data, uint64_t mark) {
    for (int i = 0; i < 32; i += 2) memcpy(data + i, &mark, sizeof mark);
}

static bool is_signed(const float *data, uint64_t mark) {
    bool all = true;
    for (int i = 0; i < 32; i += 2) all &= memcmp(data + i, &mark, sizeof mark) == 0;
    return all;
}

static void *take_sign_check_give(void *argument) {
    contest *c = argument;
    vo_handle held[HELD];
    for (uint64_t i = 0; i < c->rounds; i++) {
        int n = 0, want = 1 + (int)((i * 7 + c->mark) % HELD);
        while (n < want && vo_pool_acquire(c->pool, &held[n]) == VO_OK) {
            sign(vo_pool_data(c->pool, held[n]), c->mark << 32 | (i * HELD + (uint64_t)n));
            n++;
        }
        c->acquired += (uint64_t)n;
        c->missed += n < want;
        for (int k = 0; k < n; k++) {
            uint64_t mark = c->mark << 32 | (i * HELD + (uint64_t)k);
            CHECK(is_signed(vo_pool_data(c->pool, held[k]), mark));
            CHECK(give(c->pool, held[k]));
        }
    }
    return NULL;
}

static void *trim_and_grow(void *argument) {
    contest *c = argument;
    while (!*c->stop) {
        c->acquired++;
        c->rounds += vo_pool_trim(c->pool, UINT64_MAX, c->acquired % 2, c->acquired % 3);
        while (vo_pool_grow(c->pool) == VO_OK) {
        }
    }
    return NULL;
}

/* Take everything: what is free really is, and each buffer is there once. */
static void count_by_hand(vo_pool *pool, uint32_t total) {
    vo_handle handles[BUFFERS + 1];
    uint32_t n = 0;
    while (n <= BUFFERS && vo_pool_acquire(pool, &handles[n]) == VO_OK) n++;
    CHECK(n == total);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < i; k++)
            CHECK(vo_pool_data(pool, handles[i]) != vo_pool_data(pool, handles[k]));
    while (n--) CHECK(give(pool, handles[n]));
}

/* N1: 8 threads, no buffer with two owners, none lost; with `trimming`, while a ninth gives memory
   back and asks for it again. */
static void eight_threads(uint64_t rounds, uint32_t buffers, bool trimming) {
    vo_pool *pool = pool_of(buffers, buffers, VO_POOL_SHARED);
    pthread_t threads[9];
    contest contests[9];
    _Atomic bool stop = false;
    uint64_t acquired = 0, missed = 0;
    contests[8] = (contest){.pool = pool, .stop = &stop};
    for (uint64_t i = 0; i < 8; i++) {
        contests[i] = (contest){.pool = pool, .mark = i + 1, .rounds = rounds};
        CHECK(!pthread_create(&threads[i], NULL, take_sign_check_give, &contests[i]));
    }
    if (trimming) CHECK(!pthread_create(&threads[8], NULL, trim_and_grow, &contests[8]));
    for (int i = 0; i < 8; i++) {
        CHECK(!pthread_join(threads[i], NULL));
        acquired += contests[i].acquired;
        missed += contests[i].missed;
    }
    stop = true;
    if (trimming) {
        CHECK(!pthread_join(threads[8], NULL));
        CHECK(contests[8].rounds > 0);
    }
    vo_pool_stats stats = vo_pool_stats_now(pool);
    CHECK(stats.acquired == acquired && stats.missed == missed && stats.rejected == 0);
    CHECK(stats.live == 0 && stats.free == buffers && stats.peak <= buffers);
    count_by_hand(pool, buffers);
    vo_pool_free(pool);
}

/* J4: two threads release the same handle at the same moment; one of them succeeds. Each round one
   of them waits a little longer, so that the moments meet somewhere. */
typedef struct race {
    vo_pool *pool;
    vo_handle handle;
    _Atomic uint32_t go, ready, done, wins;
    uint32_t rounds;
} race;

static void wait_for(_Atomic uint32_t *count, uint32_t value) {
    for (uint32_t spins = 0; *count != value; spins++)
        if (spins > 200) sched_yield();
}

static void *release_the_same(void *argument) {
    race *r = argument;
    for (uint32_t i = 1; i <= r->rounds; i++) {
        wait_for(&r->go, i);
        vo_handle handle = r->handle;
        r->ready = i;
        r->wins += give(r->pool, handle);
        r->done = i;
    }
    return NULL;
}

static void one_release_wins(uint32_t rounds) {
    race r = {.pool = pool_of(2, 2, VO_POOL_SHARED), .rounds = rounds};
    pthread_t thread;
    CHECK(!pthread_create(&thread, NULL, release_the_same, &r));
    for (uint32_t i = 1; i <= rounds; i++) {
        r.handle = take(r.pool);
        r.go = i;
        wait_for(&r.ready, i);
        for (volatile uint32_t delay = i % 64; delay; delay--) {
        }
        r.wins += give(r.pool, r.handle);
        wait_for(&r.done, i);
        CHECK(r.wins == i);
    }
    CHECK(!pthread_join(thread, NULL));
    CHECK(vo_pool_stats_now(r.pool).rejected == rounds);
    count_by_hand(r.pool, 2);
    vo_pool_free(r.pool);
}

/* A PAIR pool between two threads, which hand the buffers over through a small queue. */
enum { QUEUE = 16 };

typedef struct relay {
    vo_pool *pool;
    _Atomic uint64_t sent, received;
    vo_handle queue[QUEUE];
    uint64_t rounds;
} relay;

static void *check_and_give(void *argument) {
    relay *r = argument;
    for (uint64_t i = 0; i < r->rounds; i++) {
        while (atomic_load_explicit(&r->sent, memory_order_acquire) == i) sched_yield();
        vo_handle handle = r->queue[i % QUEUE];
        CHECK(is_signed(vo_pool_data(r->pool, handle), i));
        CHECK(give(r->pool, handle));
        if (i % 1024 == 0) CHECK(!give(r->pool, handle));
        atomic_store_explicit(&r->received, i + 1, memory_order_release);
    }
    return NULL;
}

static void two_threads(uint64_t rounds, bool trimming) {
    relay r = {.pool = pool_of(10, BUFFERS, VO_POOL_PAIR), .rounds = rounds};
    pthread_t thread;
    uint64_t trimmed = 0;
    CHECK(!pthread_create(&thread, NULL, check_and_give, &r));
    for (uint64_t i = 0; i < rounds; i++) {
        while (i - atomic_load_explicit(&r.received, memory_order_acquire) == QUEUE) sched_yield();
        vo_handle handle;
        if (trimming && i % 512 == 0) trimmed += vo_pool_trim(r.pool, i, 0, 0);
        while (vo_pool_acquire(r.pool, &handle) != VO_OK) CHECK(vo_pool_grow(r.pool) == VO_OK);
        sign(vo_pool_data(r.pool, handle), i);
        r.queue[i % QUEUE] = handle;
        atomic_store_explicit(&r.sent, i + 1, memory_order_release);
    }
    CHECK(!pthread_join(thread, NULL));
    CHECK(!trimming || trimmed > 0);
    vo_pool_stats stats = vo_pool_stats_now(r.pool);
    CHECK(stats.acquired == rounds && stats.live == 0 && stats.peak <= QUEUE + 1);
    CHECK(stats.rejected == (rounds + 1023) / 1024);
    count_by_hand(r.pool, stats.free);
    vo_pool_free(r.pool);
}

int main(int count, char **arguments) {
    uint64_t ops = count > 1 ? strtoull(arguments[1], NULL, 10) : 10000000; /* N1 */
    for (int sharing = VO_POOL_PAIR; sharing <= VO_POOL_SHARED; sharing++) {
        grows_to_its_maximum((vo_pool_sharing)sharing);
        cycles_at_the_limit((vo_pool_sharing)sharing);
        refuses_handles_that_lie((vo_pool_sharing)sharing);
        trims_what_is_idle((vo_pool_sharing)sharing);
    }
    eight_threads(ops / 16, BUFFERS, false);
    eight_threads(ops / 64, 5, false); /* few buffers: the list is empty most of the time */
    eight_threads(ops / 64, BUFFERS, true);
    one_release_wins((uint32_t)(ops / 40));
    two_threads(ops, false);
    two_threads(ops / 8, true);
    return 0;
}
