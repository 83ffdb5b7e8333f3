/* A capture fed by a simulated device, and an alarm for one that does not end. */
#ifndef SIM_DEVICE_H
#define SIM_DEVICE_H

#include <signal.h>
#include <unistd.h>

#include "check.h"
#include "vocana/sim.h"

enum { WATCHDOG_S = 120 };

#define HOUR_NS ((int64_t)3600 * 1000000000)

static uint32_t mono = 1;

static inline void hung(int alarmed) {
    static const char text[] = "hung: a device did not end\n";
    (void)alarmed;
    (void)!write(2, text, sizeof text - 1);
    _exit(1);
}

static inline vo_capture *open_capture(uint64_t capacity) {
    vo_capture_config config = {.tap = {.channels = 1,
                                        .capacity_frames = capacity,
                                        .target_frames = capacity / 4,
                                        .events = 64,
                                        .breaker = {1000, 1, 1}},
                                .input = {VO_INPUT_FLAG, VO_INPUT_FLAG, VO_INPUT_FLAG, 1e9f}};
    vo_capture *capture;
    CHECK(vo_capture_new(&capture, &config, NULL) == VO_OK);
    return capture;
}

static inline vo_sim_config plain(vo_sim_pace pace, uint64_t frames) {
    return (vo_sim_config){.rate = 48000,
                           .channels = 1,
                           .block_frames = 128,
                           .frames = frames,
                           .pace = pace,
                           .signal = {vo_sim_counter, &mono}};
}

typedef struct device {
    vo_capture *capture;
    vo_tap *tap;
    vo_sim *sim;
} device;

static inline device begin(const vo_sim_config *config, uint64_t capacity) {
    device d = {.capture = open_capture(capacity)};
    d.tap = vo_capture_tap(d.capture);
    CHECK(vo_sim_new(&d.sim, config, d.capture, NULL) == VO_OK);
    CHECK(vo_sim_start(d.sim) == VO_OK);
    return d;
}

static inline void end(device d) {
    CHECK(vo_sim_stop(d.sim, HOUR_NS) == VO_OK && !vo_sim_active(d.sim));
    vo_sim_free(d.sim);
    vo_capture_free(d.capture);
}

static inline void watch_for_a_hang(void) {
    signal(SIGALRM, hung);
    alarm(WATCHDOG_S);
}

#endif
