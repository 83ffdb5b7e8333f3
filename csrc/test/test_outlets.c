/* A stream that goes to several taps: each has an account of its own, and comes and goes while the
   stream is written. */
#define _DEFAULT_SOURCE /* usleep */
#include "vocana/outlets.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>

#include "failing_alloc.h"
#include "sim_device.h"
#include "tap.h"

enum { MOST = 600 };

static vo_tap *open_tap(uint64_t capacity, uint32_t channels) {
    const vo_tap_config config = {
        .channels = channels, .capacity_frames = capacity, .events = 8, .breaker = {1000000, 1, 1}};
    vo_tap *tap;
    CHECK(vo_tap_new(&tap, &config, NULL) == VO_OK);
    return tap;
}

static vo_outlets *open_outlets(void) {
    vo_outlets *outlets;
    CHECK(vo_outlets_new(&outlets, 1, NULL) == VO_OK);
    return outlets;
}

static uint32_t random_below(uint64_t *state, uint32_t n) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % n;
}

/* n frames that count the stream. */
static void write_counter(vo_outlets *outlets, uint32_t n) {
    float frames[MOST];
    uint64_t at = vo_outlets_position(outlets);
    for (uint32_t i = 0; i < n; i++) frames[i] = (float)((at + i) & 0xFFFFFF);
    vo_outlets_write(outlets, frames, n);
}

/* Up to n frames, each at its place: what the tap counts from its first frame. */
static vo_tap_block read_counter(vo_tap *tap, uint64_t first, uint32_t n) {
    float frames[MOST];
    vo_tap_block block = vo_tap_read(tap, frames, n);
    for (uint32_t i = 0; i < block.frames; i++)
        CHECK(frames[i] == (float)((first + block.frame + i) & 0xFFFFFF));
    return block;
}

static void is_exact(vo_tap *tap) {
    vo_tap_stats s = vo_tap_stats_now(tap);
    CHECK(s.captured == s.delivered + s.dropped + s.queued);
}

/* --- Accounts ------------------------------------------------------------- */

/* Fault 1, per consumer: eight taps of other sizes, read at other times, and attached at any; the
   account of each is its own, of the stream from its first frame on. */
static void each_tap_has_an_account_of_its_own(void) {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        vo_outlets *outlets = open_outlets();
        vo_tap *taps[VO_OUTLETS] = {0};
        uint64_t state = seed;
        for (int step = 0; step < 3000; step++) {
            uint32_t which = random_below(&state, VO_OUTLETS), n = random_below(&state, MOST);
            vo_tap *tap = taps[which];
            if (random_below(&state, 40) == 0 && !tap) {
                tap = taps[which] = open_tap(100 * (which + 1), 1);
                CHECK(vo_outlets_first(outlets, tap) == VO_OUTLETS_NOTHING);
                CHECK(vo_outlets_attach(outlets, tap) == VO_OK);
                CHECK(vo_outlets_first(outlets, tap) == VO_OUTLETS_NOTHING);
            } else if (random_below(&state, 200) == 0 && tap) {
                CHECK(vo_outlets_detach(outlets, tap, 0) == VO_OK);
                is_exact(tap);
                vo_tap_free(tap);
                taps[which] = NULL;
            } else if (random_below(&state, 9) == 0) {
                vo_outlets_lose(outlets, n, VO_CAUSE_DEVICE);
            } else if (random_below(&state, 2) == 0) {
                write_counter(outlets, n);
            } else if (tap) {
                read_counter(tap, vo_outlets_first(outlets, tap), n);
            }
            for (uint32_t i = 0; i < VO_OUTLETS; i++) {
                if (!taps[i]) continue;
                is_exact(taps[i]);
                uint64_t first = vo_outlets_first(outlets, taps[i]);
                uint64_t seen =
                    first == VO_OUTLETS_NOTHING ? 0 : vo_outlets_position(outlets) - first;
                CHECK(vo_tap_stats_now(taps[i]).captured == seen);
            }
        }
        for (uint32_t i = 0; i < VO_OUTLETS; i++) vo_tap_free(taps[i]);
        vo_outlets_free(outlets);
    }
}

