/* A simulated device is made, started, stopped and freed: it always ends when told. */
#define _GNU_SOURCE /* usleep, alarm, pthread_setattr_default_np */
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "failing_alloc.h"
#include "os/os.h"
#include "sim_device.h"

/* --- Starting and stopping ----------------------------------------------- */

static void it_stops_whatever_it_is_doing(void) {
    const vo_sim_fault stall = {.kind = VO_SIM_STALL, .frame = 0, .frames = UINT32_MAX};
    const vo_sim_fault lost = {.kind = VO_SIM_STALL, .frames = UINT32_MAX, .amount = 1};
    const vo_sim_fault late = {.kind = VO_SIM_JITTER, .amount = 1e30};
    const vo_sim_fault slow = {.kind = VO_SIM_DRIFT, .amount = -999999.999};
    const vo_sim_fault *faults[] = {NULL, &stall, &lost, &late, &slow};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        for (vo_sim_pace pace = VO_SIM_REALTIME; pace <= VO_SIM_FLATOUT; pace++)
            for (int soon = 0; soon < 2; soon++) {
                vo_sim_config config = plain(pace, UINT64_MAX);
                config.faults = faults[i];
                config.fault_count = faults[i] != NULL;
                device d = begin(&config, 1000);
                if (!soon) usleep(2000);
                CHECK(vo_sim_active(d.sim));
                end(d); /* hung, if it were not to */
            }
}

static void starting_twice_is_refused_and_stopping_twice_is_not(void) {
    vo_sim_config config = plain(VO_SIM_REALTIME, UINT64_MAX);
    vo_capture *capture = open_capture(1000);
    vo_sim *sim;
    CHECK(vo_sim_new(&sim, &config, capture, NULL) == VO_OK);
    CHECK(!vo_sim_active(sim) && vo_sim_stop(sim, 0) == VO_OK); /* never started */
    CHECK(vo_sim_start(sim) == VO_OK && vo_sim_start(sim) == VO_BAD_ARG && vo_sim_active(sim));
    CHECK(vo_sim_stop(sim, HOUR_NS) == VO_OK && vo_sim_stop(sim, 0) == VO_OK);
    CHECK(!vo_tap_ended(vo_capture_tap(capture))); /* stopped is not ended */
    vo_sim_free(sim);
    vo_sim_free(NULL);
    vo_capture_free(capture);
}

static _Atomic bool held, inside;

static uint32_t hang_while_held(void *self, uint64_t frame, float *out, uint32_t n) {
    inside = true;
    while (held) usleep(100);
    return vo_sim_counter(self, frame, out, n);
}

/* Fault row 10: a device that does not come back is told after the time, and can be asked again. */
static void a_device_that_hangs_is_told(void) {
    vo_sim_config config = plain(VO_SIM_FLATOUT, UINT64_MAX);
    config.signal.read = hang_while_held;
    held = true;
    device d = begin(&config, 1000);
    while (!inside) usleep(100);
    CHECK(vo_sim_stop(d.sim, 1000000) == VO_TIMED_OUT && vo_sim_active(d.sim));
    CHECK(vo_sim_stop(d.sim, 0) == VO_TIMED_OUT);
    held = false;
    end(d);
}

/* Fault row 54. */
static void thousands_of_cycles_leak_nothing(void) {
    failing_alloc memory;
    failing_alloc_init(&memory, 0, false);
    vo_capture *capture = open_capture(1000);
    vo_wake before, after;
    CHECK(vo_wake_open(&before) == VO_OK);
    for (int i = 0; i < 2000; i++) {
        vo_sim_config config = plain((vo_sim_pace)(i % 3), i % 2 ? UINT64_MAX : 300);
        vo_sim *sim;
        CHECK(vo_sim_new(&sim, &config, capture, &memory.allocator) == VO_OK);
        CHECK(vo_sim_start(sim) == VO_OK);
        if (i % 5 == 0) sched_yield();
        CHECK(vo_sim_stop(sim, HOUR_NS) == VO_OK);
        vo_sim_free(sim);
    }
    CHECK(memory.live == 0 && memory.calls == 3 * 2000);
    CHECK(vo_wake_open(&after) == VO_OK && after.readable == before.readable + 1);
    vo_wake_close(&before);
    vo_wake_close(&after);
    vo_capture_free(capture);
}

/* --- Making it ----------------------------------------------------------- */

static void refuses(const vo_sim_config *config, vo_status status) {
    failing_alloc memory;
    failing_alloc_init(&memory, 0, false);
    vo_sim *sim = (vo_sim *)&memory;
    CHECK(vo_sim_new(&sim, config, NULL, &memory.allocator) == status);
    CHECK(!sim && memory.live == 0 && memory.calls == 0);
}

