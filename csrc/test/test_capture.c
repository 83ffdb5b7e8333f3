/* What the callback does with good and bad input, and that it never allocates. */
#include "vocana/capture.h"

#include <math.h>
#include <string.h>
#ifdef __GLIBC__
#    include <malloc.h>
#endif

#include "check.h"
#include "failing_alloc.h"

enum { CHANNELS = 2, MOST = 6000 };

static vo_capture_config plain(void) {
    return (vo_capture_config){.tap = {.channels = CHANNELS,
                                       .capacity_frames = 8000,
                                       .target_frames = 960,
                                       .fade_frames = 240,
                                       .align_frames = 720,
                                       .events = 64,
                                       .breaker = {5, 1200, 76800}},
                               .input = {VO_INPUT_FLAG, VO_INPUT_FLAG, VO_INPUT_FLAG, 2.0f}};
}

static vo_capture *open_capture(vo_capture_config config) {
    vo_capture *capture;
    CHECK(vo_capture_new(&capture, &config, NULL) == VO_OK);
    return capture;
}

static void is_exact(const vo_capture *capture) {
    vo_capture_stats s = vo_capture_stats_now(capture);
    CHECK(s.tap.captured == s.tap.delivered + s.tap.dropped + s.tap.queued);
}

static vo_event next_event(vo_capture *capture, vo_event_kind kind) {
    vo_event event;
    CHECK(vo_events_pop(vo_tap_events(vo_capture_tap(capture)), &event, 1) == 1);
    CHECK(event.kind == (uint32_t)kind);
    return event;
}

static bool more_events(vo_capture *capture) {
    vo_event event;
    return vo_events_pop(vo_tap_events(vo_capture_tap(capture)), &event, 1) > 0;
}

/* Clean audio up to the limit itself, -0.0, and the least normal number. */
static void fill_clean(float *frames, uint32_t n) {
    for (uint32_t i = 0; i < n * CHANNELS; i++)
        frames[i] = (float)((int32_t)(i * 2654435761u) >> 8) * 0x1p-22f;
    if (n) frames[0] = 2.0f;
    if (n > 3) frames[3] = -2.0f;
    if (n > 4) frames[5] = -0.0f;
    if (n > 5) frames[7] = 0x1p-126f;
}

/* --- Input --------------------------------------------------------------- */

/* E3: whatever the policies, clean audio passes bit-exact and is counted nowhere. */
static void clean_audio_passes_bit_exact(void) {
    static float frames[MOST * CHANNELS], out[MOST * CHANNELS];
    const uint32_t blocks[] = {1, 5, 16, 1023, 1024, 1025, 3000};
    for (int action = VO_INPUT_FLAG; action <= VO_INPUT_REJECT; action++)
        for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
            vo_capture_config config = plain();
            vo_input_action a = (vo_input_action)action;
            config.input = (vo_input_policy){a, a, a, 2.0f};
            vo_capture *capture = open_capture(config);
            fill_clean(frames, blocks[b]);
            vo_capture_process(capture, frames, blocks[b], 0, 0);
            CHECK(vo_tap_read(vo_capture_tap(capture), out, MOST).frames == blocks[b]);
            CHECK(!memcmp(frames, out, blocks[b] * CHANNELS * sizeof *frames));
            vo_capture_stats s = vo_capture_stats_now(capture);
            CHECK(!s.nan && !s.infinite && !s.denormal && !s.over && !s.rejected && !s.silent);
            vo_capture_free(capture);
        }
}

/* One bad sample of each class: what it becomes when cleaned, and where it is counted. */
typedef struct class {
    float bad, cleaned;
    int nan, infinite, denormal, over;
} class;

static const class classes[] = {
    {NAN, 0.0f, 1, 0, 0, 0},           {-NAN, 0.0f, 1, 0, 0, 0},
    {INFINITY, 2.0f, 0, 1, 0, 0},      {-INFINITY, -2.0f, 0, 1, 0, 0},
    {0x1p-149f, 0.0f, 0, 0, 1, 0},     {-0x1.fffffcp-127f, 0.0f, 0, 0, 1, 0},
    {2.1f, 2.0f, 0, 0, 0, 1},          {-2.1f, -2.0f, 0, 0, 0, 1},
    {3.4028235e38f, 2.0f, 0, 0, 0, 1}, {0x1.000002p+1f, 2.0f, 0, 0, 0, 1},
};

