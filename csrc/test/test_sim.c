/* The simulated device, from vo_sim_start to its end: its clock, and its faults to the frame. */
#define _DEFAULT_SOURCE /* usleep, alarm */
#include <string.h>

#include "os/os.h"
#include "sim_device.h"

enum { MOST = 1 << 17 };

static void wait_until_idle(const device *d) {
    while (vo_sim_active(d->sim)) usleep(100);
}

/* Let it play to its end with room for all of it, and hand out what was heard. */
static vo_capture_stats play(const vo_sim_config *config, float *out, uint32_t most) {
    device d = begin(config, MOST);
    wait_until_idle(&d);
    for (uint32_t done = 0, n = 1; n; done += n)
        n = vo_tap_read(d.tap, out + done, most - done).frames;
    vo_capture_stats stats = vo_capture_stats_now(d.capture);
    CHECK(stats.tap.captured == stats.tap.delivered + stats.tap.dropped + stats.tap.queued);
    end(d);
    return stats;
}

/* --- Pace ---------------------------------------------------------------- */

static void lockstep_loses_nothing_to_a_slow_reader(void) {
    vo_sim_config config = plain(VO_SIM_LOCKSTEP, 10000000);
    config.block_frames = 4000;
    device d = begin(&config, 50000);
    static float frames[37000];
    uint64_t next = 0, reads = 0;
    while (vo_tap_wait(d.tap, 37000, HOUR_NS) != VO_OK || !vo_tap_ended(d.tap) ||
           vo_tap_ready(d.tap, 1)) {
        vo_tap_block block = vo_tap_read(d.tap, frames, 37000);
        CHECK(block.frame == next && block.gap == 0);
        for (uint32_t i = 0; i < block.frames; i++)
            CHECK(frames[i] == (float)((next + i) & 0xFFFFFF));
        next += block.frames;
        if (++reads % 64 == 0) usleep(300);
        if (vo_tap_ended(d.tap) && !block.frames) break;
    }
    CHECK(next == 10000000 && vo_tap_stats_now(d.tap).dropped == 0);
    end(d);
}

/* A block beyond the ring's size can never fit, so it comes in pieces that do. */
static void lockstep_cuts_what_cannot_fit(void) {
    vo_sim_config config = plain(VO_SIM_LOCKSTEP, 1024);
    config.block_frames = 512;
    device d = begin(&config, 100);
    float frames[100];
    uint64_t read = 0;
    while (read < 1024) {
        CHECK(vo_tap_wait(d.tap, 1, HOUR_NS) == VO_OK);
        vo_tap_block block = vo_tap_read(d.tap, frames, 100);
        for (uint32_t i = 0; i < block.frames; i++) CHECK(frames[i] == (float)(read + i));
        read += block.frames;
    }
    wait_until_idle(&d);
    vo_tap_stats s = vo_tap_stats_now(d.tap);
    CHECK(s.captured == 1024 && s.dropped == 0 && s.queued == 0);
    end(d);
}

static void flatout_waits_for_nobody_and_accounts_for_all(void) {
    vo_sim_config config = plain(VO_SIM_FLATOUT, 3000000);
    device d = begin(&config, 1000);
    float frames[1000];
    uint64_t next = 0, heard = 0, gaps = 0;
    for (bool ended = false; !ended;) {
        ended = vo_tap_ended(d.tap);
        vo_tap_block block = vo_tap_read(d.tap, frames, 1000);
        if (!block.frames) continue;
        ended = false;
        CHECK(block.frame == next + block.gap);
        for (uint32_t i = 0; i < block.frames; i++) CHECK(frames[i] == (float)(block.frame + i));
        next = block.frame + block.frames;
        heard += block.frames;
        gaps += block.gap;
    }
    vo_tap_stats s = vo_tap_stats_now(d.tap);
    CHECK(s.captured == 3000000 && s.queued == 0 && s.delivered == heard);
    CHECK(heard + gaps + s.open_gap.frames == 3000000);
    end(d);
}

