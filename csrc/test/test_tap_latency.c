/* How a tap behaves over hours of overload, drift and stalls, on a virtual clock: one count of
   frames drives both sides. 48 kHz. */
#include "check.h"
#include "vocana/tap.h"

enum { RATE = 48000, HOP = 960, HALF_SECOND = RATE / 2, MOST = 24000 };

static const vo_breaker_config default_breaker = {5, 1200, 76800};

static vo_tap *open_tap(vo_overflow_policy policy, uint64_t capacity, uint64_t target,
                        uint64_t high_water) {
    vo_tap_config config = {.channels = 1,
                            .policy = policy,
                            .capacity_frames = capacity,
                            .target_frames = target,
                            .high_water_frames = high_water,
                            .fade_frames = 24,
                            .align_frames = 0,
                            .events = 4096,
                            .breaker = default_breaker};
    vo_tap *tap;
    CHECK(vo_tap_new(&tap, &config, NULL) == VO_OK);
    return tap;
}

static float zeros[MOST], sink[MOST];

static uint64_t fill_of(const vo_tap *tap) {
    return vo_tap_stats_now(tap).queued;
}

/* --- The breaker --------------------------------------------------------- */

/* B8 B18: a stuck reader. The breaker opens on the frame at which the fifth block in a row found
   the ring full, probes exactly one rest later, and rests for 25, 50, 100 .. 1600 ms. */
static void a_stuck_reader_opens_the_breaker_for_longer_and_longer(void) {
    const uint32_t blocks[] = {64, 128, 480, 1024};
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
        vo_tap *tap = open_tap(VO_DROP_NEWEST, 2400, HOP, 0);
        uint64_t first_full = 2400 / blocks[b] * blocks[b];
        uint64_t opens_at = first_full + 4 * blocks[b], rest = 1200;
        while (vo_tap_stats_now(tap).captured < 20 * RATE) vo_tap_write(tap, zeros, blocks[b]);
        vo_event event;
        vo_events *events = vo_tap_events(tap);
        CHECK(vo_events_pop(events, &event, 1) == 1 && event.kind == VO_EVENT_OVERFLOW_BEGAN);
        CHECK(event.frame == 2400 && event.value == 2400);
        uint32_t trips = 0;
        while (vo_events_pop(events, &event, 1)) {
            CHECK(event.kind == VO_EVENT_BREAKER_OPEN);
            CHECK(event.frame == opens_at && event.value == rest);
            trips++;
            opens_at += rest; /* half open there, and the probe fails at once */
            rest = rest * 2 < 76800 ? rest * 2 : 76800;
            if (!vo_events_pop(events, &event, 1)) break;
            CHECK(event.kind == VO_EVENT_BREAKER_HALF_OPEN && event.frame == opens_at);
        }
        CHECK(rest == 76800 && trips == vo_tap_stats_now(tap).trips && trips > 10);
        CHECK(vo_tap_stats_now(tap).overflows == 1 && vo_tap_stats_now(tap).queued == 2400);
        CHECK(vo_tap_stats_now(tap).breaker == VO_BREAKER_OPEN && !vo_events_dropped(events));
        vo_tap_free(tap);
    }
}

/* B7: four full blocks in a row and then room: it never opens. */
static void four_overflows_in_a_row_do_not_open_it(void) {
    vo_tap *tap = open_tap(VO_DROP_NEWEST, 1000, 100, 0);
    for (int round = 0; round < 1000; round++) {
        vo_tap_write(tap, zeros, 1000);
        for (int i = 0; i < 4; i++) vo_tap_write(tap, zeros, 100);
        CHECK(vo_tap_read(tap, sink, 1000).frames == 1000);
        CHECK(vo_tap_stats_now(tap).breaker == VO_BREAKER_CLOSED);
    }
    CHECK(vo_tap_stats_now(tap).trips == 0 && vo_tap_stats_now(tap).overflows == 1000);
    vo_tap_write(tap, zeros, 1000);
    for (int i = 0; i < 5; i++) vo_tap_write(tap, zeros, 100);
    CHECK(vo_tap_stats_now(tap).trips == 1);
    vo_tap_free(tap);
}

/* B9: the reader is stuck for a minute and then takes `speed` blocks a block (0: all there is).
   From there on sound never pauses for 100 ms, what comes after the overload is heard, and the
   breaker does not open again. */
