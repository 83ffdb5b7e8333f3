/* Rises of mel bands beside their definition, a click where it is, and cuts anywhere. */
#include "vocana/onset.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "kernel_samples.h"
#include "vocana/window.h"

enum { RATE = 22050, FFT = 2048, HOP = 512, BANDS = 64, SAMPLES = 40 * HOP, VALUES = 41 };

static const vo_mel_config bank = {.rate = RATE, .n_fft = FFT, .bands = BANDS, .f_max_hz = 11025};

static float signal[SAMPLES], values[VALUES];

static vo_onset *fresh(void) {
    vo_onset *onset;
    CHECK(vo_onset_new(&onset, &bank, HOP, INFINITY, NULL, NULL) == VO_OK);
    return onset;
}

static void rises_are_as_defined(void) {
    vo_mel_config in_db = bank;
    in_db.log = VO_MEL_DB;
    in_db.floor = 1e-10f;
    static float levels[VALUES][BANDS];
    vo_mel *mel;
    vo_framer *framer;
    CHECK(vo_mel_new(&mel, &in_db, NULL) == VO_OK);
    CHECK(vo_framer_new(&framer, &(vo_framer_config){NULL, FFT, HOP, FFT}, NULL) == VO_OK);
    CHECK(vo_mel_process(mel, framer, levels[0], signal, SAMPLES) == VALUES);
    vo_onset *onset = fresh();
    CHECK(vo_onset_ready(onset, SAMPLES) == VALUES);
    CHECK(vo_onset_process(onset, values, signal, SAMPLES) == VALUES);
    for (uint32_t t = 0; t < VALUES; t++) {
        double sum = 0;
        for (uint32_t b = 0; t > FFT / HOP / 2 && b < BANDS; b++)
            sum += fmax(0, (double)levels[t][b] - (double)levels[t - 1][b]);
        CHECK(fabs(values[t] - sum / BANDS) <= 1e-5 * sum);
    }
    vo_onset_free(onset);
    vo_mel_free(mel);
    vo_framer_free(framer);
}

static void a_click_is_where_it_is(void) {
    static float click[SAMPLES];
    click[20 * HOP + 100] = 1;
    float found[VALUES];
    vo_onset *onset = fresh();
    vo_onset_process(onset, found, click, SAMPLES);
    for (uint32_t t = 0; t < VALUES; t++) CHECK((found[t] > 1) == (t == 21));
    vo_onset_free(onset);
}

/* From the first frame without silence on; without a floor the check says no. */
static void a_steady_tone_is_flat(void) {
    static float tone[SAMPLES], window[FFT];
    vo_window_fill(window, FFT, VO_WINDOW_HANN);
    for (uint32_t i = 0; i < SAMPLES; i++) tone[i] = 0.1f * sinf(0.1f * (float)i);
    const float ranges[] = {60, INFINITY};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        float found[VALUES], most = 0;
        vo_onset *onset;
        CHECK(vo_onset_new(&onset, &bank, HOP, ranges[i], window, NULL) == VO_OK);
        vo_onset_process(onset, found, tone, SAMPLES);
        for (uint32_t t = FFT / HOP + 1; t < VALUES; t++) most = fmaxf(most, found[t]);
        CHECK((most < 0.02f) == (ranges[i] == 60));
        vo_onset_free(onset);
    }
}

static void cuts_make_no_difference(void) {
    float cut[VALUES];
    vo_onset *onset = fresh();
    for (int run = 0; run < 20; run++, vo_onset_reset(onset)) {
        uint64_t t = 0;
        for (uint64_t at = 0, n; at < SAMPLES; at += n) {
            n = random_bits() % (run % 2 ? 5000 : 700);
            if (n > SAMPLES - at) n = SAMPLES - at;
            t += vo_onset_process(onset, cut + t, signal + at, n);
        }
        CHECK(t == VALUES && memcmp(cut, values, sizeof cut) == 0);
    }
    vo_onset_free(onset);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_onset *onset;
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_onset_new(&onset, &bank, HOP, 60, NULL, &memory.allocator) == VO_OK) break;
        CHECK(!onset && memory.live == 0);
    }
    vo_onset_free(onset);
    CHECK(memory.live == 0);
    vo_onset_free(NULL);
    vo_mel_config bad = bank;
    bad.n_fft = 2046; /* 2 * 3 * 11 * 31 */
    CHECK(vo_onset_new(&onset, &bank, 0, 60, NULL, NULL) == VO_BAD_ARG && !onset);
    const float ranges[] = {0, -1, NAN};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        CHECK(vo_onset_new(&onset, &bank, HOP, ranges[i], NULL, NULL) == VO_BAD_ARG && !onset);
    CHECK(vo_onset_new(&onset, &bad, HOP, 60, NULL, NULL) == VO_BAD_ARG && !onset);
    bad = bank;
    bad.bands = 0;
    CHECK(vo_onset_new(&onset, &bad, HOP, 60, NULL, NULL) == VO_BAD_ARG && !onset);
}

int main(void) {
    for (uint32_t i = 0; i < SAMPLES; i++) signal[i] = random_sample() * (float)(1 + i / 4000 % 3);
    rises_are_as_defined();
    a_click_is_where_it_is();
    a_steady_tone_is_flat();
    cuts_make_no_difference();
    new_survives_a_failing_allocator();
    return 0;
}