/* Loose on purpose: sleeping late is no fault of the device, waking early would be. */
static uint64_t realtime_ns(double drift_ppm) {
    vo_sim_fault fault = {.kind = VO_SIM_DRIFT, .amount = drift_ppm};
    vo_sim_config config = plain(VO_SIM_REALTIME, 4800);
    config.faults = &fault;
    config.fault_count = 1;
    static float out[MOST];
    uint64_t began = vo_clock_ns();
    CHECK(play(&config, out, MOST).tap.captured == 4800);
    return vo_clock_ns() - began;
}

static void real_time_takes_its_time_and_drift_changes_it(void) {
    CHECK(realtime_ns(0) >= 100000000);
    CHECK(realtime_ns(-750000) >= 400000000);
    /* 1000 times as fast: 0.1 ms, if the machine lets it; never as long as 0.1 s each time */
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < 10; i++) {
        uint64_t took = realtime_ns(999e6);
        best = took < best ? took : best;
    }
    CHECK(best < 50000000);
}

/* --- Faults -------------------------------------------------------------- */

/* A10: three faults that lose frames or hide them, each on a frame that is in the middle of a
   block; every pace tells the same story. */
static void faults_act_on_exactly_their_frame(void) {
    const vo_sim_fault faults[] = {
        {.kind = VO_SIM_STALL, .frame = 1000, .frames = 2400, .amount = 1},
        {.kind = VO_SIM_SILENCE, .frame = 4001, .frames = 200},
        {.kind = VO_SIM_STALL, .frame = 4999, .frames = 48, .amount = 0},
        {.kind = VO_SIM_JITTER, .frame = 5000, .frames = 300, .amount = 1000},
        {.kind = VO_SIM_JITTER, .frame = 5500, .frames = 0, .amount = 10},
    };
    for (vo_sim_pace pace = VO_SIM_REALTIME; pace <= VO_SIM_FLATOUT; pace++) {
        vo_sim_config config = plain(pace, 6000);
        config.faults = faults;
        config.fault_count = 5;
        config.seed = 7;
        device d = begin(&config, MOST);
        wait_until_idle(&d);
        static float out[MOST];
        vo_tap_block first = vo_tap_read(d.tap, out, MOST);
        CHECK(first.frames == 1000 && first.frame == 0 && first.gap == 0);
        for (uint32_t i = 0; i < 1000; i++) CHECK(out[i] == (float)i);
        vo_tap_block second = vo_tap_read(d.tap, out, MOST);
        CHECK(second.frames == 2600 && second.frame == 3400 && second.gap == 2400);
        CHECK(second.cause == VO_CAUSE_DEVICE);
        for (uint32_t i = 3400; i < 6000; i++)
            CHECK(out[i - 3400] == (i >= 4001 && i < 4201 ? 0.0f : (float)i));
        vo_capture_stats s = vo_capture_stats_now(d.capture);
        CHECK(s.xruns == 1 && s.silent == 200 && s.tap.captured == 6000);
        CHECK(s.tap.dropped == 2400 && vo_tap_ended(d.tap));
        end(d);
    }
}

static void a_silence_of_no_length_lasts_for_ever(void) {
    const vo_sim_fault fault = {.kind = VO_SIM_SILENCE, .frame = 100};
    vo_sim_config config = plain(VO_SIM_FLATOUT, 1000);
    config.faults = &fault;
    config.fault_count = 1;
    static float out[MOST];
    CHECK(play(&config, out, MOST).silent == 900);
    for (uint32_t i = 0; i < 1000; i++) CHECK(out[i] == (i < 100 ? (float)i : 0.0f));
}

/* Longer than any timeline: for ever too. */
static void a_silence_of_any_length_ends_nowhere_else(void) {
    const vo_sim_fault fault = {.kind = VO_SIM_SILENCE, .frame = 100, .frames = UINT64_MAX - 1};
    vo_sim_config config = plain(VO_SIM_FLATOUT, 1000);
    config.faults = &fault;
    config.fault_count = 1;
    static float out[MOST];
    CHECK(play(&config, out, MOST).silent == 900);
}