static void sound_flows_on_after_an_overload(vo_overflow_policy policy, uint32_t speed,
                                             uint32_t block) {
    vo_tap *tap = open_tap(policy, HALF_SECOND, HOP, 0);
    while (vo_tap_stats_now(tap).captured < 60 * RATE) vo_tap_write(tap, zeros, block);
    vo_tap_stats before = vo_tap_stats_now(tap);
    CHECK(before.breaker == VO_BREAKER_OPEN && before.trips > 5);

    uint64_t heard_at = before.captured, newest = 0;
    while (vo_tap_stats_now(tap).captured < before.captured + 60 * RATE) {
        for (uint32_t i = 0; i < (speed ? speed : 1);) {
            vo_tap_block got = vo_tap_read(tap, sink, speed ? block : MOST);
            if (!got.frames) break;
            heard_at = vo_tap_stats_now(tap).captured;
            newest = got.frame + got.frames;
            if (speed) i++;
        }
        vo_tap_write(tap, zeros, block);
        CHECK(vo_tap_stats_now(tap).captured - heard_at <= 4800);
        if (!speed && vo_tap_stats_now(tap).captured > before.captured + 4800)
            CHECK(newest > before.captured);
    }
    vo_tap_stats after = vo_tap_stats_now(tap);
    CHECK(after.trips == before.trips && after.breaker == VO_BREAKER_CLOSED);
    CHECK(newest + HALF_SECOND >= after.captured);
    CHECK(after.overflows <= before.overflows + 1);
    vo_tap_free(tap);
}

static void an_overload_that_ends_is_over(void) {
    const uint32_t blocks[] = {64, 480, 1024, 4800};
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++)
        for (uint32_t speed = 0; speed <= 2; speed++)
            for (uint32_t policy = VO_DROP_NEWEST; policy <= VO_FAIL; policy++)
                sound_flows_on_after_an_overload((vo_overflow_policy)policy, speed, blocks[b]);
}

/* --- Latency ------------------------------------------------------------- */

/* B2: an hour of callbacks of one size, a reader that takes hops while there is one. */
static void an_hour_of_any_block_size_never_overflows(void) {
    const uint32_t blocks[] = {64, 480, 1024, 4096, 4800};
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
        vo_tap *tap = open_tap(VO_DROP_NEWEST, HALF_SECOND, HOP, 0);
        uint64_t captured = 0, delivered = 0;
        for (; captured < (uint64_t)3600 * RATE; captured += blocks[b]) {
            vo_tap_write(tap, zeros, blocks[b]);
            CHECK(HALF_SECOND - vo_tap_room(tap) < HOP + blocks[b]);
            while (vo_tap_ready(tap, HOP)) {
                CHECK(vo_tap_read(tap, sink, HOP).frames == HOP);
                delivered += HOP;
            }
        }
        vo_tap_stats s = vo_tap_stats_now(tap);
        CHECK(s.overflows == 0 && s.dropped == 0 && s.captured == captured);
        CHECK(s.delivered == delivered && s.queued < HOP);
        vo_tap_free(tap);
    }
}

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* A4: target 128, capacity 4096, blocks of 64, and a reader that stands still for up to 60 blocks
   now and then. The 99th percentile of what is queued before a read. */
static uint64_t p99_of_fill(vo_overflow_policy policy) {
    enum { BLOCK = 64, TARGET = 128, CAPACITY = 4096, STEPS = 200000 };
    static uint64_t fills[STEPS];
    vo_tap *tap = open_tap(policy, CAPACITY, TARGET, TARGET + BLOCK);
    uint64_t state = 1;
    vo_tap_write(tap, zeros, TARGET);
    for (uint32_t step = 0, stands = 0; step < STEPS; step++) {
        vo_tap_write(tap, zeros, BLOCK);
        state = state * 6364136223846793005u + 1442695040888963407u;
        if (!stands && (state >> 33) % 8000 == 0) stands = (uint32_t)(state >> 50) % 60;
        fills[step] = fill_of(tap);
        if (stands)
            stands--;
        else
            vo_tap_read(tap, sink, BLOCK);
    }
    vo_tap_stats s = vo_tap_stats_now(tap);
    CHECK(vo_tap_capacity(tap) == CAPACITY);
    if (policy == VO_SKIP) CHECK(s.overflows == 0 && s.dropped > CAPACITY);
    vo_tap_free(tap);
    qsort(fills, STEPS, sizeof *fills, ascending);
    return fills[STEPS * 99 / 100];
}

static void latency_is_the_target_and_not_the_capacity(void) {
    CHECK(p99_of_fill(VO_SKIP) <= 128 + 64);
    CHECK(p99_of_fill(VO_DROP_NEWEST) > 1000); /* what was missed is never made good */
}

/* B19: the device is 100 ppm fast for an hour. */
static uint64_t drift(vo_overflow_policy policy, uint32_t block, uint32_t target) {
    vo_tap *tap = open_tap(policy, HALF_SECOND, target, target + block);
    vo_tap_write(tap, zeros, target);
    uint64_t written = 0, skips = 0, most = 0;
    for (uint64_t now = block; now < (uint64_t)3600 * RATE; now += block) {
        for (; written + block <= now + now / 10000; written += block)
            vo_tap_write(tap, zeros, block);
        vo_tap_block got = vo_tap_read(tap, sink, block);
        CHECK(got.frames == block);
        skips += got.skipped > 0;
        uint64_t fill = fill_of(tap);
        most = fill > most ? fill : most;
        if (policy == VO_SKIP) CHECK(fill + block >= target && fill <= target + block);
    }
    vo_tap_stats s = vo_tap_stats_now(tap);
    CHECK(s.captured == s.delivered + s.dropped + s.queued);
    if (policy == VO_SKIP) CHECK(skips > 0 && s.overflows == 0);
    vo_tap_free(tap);
    return most;
}

