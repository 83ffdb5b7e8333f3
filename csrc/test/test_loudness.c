/* EBU R 128: the weighting at every rate, windows, gates, channels; over hours, and of any cuts.
   The signals of EBU Tech 3341 and 3342 are in tests/test_loudness.py. */
#include "vocana/loudness.h"

#include <string.h>

#include "check.h"
#include "loudness_filter.h"
#include "loudness_gate.h"
#include "meter_signals.h"

enum { RATE = 48000, SECOND = RATE };

static vo_loudness *fresh(uint32_t rate, uint32_t channels) {
    const vo_loudness_config config = {.rate = rate, .channels = channels, .true_peak = true};
    vo_loudness *loudness;
    CHECK(vo_loudness_new(&loudness, &config, NULL) == VO_OK);
    return loudness;
}

/* --- Weighting ---------------------------------------------------------------- */

/* b0 b1 b2 a1 a2 of z^-1. */
static void coefficients(const vo_biquad *q, double out[5]) {
    double g = q->g, scale = 1 + g * (g + q->k);
    out[0] = (q->n2 + g * (q->n1 + g * q->n0)) / scale;
    out[1] = 2 * (g * g * q->n0 - q->n2) / scale;
    out[2] = (q->n2 - g * (q->n1 - g * q->n0)) / scale;
    out[3] = 2 * (g * g - 1) / scale;
    out[4] = (1 + g * (g - q->k)) / scale;
}

static void coefficients_are_those_of_the_standard(void) {
    const double standard[2][5] = {
        {1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241,
         0.73248077421585},
        {1, -2, 1, -1.99004745483398, 0.99007225036621},
    };
    vo_biquad sections[VO_LOUDNESS_SECTIONS];
    vo_loudness_filter_design(sections, 48000);
    for (int section = 0; section < 2; section++) {
        double found[5];
        coefficients(&sections[section], found);
        for (int i = 0; i < 5; i++) CHECK(fabs(found[i] - standard[section][i]) < 1e-12);
    }
}

/* A sine of 997 Hz at 0 dBFS in one channel is -3.01 LUFS (BS.1770-4), at every rate; low ones bend
   the shelf, by 0.2 dB at 8 kHz. */
static void the_reference_tone_at_every_rate(void) {
    static float x[2 * 192000];
    const float *const rows[] = {x};
    const uint32_t rates[] = {8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000, 192000};
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        vo_loudness *it = fresh(rates[r], 1);
        memset(x, 0, sizeof x);
        add_tone(x, 1, 2 * rates[r], 997.0 / rates[r], 0);
        vo_loudness_process(it, rows, 1, 2 * rates[r]);
        double within = rates[r] < 16000 ? 0.21 : 0.05;
        CHECK(fabs(vo_loudness_now(it).integrated + 3.01) < within);
        CHECK(fabs(vo_loudness_now(it).momentary + 3.01) < within);
        CHECK(isinf(vo_loudness_now(it).short_term)); /* it is too early */
        CHECK(vo_loudness_blocks(it) == 20);
        vo_loudness_free(it);
    }
}

/* Where a channel counts more, and where it does not count at all. */
static void channels_have_weights(void) {
    static float x[SECOND], rest[SECOND];
    static const double surround = 10 * 0.14921911265538; /* 10 log10 1.41 */
    static const double none = -INFINITY;
    const double gains[7][7] = {{0},
                                {0},
                                {0, 0},
                                {0, 0, 0},
                                {0, 0, surround, surround},
                                {0, 0, 0, surround, surround},
                                {0, 0, 0, none, surround, surround}};
    add_tone(x, 1, SECOND, 997.0 / RATE, -20);
    for (uint32_t channels = 1; channels <= 6; channels++)
        for (uint32_t c = 0; c < channels; c++) {
            const float *rows[6] = {rest, rest, rest, rest, rest, rest};
            rows[c] = x;
            vo_loudness *it = fresh(RATE, channels);
            vo_loudness_process(it, rows, 1, SECOND);
            double found = vo_loudness_now(it).integrated;
            if (isinf(gains[channels][c]))
                CHECK(isinf(found));
            else
                CHECK(fabs(found - (-23.01 + gains[channels][c])) < 0.01);
            vo_loudness_free(it);
        }
}

