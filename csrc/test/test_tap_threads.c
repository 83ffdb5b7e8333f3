/* A writer at full speed, a reader beside it and a third thread that looks at the account: every
   frame is where it belongs and the account holds at every moment. */
#define _DEFAULT_SOURCE /* usleep, alarm */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "vocana/tap.h"

enum { CAPACITY = 700, MOST = 512, WATCHDOG_S = 120 };

#define HOUR_NS ((int64_t)3600 * 1000000000)

static void hung(int signal) {
    static const char text[] = "hung: a wake-up was lost\n";
    (void)signal;
    (void)!write(2, text, sizeof text - 1);
    _exit(1);
}

typedef struct scene {
    vo_tap *tap;
    uint64_t frames;
    _Atomic bool written;
    uint64_t lost_by_device, looks;
} scene;

static uint32_t random_below(uint64_t *state, uint32_t n) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % n;
}

static vo_tap *open_tap(vo_overflow_policy policy, uint64_t capacity) {
    /* No fades, so that every frame shows its place on the timeline. */
    vo_tap_config config = {.channels = 1,
                            .policy = policy,
                            .capacity_frames = capacity,
                            .target_frames = capacity / 4,
                            .events = 16,
                            .breaker = {5, 300, 5000}};
    vo_tap *tap;
    CHECK(vo_tap_new(&tap, &config, NULL) == VO_OK);
    return tap;
}

static void *write_all(void *self) {
    scene *s = self;
    float frames[MOST];
    uint64_t state = 9;
    for (uint64_t at = 0; at < s->frames;) {
        uint32_t n = random_below(&state, MOST);
        for (uint32_t i = 0; i < n; i++) frames[i] = (float)((at + i) & 0xFFFFFF);
        vo_tap_write(s->tap, frames, n);
        at += n;
        if (random_below(&state, 50) == 0) {
            vo_tap_lose(s->tap, 3, VO_CAUSE_DEVICE);
            s->lost_by_device += 3;
            at += 3;
        }
        if (random_below(&state, 8) == 0) sched_yield();
    }
    vo_tap_end(s->tap);
    return NULL;
}

static void *look(void *self) {
    scene *s = self;
    vo_tap_stats before = {0};
    while (!atomic_load(&s->written)) {
        vo_tap_stats now = vo_tap_stats_now(s->tap);
        CHECK(now.captured == now.delivered + now.dropped + now.queued); /* B16 */
        CHECK(now.queued <= CAPACITY);
        CHECK(now.captured >= before.captured && now.delivered >= before.delivered);
        CHECK(now.dropped >= before.dropped && now.overflows >= before.overflows);
        CHECK(now.breaker <= VO_BREAKER_HALF_OPEN && now.trips >= before.trips);
        before = now;
        s->looks++;
    }
    return NULL;
}

/* Fault row 1. */
static void every_frame_is_where_it_belongs(vo_overflow_policy policy) {
    scene s = {.tap = open_tap(policy, CAPACITY), .frames = 3000000};
    pthread_t writer, looker;
    CHECK(pthread_create(&writer, NULL, write_all, &s) == 0);
    CHECK(pthread_create(&looker, NULL, look, &s) == 0);
    float frames[MOST];
    uint64_t state = 4, next = 0, delivered = 0, gaps = 0;
    for (;;) {
        bool ended = vo_tap_ended(s.tap);
        vo_tap_block block = {0};
        bool on = random_below(&state, 4) == 0;
        uint32_t wanted = 1 + random_below(&state, MOST - 1);
        if (on) {
            block.frames = vo_tap_read_on(s.tap, frames, wanted);
            block.frame = next;
        } else {
            block = vo_tap_read(s.tap, frames, wanted);
        }
        for (uint32_t i = 0; i < block.frames; i++)
            CHECK(frames[i] == (float)((block.frame + i) & 0xFFFFFF));
        if (block.frames) {
            CHECK(block.frame == next + block.gap);
            next = block.frame + block.frames;
        }
        delivered += block.frames;
        gaps += block.gap;
        if (ended && !block.frames && !on) break;
        if (random_below(&state, 200) == 0) sched_yield();
    }
    pthread_join(writer, NULL);
    atomic_store(&s.written, true);
    pthread_join(looker, NULL);
    vo_tap_stats end = vo_tap_stats_now(s.tap);
    CHECK(end.queued == 0 && end.delivered == delivered && end.captured >= s.frames);
    CHECK(end.captured == delivered + gaps + end.open_gap.frames);
    CHECK(end.captured == next + end.open_gap.frames);
    CHECK(end.dropped >= s.lost_by_device && s.looks > 0);
    vo_tap_free(s.tap);
}

