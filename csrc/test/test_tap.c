/* What a tap promises at its edges: sizes, gaps, waiting, memory. Rates are frames a second. */
#include "vocana/tap.h"

#include <poll.h>
#include <string.h>
#include <sys/resource.h>

#include "check.h"
#include "failing_alloc.h"

static const vo_tap_config plain = {.channels = 1,
                                    .capacity_frames = 64,
                                    .target_frames = 16,
                                    .fade_frames = 8,
                                    .align_frames = 8,
                                    .events = 64,
                                    .breaker = {1000000, 1, 1}};

static vo_tap *open_tap(const vo_tap_config *config) {
    vo_tap *tap;
    CHECK(vo_tap_new(&tap, config, NULL) == VO_OK);
    return tap;
}

static void write_counter(vo_tap *tap, uint32_t n) {
    static float frames[100000];
    uint64_t at = vo_tap_stats_now(tap).captured;
    CHECK(n <= sizeof frames / sizeof *frames);
    for (uint32_t i = 0; i < n; i++) frames[i] = (float)((at + i) & 0xFFFFFF);
    vo_tap_write(tap, frames, n);
}

static void is_exact(const vo_tap *tap) {
    vo_tap_stats s = vo_tap_stats_now(tap);
    CHECK(s.captured == s.delivered + s.dropped + s.queued && s.queued <= vo_tap_capacity(tap));
}

/* --- Sizes --------------------------------------------------------------- */

/* B1: 500 ms at four rates. Not one frame is lost before the ring is full, and the next one is. */
static void the_capacity_is_exact(void) {
    const uint32_t rates[] = {16000, 44100, 48000, 96000};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        vo_tap_config config = plain;
        config.capacity_frames = rates[i] / 2;
        vo_tap *tap = open_tap(&config);
        CHECK(vo_tap_capacity(tap) == rates[i] / 2 && vo_tap_room(tap) == rates[i] / 2);
        for (uint32_t left = rates[i] / 2; left;) {
            uint32_t n = left < 480 ? left : 480;
            write_counter(tap, n);
            left -= n;
            CHECK(vo_tap_stats_now(tap).dropped == 0 && vo_tap_room(tap) == left);
        }
        write_counter(tap, 1);
        CHECK(vo_tap_stats_now(tap).dropped == 1 && vo_tap_stats_now(tap).queued == rates[i] / 2);
        vo_tap_free(tap);
    }
}

/* A11 */
static void a_block_longer_than_the_ring_is_cut(void) {
    for (uint32_t n = 0; n <= 4 * 64; n++) {
        vo_tap *tap = open_tap(&plain);
        write_counter(tap, n);
        vo_tap_stats s = vo_tap_stats_now(tap);
        CHECK(s.captured == n && s.queued == (n < 64 ? n : 64) && s.dropped == n - s.queued);
        float frames[300];
        vo_tap_block block = vo_tap_read(tap, frames, 300);
        CHECK(block.frames == s.queued && block.frame == 0 && block.gap == 0);
        for (uint32_t i = 0; i < block.frames; i++) CHECK(frames[i] == (float)i);
        vo_tap_free(tap);
    }
}

static void bad_configs_are_refused(void) {
    vo_tap_config bad[16];
    size_t n = 0;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) bad[i] = plain;
    bad[n++].channels = 0;
    bad[n++].capacity_frames = 0;
    bad[n++].events = 0;
    bad[n++].target_frames = 64;
    bad[n++].high_water_frames = 65;
    bad[n++].high_water_frames = 15;
    bad[n++].policy = (vo_overflow_policy)(VO_FAIL + 1);
    bad[n++].breaker.trips_after = 0;
    bad[n++].breaker.rest_frames = 0;
    bad[n++].breaker.max_rest_frames = 0;
    bad[n++].events = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        failing_alloc memory;
        failing_alloc_init(&memory, 0, false);
        vo_tap *tap = (vo_tap *)&memory;
        CHECK(vo_tap_new(&tap, &bad[i], &memory.allocator) == VO_BAD_ARG);
        CHECK(!tap && memory.live == 0);
    }
    vo_tap_free(NULL);
}

/* B14: nothing as large as what was asked for is ever tried. */
static void impossible_sizes_are_refused(void) {
    vo_tap_config huge[4];
    for (size_t i = 0; i < 4; i++) huge[i] = plain;
    huge[0].capacity_frames = (uint64_t)1 << 62;
    huge[1].capacity_frames = ((uint64_t)1 << 62) + 1;
    huge[2].capacity_frames = UINT64_MAX;
    huge[3].capacity_frames = (uint64_t)1 << 31;
    huge[3].channels = UINT32_MAX;
    for (size_t i = 0; i < 4; i++) {
        failing_alloc memory;
        failing_alloc_init(&memory, 0, false);
        vo_tap *tap = (vo_tap *)&memory;
        CHECK(vo_tap_new(&tap, &huge[i], &memory.allocator) == VO_TOO_BIG);
        CHECK(!tap && memory.live == 0 && memory.bytes < 1 << 16);
    }
}

