/* The whole path from a device to its reader: it asks for memory when it is opened and never again,
   and when there is none, that is told, nothing is left, and it can be opened later. */
#include <stdio.h>
#include <string.h>

#ifdef __GLIBC__
#    include <malloc.h>
#endif

#include "failing_alloc.h"
#include "sim_device.h"
#include "vocana/engine.h"
#include "vocana/nodes.h"

enum { NODES = 3, RATE_OUT = 16000, WARM_UP = 48000 };

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { MINUTES = 1 };
#else
enum { MINUTES = 10 };
#endif

static const char *const kinds[NODES] = {"HighPass", "Compressor", "Levels"};

typedef struct path {
    vo_capture *capture;
    vo_outlets *outlets;
    vo_tap *tap;
    vo_resampler *resampler;
    vo_node *nodes[NODES];
    vo_chain *chain;
    vo_engine *engine;
    vo_sim *sim;
} path;

static vo_status open_path(path *p, uint64_t frames, const vo_allocator *memory) {
    const vo_tap_config tap = {
        .channels = 1, .capacity_frames = 9600, .events = 16, .breaker = {1000, 1, 1}};
    const vo_capture_config capture = {
        .tap = tap, .input = {VO_INPUT_CLEAN, VO_INPUT_CLEAN, VO_INPUT_FLAG, 1e9f}};
    const vo_sim_config sim = plain(VO_SIM_LOCKSTEP, frames);
    const vo_format format = {RATE_OUT, 1};
    memset(p, 0, sizeof *p);

    vo_status status = vo_capture_new(&p->capture, &capture, memory);
    if (status == VO_OK) status = vo_outlets_new(&p->outlets, 1, memory);
    if (status == VO_OK) status = vo_tap_new(&p->tap, &tap, memory);
    if (status == VO_OK) status = vo_outlets_attach(p->outlets, p->tap);
    if (status == VO_OK)
        status = vo_resampler_new(&p->resampler, 48000, RATE_OUT, 1, VO_RESAMPLER_FAST, memory);
    for (int i = 0; i < NODES && status == VO_OK; i++)
        status = vo_node_kind_named(kinds[i])->make(&p->nodes[i], &format, NULL, memory);
    if (status == VO_OK) status = vo_chain_new(&p->chain, &format, p->nodes, NODES, memory);
    const vo_engine_config engine = {.rate_in = 48000,
                                     .rate_out = RATE_OUT,
                                     .channels_in = 1,
                                     .resampler = p->resampler,
                                     .chain = p->chain,
                                     .out = p->outlets,
                                     .lossless = true};
    if (status == VO_OK) status = vo_engine_new(&p->engine, &engine, p->capture, memory);
    if (status == VO_OK) status = vo_sim_new(&p->sim, &sim, p->capture, memory);
    if (status == VO_OK) status = vo_engine_start(p->engine);
    if (status == VO_OK) status = vo_sim_start(p->sim);
    return status;
}

/* Of a path that is open, or that could be opened in part. */
static void close_path(path *p) {
    if (p->sim) CHECK(vo_sim_stop(p->sim, HOUR_NS) == VO_OK);
    vo_sim_free(p->sim);
    if (p->engine) CHECK(vo_engine_stop(p->engine, HOUR_NS) == VO_OK);
    vo_engine_free(p->engine);
    vo_chain_free(p->chain);
    for (int i = 0; i < NODES; i++)
        if (p->nodes[i]) vo_node_free(p->nodes[i]);
    vo_resampler_free(p->resampler);
    vo_outlets_free(p->outlets);
    vo_tap_free(p->tap);
    vo_capture_free(p->capture);
}

/* Reads until `most` frames have come, or all: how many. */
static uint64_t read_frames(path *p, uint64_t most) {
    static float out[4096];
    uint64_t frames = 0;
    while (frames < most) {
        bool ended = vo_tap_ended(p->tap);
        vo_tap_block block = vo_tap_read(p->tap, out, sizeof out / sizeof *out);
        CHECK(block.gap == 0);
        frames += block.frames;
        if (!block.frames && ended) break;
        if (!block.frames) CHECK(vo_tap_wait(p->tap, 1, HOUR_NS) != VO_TIMED_OUT);
    }
    return frames;
}

/* B20 */
static void ten_minutes_ask_for_nothing(void) {
    const uint64_t all = (uint64_t)MINUTES * 60 * RATE_OUT;
    failing_alloc memory;
    failing_alloc_init(&memory, 0, false);
    path p;
    CHECK(open_path(&p, (uint64_t)MINUTES * 60 * 48000, &memory.allocator) == VO_OK);
    uint64_t frames = read_frames(&p, WARM_UP), calls = memory.calls;
    CHECK(calls > 20); /* the counter counts */
#ifdef __GLIBC__
    struct mallinfo2 before = mallinfo2();
#endif
    frames += read_frames(&p, UINT64_MAX);
    CHECK(frames == all && memory.calls == calls);
#ifdef __GLIBC__
    struct mallinfo2 after = mallinfo2();
    CHECK(after.uordblks == before.uordblks && after.hblks == before.hblks);
#endif
    close_path(&p);
    CHECK(memory.live == 0);
    printf("%d minutes: %llu frames, %llu allocations to open, 0 after\n", MINUTES,
           (unsigned long long)frames, (unsigned long long)calls);
}

/* Fault row 39. */
static void every_failing_allocation_is_told_and_it_opens_later(void) {
    uint64_t k = 1, in_all = 0;
    for (int from_then_on = 0; from_then_on < 2; from_then_on++)
        for (k = 1;; k++, in_all++) {
            failing_alloc memory;
            failing_alloc_init(&memory, k, from_then_on);
            path p;
            vo_status status = open_path(&p, 960, &memory.allocator);
            if (status == VO_OK) {
                CHECK(memory.failures == 0 && read_frames(&p, UINT64_MAX) == 320);
                close_path(&p);
                CHECK(memory.live == 0);
                break;
            }
            CHECK(status == VO_NO_MEM && memory.failures >= 1);
            close_path(&p);
            CHECK(memory.live == 0);
            CHECK(open_path(&p, 960, NULL) == VO_OK && read_frames(&p, UINT64_MAX) == 320);
            close_path(&p);
        }
    CHECK(k > 20);
    printf("%llu failing allocations: each told, none leaks\n", (unsigned long long)in_all);
}

int main(void) {
    watch_for_a_hang();
    every_failing_allocation_is_told_and_it_opens_later();
    ten_minutes_ask_for_nothing();
    return 0;
}