static void a_fast_device_does_not_add_latency(void) {
    const uint32_t blocks[] = {64, 480, 960};
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++)
        CHECK(drift(VO_SKIP, blocks[b], 960) <= 960 + blocks[b]);
    CHECK(drift(VO_DROP_NEWEST, 480, 960) > 10000); /* but for the skips it would */
}

/* --- Skips --------------------------------------------------------------- */

/* One read at every fill: it jumps above high water, or when full, and leaves the target. */
static void a_skip_comes_only_above_high_water(void) {
    const uint32_t capacity = 100, target = 30, marks[] = {0, 30, 31, 60, 99, 100};
    for (size_t m = 0; m < sizeof marks / sizeof *marks; m++)
        for (uint32_t fill = 0; fill <= capacity; fill++) {
            vo_tap *tap = open_tap(VO_SKIP, capacity, target, marks[m]);
            vo_tap_write(tap, zeros, fill);
            bool jumps = fill == capacity || (marks[m] && fill > marks[m]);
            vo_tap_block block = vo_tap_read(tap, sink, 1);
            CHECK(block.skipped == (jumps ? fill - target : 0) && block.gap == block.skipped);
            CHECK(block.frame == block.skipped && block.frames == (fill ? 1 : 0));
            CHECK(vo_tap_stats_now(tap).dropped == block.skipped);
            CHECK(fill_of(tap) == (jumps ? target - 1 : fill ? fill - 1 : 0));
            vo_tap_free(tap);
        }
}

/* With a target of nothing all that was queued goes, and the next frame carries the loss. */
static void a_skip_to_nothing_is_told_with_the_next_frame(void) {
    vo_tap *tap = open_tap(VO_SKIP, 100, 0, 0);
    vo_tap_write(tap, zeros, 100);
    vo_tap_block block = vo_tap_read(tap, sink, 10);
    CHECK(block.frames == 0 && block.skipped == 100 && fill_of(tap) == 0);
    vo_gap gap;
    CHECK(vo_tap_at_gap(tap) && vo_tap_next_gap(tap, 0, &gap));
    CHECK(gap.frame == 0 && gap.frames == 100 && gap.cause == VO_CAUSE_SKIP);
    CHECK(!vo_tap_next_gap(tap, 1, &gap));
    vo_tap_write(tap, zeros, 5);
    block = vo_tap_read(tap, sink, 10);
    CHECK(block.frames == 5 && block.frame == 100 && block.gap == 100 && block.skipped == 0);
    CHECK(block.cause == VO_CAUSE_SKIP);
    vo_tap_free(tap);
}

/* A reader may say at any time what a skip leaves and above which fill it comes. */
static void a_reader_steers_its_skips(void) {
    vo_tap *tap = open_tap(VO_SKIP, 1000, 10, 0);
    vo_tap_write(tap, zeros, 300);
    vo_tap_steer(tap, 100, 300);
    CHECK(vo_tap_queued(tap) == 300 && vo_tap_read(tap, sink, 1).skipped == 0);
    vo_tap_steer(tap, 100, 298);
    CHECK(vo_tap_read(tap, sink, 1).skipped == 199 && vo_tap_queued(tap) == 99);
    vo_tap_write(tap, zeros, 901); /* full: one always jumps, however far the mark */
    vo_tap_steer(tap, 2000, 0);
    CHECK(vo_tap_read(tap, sink, 1).skipped == 1);
    vo_tap_free(tap);
}

/* Where the timeline is that has come, whatever was lost on the way and is still to be met. */
static void the_newest_frame_stands_behind_all_losses(void) {
    vo_tap *tap = open_tap(VO_DROP_NEWEST, 1000, 10, 0);
    CHECK(vo_tap_newest(tap) == 0);
    for (uint64_t end = 17; end <= 17 * 50; end += 17) {
        vo_tap_write(tap, zeros, 10);
        if (end > 17 * 25) vo_tap_read(tap, sink, 10);
        CHECK(vo_tap_newest(tap) == end - 7);
        vo_tap_lose(tap, 7, VO_CAUSE_DEVICE);
    }
    vo_tap_free(tap);
}

int main(void) {
    a_stuck_reader_opens_the_breaker_for_longer_and_longer();
    four_overflows_in_a_row_do_not_open_it();
    an_overload_that_ends_is_over();
    an_hour_of_any_block_size_never_overflows();
    latency_is_the_target_and_not_the_capacity();
    a_fast_device_does_not_add_latency();
    a_skip_comes_only_above_high_water();
    a_skip_to_nothing_is_told_with_the_next_frame();
    a_reader_steers_its_skips();
    the_newest_frame_stands_behind_all_losses();
    return 0;
}
