/* E1: what lies between the samples, to 0.1 dB, at every rate; cuts, memory, and what is not a
   number. */
#include "vocana/truepeak.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "kernel_samples.h"

#define PI 3.14159265358979323846

enum { FRAMES = 4096, REST = 2 * VO_TRUEPEAK_DELAY };

static vo_truepeak *fresh(uint32_t rate, uint32_t channels) {
    vo_truepeak *it;
    CHECK(vo_truepeak_new(&it, rate, channels, NULL) == VO_OK);
    return it;
}

/* With Hann's slopes of 1000 frames, so that only the steady part is loud. */
static void tone(float *x, double cycles_per_frame, double phase) {
    for (int i = 0; i < FRAMES; i++) {
        double edge = fmin(1, fmin(i, FRAMES - 1 - i) / 1000.0);
        double window = 0.5 - 0.5 * cos(PI * edge);
        x[i] = (float)(0.5 * window * sin(2 * PI * cycles_per_frame * i + phase));
    }
}

static double peak_db(uint32_t rate, const float *x) {
    const float rest[REST] = {0};
    vo_truepeak *it = fresh(rate, 1);
    float most = vo_truepeak_process(it, 0, NULL, x, FRAMES, 0);
    most = vo_truepeak_process(it, 0, NULL, rest, REST, most);
    vo_truepeak_free(it);
    return 20 * log10(most / 0.5);
}

/* --- Between the samples -------------------------------------------------------- */

/* A sine at a quarter of the rate and 45 degrees has every sample 3.01 dB below its peak. */
static void a_quarter_of_the_rate(void) {
    float x[FRAMES], samples = 0;
    tone(x, 0.25, PI / 4);
    for (int i = 0; i < FRAMES; i++) samples = fmaxf(samples, fabsf(x[i]));
    CHECK(fabs(20 * log10(samples / 0.5) + 3.0103) < 0.001);
    CHECK(fabs(peak_db(48000, x)) < 0.02);
    CHECK(fabs(peak_db(96000, x)) < 0.1);
}

/* Any audible tone in any phase reads within 0.1 dB. */
static void tones_of_any_phase(void) {
    const uint32_t rates[] = {44100, 48000, 88200, 96000, 176400, 192000};
    double least = 0, most = 0;
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++)
        for (int hertz = 1000; hertz <= 0.42 * rates[r] && hertz <= 20000; hertz += 950)
            for (int eighth = 0; eighth < 8; eighth++) {
                float x[FRAMES];
                tone(x, (double)hertz / rates[r], PI / 8 * eighth);
                double db = peak_db(rates[r], x);
                least = fmin(least, db);
                most = fmax(most, db);
            }
    printf("true peak: tones read %.3f to +%.3f dB off\n", least, most);
    CHECK(least > -0.1 && most < 0.1);
}

/* peaks[i] is what lies from sample i - DELAY on, up to the next. */
static void peaks_know_their_place(void) {
    float x[64] = {0}, peaks[64];
    x[20] = 1;
    x[21] = 1;
    vo_truepeak *it = fresh(48000, 2);
    float most = vo_truepeak_process(it, 1, peaks, x, 64, 0);
    CHECK(most == peaks[20 + VO_TRUEPEAK_DELAY] && most > 1.2f);
    for (int i = 0; i < 64; i++)
        if (i != 20 + VO_TRUEPEAK_DELAY) CHECK(peaks[i] < 1.1f);
    CHECK(vo_truepeak_process(it, 0, NULL, (float[64]){0}, 64, 0) == 0); /* another channel */
    vo_truepeak_free(it);
}