/* --- Waking -------------------------------------------------------------- */

enum { ROUNDS = 20000, BLOCK = 32 };

typedef struct ping {
    vo_tap *tap;
    _Atomic uint64_t consumed;
} ping;

/* A little later each time, so that some posts come just while the reader goes to sleep. */
static void *write_when_consumed(void *self) {
    ping *p = self;
    float frames[BLOCK] = {0};
    for (uint64_t round = 0; round < ROUNDS; round++) {
        for (uint32_t spins = 0; atomic_load(&p->consumed) < round; spins++)
            if (spins > 1000) sched_yield();
        for (_Atomic uint64_t later = 0; later < round % 64; later++) {
        }
        vo_tap_write(p->tap, frames, BLOCK);
    }
    return NULL;
}

/* Each wait has an hour and must end with its frames; one lost wake-up and this hangs. */
static void no_wake_up_is_lost(void) {
    ping p = {.tap = open_tap(VO_DROP_NEWEST, CAPACITY)};
    pthread_t writer;
    CHECK(pthread_create(&writer, NULL, write_when_consumed, &p) == 0);
    float frames[BLOCK];
    for (uint64_t round = 0; round < ROUNDS; round++) {
        CHECK(vo_tap_wait(p.tap, 1, HOUR_NS) == VO_OK);
        CHECK(vo_tap_read(p.tap, frames, BLOCK).frames == BLOCK);
        atomic_store(&p.consumed, round + 1);
    }
    pthread_join(writer, NULL);
    vo_tap_free(p.tap);
}

/* The writer waits for nobody, so that a post may come while the reader is about to sleep, has
   decided not to, or reads: none of them may end a later wait before its time. */
static void a_wait_never_ends_early(void) {
    scene s = {.tap = open_tap(VO_DROP_NEWEST, CAPACITY), .frames = 8000000};
    pthread_t writer;
    CHECK(pthread_create(&writer, NULL, write_all, &s) == 0);
    float frames[MOST];
    uint64_t state = 1;
    while (!vo_tap_ended(s.tap)) {
        uint32_t wanted = 1 + random_below(&state, CAPACITY);
        CHECK(vo_tap_wait(s.tap, wanted, HOUR_NS) == VO_OK);
        while (vo_tap_read(s.tap, frames, MOST).frames) {
        }
    }
    pthread_join(writer, NULL);
    vo_tap_free(s.tap);
}

static void *end_it(void *self) {
    usleep(2000);
    vo_tap_end(self);
    return NULL;
}

static void *wake_it(void *self) {
    usleep(2000);
    vo_tap_wake(self);
    return NULL;
}

static void the_end_and_a_wake_reach_a_sleeper(void) {
    void *(*const ways[])(void *) = {end_it, wake_it};
    for (size_t way = 0; way < 2; way++) {
        vo_tap *tap = open_tap(VO_DROP_NEWEST, CAPACITY);
        pthread_t other;
        CHECK(pthread_create(&other, NULL, ways[way], tap) == 0);
        CHECK(vo_tap_wait(tap, 1, HOUR_NS) == (way ? VO_TIMED_OUT : VO_OK));
        pthread_join(other, NULL);
        vo_tap_free(tap);
    }
}

int main(void) {
    signal(SIGALRM, hung);
    alarm(WATCHDOG_S);
    every_frame_is_where_it_belongs(VO_DROP_NEWEST);
    every_frame_is_where_it_belongs(VO_SKIP);
    every_frame_is_where_it_belongs(VO_FAIL);
    no_wake_up_is_lost();
    a_wait_never_ends_early();
    the_end_and_a_wake_reach_a_sleeper();
    return 0;
}
