#include <float.h>
#include <math.h>

#include "check.h"
#include "failing_alloc.h"
#include "vocana/meter.h"

enum { FRAMES = 4 };

static vo_meter *meter;

/* E5: what counts as 0, and where the results stop. */
static const struct row {
    const char *what;
    float frames[FRAMES];
    float peak, rms;
} rows[] = {
    {"silence", {0, -0.0f, 0, 0}, 0, 0},
    {"steady", {0.5f, 0.5f, 0.5f, 0.5f}, 0.5f, 0.5f},
    {"negative peak", {0.25f, -0.75f, 0.25f, 0.25f}, 0.75f, 0.4330127f},
    {"square at full scale", {1, -1, 1, -1}, 1, 1},
    {"NaN", {NAN, -NAN, 0.5f, 0.5f}, 0.5f, 0.35355339f},
    {"infinity", {INFINITY, -INFINITY, 0.5f, 0.5f}, 0.5f, 0.35355339f},
    {"only NaN", {NAN, NAN, NAN, NAN}, 0, 0},
    {"beyond 10", {10.000001f, -10.000001f, 0.5f, 0.5f}, 0.5f, 0.35355339f},
    {"greatest", {FLT_MAX, -FLT_MAX, 0.5f, 0.5f}, 0.5f, 0.35355339f},
    {"10 counts and is clamped", {10, 0, 0, 0}, 1, 1},
    {"-10 too", {-10, 0, 0, 0}, 1, 1},
    {"peak clamped, rms not", {1.5f, 0, 0, 0}, 1, 0.75f},
    {"denormals", {0x1p-149f, -0x1p-149f, 0x1.fffffcp-127f, -0x1p-127f}, 0, 0},
    {"least normal", {FLT_MIN, -FLT_MIN, FLT_MIN, FLT_MIN}, FLT_MIN, FLT_MIN},
};

static void check_row(const struct row *row, vo_level level) {
    if (level.peak == row->peak && fabsf(level.rms - row->rms) <= 1e-6f * row->rms) return;
    fprintf(stderr, "%s: peak %g rms %g\n", row->what, (double)level.peak, (double)level.rms);
    exit(1);
}

static void test_table(void) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_row(&rows[i], vo_meter_level(meter, rows[i].frames, FRAMES, 1, 0));
}

/* Each channel is metered alone: its neighbours hold what would be seen. */
static void test_channels(void) {
    enum { CHANNELS = 3 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (uint32_t channel = 0; channel < CHANNELS; channel++) {
            float frames[FRAMES * CHANNELS];
            for (size_t k = 0; k < FRAMES * CHANNELS; k++) frames[k] = 0.99f;
            for (size_t k = 0; k < FRAMES; k++) frames[k * CHANNELS + channel] = rows[i].frames[k];
            check_row(&rows[i], vo_meter_level(meter, frames, FRAMES, CHANNELS, channel));
        }
}

static void test_nothing_to_meter(void) {
    const float one = 1;
    const vo_level none[] = {
        vo_meter_level(meter, &one, 0, 1, 0), vo_meter_level(meter, NULL, 0, 0, 0),
        vo_meter_level(meter, &one, 1, 0, 0), vo_meter_level(meter, &one, 1, 1, 1)};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        CHECK(none[i].peak == 0 && none[i].rms == 0);
}

/* A float sum of squares would stop growing at 2^24 of them. */
static void test_long_block(void) {
    enum { LONG = 1 << 22 };
    float *frames = malloc(LONG * sizeof *frames);
    CHECK(frames);
    for (size_t i = 0; i < LONG; i++) frames[i] = i == 0 ? 1 : 0x1p-13f;
    vo_level level = vo_meter_level(meter, frames, LONG, 1, 0);
    double expected = sqrt((1 + (LONG - 1) * 0x1p-26) / LONG);
    CHECK(level.peak == 1);
    CHECK(fabs(level.rms - expected) <= 1e-7 * expected);
    free(frames);
}

/* A sample that does not count is found wherever it is, also beyond what is metered at a time. */
static void test_every_place(void) {
    enum { LONG = 1100, CHANNELS = 2 };
    static float frames[LONG * CHANNELS];
    const float odd[] = {NAN, INFINITY, -INFINITY, 11, -FLT_MAX, 0x1p-140f};
    for (size_t k = 0; k < LONG * CHANNELS; k++) frames[k] = 0.5f;
    for (uint32_t at = 0; at < LONG; at++)
        for (uint32_t channels = 1; channels <= CHANNELS; channels++) {
            frames[at * channels] = odd[at % (sizeof odd / sizeof *odd)];
            vo_level level = vo_meter_level(meter, frames, LONG, channels, 0);
            CHECK(level.peak == 0.5f);
            CHECK(fabs(level.rms - sqrt(0.25 * (LONG - 1) / LONG)) < 1e-6);
            frames[at * channels] = 0.5f;
        }
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_meter *made;
    uint64_t k = 1;
    for (;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_meter_new(&made, &memory.allocator) == VO_OK) break;
        CHECK(!made && memory.live == 0);
    }
    CHECK(k == 2);
    vo_meter_free(made);
    CHECK(memory.live == 0);
    vo_meter_free(NULL);
}

int main(void) {
    CHECK(vo_meter_new(&meter, NULL) == VO_OK);
    test_table();
    test_channels();
    test_nothing_to_meter();
    test_long_block();
    test_every_place();
    vo_meter_free(meter);
    new_survives_a_failing_allocator();
    puts("meter: peak and RMS of whatever comes");
    return 0;
}
