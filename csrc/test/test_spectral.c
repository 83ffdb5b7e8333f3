/* D12: every number beside its definition in double, and the mistakes that are easily made. */
#include "vocana/spectral.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "kernel_samples.h"

#define PI 3.14159265358979323846

enum { RATE = 48000, FFT = 2048, BINS = FFT / 2 + 1, HOP = 512, FRAMES = 20, OCTAVES = 6 };
enum { SAMPLES = FFT + (FRAMES - 1) * HOP, WIDTH = VO_SPECTRAL_FEATURES + OCTAVES + 1 };

static float window[FFT], signal[SAMPLES], rows[FRAMES][WIDTH];

static vo_spectral_config config(void) {
    vo_spectral_config it = {RATE, FFT, 0, 0.85, OCTAVES, 200};
    for (uint32_t i = 0; i < FFT; i++) it.window_energy += (double)window[i] * (double)window[i];
    return it;
}

static vo_spectral *fresh(void) {
    vo_spectral *it;
    const vo_spectral_config of = config();
    CHECK(vo_spectral_new(&it, &of, NULL) == VO_OK && vo_spectral_width(it) == WIDTH);
    return it;
}

static vo_framer *fresh_framer(void) {
    vo_framer *framer;
    CHECK(vo_framer_new(&framer, &(vo_framer_config){window, FFT, HOP, 0}, NULL) == VO_OK);
    return framer;
}

/* A tone that wanders, noise that comes and goes, silence. */
static void make_signal(void) {
    for (uint32_t i = 0; i < FFT; i++) window[i] = (float)(0.5 - 0.5 * cos(2 * PI * i / FFT));
    for (uint32_t i = 0; i < SAMPLES; i++) {
        double hz = 200 + 3000 * (1 + sin(i / 3000.0)), noise = 0.3 * (double)random_sample();
        signal[i] = (float)(0.3 * sin(2 * PI * hz * i / RATE) + noise * (i % 4096 < 2048));
        if (i > 6 * FFT / 2 && i < 5 * FFT) signal[i] = 0;
    }
}

/* --- Definitions ----------------------------------------------------------- */

static double hz(uint32_t k) {
    return (double)k * RATE / FFT;
}

static double between(const float *power, double from, double to) {
    double sum = 0;
    for (uint32_t k = 0; k < BINS; k++)
        if (hz(k) >= from && hz(k) < to) sum += (double)power[k] * (k == BINS - 1 ? 1 : 2);
    return sum / FFT / config().window_energy;
}

static void define(double *row, const float *power, const float *before, const float *x) {
    double m[BINS], sum = 0, first = 0, second = 0, all = 0, bright = 0, log_sum = 0, up_to = 0;
    double flux = 0, most = 0, floored = 0;
    for (uint32_t k = 0; k < BINS; k++) {
        double p = power[k], least = fmax(p, 1e-10), old = before ? sqrt(before[k]) : 0;
        m[k] = sqrt(p);
        sum += m[k];
        first += hz(k) * m[k];
        all += p;
        bright += hz(k) >= 1000 ? p : 0;
        log_sum += log(least);
        floored += least;
        flux += (m[k] - old) * (m[k] - old);
        most = fmax(most, m[k]);
    }
    double centroid = sum > 0 ? first / sum : 0;
    for (uint32_t k = 0; k < BINS; k++) second += pow(hz(k) - centroid, 2) * m[k];
    uint32_t k = 0;
    while (k < BINS - 1 && (up_to += m[k]) < 0.85 * sum) k++;
    row[VO_SPECTRAL_CENTROID_HZ] = centroid;
    row[VO_SPECTRAL_SPREAD_HZ] = sum > 0 ? sqrt(second / sum) : 0;
    row[VO_SPECTRAL_ROLLOFF_HZ] = sum > 0 ? hz(k) : 0;
    row[VO_SPECTRAL_FLUX] = before ? sqrt(flux) : 0;
    row[VO_SPECTRAL_FLATNESS] = exp(log_sum / BINS) / (floored / BINS);
    row[VO_SPECTRAL_CREST] = sum > 0 ? most / (sum / BINS) : 0;
    row[VO_SPECTRAL_LOW_ENERGY] = between(power, 20, 250);
    row[VO_SPECTRAL_MID_ENERGY] = between(power, 250, 4000);
    row[VO_SPECTRAL_HIGH_ENERGY] = between(power, 4000, INFINITY);
    row[VO_SPECTRAL_BRIGHTNESS] = all > 0 ? bright / all : 0;
    uint32_t crossings = 0;
    for (uint32_t i = 1; i < FFT; i++) crossings += (x[i] < 0) != (x[i - 1] < 0);
    row[VO_SPECTRAL_CROSSINGS_PER_S] = crossings * (double)RATE / (FFT - 1);
}

