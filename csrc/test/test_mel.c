/* Filters beside their definition in double, and a stream cut in any way beside the whole. */
#include "vocana/mel.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "kernel_samples.h"

enum { RATE = 16000, FFT = 512, BINS = FFT / 2 + 1, HOP = 160, BANDS = 80, SAMPLES = RATE };

static const vo_mel_config plain = {.rate = RATE, .n_fft = FFT, .bands = BANDS, .f_max_hz = 8000};

static vo_mel *fresh(vo_mel_config config) {
    vo_mel *mel;
    CHECK(vo_mel_new(&mel, &config, NULL) == VO_OK);
    CHECK(vo_mel_bands(mel) == config.bands);
    return mel;
}

static void scales_are_known_and_turn_back(void) {
    const struct row {
        vo_mel_scale scale;
        double hz, mel;
    } rows[] = {
        {VO_MEL_SLANEY, 0, 0},     {VO_MEL_SLANEY, 200, 3},    {VO_MEL_SLANEY, 1000, 15},
        {VO_MEL_SLANEY, 6400, 42}, {VO_MEL_HTK, 0, 0},         {VO_MEL_HTK, 700, 781.17284},
        {VO_MEL_HTK, 6300, 2595},  {VO_MEL_SLANEY, 40960, 69},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK(fabs(vo_mel_from_hz(rows[i].hz, rows[i].scale) - rows[i].mel) < 1e-5);
        CHECK(fabs(vo_mel_to_hz(rows[i].mel, rows[i].scale) - rows[i].hz) < 1e-4);
    }
}

/* What bin k weighs in band b, from the definition. */
static double wanted(const vo_mel_config *config, uint32_t b, uint32_t k) {
    double low = vo_mel_from_hz(config->f_min_hz, config->scale), edges[3];
    double high = vo_mel_from_hz(config->f_max_hz, config->scale);
    for (uint32_t i = 0; i < 3; i++)
        edges[i] = vo_mel_to_hz(low + (b + i) * (high - low) / (config->bands + 1), config->scale);
    double hz = (double)k * config->rate / config->n_fft;
    double rise = (hz - edges[0]) / (edges[1] - edges[0]);
    double fall = (edges[2] - hz) / (edges[2] - edges[1]);
    return fmax(0, fmin(rise, fall)) * (config->equal_area ? 2 / (edges[2] - edges[0]) : 1);
}

static void filters_are_triangles(void) {
    static float weights[128 * 1025], spectrum[1025], out[128];
    const vo_mel_config configs[] = {
        plain,
        {.rate = RATE,
         .n_fft = FFT,
         .bands = 40,
         .f_min_hz = 20,
         .f_max_hz = 7600,
         .scale = VO_MEL_HTK},
        {.rate = 48000, .n_fft = 2048, .bands = 128, .f_max_hz = 24000, .equal_area = true},
        {.rate = 8000, .n_fft = 400, .bands = 1, .f_max_hz = 4000, .equal_area = true},
        {.rate = RATE, .n_fft = 64, .bands = 128, .f_max_hz = 8000}, /* most are empty */
        {.rate = RATE, .n_fft = 2, .bands = 3, .f_max_hz = 8000},
    };
    for (size_t c = 0; c < sizeof configs / sizeof *configs; c++) {
        const vo_mel_config *config = &configs[c];
        uint32_t bins = config->n_fft / 2 + 1;
        vo_mel *mel = fresh(*config);
        for (uint32_t k = 0; k < bins; k++) spectrum[k] = random_sample() + 1;
        vo_mel_weights(mel, weights);
        vo_mel_apply(mel, out, spectrum);
        for (uint32_t b = 0; b < config->bands; b++) {
            double sum = 0;
            for (uint32_t k = 0; k < bins; k++) {
                double w = wanted(config, b, k);
                CHECK(fabs(weights[b * bins + k] - w) <= 1e-6 * w + 1e-12);
                sum += w * (double)spectrum[k];
            }
            CHECK(fabs(out[b] - sum) <= 1e-5 * sum);
        }
        vo_mel_free(mel);
    }
}