static void each_class(const class *c, vo_input_action action, uint32_t block, uint32_t at,
                       uint32_t channel) {
    static float frames[MOST * CHANNELS], out[MOST * CHANNELS];
    vo_capture_config config = plain();
    /* The other classes have another policy, so that each is seen to follow its own. */
    vo_input_action other = action == VO_INPUT_REJECT ? VO_INPUT_CLEAN : VO_INPUT_REJECT;
    config.input = (vo_input_policy){other, other, other, 2.0f};
    if (c->nan || c->infinite) config.input.nonfinite = action;
    if (c->denormal) config.input.denormal = action;
    if (c->over) config.input.over = action;
    vo_capture *capture = open_capture(config);
    fill_clean(frames, block);
    frames[at * CHANNELS + channel] = c->bad;
    vo_capture_process(capture, frames, block, 0, 0);

    vo_capture_stats s = vo_capture_stats_now(capture);
    CHECK(s.nan == (uint64_t)c->nan && s.infinite == (uint64_t)c->infinite);
    CHECK(s.denormal == (uint64_t)c->denormal && s.over == (uint64_t)c->over);
    CHECK(s.tap.captured == block && s.silent == 0);
    for (uint32_t k = 0; k < CHANNELS; k++)
        CHECK(vo_capture_channel_nonfinite(capture, k) ==
              (uint64_t)(k == channel && (c->nan || c->infinite)));
    CHECK(vo_capture_channel_nonfinite(capture, CHANNELS) == 0);

    uint32_t got = vo_tap_read(vo_capture_tap(capture), out, MOST).frames;
    if (action == VO_INPUT_REJECT) {
        CHECK(got == 0 && s.rejected == block && s.tap.dropped == block);
        CHECK(s.tap.open_gap.cause == VO_CAUSE_REJECTED && s.tap.open_gap.frames == block);
        vo_event event = next_event(capture, VO_EVENT_REJECTED);
        CHECK(event.frame == 0 && event.value == block);
    } else {
        CHECK(got == block && s.rejected == 0);
        if (action == VO_INPUT_CLEAN) frames[at * CHANNELS + channel] = c->cleaned;
        CHECK(!memcmp(frames, out, block * CHANNELS * sizeof *frames));
    }
    CHECK(!more_events(capture));
    is_exact(capture);
    vo_capture_free(capture);
}

/* E3 E5, fault row 30. */
static void every_class_follows_its_own_policy(void) {
    const uint32_t blocks[] = {1, 64, 1024, 1025, 2500};
    for (size_t c = 0; c < sizeof classes / sizeof *classes; c++)
        for (int action = VO_INPUT_FLAG; action <= VO_INPUT_REJECT; action++)
            for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++)
                for (uint32_t channel = 0; channel < CHANNELS; channel++)
                    for (uint32_t where = 0; where < 2; where++)
                        each_class(&classes[c], (vo_input_action)action, blocks[b],
                                   where ? blocks[b] - 1 : blocks[b] / 2, channel);
}

/* E4: a fade to silence ends in denormals. They pass as zeros, or as they are, like any block; also
   one longer than what is cleaned at a time. */
static void a_block_of_denormals_is_no_exception(void) {
    enum { LONG = 20001 };
    static float frames[LONG * CHANNELS], out[LONG * CHANNELS];
    for (uint32_t i = 0; i < LONG * CHANNELS; i++) frames[i] = 0x1p-140f * (float)(i % 3 ? 1 : -1);
    const uint32_t end = (LONG - 9) * CHANNELS;
    for (uint32_t i = end; i < LONG * CHANNELS; i++) frames[i] = (float)i * 0x1p-17f;
    for (uint32_t n = 480; n <= LONG; n += LONG - 480) {
        vo_capture_config config = plain();
        config.tap.capacity_frames = LONG;
        config.input.denormal = VO_INPUT_CLEAN;
        vo_capture *capture = open_capture(config);
        vo_capture_process(capture, frames, n, 0, 0);
        CHECK(vo_tap_read(vo_capture_tap(capture), out, n).frames == n);
        for (uint32_t i = 0; i < n * CHANNELS; i++) CHECK(out[i] == (i < end ? 0.0f : frames[i]));
        vo_capture_stats s = vo_capture_stats_now(capture);
        CHECK(s.denormal == (n < LONG ? n * CHANNELS : end) && !s.silent && !s.tap.dropped);
        vo_capture_free(capture);
    }
}