/* A stuck consumer loses what does not fit; its neighbour has every frame. */
static void a_full_tap_touches_no_other(void) {
    vo_outlets *outlets = open_outlets();
    vo_tap *stuck = open_tap(50, 1), *quick = open_tap(MOST, 1);
    CHECK(vo_outlets_attach(outlets, stuck) == VO_OK);
    CHECK(vo_outlets_attach(outlets, quick) == VO_OK);
    CHECK(vo_outlets_capacity(outlets) == 50 && vo_outlets_room(outlets) == 50);
    for (int i = 0; i < 100; i++) {
        write_counter(outlets, MOST);
        CHECK(read_counter(quick, 0, MOST).frames == MOST);
    }
    CHECK(vo_tap_stats_now(quick).dropped == 0);
    CHECK(vo_tap_stats_now(stuck).dropped == 100 * MOST - 50 && vo_outlets_room(outlets) == 0);
    CHECK(vo_outlets_detach(outlets, stuck, 0) == VO_OK);
    CHECK(vo_outlets_capacity(outlets) == MOST && vo_outlets_room(outlets) == MOST);
    CHECK(vo_outlets_detach(outlets, quick, 0) == VO_OK);
    CHECK(vo_outlets_capacity(outlets) == UINT64_MAX && vo_outlets_room(outlets) == UINT64_MAX);
    vo_tap_free(stuck);
    vo_tap_free(quick);
    vo_outlets_free(outlets);
}

/* --- Events and the end ---------------------------------------------------- */

static void events_stand_where_the_tap_counts(void) {
    vo_outlets *outlets = open_outlets();
    vo_tap *early = open_tap(1000, 1), *late = open_tap(1000, 1);
    CHECK(vo_outlets_attach(outlets, early) == VO_OK);
    write_counter(outlets, 300);
    CHECK(vo_outlets_attach(outlets, late) == VO_OK);
    vo_outlets_tell(outlets, VO_EVENT_XRUN, 250, 7);
    vo_outlets_lose(outlets, 100, VO_CAUSE_DEVICE);
    vo_outlets_tell(outlets, VO_EVENT_DEVICE_LOST, 400, 100);
    vo_event event;
    CHECK(vo_events_pop(vo_tap_events(early), &event, 1) == 1);
    CHECK(event.kind == VO_EVENT_XRUN && event.frame == 250 && event.value == 7);
    CHECK(vo_events_pop(vo_tap_events(early), &event, 1) == 1 && event.frame == 400);
    CHECK(vo_events_pop(vo_tap_events(late), &event, 1) == 1 && event.frame == 0);
    CHECK(vo_events_pop(vo_tap_events(late), &event, 1) == 1 && event.frame == 100);
    CHECK(vo_outlets_first(outlets, early) == 0 && vo_outlets_first(outlets, late) == 300);
    vo_outlets_free(outlets);
    vo_tap_free(early);
    vo_tap_free(late);
}

static void the_end_reaches_every_tap(void) {
    vo_outlets *outlets = open_outlets();
    vo_tap *before = open_tap(10, 1), *after = open_tap(10, 1), *later = open_tap(10, 1);
    CHECK(vo_outlets_attach(outlets, before) == VO_OK);
    write_counter(outlets, 4);
    CHECK(!vo_tap_ended(before) && !vo_outlets_ended(outlets));
    vo_outlets_end(outlets);
    CHECK(vo_outlets_ended(outlets));
    CHECK(vo_tap_ended(before) && !vo_tap_ended(after));
    CHECK(vo_outlets_attach(outlets, after) == VO_OK && vo_tap_ended(after));
    CHECK(vo_wake_wait(&before->wake, 0) == VO_OK && vo_wake_wait(&after->wake, 0) == VO_OK);
    vo_outlets_end(outlets); /* nobody is woken twice */
    CHECK(vo_wake_wait(&before->wake, 0) == VO_TIMED_OUT);
    CHECK(vo_wake_wait(&after->wake, 0) == VO_TIMED_OUT);
    CHECK(read_counter(before, 0, 10).frames == 4);
    CHECK(vo_outlets_detach(outlets, before, 0) == VO_OK);
    CHECK(vo_outlets_attach(outlets, later) == VO_OK && vo_tap_ended(later)); /* in its place */
    vo_outlets_free(outlets);
    vo_tap_free(before);
    vo_tap_free(after);
    vo_tap_free(later);
}

/* --- Setup ----------------------------------------------------------------- */

static void it_says_what_does_not_fit(void) {
    vo_outlets *outlets;
    CHECK(vo_outlets_new(&outlets, 0, NULL) == VO_BAD_ARG && !outlets);
    outlets = open_outlets();
    CHECK(vo_outlets_channels(outlets) == 1);
    vo_tap *taps[VO_OUTLETS + 1], *two = open_tap(10, 2);
    CHECK(vo_outlets_attach(outlets, two) == VO_BAD_ARG);
    for (int i = 0; i <= VO_OUTLETS; i++) {
        taps[i] = open_tap(10, 1);
        CHECK(vo_outlets_detach(outlets, taps[i], 0) == VO_BAD_ARG);
        CHECK(vo_outlets_attach(outlets, taps[i]) == (i < VO_OUTLETS ? VO_OK : VO_EMPTY));
        CHECK(i == VO_OUTLETS || vo_outlets_attach(outlets, taps[i]) == VO_BAD_ARG);
    }
    for (int i = 0; i <= VO_OUTLETS; i++) vo_tap_free(taps[i]);
    vo_tap_free(two);
    vo_outlets_free(outlets);

    failing_alloc memory;
    failing_alloc_init(&memory, 1, false);
    CHECK(vo_outlets_new(&outlets, 1, &memory.allocator) == VO_NO_MEM && !outlets);
    failing_alloc_init(&memory, 2, true);
    CHECK(vo_outlets_new(&outlets, 1, &memory.allocator) == VO_OK);
    vo_outlets_free(outlets);
    CHECK(memory.live == 0);
    vo_outlets_free(NULL);
}

