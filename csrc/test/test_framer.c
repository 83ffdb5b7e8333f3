/* Frames are the samples that they say, however the stream is cut; spectra are those of a plain
   transform in double. */
#include "vocana/framer.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "kernel_samples.h"

#define PI 3.14159265358979323846

enum { SAMPLES = 12000, MOST_FFT = 960 };

static float signal[SAMPLES];

static vo_framer *fresh(uint32_t n_fft, uint32_t hop, uint32_t before, const float *window) {
    vo_framer *framer;
    CHECK(vo_framer_new(&framer, &(vo_framer_config){window, n_fft, hop, before}, NULL) == VO_OK);
    return framer;
}

/* Sample i of frame t, from the definition. */
static float expected(uint64_t t, uint32_t hop, uint32_t before, uint32_t i) {
    int64_t at = (int64_t)(t * hop + i) - before;
    return at < 0 || at >= SAMPLES ? 0 : signal[at];
}

static const struct shape {
    uint32_t n_fft, hop, before;
} shapes[] = {
    {2, 1, 0},     {8, 8, 0},       {8, 3, 4},        {8, 21, 8},      {512, 160, 256},
    {960, 480, 0}, {960, 960, 960}, {960, 4801, 480}, {400, 160, 200}, {512, 511, 13},
};

static void frames_are_what_they_say(void) {
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int cut = 0; cut < 4; cut++) {
            const struct shape *it = &shapes[s];
            vo_framer *framer = fresh(it->n_fft, it->hop, it->before, NULL);
            uint64_t t = 0;
            for (uint64_t at = 0; at < SAMPLES + it->n_fft / 2;) {
                bool silence = at >= SAMPLES;
                uint64_t left = (silence ? SAMPLES + it->n_fft / 2 : SAMPLES) - at;
                uint64_t n = cut == 0 ? left : cut == 1 ? 1 : random_bits() % 2000;
                if (n > left) n = left;
                const float *x = silence ? NULL : signal + at;
                uint64_t ready = vo_framer_ready(framer, n), given = 0;
                at += n;
                for (; vo_framer_next(framer, &x, &n); t++, given++)
                    for (uint32_t i = 0; i < it->n_fft; i++)
                        CHECK(vo_framer_samples(framer)[i] == expected(t, it->hop, it->before, i));
                CHECK(given == ready && n == 0);
                CHECK(silence || x == signal + at);
            }
            uint64_t all = SAMPLES + it->n_fft / 2 + it->before;
            CHECK(t == 1 + (all - it->n_fft) / it->hop);
            vo_framer_free(framer);
        }
}

static void spectra_are_those_of_the_frames(void) {
    static float window[MOST_FFT];
    for (uint32_t i = 0; i < MOST_FFT; i++) window[i] = random_sample();
    const uint32_t sizes[] = {2, 8, 400, 512, 960};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        uint32_t n_fft = sizes[s];
        vo_framer *framer = fresh(n_fft, 997, n_fft / 2, window);
        CHECK(vo_framer_size(framer) == n_fft && vo_framer_bins(framer) == n_fft / 2 + 1);
        const float *x = signal;
        uint64_t n = 4000;
        for (uint64_t t = 0; vo_framer_next(framer, &x, &n); t++) {
            const float *power = vo_framer_power(framer);
            const float *magnitude = vo_framer_magnitude(framer);
            for (uint32_t k = 0; k <= n_fft / 2; k++) {
                double re = 0, im = 0;
                for (uint32_t i = 0; i < n_fft; i++) {
                    double v = (double)expected(t, 997, n_fft / 2, i) * (double)window[i];
                    double angle = 2 * PI * (double)((uint64_t)i * k % n_fft) / n_fft;
                    re += v * cos(angle);
                    im -= v * sin(angle);
                }
                double wanted = hypot(re, im);
                CHECK(fabs(magnitude[k] - wanted) <= 1e-6 * sqrt(n_fft));
                CHECK(fabs(sqrt(power[k]) - wanted) <= 1e-6 * sqrt(n_fft));
            }
        }
        vo_framer_free(framer);
    }
}

/* The same spectra to the bit, whatever the cuts, and after a reset. */
static void cuts_make_no_difference(void) {
    enum { FFT = 512, HOP = 128, BINS = FFT / 2 + 1, FRAMES = 1 + (SAMPLES - FFT) / HOP };
    static float whole[FRAMES][BINS];
    vo_framer *framer = fresh(FFT, HOP, 0, NULL);
    for (int run = 0; run < 6; run++) {
        uint64_t t = 0;
        for (uint64_t at = 0; at < SAMPLES;) {
            uint64_t n = run ? 1 + random_bits() % 1500 : SAMPLES;
            if (n > SAMPLES - at) n = SAMPLES - at;
            const float *x = signal + at;
            at += n;
            for (; vo_framer_next(framer, &x, &n); t++) {
                const float *power = vo_framer_power(framer);
                if (run == 0) memcpy(whole[t], power, sizeof whole[t]);
                CHECK(memcmp(whole[t], power, sizeof whole[t]) == 0);
            }
        }
        CHECK(t == FRAMES);
        vo_framer_reset(framer);
    }
    vo_framer_free(framer);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_framer *framer;
    const vo_framer_config config = {NULL, 512, 128, 256};
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_framer_new(&framer, &config, &memory.allocator) == VO_OK) break;
        CHECK(!framer && memory.live == 0);
    }
    uint64_t calls = memory.calls;
    const float *x = signal;
    uint64_t n = SAMPLES;
    while (vo_framer_next(framer, &x, &n)) vo_framer_power(framer);
    vo_framer_reset(framer);
    CHECK(memory.calls == calls);
    vo_framer_free(framer);
    CHECK(memory.live == 0);
    vo_framer_free(NULL);
    const vo_framer_config bad[] = {
        {NULL, 0, 1, 0}, {NULL, 513, 1, 0}, {NULL, 14, 1, 0}, {NULL, 512, 0, 0}, {NULL, 8, 1, 9},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_framer_new(&framer, &bad[i], NULL) == VO_BAD_ARG && !framer);
}

int main(void) {
    for (uint32_t i = 0; i < SAMPLES; i++) signal[i] = random_sample();
    frames_are_what_they_say();
    spectra_are_those_of_the_frames();
    cuts_make_no_difference();
    new_survives_a_failing_allocator();
    return 0;
}