/* E4: one denormal at every position, alone or with a bad sample of another class elsewhere, counts
   once and changes nothing but itself; so do denormals everywhere but at that position. */
static void denormals_count_at_every_position(void) {
    enum { FRAMES = 33, SAMPLES = FRAMES * CHANNELS };
    const float denormals[] = {0x1p-149f, -0x1p-149f, 0x1.fffffcp-127f, -0x1.fffffcp-127f};
    for (int action = VO_INPUT_FLAG; action <= VO_INPUT_CLEAN; action++) {
        vo_capture_config config = plain();
        config.input.denormal = (vo_input_action)action;
        vo_capture *capture = open_capture(config);
        uint64_t denormal = 0, over = 0, nan = 0;
        for (uint32_t at = 0; at < SAMPLES; at++)
            for (uint32_t kind = 0; kind < 4; kind++) {
                float frames[SAMPLES], expected[SAMPLES], out[SAMPLES];
                fill_clean(frames, FRAMES);
                for (uint32_t i = 0; i < SAMPLES; i++)
                    if ((i == at) != (kind == 3)) frames[i] = denormals[(i + at) % 4];
                if (kind == 1) frames[(at + 7) % SAMPLES] = -3.0f;
                if (kind == 2) frames[(at + 7) % SAMPLES] = NAN;
                memcpy(expected, frames, sizeof frames);
                for (uint32_t i = 0; action == VO_INPUT_CLEAN && i < SAMPLES; i++)
                    if ((i == at) != (kind == 3)) expected[i] = 0.0f;
                vo_capture_process(capture, frames, FRAMES, 0, 0);
                CHECK(vo_tap_read(vo_capture_tap(capture), out, FRAMES).frames == FRAMES);
                CHECK(!memcmp(out, expected, sizeof out));
                denormal += kind == 3 ? SAMPLES - 1 : 1;
                over += kind == 1;
                nan += kind == 2;
                vo_capture_stats s = vo_capture_stats_now(capture);
                CHECK(s.denormal == denormal && s.over == over && s.nan == nan);
                CHECK(!s.infinite && !s.rejected && !s.silent && !s.tap.dropped);
            }
        CHECK(vo_capture_channel_nonfinite(capture, 0) == nan / 2);
        CHECK(vo_capture_channel_nonfinite(capture, 1) == nan / 2);
        vo_capture_free(capture);
    }
}

static void only_zeros_are_silent(void) {
    float zeros[64 * CHANNELS] = {0};
    vo_capture *capture = open_capture(plain());
    zeros[9] = -0.0f;
    vo_capture_process(capture, zeros, 64, 0, 0);
    zeros[127] = 0x1p-149f;
    vo_capture_process(capture, zeros, 64, 0, 0);
    vo_capture_process(capture, zeros, 63, 0, 0);
    CHECK(vo_capture_stats_now(capture).silent == 64 + 63 && vo_capture_last(capture).silent == 63);
    vo_capture_free(capture);
}

/* A rejected block is a gap like any other: told with the frames that follow. */
static void a_rejected_block_becomes_a_gap(void) {
    static float frames[100 * CHANNELS], out[300 * CHANNELS];
    vo_capture_config config = plain();
    config.input.nonfinite = VO_INPUT_REJECT;
    vo_capture *capture = open_capture(config);
    fill_clean(frames, 100);
    for (int round = 0; round < 4; round++) {
        frames[11] = round == 1 || round == 2 ? NAN : 0.5f;
        vo_capture_process(capture, frames, 100, 0, 0);
        is_exact(capture);
    }
    vo_tap *tap = vo_capture_tap(capture);
    CHECK(vo_tap_read(tap, out, 300).frames == 100);
    vo_tap_block block = vo_tap_read(tap, out, 300);
    CHECK(block.frames == 100 && block.frame == 300 && block.gap == 200);
    CHECK(block.cause == VO_CAUSE_REJECTED && !memcmp(frames, out, sizeof frames));
    CHECK(vo_capture_stats_now(capture).rejected == 200);
    CHECK(vo_capture_stats_now(capture).tap.overflows == 0);
    vo_capture_free(capture);
}

