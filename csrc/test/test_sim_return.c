/* A simulated device that comes back: it goes on where its timeline has come to. */
#define _DEFAULT_SOURCE /* usleep */
#include "sim_device.h"

static vo_tap_block read_on(device d, float *frames, uint32_t n) {
    CHECK(vo_tap_wait(d.tap, 1, HOUR_NS) == VO_OK);
    return vo_tap_read(d.tap, frames, n);
}

/* On a virtual clock the place is the frame at which it was unplugged, to the frame, and what was
   lost before the first frame is a gap. */
static void it_begins_where_it_is_told(void) {
    float frames[4096];
    const vo_sim_fault unplug = {.kind = VO_SIM_UNPLUG, .frame = 1001};
    vo_sim_config config = plain(VO_SIM_LOCKSTEP, 10000);
    config.faults = &unplug;
    config.fault_count = 1;
    device d = begin(&config, 1 << 16);
    while (vo_sim_active(d.sim)) usleep(100);
    CHECK(vo_sim_place(d.sim) == 1001 && !vo_tap_ended(d.tap));
    end(d);
    config = plain(VO_SIM_LOCKSTEP, 5000);
    config.first = 4000;
    config.lost = 2999;
    d = begin(&config, 1 << 16);
    while (!vo_tap_ended(d.tap)) usleep(100);
    vo_tap_block block = read_on(d, frames, 4096);
    CHECK(block.frames == 1000 && block.gap == 2999 && block.frame == 2999);
    for (uint32_t i = 0; i < 1000; i++) CHECK(frames[i] == (float)(4000 + i));
    CHECK(vo_sim_place(d.sim) == 5000);
    end(d);
}

/* In real time the timeline goes on while the device is away. */
static void its_clock_goes_on_in_real_time(void) {
    const vo_sim_fault faults[] = {
        {.kind = VO_SIM_STALL, .frame = 480, .frames = 480, .amount = 1},
        {.kind = VO_SIM_UNPLUG, .frame = 1100},
    };
    vo_sim_config config = plain(VO_SIM_REALTIME, UINT64_MAX);
    config.faults = faults;
    config.fault_count = 2;
    device d = begin(&config, 1 << 16);
    while (vo_sim_active(d.sim)) usleep(100);
    uint64_t before = vo_sim_place(d.sim), last_ns = vo_capture_last(d.capture).ns;
    CHECK(before >= 1100);
    usleep(20000);
    uint64_t after = vo_sim_place(d.sim), first_ns = last_ns;
    CHECK(after >= before + 959); /* 20 ms, at least; both are rounded */
    end(d);
    config = plain(VO_SIM_REALTIME, UINT64_MAX);
    config.first = after;
    d = begin(&config, 1 << 16);
    float frames[4096];
    CHECK(read_on(d, frames, 4096).frames && frames[0] == (float)after);
    vo_first_callback first = vo_capture_first(d.capture);
    CHECK(first.ns > first_ns && first.frames == 128);
    end(d);
}

int main(void) {
    watch_for_a_hang();
    it_begins_where_it_is_told();
    its_clock_goes_on_in_real_time();
    return 0;
}