static int rising(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Contrast of an octave: sorted, and the mean of both ends. */
static double define_contrast(const float *power, int octave) {
    float band[BINS];
    double from = octave ? 200 * exp2(octave - 1) : 0, to = 200 * exp2(octave);
    uint32_t n = 0;
    for (uint32_t k = 0; k < BINS; k++) {
        bool within = hz(k) >= from && (hz(k) <= to || octave == OCTAVES);
        bool just_below = octave && hz(k) < from && hz(k + 1) >= from;
        if (within || just_below) band[n++] = (float)sqrt(power[k]);
    }
    uint32_t share = (uint32_t)nearbyint(0.02 * n);
    if (octave < OCTAVES) n--;
    if (!share) share = 1;
    qsort(band, n, sizeof *band, rising);
    double low = 0, high = 0;
    for (uint32_t i = 0; i < share; i++) low += band[i], high += band[n - 1 - i];
    return 10 * log10(fmax(1e-10, high / share)) - 10 * log10(fmax(1e-10, low / share));
}

/* NULL, or what is wrong with a row. */
static const char *wrong(const float *row, const float *power, const float *before,
                         const float *x) {
    static const char *const names[] = {
#define X(name) #name,
        VO_SPECTRAL_MAP(X)
#undef X
    };
    double wanted[VO_SPECTRAL_FEATURES];
    define(wanted, power, before, x);
    for (int i = 0; i < VO_SPECTRAL_FEATURES; i++)
        if (!(fabs(row[i] - wanted[i]) <= 1e-5 * fabs(wanted[i]) + 1e-12)) return names[i];
    for (int i = 0; i <= OCTAVES; i++)
        if (!(fabs(row[VO_SPECTRAL_FEATURES + i] - define_contrast(power, i)) <= 1e-4))
            return "contrast";
    return NULL;
}

/* --- Tests ------------------------------------------------------------------ */

static void numbers_are_as_defined(void) {
    static float power[FRAMES][BINS];
    vo_spectral *it = fresh();
    vo_framer *framer = fresh_framer();
    const float *x = signal;
    uint64_t n = SAMPLES;
    for (uint32_t t = 0; vo_framer_next(framer, &x, &n); t++) {
        memcpy(power[t], vo_framer_power(framer), sizeof power[t]);
        const float *samples = vo_framer_samples(framer);
        vo_spectral_frame(it, rows[t], samples, power[t]);
        const float *before = t ? power[t - 1] : NULL;
        const char *what = wrong(rows[t], power[t], before, samples);
        if (what) fprintf(stderr, "frame %u: %s\n", t, what);
        CHECK(!what);
        CHECK(vo_spectral_magnitude(it)[9] == sqrtf(power[t][9]));

        /* Planted: a flux of the frame with itself, crossings of its spectrum, an unweighted mean.
         */
        float bad[WIDTH];
        memcpy(bad, rows[t], sizeof bad);
        bad[VO_SPECTRAL_FLUX] = 0;
        if (t && rows[t][VO_SPECTRAL_FLUX] > 0) CHECK(wrong(bad, power[t], before, samples));
        memcpy(bad, rows[t], sizeof bad);
        bad[VO_SPECTRAL_CROSSINGS_PER_S] = 0;
        if (rows[t][VO_SPECTRAL_CREST] > 0) CHECK(wrong(bad, power[t], before, samples));
        bad[VO_SPECTRAL_CENTROID_HZ] = RATE / 4;
        CHECK(wrong(bad, power[t], before, samples));
    }
    vo_spectral_free(it);
    vo_framer_free(framer);
}

static void silence_has_no_shape(void) {
    static float nothing[FFT];
    float row[WIDTH];
    vo_spectral *it = fresh();
    for (int run = 0; run < 3; run++) {
        vo_spectral_frame(it, row, nothing, nothing);
        for (int i = 0; i < WIDTH; i++) CHECK(row[i] == (i == VO_SPECTRAL_FLATNESS));
    }
    vo_spectral_free(it);
}

static void a_sine_is_where_it_is(void) {
    static float tone[RATE];
    for (uint32_t i = 0; i < RATE; i++) tone[i] = (float)sin(2 * PI * 1000 * i / RATE + 0.1);
    static float out[100][WIDTH];
    vo_spectral *it = fresh();
    vo_framer *framer = fresh_framer();
    uint64_t frames = vo_spectral_process(it, framer, out[0], tone, RATE);
    CHECK(frames == 1 + (RATE - FFT) / HOP);
    for (uint64_t t = 0; t < frames; t++) {
        CHECK(fabs(out[t][VO_SPECTRAL_CROSSINGS_PER_S] - 2000) <= 20);
        CHECK(fabs(out[t][VO_SPECTRAL_MID_ENERGY] - 0.5) < 1e-4);
        CHECK(fabs(out[t][VO_SPECTRAL_CENTROID_HZ] - 1000) < 20);
    }
    vo_spectral_free(it);
    vo_framer_free(framer);
}

static void cuts_make_no_difference(void) {
    static float cut[FRAMES][WIDTH];
    vo_spectral *it = fresh();
    vo_framer *framer = fresh_framer();
    for (int run = 0; run < 20; run++) {
        uint64_t t = 0;
        for (uint64_t at = 0, n; at < SAMPLES; at += n) {
            n = random_bits() % (run % 2 ? 5000 : 700);
            if (n > SAMPLES - at) n = SAMPLES - at;
            t += vo_spectral_process(it, framer, cut[t], signal + at, n);
        }
        CHECK(t == FRAMES && memcmp(cut, rows, sizeof rows) == 0);
        vo_spectral_reset(it);
        vo_framer_reset(framer);
    }
    vo_spectral_free(it);
    vo_framer_free(framer);
}

/* From two bins on, even and odd, with octaves narrower than a bin and a roll-off of everything. */
static void small_sizes_have_numbers(void) {
    const uint32_t sizes[] = {2, 3, 4, 5, 7, 15, 16, 33, 64};
    float power[33], samples[64], row[VO_SPECTRAL_FEATURES + VO_SPECTRAL_MOST_OCTAVES + 1];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (uint32_t octaves = 0; octaves <= VO_SPECTRAL_MOST_OCTAVES; octaves++)
            for (int share = 0; share < 3; share++) {
                const vo_spectral_config of = {RATE,        sizes[i], 0.375 * sizes[i],
                                               share / 2.0, octaves,  ldexp(0.08, share)};
                vo_spectral *it;
                CHECK(vo_spectral_new(&it, &of, NULL) == VO_OK);
                for (uint32_t k = 0; k <= sizes[i] / 2; k++) power[k] = fabsf(random_sample());
                for (uint32_t k = 0; k < sizes[i]; k++) samples[k] = random_sample();
                vo_spectral_frame(it, row, samples, power);
                for (uint32_t k = 0; k < vo_spectral_width(it); k++) CHECK(isfinite(row[k]));
                CHECK(row[VO_SPECTRAL_ROLLOFF_HZ] <= RATE / 2);
                if (!share) CHECK(row[VO_SPECTRAL_ROLLOFF_HZ] == 0);
                CHECK(row[VO_SPECTRAL_CENTROID_HZ] >= 0);
                CHECK(row[VO_SPECTRAL_CENTROID_HZ] <= RATE / 2 && row[VO_SPECTRAL_CREST] >= 1);
                vo_spectral_free(it);
            }
}

static void crossings_need_no_spectrum(void) {
    float alone[FRAMES];
    vo_spectral *it = fresh();
    vo_framer *framer = fresh_framer();
    CHECK(vo_spectral_crossings(it, framer, alone, signal, SAMPLES) == FRAMES);
    for (int t = 0; t < FRAMES; t++) CHECK(alone[t] == rows[t][VO_SPECTRAL_CROSSINGS_PER_S]);
    vo_spectral_free(it);
    vo_framer_free(framer);
}

static void bad_configs_are_refused(void) {
    vo_spectral *it;
    vo_spectral_config bad[10];
    for (size_t i = 0; i < 10; i++) bad[i] = config();
    bad[0].rate = 0;
    bad[1].n_fft = 1;
    bad[2].window_energy = 0;
    bad[3].window_energy = NAN;
    bad[4].rolloff = 1.01;
    bad[5].rolloff = NAN;
    bad[6].octaves = 7; /* 25600 Hz */
    bad[7].octaves = 17;
    bad[8].contrast_hz = 0;
    bad[9].contrast_hz = NAN;
    for (size_t i = 0; i < 10; i++) CHECK(vo_spectral_new(&it, &bad[i], NULL) == VO_BAD_ARG && !it);
    vo_spectral_config none = config();
    none.octaves = 0;
    CHECK(vo_spectral_new(&it, &none, NULL) == VO_OK);
    CHECK(vo_spectral_width(it) == VO_SPECTRAL_FEATURES);
    vo_spectral_free(it);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_spectral *it;
    const vo_spectral_config of = config();
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_spectral_new(&it, &of, &memory.allocator) == VO_OK) break;
        CHECK(!it && memory.live == 0);
    }
    CHECK(memory.calls == 2);
    vo_spectral_free(it);
    CHECK(memory.live == 0);
    vo_spectral_free(NULL);
}

int main(void) {
    make_signal();
    numbers_are_as_defined();
    silence_has_no_shape();
    a_sine_is_where_it_is();
    cuts_make_no_difference();
    small_sizes_have_numbers();
    crossings_need_no_spectrum();
    bad_configs_are_refused();
    new_survives_a_failing_allocator();
    return 0;
}