/* --- The device ---------------------------------------------------------- */

/* A10: the device was late by 50 ms. */
static void what_the_device_lost_is_one_gap_of_exact_length(void) {
    static float frames[128 * CHANNELS], out[9000 * CHANNELS];
    vo_capture *capture = open_capture(plain());
    for (uint32_t i = 0; i < 128 * CHANNELS; i++) frames[i] = 0.25f;
    for (int i = 0; i < 20; i++)
        vo_capture_process(capture, frames, 128, i == 10 ? 2400 : 0, i == 10 ? 2 : 0);
    vo_event xrun = next_event(capture, VO_EVENT_XRUN);
    vo_event lost = next_event(capture, VO_EVENT_DEVICE_LOST);
    CHECK(xrun.frame == 1280 && xrun.value == 2 && lost.frame == 1280 && lost.value == 2400);
    CHECK(!more_events(capture));
    vo_tap *tap = vo_capture_tap(capture);
    vo_tap_block first = vo_tap_read(tap, out, 9000), second = vo_tap_read(tap, out, 9000);
    CHECK(first.frames == 1280 && first.gap == 0 && second.frames == 1280);
    CHECK(second.gap == 2400 && second.cause == VO_CAUSE_DEVICE && second.frame == 3680);
    vo_capture_stats s = vo_capture_stats_now(capture);
    CHECK(s.tap.captured == 2560 + 2400 && s.tap.dropped == 2400 && s.xruns == 1);
    CHECK(s.tap.overflows == 0 && s.tap.trips == 0);
    vo_capture_free(capture);
}

static void callbacks_are_counted_and_timed(void) {
    static float frames[512 * CHANNELS];
    vo_capture *capture = open_capture(plain());
    vo_capture_stats s = vo_capture_stats_now(capture);
    CHECK(s.callbacks == 0 && s.block == 0 && s.max_ns == 0 && s.p99_ns == 0);
    vo_last_callback last = vo_capture_last(capture);
    CHECK(last.ns == 0 && last.frames == 0);
    for (uint32_t n = 0; n < 500; n++) {
        CHECK(vo_capture_portaudio(frames, NULL, n, NULL, n % 5 ? 0 : 2, capture) == 0);
        s = vo_capture_stats_now(capture);
        CHECK(s.callbacks == n + 1 && s.block == n && s.xruns == n / 5 + 1);
        CHECK(vo_capture_last(capture).ns >= last.ns && vo_capture_last(capture).ns > 0);
        CHECK(vo_capture_last(capture).frames == n && vo_capture_last(capture).thread > 0);
        CHECK(s.p50_ns <= s.p99_ns && s.p99_ns <= s.max_ns && s.max_ns > 0);
        last = vo_capture_last(capture);
    }
    is_exact(capture);
    s = vo_capture_stats_now(capture);
    uint64_t captured = s.tap.captured, dropped = s.tap.dropped;
    CHECK(vo_capture_portaudio(NULL, NULL, 64, NULL, 0, capture) == 0); /* nothing was recorded */
    s = vo_capture_stats_now(capture);
    CHECK(s.callbacks == 501 && s.tap.captured == captured + 64 && s.tap.dropped == dropped + 64);
    is_exact(capture);
    vo_capture_free(capture);
}

static void the_end_is_told(void) {
    for (int lost = 0; lost < 2; lost++) {
        static float frames[10 * CHANNELS];
        vo_capture *capture = open_capture(plain());
        vo_capture_process(capture, frames, 10, 0, 0);
        vo_capture_end(capture, lost);
        vo_event event = next_event(capture, VO_EVENT_ENDED);
        CHECK(event.frame == 10 && event.value == (uint64_t)lost);
        CHECK(vo_tap_ended(vo_capture_tap(capture)));
        CHECK(vo_tap_read(vo_capture_tap(capture), frames, 20).frames == 10);
        vo_capture_free(capture);
    }
}

/* --- Memory -------------------------------------------------------------- */