/* Fault row 39: the k-th allocation fails, once and from then on. */
static void every_failing_allocation_is_told_and_leaks_nothing(void) {
    for (int from_then_on = 0; from_then_on < 2; from_then_on++)
        for (uint64_t k = 1;; k++) {
            failing_alloc memory;
            failing_alloc_init(&memory, k, from_then_on);
            vo_tap *tap = (vo_tap *)&memory;
            vo_status status = vo_tap_new(&tap, &plain, &memory.allocator);
            if (status == VO_OK) {
                CHECK(memory.failures == 0 && k > 10);
                uint64_t calls = memory.calls;
                write_counter(tap, 100);
                vo_tap_free(tap);
                CHECK(memory.live == 0 && memory.calls == calls);
                break;
            }
            CHECK(status == VO_NO_MEM && !tap && memory.live == 0);
        }
}

static void no_descriptor_left_is_told_and_leaks_nothing(void) {
    struct rlimit before, none;
    CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    none = before;
    none.rlim_cur = 0;
    CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
    failing_alloc memory;
    failing_alloc_init(&memory, 0, false);
    vo_tap *tap = (vo_tap *)&memory;
    CHECK(vo_tap_new(&tap, &plain, &memory.allocator) == VO_SYSTEM);
    CHECK(!tap && memory.live == 0);
    CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
}

/* --- Gaps ---------------------------------------------------------------- */

/* A reader that is stuck while 1500 losses come: the list of gaps is full at 1024, and from there
   on frames are lost into the one that is open. Not one is miscounted. */
static void more_gaps_than_can_wait_are_still_exact(void) {
    vo_tap_config config = plain;
    config.capacity_frames = 4096;
    vo_tap *tap = open_tap(&config);
    float frame;
    write_counter(tap, 1);
    for (int i = 0; i < 1500; i++) {
        vo_tap_lose(tap, 3, VO_CAUSE_DEVICE);
        write_counter(tap, 1);
        is_exact(tap);
    }
    vo_tap_stats full = vo_tap_stats_now(tap);
    CHECK(full.queued == 1025 && full.overflows == 1);
    CHECK(full.open_gap.frames == (1500 - 1024) * 4 && full.open_gap.frame == 1024 * 4 + 1);
    CHECK(full.open_gap.cause == VO_CAUSE_OVERFLOW);
    vo_gap gap;
    CHECK(vo_tap_next_gap(tap, 1023, &gap) && gap.frame == 1023 * 4 + 1 && gap.frames == 3);
    CHECK(!vo_tap_next_gap(tap, 1024, &gap));

    for (uint64_t i = 0; i < 1025; i++) {
        vo_tap_block block = vo_tap_read(tap, &frame, 1);
        CHECK(block.frames == 1 && block.frame == i * 4 && frame == (float)(i * 4));
        CHECK(block.gap == (i ? 3 : 0));
        is_exact(tap);
    }
    write_counter(tap, 1);
    vo_tap_block block = vo_tap_read(tap, &frame, 1);
    CHECK(block.frames == 1 && block.frame == 1500 * 4 + 1 && block.gap == full.open_gap.frames);
    CHECK(block.cause == VO_CAUSE_OVERFLOW && vo_tap_stats_now(tap).open_gap.frames == 0);
    vo_tap_free(tap);
}

/* The gap that a read of no frames has met is still the next one, and comes with the frames. */
static void a_gap_waits_for_the_frame_after_it(void) {
    vo_tap *tap = open_tap(&plain);
    float frames[8];
    vo_gap gap;
    CHECK(!vo_tap_next_gap(tap, 0, &gap) && !vo_tap_at_gap(tap));
    vo_tap_lose(tap, 5, VO_CAUSE_DEVICE);
    write_counter(tap, 2);
    vo_tap_lose(tap, 7, VO_CAUSE_REJECTED);
    write_counter(tap, 2);
    for (int met = 0; met < 2; met++) {
        CHECK(vo_tap_at_gap(tap) && vo_tap_read_on(tap, frames, 8) == 0);
        CHECK(vo_tap_next_gap(tap, 0, &gap) && gap.frame == 0 && gap.frames == 5);
        CHECK(vo_tap_next_gap(tap, 1, &gap) && gap.frame == 7 && gap.frames == 7);
        CHECK(!vo_tap_next_gap(tap, 2, &gap));
        CHECK(vo_tap_read(tap, NULL, 0).frames == 0);
    }
    vo_tap_block block = vo_tap_read(tap, frames, 8);
    CHECK(block.frames == 2 && block.frame == 5 && block.gap == 5);
    CHECK(block.cause == VO_CAUSE_DEVICE && frames[0] == 5 && frames[1] == 6);
    CHECK(vo_tap_at_gap(tap) && vo_tap_read_on(tap, frames, 8) == 0);
    block = vo_tap_read(tap, frames, 1);
    CHECK(block.frames == 1 && block.frame == 14 && block.gap == 7);
    CHECK(block.cause == VO_CAUSE_REJECTED && !vo_tap_at_gap(tap));
    CHECK(vo_tap_read_on(tap, frames, 8) == 1 && frames[0] == 15);
    vo_tap_free(tap);
}