/* --- Threads ----------------------------------------------------------------- */

typedef struct writer {
    vo_outlets *outlets;
    pthread_t thread;
    _Atomic bool enough;
} writer;

static void *write_all(void *self) {
    writer *w = self;
    while (!atomic_load(&w->enough)) {
        write_counter(w->outlets, MOST);
        vo_outlets_lose(w->outlets, 3, VO_CAUSE_DEVICE);
        vo_outlets_tell(w->outlets, VO_EVENT_XRUN, vo_outlets_position(w->outlets), 1);
    }
    vo_outlets_end(w->outlets);
    return NULL;
}

/* Taps are attached, read and freed while a thread writes at full speed: every frame that is read
   is where it belongs, and nobody touches what is freed (AddressSanitizer, ThreadSanitizer). */
static void taps_come_and_go_while_a_thread_writes(void) {
    writer w = {.outlets = open_outlets()};
    vo_tap *staying = open_tap(MOST * 4, 1);
    CHECK(vo_outlets_attach(w.outlets, staying) == VO_OK);
    CHECK(pthread_create(&w.thread, NULL, write_all, &w) == 0);
    for (int round = 0; round < 1500; round++) {
        vo_tap *tap = open_tap(MOST * 2, 1);
        CHECK(vo_outlets_attach(w.outlets, tap) == VO_OK);
        if (round % 3) {
            CHECK(vo_tap_wait(tap, 1, HOUR_NS) == VO_OK);
            uint64_t first = vo_outlets_first(w.outlets, tap);
            CHECK(first != VO_OUTLETS_NOTHING);
            while (read_counter(tap, first, MOST / 2).frames < MOST / 2) {
            }
        }
        read_counter(staying, 0, MOST);
        is_exact(staying);
        CHECK(vo_outlets_detach(w.outlets, tap, HOUR_NS) == VO_OK);
        is_exact(tap);
        vo_tap_free(tap);
    }
    atomic_store(&w.enough, true);
    pthread_join(w.thread, NULL);
    while (!vo_tap_ended(staying) || read_counter(staying, 0, MOST).frames) {
    }
    CHECK(vo_tap_stats_now(staying).captured == vo_outlets_position(w.outlets));
    vo_outlets_free(w.outlets);
    vo_tap_free(staying);
}

static sem_t stands, goes_on;

static void stand_still(int signal) {
    (void)signal;
    sem_post(&stands);
    while (sem_wait(&goes_on)) {
    }
}

/* A writing thread that stands still inside a write is waited for no longer than was said, and its
   tap is gone for it afterwards. One that stands outside is not waited for at all. */
static void a_hanging_writer_is_not_waited_for(void) {
    writer w = {.outlets = open_outlets()};
    sem_init(&stands, 0, 0);
    sem_init(&goes_on, 0, 0);
    signal(SIGUSR1, stand_still);
    CHECK(pthread_create(&w.thread, NULL, write_all, &w) == 0);
    bool inside = false, outside = false;
    while (!inside || !outside) {
        vo_tap *tap = open_tap(MOST, 1);
        CHECK(vo_outlets_attach(w.outlets, tap) == VO_OK);
        pthread_kill(w.thread, SIGUSR1);
        sem_wait(&stands);
        vo_status status = vo_outlets_detach(w.outlets, tap, 1000000);
        CHECK(status == VO_OK || status == VO_TIMED_OUT);
        inside = inside || status == VO_TIMED_OUT;
        outside = outside || status == VO_OK;
        uint64_t position = vo_outlets_position(w.outlets);
        sem_post(&goes_on);
        while (vo_outlets_position(w.outlets) < position + 3 * MOST) usleep(10);
        is_exact(tap);
        CHECK(vo_outlets_first(w.outlets, tap) == VO_OUTLETS_NOTHING);
        vo_tap_free(tap);
    }
    atomic_store(&w.enough, true);
    pthread_join(w.thread, NULL);
    vo_outlets_free(w.outlets);
}

int main(void) {
    watch_for_a_hang();
    each_tap_has_an_account_of_its_own();
    a_full_tap_touches_no_other();
    events_stand_where_the_tap_counts();
    the_end_reaches_every_tap();
    it_says_what_does_not_fit();
    taps_come_and_go_while_a_thread_writes();
    a_hanging_writer_is_not_waited_for();
    return 0;
}
