/* D4, D5: analysis and synthesis of a stream, hop by hop. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "kernel_samples.h"
#include "vocana/fft.h"
#include "vocana/stft.h"
#include "vocana/window.h"

enum { MOST = 2048, FRAMES = 24000, SPECTRA = 1 << 20 };

#define PI 3.14159265358979323846

static float window[MOST], x[FRAMES], y[FRAMES + MOST], spectra[SPECTRA], others[SPECTRA];

static const vo_window windows[] = {VO_WINDOW_HANN, VO_WINDOW_SQRT_HANN, VO_WINDOW_VORBIS};

static vo_stft_config config_of(vo_window kind, uint32_t n_fft, uint32_t hop) {
    vo_window_fill(window, n_fft, kind);
    return (vo_stft_config){window, n_fft, hop, n_fft - hop};
}

static vo_stft *analysis(const vo_stft_config *config) {
    vo_stft *stft;
    CHECK(vo_stft_new(&stft, config, NULL) == VO_OK);
    return stft;
}

static vo_istft *synthesis(const vo_stft_config *config) {
    vo_istft *istft;
    CHECK(vo_istft_new(&istft, config, NULL) == VO_OK);
    return istft;
}

/* There and back, hop by hop; y is x later by `delay`. Returns the error in dB. */
static double round_trip_db(const vo_stft_config *config, uint32_t delay) {
    vo_stft *stft = analysis(config);
    vo_istft *istft = synthesis(config);
    const uint32_t hop = config->hop;
    uint32_t end = 0;
    for (; end + hop <= FRAMES; end += hop) {
        CHECK(vo_stft_ready(stft, hop) == 1 && vo_stft_ready(stft, hop - 1) == 0);
        CHECK(vo_stft_process(stft, spectra, x + end, hop) == 1);
        vo_istft_process(istft, y + end, spectra, 1);
    }
    double error = 0, power = 0;
    for (uint32_t i = 0; i < end; i++) {
        double wanted = i < delay ? 0 : (double)x[i - delay];
        error += ((double)y[i] - wanted) * ((double)y[i] - wanted);
        power += wanted * wanted;
    }
    vo_stft_free(stft);
    vo_istft_free(istft);
    return 10 * log10(error / power + 1e-30);
}

/* --- D4: what comes out is what went in --------------------------------------- */

static void signals_come_back(void) {
    const uint32_t sizes[] = {960, 512, 400};
    const double hertz[] = {20, 1000, 23000, 24000, 0}; /* at 48 kHz; 0 is noise */
    double worst = -INFINITY;
    for (size_t h = 0; h < sizeof hertz / sizeof *hertz; h++) {
        for (int i = 0; i < FRAMES; i++)
            x[i] = hertz[h] ? (float)cos(2 * PI * hertz[h] / 48000 * i) : random_sample();
        for (size_t k = 0; k < sizeof windows / sizeof *windows; k++)
            for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
                for (uint32_t part = 2; part <= 4; part += 2) {
                    uint32_t n = sizes[s], hop = n / part;
                    vo_stft_config config = config_of(windows[k], n, hop);
                    worst = fmax(worst, round_trip_db(&config, n - hop));
                }
    }
    printf("stft: %.1f dB of error there and back\n", worst);
    CHECK(worst <= -120);
}

/* D5: the latency is n_fft - hop and not one sample else, of any hop. */
static void latency_is_exact(void) {
    for (int i = 0; i < FRAMES; i++) x[i] = random_sample();
    const uint32_t hops[] = {1, 7, 100, 160, 256, 300, 320};
    for (size_t h = 0; h < sizeof hops / sizeof *hops; h++) {
        vo_stft_config config = config_of(VO_WINDOW_HAMMING, 320, hops[h]);
        uint32_t delay = 320 - hops[h];
        CHECK(round_trip_db(&config, delay) <= -120);
        CHECK(round_trip_db(&config, delay + 1) > -20); /* a latency that is one off shows */
    }
}