/* B20 A6: a million blocks with every kind of input, overflow and skip. */
static void a_million_blocks_allocate_nothing(void) {
    static float frames[64 * CHANNELS], out[64 * CHANNELS];
    vo_capture_config config = plain();
    config.tap.policy = VO_SKIP;
    config.input = (vo_input_policy){VO_INPUT_CLEAN, VO_INPUT_CLEAN, VO_INPUT_CLEAN, 2.0f};
    failing_alloc memory;
    failing_alloc_init(&memory, 0, false);
    vo_capture *capture;
    CHECK(vo_capture_new(&capture, &config, &memory.allocator) == VO_OK);
    uint64_t calls = memory.calls;
#ifdef __GLIBC__
    struct mallinfo2 before = mallinfo2();
#endif
    fill_clean(frames, 64);
    for (uint32_t i = 0; i < 1000000; i++) {
        frames[20] = i % 16 ? 0.5f : (float)NAN;
        frames[21] = i % 32 ? 0.5f : 9.0f;
        vo_capture_process(capture, frames, 64, i % 5000 ? 0 : 100, 0);
        if (i / 1000 % 3 && vo_tap_ready(vo_capture_tap(capture), 64))
            vo_tap_read(vo_capture_tap(capture), out, 64);
    }
    CHECK(memory.calls == calls);
#ifdef __GLIBC__
    struct mallinfo2 after = mallinfo2();
    CHECK(after.uordblks == before.uordblks && after.hblks == before.hblks);
#endif
    vo_capture_stats s = vo_capture_stats_now(capture);
    CHECK(s.callbacks == 1000000 && s.nan == 62500 && s.over == 31250);
    CHECK(s.tap.overflows > 0 && s.tap.trips > 0 && s.tap.delivered > 1000000);
    is_exact(capture);
    vo_capture_free(capture);
    CHECK(memory.live == 0);
}

/* Fault row 39. */
static void every_failing_allocation_is_told_and_leaks_nothing(void) {
    for (int from_then_on = 0; from_then_on < 2; from_then_on++)
        for (uint64_t k = 1;; k++) {
            vo_capture_config config = plain();
            failing_alloc memory;
            failing_alloc_init(&memory, k, from_then_on);
            vo_capture *capture = (vo_capture *)&memory;
            vo_status status = vo_capture_new(&capture, &config, &memory.allocator);
            if (status == VO_OK) {
                vo_capture_free(capture);
                CHECK(memory.live == 0 && memory.failures == 0 && k > 13);
                break;
            }
            CHECK(status == VO_NO_MEM && !capture && memory.live == 0);
        }
}

static void bad_configs_are_refused(void) {
    struct {
        vo_capture_config config;
        vo_status status;
    } bad[8];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bad[i].config = plain();
        bad[i].status = VO_BAD_ARG;
    }
    bad[0].config.input.limit = 0;
    bad[1].config.input.limit = NAN;
    bad[2].config.input.nonfinite = (vo_input_action)3;
    bad[3].config.input.denormal = (vo_input_action)3;
    bad[4].config.input.over = (vo_input_action)3;
    bad[5].config.tap.channels = 0;
    bad[6].config.input.limit = -1;
    bad[7].config.tap.capacity_frames = (uint64_t)1 << 62; /* B14 */
    bad[7].status = VO_TOO_BIG;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        failing_alloc memory;
        failing_alloc_init(&memory, 0, false);
        vo_capture *capture = (vo_capture *)&memory;
        CHECK(vo_capture_new(&capture, &bad[i].config, &memory.allocator) == bad[i].status);
        CHECK(!capture && memory.live == 0 && memory.bytes < 1 << 16);
    }
    vo_capture_free(NULL);
}

int main(void) {
    clean_audio_passes_bit_exact();
    every_class_follows_its_own_policy();
    a_block_of_denormals_is_no_exception();
    denormals_count_at_every_position();
    only_zeros_are_silent();
    a_rejected_block_becomes_a_gap();
    what_the_device_lost_is_one_gap_of_exact_length();
    callbacks_are_counted_and_timed();
    the_end_is_told();
    a_million_blocks_allocate_nothing();
    every_failing_allocation_is_told_and_leaks_nothing();
    bad_configs_are_refused();
    return 0;
}
