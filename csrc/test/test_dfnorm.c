/* D7: beside the formulas in double, over a thousand frames; and, with D8, sound to features beside
   those of libdf. */
#include "vocana/dfnorm.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "kernel_samples.h"
#include "vocana/erb.h"
#include "vocana/stft.h"
#include "vocana/window.h"

#define PI 3.14159265358979323846

enum { BANDS = 32, BINS = 96, FRAMES = 1000 };

static vo_dfnorm *fresh(uint32_t bands, uint32_t bins) {
    vo_dfnorm *norm;
    CHECK(vo_dfnorm_new(&norm, bands, bins, 0.99, NULL) == VO_OK);
    return norm;
}

static void the_memory_is_rounded(void) {
    CHECK(vo_dfnorm_memory(48000, 480, 1) == 0.99);
    CHECK(vo_dfnorm_memory(16000, 160, 1) == 0.99);
    CHECK(vo_dfnorm_memory(48000, 240, 1) == 0.995);
    CHECK(vo_dfnorm_memory(48000, 480, 100) == 0.9999); /* 0.99990 rounds to 1 with three */
    CHECK(vo_dfnorm_memory(48000, 4800, 0.01) == 0);
}

/* Level in frame t, in a voice's range and down to silence. */
static float power_of(uint32_t t) {
    return t % 7 == 6 ? 0 : ldexpf(random_sample() * random_sample(), -(int)(t % 40));
}

static void levels_are_as_defined(void) {
    vo_dfnorm *norm = fresh(BANDS, BINS);
    double state[BANDS];
    float power[BANDS], out[BANDS];
    for (uint32_t b = 0; b < BANDS; b++) state[b] = -60 - 30.0 * b / (BANDS - 1);
    for (uint32_t t = 0; t < FRAMES; t++) {
        for (uint32_t b = 0; b < BANDS; b++) power[b] = fabsf(power_of(t));
        vo_dfnorm_levels(norm, out, power);
        for (uint32_t b = 0; b < BANDS; b++) {
            double db = 10 * log10((double)power[b] + 1e-10);
            state[b] = 0.99 * state[b] + 0.01 * db;
            CHECK(fabs(out[b] - (db - state[b]) / 40) <= 1e-5);
        }
        vo_dfnorm_levels(norm, power, power); /* in place; the mean goes on */
        for (uint32_t b = 0; b < BANDS; b++) {
            double db = out[b] * 40 + state[b];
            state[b] = 0.99 * state[b] + 0.01 * db;
            CHECK(fabs(power[b] - (db - state[b]) / 40) <= 1e-5);
        }
    }
    vo_dfnorm_free(norm);
}

static void spectra_are_as_defined(void) {
    vo_dfnorm *norm = fresh(BANDS, BINS);
    double state[BINS];
    float x[2 * BINS], out[2 * BINS];
    for (uint32_t k = 0; k < BINS; k++) state[k] = 1e-3 - 9e-4 * k / (BINS - 1);
    for (uint32_t t = 0; t < FRAMES; t++) {
        for (uint32_t k = 0; k < 2 * BINS; k++) x[k] = power_of(t);
        vo_dfnorm_spectrum(norm, out, x);
        for (uint32_t k = 0; k < BINS; k++) {
            state[k] = 0.99 * state[k] + 0.01 * hypot(x[2 * k], x[2 * k + 1]);
            for (uint32_t p = 2 * k; p < 2 * k + 2; p++)
                CHECK(fabs(out[p] - x[p] / sqrt(state[k])) <= 1e-5);
        }
    }
    vo_dfnorm_free(norm);
}

/* What the means begin with, seen in the first frame: 0 dB, and a spectrum of almost nothing. */
static void the_means_begin_on_their_ramps(void) {
    vo_dfnorm *norm = fresh(BANDS, BINS);
    float power[BANDS], x[2 * BINS] = {0};
    for (int b = 0; b < BANDS; b++) power[b] = 1;
    for (int k = 0; k < BINS; k++) x[2 * k] = 1e-6f;
    vo_dfnorm_levels(norm, power, power);
    vo_dfnorm_spectrum(norm, x, x);
    for (int b = 0; b < BANDS; b++)
        CHECK(fabs(-40 * power[b] / 0.99 - (-60 - b * 30.0 / 31)) <= 1e-4);
    for (int k = 0; k < BINS; k++) {
        double mean = (pow(1e-6 / x[2 * k], 2) - 1e-8) / 0.99;
        CHECK(fabs(mean - (1e-3 - k * 9e-4 / 95)) <= 1e-9 && x[2 * k + 1] == 0);
    }
    vo_dfnorm_free(norm);
}