static void windows_that_lose_samples_are_refused(void) {
    vo_istft *istft;
    const struct row {
        vo_window window;
        uint32_t hop;
        bool good;
    } rows[] = {
        {VO_WINDOW_HANN, 240, true},         {VO_WINDOW_HANN, 480, false},
        {VO_WINDOW_VORBIS, 480, false},      {VO_WINDOW_SQRT_HANN, 480, false},
        {VO_WINDOW_HAMMING, 480, true},      {VO_WINDOW_RECTANGULAR, 480, true},
        {VO_WINDOW_RECTANGULAR, 481, false}, {VO_WINDOW_HANN, 0, false},
        {VO_WINDOW_HANN, 479, false},        {VO_WINDOW_HANN, 300, true},
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        vo_stft_config config = config_of(rows[r].window, 480, rows[r].hop);
        CHECK((vo_stft_overlap(window, 480, rows[r].hop) > VO_STFT_LEAST_OVERLAP) == rows[r].good);
        CHECK(vo_istft_new(&istft, &config, NULL) == (rows[r].good ? VO_OK : VO_BAD_ARG));
        CHECK(!istft == !rows[r].good);
        vo_istft_free(istft);
    }
    vo_stft_config config = config_of(VO_WINDOW_SQRT_HANN, 480, 240);
    CHECK(fabs(vo_stft_overlap(window, 480, 240) - 1) < 1e-6);
    window[7] = NAN;
    CHECK(vo_stft_overlap(window, 480, 240) == 0);
    CHECK(vo_istft_new(&istft, &config, NULL) == VO_BAD_ARG);
    memset(window, 0, sizeof window);
    CHECK(vo_stft_overlap(window, 480, 240) == 0);
}

/* --- Frames ---------------------------------------------------------------------- */

/* Frame t is the transform of the window times the samples from t * hop - before on. */
static void frames_are_where_they_are_said_to_be(void) {
    enum { N = 320, LENGTH = 3000 };
    const uint32_t hops[] = {1, 80, 160, 319, 320, 321, 1000}, befores[] = {0, 1, 160, 319, 320};
    vo_fft *fft;
    CHECK(vo_fft_new(&fft, N, true, NULL) == VO_OK);
    for (int i = 0; i < FRAMES; i++) x[i] = random_sample();
    for (size_t h = 0; h < sizeof hops / sizeof *hops; h++)
        for (size_t b = 0; b < sizeof befores / sizeof *befores; b++) {
            vo_stft_config config = config_of(VO_WINDOW_HANN, N, hops[h]);
            config.before = befores[b];
            vo_stft *stft = analysis(&config);
            uint64_t count = vo_stft_process(stft, spectra, x, LENGTH);
            CHECK(count == 1 + (LENGTH + befores[b] - N) / hops[h]);
            for (uint64_t t = 0; t < count; t++) {
                float frame[N], expected[N + 2];
                for (int64_t i = 0; i < N; i++) {
                    int64_t at = (int64_t)(t * hops[h]) + i - befores[b];
                    frame[i] = at < 0 ? 0 : x[at] * window[i];
                }
                vo_fft_forward(fft, expected, frame);
                CHECK(memcmp(expected, spectra + t * (N + 2), sizeof expected) == 0);
            }
            vo_stft_free(stft);
        }
    vo_fft_free(fft);
}

static void cuts_make_no_difference(void) {
    enum { N = 480, LENGTH = 12000 };
    const uint32_t hops[] = {7, 160, 240, 480, 700};
    for (int i = 0; i < FRAMES; i++) x[i] = random_sample();
    for (size_t h = 0; h < sizeof hops / sizeof *hops; h++) {
        vo_stft_config config = config_of(VO_WINDOW_HANN, N, hops[h]);
        config.before = N / 2;
        vo_stft *stft = analysis(&config);
        uint64_t count = vo_stft_process(stft, spectra, x, LENGTH), most = SPECTRA / (N + 2);
        CHECK(count <= most);
        for (uint32_t longest = 1; longest < 3000; longest = longest * 5 + 2) {
            vo_stft_reset(stft);
            uint64_t got = 0;
            for (uint64_t at = 0, n; at < LENGTH; at += n) {
                n = random_bits() % (longest + 1);
                if (n > LENGTH - at) n = LENGTH - at;
                uint64_t ready = vo_stft_ready(stft, n);
                CHECK(vo_stft_process(stft, others + got * (N + 2), x + at, n) == ready);
                got += ready;
            }
            CHECK(got == count && memcmp(spectra, others, count * (N + 2) * sizeof *x) == 0);
        }
        vo_stft_free(stft);
    }
}

