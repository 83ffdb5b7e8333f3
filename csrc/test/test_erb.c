/* D6: widths that are known, and that add up; means and their inverse. */
#include "vocana/erb.h"

#include <math.h>

#include "check.h"
#include "kernel_samples.h"

enum { BANDS = 32, FFT = 960, BINS = FFT / 2 + 1 };

static uint32_t total(const uint32_t *widths, uint32_t n) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++) sum += widths[i];
    return sum;
}

static void the_widths_of_deep_filter_net(void) {
    const uint32_t known[BANDS] = {2, 2, 2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  5,  5,  7,
                                   7, 8, 10, 12, 13, 15, 18, 20, 24, 28, 31, 37, 42, 50, 56, 67};
    uint32_t widths[BANDS];
    CHECK(vo_erb_widths(widths, BANDS, 48000, FFT, 2) == VO_OK);
    for (uint32_t b = 0; b < BANDS; b++) CHECK(widths[b] == known[b]);
    CHECK(total(widths, BANDS) == BINS);
}

static void bands_always_add_up(void) {
    const uint32_t rates[] = {8000, 16000, 44100, 48000, 96000};
    uint32_t widths[128];
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++)
        for (uint32_t n_fft = 2; n_fft <= 4096; n_fft += 2 + n_fft / 5 * 2)
            for (uint32_t bands = 1; bands <= 128; bands++)
                for (uint32_t least = 1; least <= 5; least++) {
                    uint32_t bins = n_fft / 2 + 1;
                    if (vo_erb_widths(widths, bands, rates[r], n_fft, least) != VO_OK) {
                        CHECK(least * bands > bins / 2); /* else there is enough for all */
                        continue;
                    }
                    CHECK(total(widths, bands) == bins);
                    for (uint32_t b = 0; b < bands; b++) CHECK(widths[b] >= least);
                }
}

static void bad_shapes_are_refused(void) {
    uint32_t widths[8];
    CHECK(vo_erb_widths(widths, 0, 48000, FFT, 2) == VO_BAD_ARG);
    CHECK(vo_erb_widths(widths, 8, 0, FFT, 2) == VO_BAD_ARG);
    CHECK(vo_erb_widths(widths, 8, 48000, 0, 2) == VO_BAD_ARG);
    CHECK(vo_erb_widths(widths, 8, 48000, FFT, 0) == VO_BAD_ARG);
    CHECK(vo_erb_widths(widths, 8, 48000, 8, 2) == VO_BAD_ARG);
    CHECK(vo_erb_widths(widths, 8, 48000, FFT, UINT32_MAX) == VO_BAD_ARG);
}

static void the_scale_turns_back_and_widens(void) {
    CHECK(vo_erb_width_hz(0) == 24.7);
    CHECK(fabs(vo_erb_width_hz(1000) - 132.639) < 1e-9);
    for (double hz = 0; hz < 24000; hz += 100) {
        CHECK(fabs(vo_erb_to_hz(vo_erb_from_hz(hz)) - hz) < 1e-8);
        CHECK(vo_erb_from_hz(hz + 100) > vo_erb_from_hz(hz));
        CHECK(vo_erb_width_hz(hz + 100) > vo_erb_width_hz(hz));
    }
}

static void means_spread_to_what_they_were_made_of(void) {
    uint32_t widths[BANDS];
    float values[BANDS], bins[BINS], means[BANDS];
    CHECK(vo_erb_widths(widths, BANDS, 48000, FFT, 2) == VO_OK);
    for (uint32_t b = 0; b < BANDS; b++) values[b] = random_sample();
    vo_erb_spread(bins, widths, BANDS, values);
    vo_erb_means(means, widths, BANDS, bins);
    for (uint32_t b = 0, k = 0; b < BANDS; b++) {
        CHECK(means[b] == values[b]);
        for (uint32_t i = 0; i < widths[b]; i++) CHECK(bins[k++] == values[b]);
    }
}

int main(void) {
    the_widths_of_deep_filter_net();
    bands_always_add_up();
    bad_shapes_are_refused();
    the_scale_turns_back_and_widens();
    means_spread_to_what_they_were_made_of();
    return 0;
}