/* --- Beside libdf ----------------------------------------------------------- */

/* Frames, features and their constants as libdf has them, in double (DeepFilterNet,
   libDF/src/lib.rs: DFState, frame_analysis, compute_band_corr, band_mean_norm_erb, band_unit_norm;
   a is that of df.utils.get_norm_alpha for 48 kHz and tau 1 s). */
enum { FFT = 960, HOP = 480, HOPS = 60, LINES = FFT / 2 + 1 };

static const uint32_t erb_widths[BANDS] = {2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
                                           2,  2,  5,  5,  7,  7,  8,  10, 12, 13, 15,
                                           18, 20, 24, 28, 31, 37, 42, 50, 56, 67};

typedef struct libdf {
    double past[FFT], level[BANDS], magnitude[BINS];
    double erb[BANDS], spectrum[2 * BINS]; /* the features of the last frame */
} libdf;

static double wave[FFT]; /* one period of a cosine */

static void libdf_open(libdf *df) {
    memset(df, 0, sizeof *df);
    for (int i = 0; i < FFT; i++) wave[i] = cos(2 * PI * i / FFT);
    for (int b = 0; b < BANDS; b++) df->level[b] = -60 + b * (-90.0 + 60) / (BANDS - 1);
    for (int k = 0; k < BINS; k++) df->magnitude[k] = 1e-3 + k * (1e-4 - 1e-3) / (BINS - 1);
}

static void libdf_frame(libdf *df, const float *x) {
    double re[LINES] = {0}, im[LINES] = {0};
    memmove(df->past, df->past + HOP, (FFT - HOP) * sizeof *df->past);
    for (int i = 0; i < HOP; i++) df->past[FFT - HOP + i] = (double)x[i];
    for (int i = 0; i < FFT; i++) {
        double half = sin(0.5 * PI * (i + 0.5) / (FFT / 2)), window = sin(0.5 * PI * half * half);
        double value = df->past[i] * window * 1 / (FFT * FFT / (2.0 * HOP));
        for (int k = 0; k < LINES; k++) {
            re[k] += value * wave[i * k % FFT];
            im[k] -= value * wave[(i * k + 3 * FFT / 4) % FFT];
        }
    }
    for (uint32_t b = 0, first = 0; b < BANDS; first += erb_widths[b++]) {
        double sum = 0;
        for (uint32_t k = first; k < first + erb_widths[b]; k++)
            sum += (re[k] * re[k] + im[k] * im[k]) / erb_widths[b];
        double db = 10 * log10(sum + 1e-10);
        df->level[b] = db * (1 - 0.99) + df->level[b] * 0.99;
        df->erb[b] = (db - df->level[b]) / 40;
    }
    for (int k = 0; k < BINS; k++) {
        df->magnitude[k] = hypot(re[k], im[k]) * (1 - 0.99) + df->magnitude[k] * 0.99;
        df->spectrum[2 * k] = re[k] / sqrt(df->magnitude[k]);
        df->spectrum[2 * k + 1] = im[k] / sqrt(df->magnitude[k]);
    }
}