/* --- Waiting ------------------------------------------------------------- */

static bool polls_readable(const vo_tap *tap) {
    struct pollfd fd = {.fd = vo_tap_descriptor(tap), .events = POLLIN};
    return poll(&fd, 1, 0) == 1;
}

#define HOURS(n) ((int64_t)(n) * 3600 * 1000000000)

static void a_wait_ends_with_frames_or_time(void) {
    vo_tap *tap = open_tap(&plain);
    CHECK(vo_tap_wait(tap, 0, HOURS(1)) == VO_OK);
    CHECK(!vo_tap_ready(tap, 1) && vo_tap_wait(tap, 1, 0) == VO_TIMED_OUT);
    CHECK(vo_tap_wait(tap, 1, -5) == VO_TIMED_OUT);
    CHECK(vo_tap_wait(tap, 1, 1000000) == VO_TIMED_OUT);
    write_counter(tap, 10);
    CHECK(vo_tap_ready(tap, 10) && vo_tap_wait(tap, 10, HOURS(1)) == VO_OK);
    CHECK(!vo_tap_ready(tap, 11) && vo_tap_wait(tap, 11, 1000) == VO_TIMED_OUT);
    write_counter(tap, 54); /* full: all there can be */
    CHECK(vo_tap_ready(tap, UINT64_MAX) && vo_tap_wait(tap, UINT64_MAX, HOURS(1)) == VO_OK);
    CHECK(!polls_readable(tap)); /* no sleeper, no post */
    vo_tap_free(tap);
}

static void an_armed_descriptor_is_posted_once_when_there_is_enough(void) {
    vo_tap *tap = open_tap(&plain);
    CHECK(!vo_tap_arm(tap, 10));
    write_counter(tap, 9);
    CHECK(!polls_readable(tap));
    vo_tap_lose(tap, 100, VO_CAUSE_DEVICE); /* losses are not frames */
    CHECK(!polls_readable(tap));
    write_counter(tap, 1);
    CHECK(polls_readable(tap));
    vo_tap_disarm(tap);
    CHECK(!polls_readable(tap));
    write_counter(tap, 10);
    CHECK(!polls_readable(tap));
    CHECK(vo_tap_arm(tap, 20)); /* so already */
    vo_tap_disarm(tap);
    CHECK(!vo_tap_arm(tap, 1000));
    write_counter(tap, 44);
    CHECK(polls_readable(tap)); /* 1000 is more than there can be: the capacity counts */
    vo_tap_free(tap);
}

static void the_end_makes_ready_and_posts(void) {
    vo_tap *tap = open_tap(&plain);
    CHECK(!vo_tap_ended(tap) && !vo_tap_arm(tap, 10));
    write_counter(tap, 3);
    vo_tap_end(tap);
    CHECK(vo_tap_ended(tap) && polls_readable(tap) && vo_tap_ready(tap, 10));
    CHECK(vo_tap_wait(tap, 10, HOURS(1)) == VO_OK);
    float frames[8];
    CHECK(vo_tap_read(tap, frames, 8).frames == 3); /* what was queued is delivered still */
    CHECK(vo_tap_wait(tap, 1, HOURS(1)) == VO_OK && vo_tap_read(tap, frames, 8).frames == 0);
    vo_tap_free(tap);
}

static void a_wake_ends_a_wait_without_frames(void) {
    vo_tap *tap = open_tap(&plain);
    vo_tap_wake(tap);
    vo_tap_wake(tap);
    CHECK(vo_tap_wait(tap, 1, HOURS(1)) == VO_TIMED_OUT);
    CHECK(!polls_readable(tap));
    vo_tap_free(tap);
}

int main(void) {
    the_capacity_is_exact();
    a_block_longer_than_the_ring_is_cut();
    bad_configs_are_refused();
    impossible_sizes_are_refused();
    every_failing_allocation_is_told_and_leaks_nothing();
    no_descriptor_left_is_told_and_leaks_nothing();
    more_gaps_than_can_wait_are_still_exact();
    a_gap_waits_for_the_frame_after_it();
    a_wait_ends_with_frames_or_time();
    an_armed_descriptor_is_posted_once_when_there_is_enough();
    the_end_makes_ready_and_posts();
    a_wake_ends_a_wait_without_frames();
    return 0;
}