/* In the middle of a block, at the end of one, and at once. */
static void it_ends_where_its_signal_ends(void) {
    static float frames[256], out[MOST];
    for (uint32_t i = 0; i < 256; i++) frames[i] = (float)(i + 1);
    for (uint64_t count = 0; count <= 256; count += 32) {
        vo_sim_array array = {.frames = frames, .count = count, .channels = 1};
        vo_sim_config config = plain(VO_SIM_FLATOUT, UINT64_MAX);
        config.signal = (vo_sim_signal){vo_sim_from_array, &array};
        device d = begin(&config, MOST);
        CHECK(vo_tap_wait(d.tap, MOST, HOUR_NS) == VO_OK && vo_tap_ended(d.tap));
        CHECK(vo_tap_read(d.tap, out, MOST).frames == count);
        CHECK(!memcmp(out, frames, count * sizeof *frames));
        end(d);
    }
}

/* Faults that fall into a stall act when it is over. */
static void a_stall_can_pass_over_other_faults(void) {
    const vo_sim_fault faults[] = {
        {.kind = VO_SIM_STALL, .frame = 500, .frames = 1000, .amount = 1},
        {.kind = VO_SIM_STALL, .frame = 900, .frames = 100, .amount = 1},
        {.kind = VO_SIM_SILENCE, .frame = 1000, .frames = 128},
    };
    vo_sim_config config = plain(VO_SIM_FLATOUT, 3000);
    config.faults = faults;
    config.fault_count = 3;
    static float out[MOST];
    vo_capture_stats s = play(&config, out, MOST);
    CHECK(s.tap.captured == 3000 && s.tap.dropped == 1100 && s.silent == 128);
    CHECK(out[499] == 499 && out[500] == 0 && out[500 + 128] == 1600 + 128);
}

static uint32_t sizes_seen[64], blocks_seen;

static uint32_t note_sizes(void *self, uint64_t frame, float *out, uint32_t n) {
    if (blocks_seen < 64) sizes_seen[blocks_seen++] = n;
    return vo_sim_counter(self, frame, out, n);
}

static void block_sizes_come_in_turn(void) {
    vo_sim_fault faults[] = {{.kind = VO_SIM_BLOCKS, .frame = 256, .sizes = {1, 7, 500}},
                             {.kind = VO_SIM_BLOCKS, .frame = 1272}};
    for (uint32_t i = 0; i < VO_SIM_BLOCK_SIZES; i++) faults[1].sizes[i] = i + 1;
    vo_sim_config config = plain(VO_SIM_FLATOUT, 1272 + 136 + 3);
    config.faults = faults;
    config.fault_count = 2;
    config.signal.read = note_sizes;
    static float out[MOST];
    blocks_seen = 0;
    CHECK(play(&config, out, MOST).block == 2);
    const uint32_t expected[] = {128, 128, 1, 7, 500, 1,  7,  500, 1,  2,  3,  4, 5,
                                 6,   7,   8, 9, 10,  11, 12, 13,  14, 15, 16, 1, 2};
    CHECK(blocks_seen == sizeof expected / sizeof *expected);
    CHECK(!memcmp(sizes_seen, expected, sizeof expected));
}

/* Fault row 9: an unplugged device says nothing more, and its source has not ended. */
static void an_unplugged_device_is_not_active(void) {
    const vo_sim_fault fault = {.kind = VO_SIM_UNPLUG, .frame = 777};
    for (vo_sim_pace pace = VO_SIM_REALTIME; pace <= VO_SIM_FLATOUT; pace++) {
        vo_sim_config config = plain(pace, UINT64_MAX);
        config.faults = &fault;
        config.fault_count = 1;
        device d = begin(&config, MOST);
        wait_until_idle(&d);
        CHECK(vo_tap_stats_now(d.tap).captured == 777 && !vo_tap_ended(d.tap));
        end(d);
    }
}

int main(void) {
    watch_for_a_hang();
    lockstep_loses_nothing_to_a_slow_reader();
    lockstep_cuts_what_cannot_fit();
    flatout_waits_for_nobody_and_accounts_for_all();
    real_time_takes_its_time_and_drift_changes_it();
    faults_act_on_exactly_their_frame();
    a_silence_of_no_length_lasts_for_ever();
    a_silence_of_any_length_ends_nowhere_else();
    it_ends_where_its_signal_ends();
    a_stall_can_pass_over_other_faults();
    block_sizes_come_in_turn();
    an_unplugged_device_is_not_active();
    return 0;
}