/* The rest of the frames is what the next ones, of silence, would have brought out. */
static void the_rest_is_what_silence_brings_out(void) {
    enum { N = 320, HOP = 80 };
    float rest[N - HOP], silent[N - HOP];
    vo_stft_config config = config_of(VO_WINDOW_HANN, N, HOP);
    vo_stft *stft = analysis(&config);
    vo_istft *istft = synthesis(&config);
    uint64_t count = vo_stft_process(stft, spectra, x, 10 * HOP);
    vo_istft_process(istft, y, spectra, count);
    vo_istft_rest(istft, rest);
    memset(others, 0, 3 * (N + 2) * sizeof *others);
    vo_istft_process(istft, silent, others, 3);
    CHECK(memcmp(rest, silent, sizeof rest) == 0);
    vo_istft_reset(istft);
    vo_istft_rest(istft, rest);
    for (int i = 0; i < N - HOP; i++) CHECK(rest[i] == 0);
    vo_stft_free(stft);
    vo_istft_free(istft);
}

/* --- D5: a million hops ------------------------------------------------------------ */

static void a_million_hops_change_nothing(void) {
    enum { N = 64, HOP = 16, HOPS = 1000000, DELAY = N - HOP };
    float spectrum[N + 2], in[N] = {0}, out[HOP], worst = 0; /* in: the last N samples */
    failing_alloc memory;
    vo_stft *stft;
    vo_istft *istft;
    vo_stft_config config = config_of(VO_WINDOW_HANN, N, HOP);
    failing_alloc_init(&memory, 0, false);
    CHECK(vo_stft_new(&stft, &config, &memory.allocator) == VO_OK);
    CHECK(vo_istft_new(&istft, &config, &memory.allocator) == VO_OK);
    uint64_t calls = memory.calls, bytes = memory.bytes;
    for (int t = 0; t < HOPS; t++) {
        memmove(in, in + HOP, (N - HOP) * sizeof *in);
        for (int i = 0; i < HOP; i++) in[N - HOP + i] = random_sample();
        CHECK(vo_stft_process(stft, spectrum, in + N - HOP, HOP) == 1);
        vo_istft_process(istft, out, spectrum, 1);
        for (int i = 0; i < HOP; i++) worst = fmaxf(worst, fabsf(out[i] - in[i]));
    }
    CHECK(worst < 1e-6f); /* the last sample of a frame came in DELAY samples ago, at all times */
    CHECK(memory.calls == calls && memory.bytes == bytes);
    vo_stft_free(stft);
    vo_istft_free(istft);
    CHECK(memory.live == 0);
}

/* --- Memory and arguments ------------------------------------------------------------ */

static void bad_sizes_are_refused(void) {
    vo_stft *stft;
    const vo_stft_config bad[] = {
        {window, 0, 1, 0},   {window, 441, 10, 0},    {window, 7, 1, 0},
        {window, 480, 0, 0}, {window, 480, 240, 481},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_stft_new(&stft, &bad[i], NULL) == VO_BAD_ARG && !stft);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_stft *stft;
    vo_istft *istft;
    vo_stft_config config = config_of(VO_WINDOW_HANN, 480, 240);
    uint64_t k = 1;
    for (;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_stft_new(&stft, &config, &memory.allocator) == VO_OK) break;
        CHECK(!stft && memory.failures == 1 && memory.live == 0);
    }
    CHECK(k == 5);
    vo_stft_free(stft);
    CHECK(memory.live == 0);
    for (k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_istft_new(&istft, &config, &memory.allocator) == VO_OK) break;
        CHECK(!istft && memory.failures == 1 && memory.live == 0);
    }
    CHECK(k == 5);
    vo_istft_free(istft);
    CHECK(memory.live == 0);
    vo_stft_free(NULL);
    vo_istft_free(NULL);
}

int main(void) {
    signals_come_back();
    latency_is_exact();
    windows_that_lose_samples_are_refused();
    frames_are_where_they_are_said_to_be();
    cuts_make_no_difference();
    the_rest_is_what_silence_brings_out();
    a_million_hops_change_nothing();
    bad_sizes_are_refused();
    new_survives_a_failing_allocator();
    return 0;
}