/* The greatest difference of any feature from libdf's, over tones, noise and pauses. */
static double off_libdf(vo_window shape, double scale, double a) {
    float window[FFT], x[HOP], lines[2 * LINES], power[LINES], levels[BANDS], features[2 * BINS];
    double worst = 0;
    libdf df;
    vo_stft *stft;
    vo_dfnorm *norm;
    vo_window_fill(window, FFT, shape);
    CHECK(vo_stft_new(&stft, &(vo_stft_config){window, FFT, HOP, FFT - HOP}, NULL) == VO_OK);
    CHECK(vo_dfnorm_new(&norm, BANDS, BINS, a, NULL) == VO_OK);
    libdf_open(&df);
    for (int t = 0; t < HOPS; t++) {
        for (int i = 0; i < HOP; i++)
            x[i] = t % 10 > 7 ? 0
                              : (float)(0.3 * sin(0.02 * (t % 7 + 1) * i)) +
                                    ldexpf(random_sample(), -(t % 5) - 2);
        libdf_frame(&df, x);
        CHECK(vo_stft_process(stft, lines, x, HOP) == 1);
        for (int i = 0; i < 2 * LINES; i++) lines[i] *= (float)scale;
        for (int k = 0; k < LINES; k++)
            power[k] = lines[2 * k] * lines[2 * k] + lines[2 * k + 1] * lines[2 * k + 1];
        vo_erb_means(levels, erb_widths, BANDS, power);
        vo_dfnorm_levels(norm, levels, levels);
        vo_dfnorm_spectrum(norm, features, lines);
        for (int b = 0; b < BANDS; b++) worst = fmax(worst, fabs(levels[b] - df.erb[b]));
        for (int k = 0; k < 2 * BINS; k++) worst = fmax(worst, fabs(features[k] - df.spectrum[k]));
    }
    vo_stft_free(stft);
    vo_dfnorm_free(norm);
    return worst;
}

static void features_are_those_of_libdf(void) { /* D7 D8 */
    uint32_t widths[BANDS];
    CHECK(vo_erb_widths(widths, BANDS, 48000, FFT, 2) == VO_OK);
    CHECK(memcmp(widths, erb_widths, sizeof widths) == 0);
    double scale = vo_dfnorm_scale(FFT, HOP), a = vo_dfnorm_memory(48000, HOP, 1);
    CHECK(scale == 1.0 / FFT && vo_dfnorm_scale(FFT, FFT / 4) == 0.5 / FFT);
    double right = off_libdf(VO_WINDOW_VORBIS, scale, a);
    printf("dfnorm: %.1e off libdf\n", right);
    CHECK(right <= 1e-5);
    /* Mistakes that ports make: another window, no scale, a mean that forgets faster. */
    CHECK(off_libdf(VO_WINDOW_HANN, scale, a) > 1e-3);
    CHECK(off_libdf(VO_WINDOW_VORBIS, 1, a) > 1e-3);
    CHECK(off_libdf(VO_WINDOW_VORBIS, scale, 0.9) > 1e-3);
}

static void a_reset_is_a_new_one(void) {
    vo_dfnorm *norm = fresh(1, 1);
    float power = 1, pair[2] = {3, 4}, first[3], again[3];
    for (int run = 0; run < 2; run++, vo_dfnorm_reset(norm)) {
        float *out = run ? again : first;
        vo_dfnorm_levels(norm, out, &power);
        vo_dfnorm_spectrum(norm, out + 1, pair);
        vo_dfnorm_levels(norm, &power, &power);
        power = 1;
    }
    CHECK(memcmp(first, again, sizeof first) == 0);
    vo_dfnorm_free(norm);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_dfnorm *norm;
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_dfnorm_new(&norm, BANDS, BINS, 0.99, &memory.allocator) == VO_OK) break;
        CHECK(!norm && memory.live == 0);
    }
    CHECK(memory.calls == 2);
    vo_dfnorm_free(norm);
    CHECK(memory.live == 0);
    vo_dfnorm_free(NULL);
    CHECK(vo_dfnorm_new(&norm, 0, BINS, 0.99, NULL) == VO_BAD_ARG && !norm);
    CHECK(vo_dfnorm_new(&norm, BANDS, 0, 0.99, NULL) == VO_BAD_ARG && !norm);
    CHECK(vo_dfnorm_new(&norm, BANDS, BINS, 1, NULL) == VO_BAD_ARG && !norm);
    CHECK(vo_dfnorm_new(&norm, BANDS, BINS, NAN, NULL) == VO_BAD_ARG && !norm);
}

int main(void) {
    the_memory_is_rounded();
    levels_are_as_defined();
    spectra_are_as_defined();
    the_means_begin_on_their_ramps();
    features_are_those_of_libdf();
    a_reset_is_a_new_one();
    new_survives_a_failing_allocator();
    return 0;
}
