/* The functions of tap.c and tap_write.c by which a reader sleeps and a writer wakes it, taken from
   there, over ring.c itself. A lost wake-up is a deadlock here: the sleeper of this model has no
   timeout, but for one that MODEL_TIMEOUTS lets happen at any moment. Every wait must end with what
   it was for. */
#include "model_ring.hpp"

#include "vocana/status.h"

enum { FRAMES = MODEL_FRAMES, CAPACITY = 4 };

/* A descriptor that holds one post. */
struct vo_wake {
    mutable rl::mutex mutex;
    mutable rl::condition_variable posted;
    mutable rl::var<int> posts;
    mutable rl::var<int> timeouts_left;
    int readable;
};

struct vo_tap {
    struct {
        uint64_t capacity_frames;
    } config;
    vo_ring *ring;
    model_atomic want;
    model_atomic ended;
    model_atomic woken;
    vo_wake wake;
};

static void vo_wake_post(const vo_wake *wake) {
    wake->mutex.lock($);
    wake->posts($) = 1;
    wake->posted.notify_one($);
    wake->mutex.unlock($);
}

static vo_status vo_wake_wait(const vo_wake *wake, int64_t) {
    vo_status status = VO_OK;
    if (wake->timeouts_left($) && rl::rand(2)) {
        wake->timeouts_left($) = 0;
        return VO_TIMED_OUT;
    }
    wake->mutex.lock($);
    while (!wake->posts($)) wake->posted.wait(wake->mutex, $);
    wake->posts($) = 0;
    wake->mutex.unlock($);
    return status;
}

static void vo_wake_drain(const vo_wake *wake) {
    wake->mutex.lock($);
    wake->posts($) = 0;
    wake->mutex.unlock($);
}

static void publish(vo_tap *) {} /* the account of tap_write.c */

static uint64_t vo_min_u64(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}
static uint64_t vo_clock_ns() {
    return 0;
}
static void vo_guard_begin() {}
static void vo_guard_end() {}

#include "code/wake.c"

struct wake_model : rl::test_suite<wake_model, 2> {
    model_ring<CAPACITY, 1> ring;
    vo_tap tap;

    void before() {
        ring.prepare();
        tap.config.capacity_frames = CAPACITY;
        tap.ring = &ring;
        tap.wake.posts($) = 0;
        tap.wake.timeouts_left($) = MODEL_TIMEOUTS;
        atomic_init(&tap.want, 0);
        atomic_init(&tap.ended, 0);
        atomic_init(&tap.woken, 0);
    }

    void write() {
        for (int i = 0; i < FRAMES; i++) {
            model_word frame = i;
            while (!vo_ring_write(&ring, &frame, 1)) rl::yield(1, $);
            wake_reader(&tap);
        }
        if (MODEL_END) vo_tap_end(&tap);
    }

    /* Waits for two frames at first, so that there are posts that come too late and wants that are
       not reached at once. */
    void read() {
        for (uint32_t done = 0; done < FRAMES;) {
            uint32_t n = done == 0 && FRAMES > 1 ? 2 : 1;
            vo_status status = vo_tap_wait(&tap, n, INT64_MAX / 4);
            if (status == VO_TIMED_OUT && MODEL_TIMEOUTS) continue;
            RL_ASSERT(status == VO_OK);
            RL_ASSERT(vo_ring_consume(&ring, n) == n);
            done += n;
        }
    }

    /* Waits for more than will come: the end must wake it as well. */
    void read_to_the_end() {
        for (uint32_t done = 0;;) {
            RL_ASSERT(vo_tap_wait(&tap, 2, INT64_MAX / 4) == VO_OK);
            bool ended = vo_tap_ended(&tap);
            uint32_t n = vo_ring_consume(&ring, 2);
            done += n;
            if (!n && ended) {
                RL_ASSERT(done == FRAMES);
                break;
            }
        }
    }

    void thread(unsigned index) {
        if (index && MODEL_END)
            read_to_the_end();
        else if (index)
            read();
        else
            write();
    }
};

#include "simulate.hpp"

int main(int argc, char **argv) {
    return simulate<wake_model>(argc, argv);
}
