/* A12: a start that fails leaves nothing behind, so that the next one works. */
#define _GNU_SOURCE /* pthread_setattr_default_np, alarm */
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>

#include "failing_alloc.h"
#include "sim_device.h"

enum { FRAMES = 3000 };

static const vo_capture_config setup = {
    .tap = {.channels = 1,
            .capacity_frames = 1024,
            .target_frames = 256,
            .events = 64,
            .breaker = {1000, 1, 1}},
    .input = {VO_INPUT_FLAG, VO_INPUT_FLAG, VO_INPUT_FLAG, 1e9f},
};

/* A device and its capture, all from this allocator; nothing is left when one of them fails. */
static vo_status make(device *d, const vo_allocator *allocator) {
    const vo_sim_fault fault = {.kind = VO_SIM_DRIFT, .frame = FRAMES}; /* one more to ask for */
    vo_sim_config config = plain(VO_SIM_LOCKSTEP, FRAMES);
    config.faults = &fault;
    config.fault_count = 1;
    memset(d, 0, sizeof *d);
    vo_status status = vo_capture_new(&d->capture, &setup, allocator);
    if (status == VO_OK) {
        d->tap = vo_capture_tap(d->capture);
        status = vo_sim_new(&d->sim, &config, d->capture, allocator);
        if (status == VO_OK) return VO_OK;
        CHECK(!d->sim);
    }
    vo_capture_free(d->capture);
    return status;
}

/* Every frame of the timeline, in order, and the device is idle at its end. */
static void plays_it_all(const device *d) {
    float frames[100];
    uint64_t next = 0;
    while (next < FRAMES) {
        CHECK(vo_tap_wait(d->tap, 1, HOUR_NS) == VO_OK);
        vo_tap_block block = vo_tap_read(d->tap, frames, 100);
        CHECK(block.frame == next && block.gap == 0);
        for (uint32_t i = 0; i < block.frames; i++) CHECK(frames[i] == (float)(next + i));
        next += block.frames;
    }
    vo_tap_stats s = vo_tap_stats_now(d->tap);
    CHECK(s.captured == FRAMES && s.delivered == FRAMES && s.dropped == 0);
}

/* Making and starting works, and gives all of it back. */
static void starts(void) {
    failing_alloc memory;
    failing_alloc_init(&memory, 0, false);
    device d;
    CHECK(make(&d, &memory.allocator) == VO_OK && vo_sim_start(d.sim) == VO_OK);
    plays_it_all(&d);
    end(d);
    CHECK(memory.live == 0);
}

/* Descriptors that are open; *next is the lowest that is not. */
static int descriptors(int *next) {
    int open = 0;
    for (int fd = 256; fd-- > 0;) {
        if (fcntl(fd, F_GETFD) >= 0)
            open++;
        else
            *next = fd;
    }
    return open;
}

/* A12 */
static void after_each_allocation_that_fails_the_second_start_works(void) {
    int next, before = descriptors(&next);
    uint64_t k = 1;
    for (;; k++) {
        failing_alloc memory;
        failing_alloc_init(&memory, k, false);
        device d;
        if (make(&d, &memory.allocator) == VO_OK) {
            CHECK(memory.failures == 0 && vo_sim_start(d.sim) == VO_OK);
            plays_it_all(&d);
            end(d);
            CHECK(memory.live == 0);
            break;
        }
        CHECK(memory.failures == 1 && memory.live == 0);
        CHECK(descriptors(&next) == before);
        CHECK(make(&d, &memory.allocator) == VO_OK && vo_sim_start(d.sim) == VO_OK);
        plays_it_all(&d);
        end(d);
        CHECK(memory.live == 0);
    }
    CHECK(k > 5); /* a capture's own, and three of a device */
    CHECK(descriptors(&next) == before);
}

/* A12: a capture that has met a device which could not be made takes the next one. */
static void a_capture_outlives_a_device_that_fails(void) {
    vo_sim_config config = plain(VO_SIM_LOCKSTEP, FRAMES);
    device d = {.capture = open_capture(1024)};
    d.tap = vo_capture_tap(d.capture);
    for (uint64_t k = 1; !d.sim; k++) {
        failing_alloc memory;
        failing_alloc_init(&memory, k, false);
        vo_status status = vo_sim_new(&d.sim, &config, d.capture, &memory.allocator);
        CHECK(status == (memory.failures ? VO_NO_MEM : VO_OK) && !d.sim == (memory.failures > 0));
        if (!d.sim) continue;
        CHECK(k > 1 && vo_sim_start(d.sim) == VO_OK);
        plays_it_all(&d);
        end(d);
        CHECK(memory.live == 0);
    }
}

/* A12: with no descriptor left, with one left, and so on until there are enough. */
static void after_descriptors_that_fail_the_second_start_works(void) {
    struct rlimit before, few;
    CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    int next, held = descriptors(&next), left = 0;
    for (vo_status status = VO_SYSTEM; status != VO_OK; left++) {
        few = before;
        few.rlim_cur = (rlim_t)(next + left);
        failing_alloc memory;
        failing_alloc_init(&memory, 0, false);
        device d;
        CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
        status = make(&d, &memory.allocator);
        CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
        CHECK(status == VO_OK || status == VO_SYSTEM);
        if (status == VO_OK) end(d);
        CHECK(memory.live == 0 && descriptors(&next) == held);
        starts();
        CHECK(descriptors(&next) == held);
    }
    CHECK(left > 3); /* a capture has one at least, and a device two */
}

#ifdef __GLIBC__
/* A12: no memory has room for a stack of 2^46 bytes. */
static void after_a_thread_that_fails_the_second_start_works(void) {
    pthread_attr_t normal, huge;
    CHECK(pthread_getattr_default_np(&normal) == 0 && pthread_attr_init(&huge) == 0);
    CHECK(pthread_attr_setstacksize(&huge, (size_t)1 << 46) == 0);
    failing_alloc memory;
    failing_alloc_init(&memory, 0, false);
    device same, gone;
    CHECK(make(&same, &memory.allocator) == VO_OK && make(&gone, &memory.allocator) == VO_OK);
    CHECK(pthread_setattr_default_np(&huge) == 0);
    CHECK(vo_sim_start(same.sim) == VO_SYSTEM && !vo_sim_active(same.sim));
    CHECK(vo_sim_start(gone.sim) == VO_SYSTEM);
    CHECK(pthread_setattr_default_np(&normal) == 0);
    end(gone); /* given up after the failure */
    CHECK(vo_sim_start(same.sim) == VO_OK);
    plays_it_all(&same);
    end(same);
    CHECK(memory.live == 0);
    starts();
    pthread_attr_destroy(&normal);
    pthread_attr_destroy(&huge);
}
#endif

int main(void) {
    watch_for_a_hang();
    starts();
    after_each_allocation_that_fails_the_second_start_works();
    a_capture_outlives_a_device_that_fails();
    after_descriptors_that_fail_the_second_start_works();
#ifdef __GLIBC__
    after_a_thread_that_fails_the_second_start_works();
#endif
    return 0;
}