static void weights_can_be_given(void) {
    static float x[SECOND];
    const float *const rows[] = {x, x};
    const double weights[] = {0, 0.5};
    vo_loudness_config config = {.rate = RATE, .channels = 2, .weights = weights};
    vo_loudness *it;
    CHECK(vo_loudness_new(&it, &config, NULL) == VO_OK);
    add_tone(x, 1, SECOND, 997.0 / RATE, -20);
    vo_loudness_process(it, rows, 1, SECOND);
    CHECK(fabs(vo_loudness_now(it).integrated - (-23.01 - 3.0103)) < 0.01);
    CHECK(isinf(vo_loudness_now(it).true_peak_db)); /* was not asked for */
    vo_loudness_free(it);
}

/* --- Gates --------------------------------------------------------------------- */

static double power_of(double lufs) {
    return pow(10, (lufs + 0.691) / 10);
}

static void gates_leave_out_what_is_quiet(void) {
    static vo_loudness_gate gate;
    CHECK(isinf(vo_loudness_gate_integrated(&gate, 10)));
    CHECK(vo_loudness_gate_range(&gate, 20, 0.1, 0.95) == 0);
    for (int i = 0; i < 100; i++) vo_loudness_gate_add(&gate, power_of(-70.01));
    CHECK(isinf(vo_loudness_gate_integrated(&gate, 10)));
    for (int i = 0; i < 100; i++) vo_loudness_gate_add(&gate, power_of(-23.37));
    CHECK(fabs(vo_loudness_gate_integrated(&gate, 10) + 23.37) < 1e-9);
    for (int i = 0; i < 100; i++) vo_loudness_gate_add(&gate, power_of(-40));
    CHECK(fabs(vo_loudness_gate_integrated(&gate, 10) + 23.37) < 1e-9);
    CHECK(vo_loudness_gate_integrated(&gate, 20) < -26); /* nearly 10 lg 1/2 */
    CHECK(fabs(vo_loudness_gate_range(&gate, 20, 0.1, 0.95) - 16.63) < 1e-9);
    vo_loudness_gate_add(&gate, power_of(30)); /* beyond the last step */
    CHECK(vo_loudness_gate_integrated(&gate, 10) == vo_loudness_lufs(power_of(30)));
}

/* Against all blocks in a row, kept and sorted. */
static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void steps_are_fine_enough(void) {
    enum { BLOCKS = 20000 };
    static vo_loudness_gate gate;
    static double lufs[BLOCKS];
    uint32_t seed = 6;
    double sum = 0, above = 0, counted = 0;
    for (int i = 0; i < BLOCKS; i++) {
        lufs[i] = -30 + 12 * (double)noise(&seed) + 8 * (double)noise(&seed);
        vo_loudness_gate_add(&gate, power_of(lufs[i]));
        sum += power_of(lufs[i]);
    }
    double least = vo_loudness_lufs(sum / BLOCKS) - 10;
    for (int i = 0; i < BLOCKS; i++)
        if (lufs[i] > least) above += power_of(lufs[i]), counted++;
    CHECK(fabs(vo_loudness_gate_integrated(&gate, 10) - vo_loudness_lufs(above / counted)) < 0.005);
    qsort(lufs, BLOCKS, sizeof *lufs, by_value);
    least = vo_loudness_lufs(sum / BLOCKS) - 20;
    int first = 0;
    while (lufs[first] <= least) first++;
    double low = lufs[first + (int)round((BLOCKS - first - 1) * 0.1)];
    double high = lufs[first + (int)round((BLOCKS - first - 1) * 0.95)];
    CHECK(fabs(vo_loudness_gate_range(&gate, 20, 0.1, 0.95) - (high - low)) < 0.05);
}

/* --- Streams ------------------------------------------------------------------- */