static void bad_configs_are_refused(void) {
    vo_sim_config good = plain(VO_SIM_FLATOUT, 10), bad[6];
    for (size_t i = 0; i < 6; i++) bad[i] = good;
    bad[0].rate = 0;
    bad[1].channels = 0;
    bad[2].block_frames = 0;
    bad[3].block_frames = VO_SIM_MAX_BLOCK + 1;
    bad[4].signal.read = NULL;
    bad[5].pace = (vo_sim_pace)3;
    for (size_t i = 0; i < 6; i++) refuses(&bad[i], VO_BAD_ARG);

    const vo_sim_fault faults[][2] = {
        {{.kind = VO_SIM_UNPLUG, .frame = 2}, {.kind = VO_SIM_UNPLUG, .frame = 1}},
        {{.kind = VO_SIM_UNPLUG}, {.kind = (vo_sim_fault_kind)(VO_SIM_BLOCKS + 1)}},
        {{.kind = VO_SIM_BLOCKS}, {.kind = VO_SIM_UNPLUG}},
        {{.kind = VO_SIM_BLOCKS, .sizes = {1, VO_SIM_MAX_BLOCK + 1}}, {.kind = VO_SIM_UNPLUG}},
        {{.kind = VO_SIM_JITTER, .amount = -1}, {.kind = VO_SIM_UNPLUG}},
        {{.kind = VO_SIM_JITTER, .amount = (double)NAN}, {.kind = VO_SIM_UNPLUG}},
        {{.kind = VO_SIM_DRIFT, .amount = -1e6}, {.kind = VO_SIM_UNPLUG}},
        {{.kind = VO_SIM_DRIFT, .amount = (double)INFINITY}, {.kind = VO_SIM_UNPLUG}},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        vo_sim_config config = good;
        config.faults = faults[i];
        config.fault_count = 2;
        refuses(&config, VO_BAD_ARG);
    }
}

/* Fault row 39. */
static void every_failure_is_told_and_leaks_nothing(void) {
    const vo_sim_fault fault = {.kind = VO_SIM_UNPLUG};
    vo_sim_config config = plain(VO_SIM_FLATOUT, 10);
    config.faults = &fault;
    config.fault_count = 1;
    for (int from_then_on = 0; from_then_on < 2; from_then_on++)
        for (uint64_t k = 1; k <= 4; k++) {
            failing_alloc memory;
            failing_alloc_init(&memory, k, from_then_on);
            vo_sim *sim = (vo_sim *)&memory;
            vo_status status = vo_sim_new(&sim, &config, NULL, &memory.allocator);
            CHECK(status == (k <= 3 ? VO_NO_MEM : VO_OK) && (sim != NULL) == (k > 3));
            vo_sim_free(sim);
            CHECK(memory.live == 0);
        }
    /* No descriptor left, or just one. */
    vo_wake next;
    CHECK(vo_wake_open(&next) == VO_OK);
    vo_wake_close(&next);
    struct rlimit before, few;
    CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    for (int left = 0; left < 2; left++) {
        few = before;
        few.rlim_cur = (rlim_t)(next.readable + left);
        CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
        failing_alloc memory;
        failing_alloc_init(&memory, 0, false);
        vo_sim *sim = (vo_sim *)&memory;
        CHECK(vo_sim_new(&sim, &config, NULL, &memory.allocator) == VO_SYSTEM);
        CHECK(!sim && memory.live == 0);
        CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
    }
}

#ifdef __GLIBC__
/* No memory has room for a stack of 2^46 bytes. */
static void no_thread_is_told_and_can_be_asked_for_again(void) {
    vo_sim_config config = plain(VO_SIM_FLATOUT, 10);
    device d = {.capture = open_capture(1000)};
    CHECK(vo_sim_new(&d.sim, &config, d.capture, NULL) == VO_OK);
    pthread_attr_t before, huge;
    CHECK(pthread_getattr_default_np(&before) == 0 && pthread_attr_init(&huge) == 0);
    CHECK(pthread_attr_setstacksize(&huge, (size_t)1 << 46) == 0);
    CHECK(pthread_setattr_default_np(&huge) == 0);
    CHECK(vo_sim_start(d.sim) == VO_SYSTEM && !vo_sim_active(d.sim));
    CHECK(pthread_setattr_default_np(&before) == 0);
    CHECK(vo_sim_start(d.sim) == VO_OK);
    end(d);
    pthread_attr_destroy(&huge);
    pthread_attr_destroy(&before);
}
#endif

int main(void) {
    watch_for_a_hang();
    it_stops_whatever_it_is_doing();
    starting_twice_is_refused_and_stopping_twice_is_not();
    a_device_that_hangs_is_told();
    thousands_of_cycles_leak_nothing();
    bad_configs_are_refused();
    every_failure_is_told_and_leaks_nothing();
#ifdef __GLIBC__
    no_thread_is_told_and_can_be_asked_for_again();
#endif
    return 0;
}