/* The control: the samples themselves miss what the points find. */
static void a_floor_changes_nothing_above_it(void) {
    float x[FRAMES], all[FRAMES], above[FRAMES];
    for (int i = 0; i < FRAMES; i++) x[i] = random_sample() * (i / 300 % 2 ? 1 : 0.2f);
    vo_truepeak *one = fresh(48000, 1), *other = fresh(48000, 1);
    float most = vo_truepeak_process(one, 0, all, x, FRAMES, 0), samples = 0;
    CHECK(vo_truepeak_process(other, 0, above, x, FRAMES, 0.9f) == most);
    for (int i = 0; i < FRAMES; i++) {
        samples = fmaxf(samples, fabsf(x[i]));
        CHECK(all[i] > 0.9f ? above[i] == all[i] : above[i] <= 0.9f);
    }
    CHECK(most > 1.05f * samples);
    vo_truepeak_reset(other);
    CHECK(vo_truepeak_process(other, 0, above, x, FRAMES, 5) == 5);
    vo_truepeak_free(one);
    vo_truepeak_free(other);
}

/* --- Cuts, faults, memory ---------------------------------------------------------- */

static void cuts_make_no_difference(void) {
    const uint32_t rates[] = {48000, 96000, 192000};
    float x[FRAMES], whole[FRAMES], cut[FRAMES];
    for (int i = 0; i < FRAMES; i++) x[i] = random_sample();
    for (size_t r = 0; r < 3; r++) {
        vo_truepeak *it = fresh(rates[r], 1);
        float most = vo_truepeak_process(it, 0, whole, x, FRAMES, 0.5f), other = 0;
        vo_truepeak_reset(it);
        for (uint32_t i = 0, n; i < FRAMES; i += n) {
            n = random_bits() % 4 ? random_bits() % 40 : random_bits() % 700;
            if (n > FRAMES - i) n = FRAMES - i;
            other = fmaxf(other, vo_truepeak_process(it, 0, cut + i, x + i, n, 0.5f));
        }
        CHECK(other == most);
        for (int i = 0; i < FRAMES; i++)
            CHECK(whole[i] > 0.5f ? cut[i] == whole[i] : cut[i] <= 0.5f);
        vo_truepeak_reset(it);
        CHECK(vo_truepeak_process(it, 0, NULL, x, FRAMES, 0) == most);
        vo_truepeak_free(it);
    }
}

static void what_is_no_number_goes(void) {
    float x[REST] = {0}, peaks[FRAMES] = {0};
    vo_truepeak *it = fresh(48000, 1);
    for (int i = 0; i < REST; i++) x[i] = i % 2 ? NAN : INFINITY;
    vo_truepeak_process(it, 0, peaks, x, REST, 0);
    memset(x, 0, sizeof x);
    vo_truepeak_process(it, 0, peaks, x, REST, 0);
    CHECK(vo_truepeak_process(it, 0, peaks, x, REST, 0) == 0);
    vo_truepeak_free(it);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_truepeak *it;
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_truepeak_new(&it, 48000, 2, &memory.allocator) == VO_OK) break;
        CHECK(!it && memory.failures == 1 && memory.live == 0);
    }
    CHECK(memory.calls == 2);
    vo_truepeak_free(it);
    CHECK(memory.live == 0);
    vo_truepeak_free(NULL);
    CHECK(vo_truepeak_new(&it, 0, 1, NULL) == VO_BAD_ARG && !it);
    CHECK(vo_truepeak_new(&it, 48000, 0, NULL) == VO_BAD_ARG && !it);
}

static void each_rate_has_its_factor(void) {
    const uint32_t rows[][2] = {{8000, 4},  {44100, 4},  {48000, 4},  {88200, 2},
                                {96000, 2}, {176400, 1}, {192000, 1}, {768000, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        vo_truepeak *it = fresh(rows[i][0], 1);
        CHECK(vo_truepeak_factor(it) == rows[i][1]);
        vo_truepeak_free(it);
    }
}

int main(void) {
    a_quarter_of_the_rate();
    tones_of_any_phase();
    peaks_know_their_place();
    a_floor_changes_nothing_above_it();
    cuts_make_no_difference();
    what_is_no_number_goes();
    new_survives_a_failing_allocator();
    each_rate_has_its_factor();
    return 0;
}