static void logarithms_have_a_floor(void) {
    static float spectrum[BINS], linear[BANDS], out[BANDS];
    for (uint32_t k = 60; k < BINS; k++) spectrum[k] = (random_sample() + 1) * (k % 7 ? 1e-8f : 9);
    vo_mel *mel = fresh(plain);
    vo_mel_apply(mel, linear, spectrum);
    vo_mel_free(mel);
    const double factor[] = {0, 10, 1, 2.302585092994046};
    for (vo_mel_log log = VO_MEL_DB; log <= VO_MEL_LN; log++) {
        vo_mel_config config = plain;
        config.log = log;
        config.floor = 1e-8f;
        mel = fresh(config);
        vo_mel_apply(mel, out, spectrum);
        for (uint32_t b = 0; b < BANDS; b++) {
            double value = factor[log] * log10(fmax((double)linear[b], (double)1e-8f));
            CHECK(fabs(out[b] - value) <= 1e-6 * fabs(value) + 1e-7);
        }
        vo_mel_free(mel);
    }
}

static void cuts_make_no_difference(void) {
    static float x[SAMPLES], whole[101][BANDS], cut[101][BANDS];
    for (uint32_t i = 0; i < SAMPLES; i++) x[i] = random_sample();
    vo_framer *framer;
    const vo_framer_config frames = {NULL, FFT, HOP, FFT / 2};
    CHECK(vo_framer_new(&framer, &frames, NULL) == VO_OK);
    for (int magnitude = 0; magnitude < 2; magnitude++) {
        vo_mel_config config = plain;
        config.from_magnitude = magnitude;
        config.log = VO_MEL_DB;
        config.floor = 1e-10f;
        vo_mel *mel = fresh(config);
        vo_framer_reset(framer);
        uint64_t frames_of_whole = vo_mel_process(mel, framer, whole[0], x, SAMPLES);
        frames_of_whole += vo_mel_process(mel, framer, whole[frames_of_whole], NULL, FFT / 2);
        CHECK(frames_of_whole == 1 + SAMPLES / HOP);
        for (int run = 0; run < 20; run++) {
            vo_framer_reset(framer);
            uint64_t t = 0, at = 0;
            for (uint64_t n; at < SAMPLES; at += n) {
                n = random_bits() % (run % 2 ? 3000 : 200);
                if (n > SAMPLES - at) n = SAMPLES - at;
                t += vo_mel_process(mel, framer, cut[t], x + at, n);
            }
            t += vo_mel_process(mel, framer, cut[t], NULL, FFT / 2);
            CHECK(t == frames_of_whole && memcmp(whole, cut, t * sizeof *whole) == 0);
        }
        vo_mel_free(mel);
    }
    vo_framer_free(framer);
}

static void bad_banks_are_refused(void) {
    vo_mel *mel;
    vo_mel_config bad[] = {plain, plain, plain, plain, plain, plain, plain, plain};
    bad[0].rate = 0;
    bad[1].bands = 0;
    bad[2].f_max_hz = 8001;
    bad[3].f_min_hz = 8000;
    bad[4].f_min_hz = -1;
    bad[5].f_max_hz = NAN;
    bad[6].log = VO_MEL_DB; /* without a floor */
    bad[7].n_fft = 0;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_mel_new(&mel, &bad[i], NULL) == VO_BAD_ARG && !mel);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_mel *mel;
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_mel_new(&mel, &plain, &memory.allocator) == VO_OK) break;
        CHECK(!mel && memory.live == 0);
    }
    CHECK(memory.calls == 4);
    vo_mel_free(mel);
    CHECK(memory.live == 0);
    vo_mel_free(NULL);
}

int main(void) {
    scales_are_known_and_turn_back();
    filters_are_triangles();
    logarithms_have_a_floor();
    cuts_make_no_difference();
    bad_banks_are_refused();
    new_survives_a_failing_allocator();
    return 0;
}