static void same(const vo_loudness *a, const vo_loudness *b) {
    vo_loudness_reading one = vo_loudness_now(a), other = vo_loudness_now(b);
    CHECK(memcmp(&one, &other, sizeof one) == 0);
}

static void cuts_make_no_difference(void) {
    enum { FRAMES = 5 * 22050 };
    static float x[2 * FRAMES];
    const float *const rows[] = {x, x + 1};
    uint32_t seed = 7;
    for (int i = 0; i < 2 * FRAMES; i++) x[i] = noise(&seed) * (i < FRAMES ? 0.5f : 0.01f);
    x[12345] = NAN;
    vo_loudness *whole = fresh(22050, 2), *cut = fresh(22050, 2);
    for (int round = 0; round < 2; round++) {
        vo_loudness_process(whole, rows, 2, FRAMES);
        for (uint32_t at = 0, n; at < FRAMES; at += n) {
            const float *const from[] = {x + 2 * at, x + 2 * at + 1};
            n = random_cut(&seed, FRAMES - at);
            vo_loudness_process(cut, from, 2, n);
        }
        same(whole, cut);
        CHECK(vo_loudness_now(whole).range > 3);
        vo_loudness_reset(cut);
        vo_loudness_reset(whole);
        CHECK(isinf(vo_loudness_now(cut).integrated) && isinf(vo_loudness_now(cut).true_peak_db));
    }
    vo_loudness_free(whole);
    vo_loudness_free(cut);
}

/* C10: an hour in virtual time asks for no memory, and counts its last second as its first. */
static void an_hour_needs_no_memory(void) {
    enum { RATE_LOW = 16000, SECONDS = 3600 };
    static float x[RATE_LOW];
    const float *const rows[] = {x};
    failing_alloc memory;
    vo_loudness *it;
    const vo_loudness_config config = {.rate = RATE_LOW, .channels = 1};
    failing_alloc_init(&memory, 0, false);
    add_tone(x, 1, RATE_LOW, 1000.0 / RATE_LOW, -20);
    CHECK(vo_loudness_new(&it, &config, &memory.allocator) == VO_OK);
    uint64_t calls = memory.calls;
    for (int second = 0; second < SECONDS; second++) {
        if (second == SECONDS / 2)
            for (int i = 0; i < RATE_LOW; i++) x[i] *= 0.5f;
        vo_loudness_process(it, rows, 1, RATE_LOW);
    }
    CHECK(memory.calls == calls && vo_loudness_blocks(it) == 10 * SECONDS);
    CHECK(fabs(vo_loudness_now(it).integrated - (-23.01 + 10 * log10(0.625))) < 0.05);
    CHECK(fabs(vo_loudness_now(it).range - 6.0206) < 1e-3);
    vo_loudness_free(it);
}

/* --- Memory -------------------------------------------------------------------- */

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_loudness *it;
    const vo_loudness_config config = {.rate = RATE, .channels = 2, .true_peak = true};
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_loudness_new(&it, &config, &memory.allocator) == VO_OK) break;
        CHECK(!it && memory.failures == 1 && memory.live == 0);
    }
    vo_loudness_free(it);
    CHECK(memory.live == 0);
    vo_loudness_free(NULL);
    const double wrong[] = {1, NAN}, negative[] = {-1, 1};
    const vo_loudness_config bad[] = {{.rate = 7999, .channels = 1},
                                      {.rate = RATE, .channels = 0},
                                      {.rate = RATE, .channels = 65},
                                      {.rate = RATE, .channels = 2, .weights = wrong},
                                      {.rate = RATE, .channels = 2, .weights = negative}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_loudness_new(&it, &bad[i], NULL) == VO_BAD_ARG && !it);
}

int main(void) {
    coefficients_are_those_of_the_standard();
    the_reference_tone_at_every_rate();
    channels_have_weights();
    weights_can_be_given();
    gates_leave_out_what_is_quiet();
    steps_are_fine_enough();
    cuts_make_no_difference();
    an_hour_needs_no_memory();
    new_survives_a_failing_allocator();
    return 0;
}
