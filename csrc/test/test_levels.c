/* E1: RMS, peak and what is held, in true dBFS; E2: in time and not in calls. */
#include "vocana/levels.h"

#include <string.h>

#include "check.h"
#include "meter_signals.h"

enum { RATE = 48000, SECOND = RATE };

static const vo_levels_config plain = {
    .rate = RATE, .channels = 1, .rms_ms = 300, .release_ms = 738, .hold_ms = 1500};

static vo_levels *fresh(const vo_levels_config *config) {
    vo_levels *levels;
    CHECK(vo_levels_new(&levels, config, NULL) == VO_OK);
    return levels;
}

static void feed(vo_levels *levels, const float *x, uint32_t n) {
    vo_levels_process(levels, &x, 1, n);
}

static void a_sine_at_minus_20_dbfs(void) {
    static float x[4 * SECOND];
    const double cycles[] = {1000.0 / RATE, 997.0 / RATE, 440.0 / RATE, 12345.0 / RATE};
    for (size_t i = 0; i < sizeof cycles / sizeof *cycles; i++) {
        memset(x, 0, sizeof x);
        add_tone(x, 1, 4 * SECOND, cycles[i], -20);
        vo_levels *levels = fresh(&plain);
        feed(levels, x, 4 * SECOND);
        vo_channel_levels found = vo_levels_now(levels, 0);
        CHECK(fabs(db(found.rms) + 23.0103) < 0.01);
        /* Only the first has a sample at its crest in every hop. */
        if (i == 0) CHECK(fabs(db(found.peak) + 20) < 1e-5 && found.held == found.peak);
        CHECK(db(found.held) < -19.999 && db(found.peak) > -20.4);
        vo_levels_free(levels);
    }
}

/* Above full scale is shown as it is. */
static void beyond_full_scale(void) {
    static float x[SECOND];
    for (int i = 0; i < SECOND; i++) x[i] = i % 2 ? 2 : -2;
    vo_levels_config config = plain;
    config.rms_ms = 0;
    vo_levels *levels = fresh(&config);
    feed(levels, x, SECOND);
    CHECK(vo_levels_now(levels, 0).peak == 2 && vo_levels_now(levels, 0).rms == 2);
    CHECK(vo_levels_now(levels, 1).peak == 0);
    vo_levels_free(levels);
}

/* A click at full scale: held for 1.5 s, then let go to where the peak has fallen. */
static void a_peak_is_held_and_falls(void) {
    static float x[2 * SECOND] = {1}, rest[SECOND / 10];
    vo_levels *levels = fresh(&plain);
    feed(levels, x, SECOND / 100);
    CHECK(vo_levels_now(levels, 0).peak == 1);
    for (int tenth = 1; tenth <= 20; tenth++) {
        feed(levels, rest, SECOND / 10);
        vo_channel_levels found = vo_levels_now(levels, 0);
        CHECK(fabs(found.peak - exp(-0.1 * tenth / 0.738)) < 1e-9);
        CHECK(found.held == (tenth <= 15 ? 1 : found.peak));
    }
    feed(levels, x, SECOND / 100);
    CHECK(vo_levels_now(levels, 0).held == 1);
    vo_levels_reset(levels);
    CHECK(vo_levels_now(levels, 0).held == 0 && vo_levels_now(levels, 0).rms == 0);
    vo_levels_free(levels);
}

/* 10 calls a second and 100, and any others: the same to the bit. */
static void cuts_make_no_difference(void) {
    enum { CHANNELS = 3 };
    static float x[2 * SECOND * CHANNELS];
    uint32_t seed = 3;
    for (int i = 0; i < 2 * SECOND * CHANNELS; i++)
        x[i] = noise(&seed) * (float)(1 + i % CHANNELS) * (i < SECOND ? 0.3f : 0.01f);
    const float *const rows[] = {x, x + 1, x + 2};
    vo_levels_config config = plain;
    config.channels = CHANNELS;
    config.attack_ms = 5;
    const uint32_t blocks[] = {RATE / 10, RATE / 100, 1, 0};
    vo_levels *whole = fresh(&config);
    vo_levels_process(whole, rows, CHANNELS, 2 * SECOND);
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
        vo_levels *cut = fresh(&config);
        for (uint32_t at = 0, n; at < 2 * SECOND; at += n) {
            n = blocks[b] ? blocks[b] : random_cut(&seed, 2 * SECOND - at);
            const float *const from[] = {x + at * CHANNELS, x + at * CHANNELS + 1,
                                         x + at * CHANNELS + 2};
            vo_levels_process(cut, from, CHANNELS, n);
        }
        for (uint32_t c = 0; c < CHANNELS; c++) {
            vo_channel_levels a = vo_levels_now(whole, c), b_ = vo_levels_now(cut, c);
            CHECK(memcmp(&a, &b_, sizeof a) == 0 && a.rms > 0);
        }
        vo_levels_free(cut);
    }
    vo_levels_free(whole);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_levels *levels;
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_levels_new(&levels, &plain, &memory.allocator) == VO_OK) break;
        CHECK(!levels && memory.failures == 1 && memory.live == 0);
    }
    uint64_t calls = memory.calls;
    const float x[480] = {0.5f};
    feed(levels, x, 480);
    CHECK(memory.calls == calls);
    vo_levels_free(levels);
    CHECK(memory.live == 0);
    vo_levels_free(NULL);
}

static void bad_configurations_are_refused(void) {
    vo_levels_config bad[] = {plain, plain, plain, plain, plain, plain, plain};
    bad[0].rate = 99;
    bad[1].channels = 0;
    bad[2].channels = 65;
    bad[3].rms_ms = -1;
    bad[4].attack_ms = NAN;
    bad[5].release_ms = INFINITY;
    bad[6].hold_ms = -0.5;
    vo_levels *levels;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_levels_new(&levels, &bad[i], NULL) == VO_BAD_ARG && !levels);
}

int main(void) {
    a_sine_at_minus_20_dbfs();
    beyond_full_scale();
    a_peak_is_held_and_falls();
    cuts_make_no_difference();
    new_survives_a_failing_allocator();
    bad_configurations_are_refused();
    return 0;
}
