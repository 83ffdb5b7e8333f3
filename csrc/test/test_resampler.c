/* D14: ripple, alias, image and delay by tones; counts to the frame; the same bits however the
   input is cut. A filter with a spoilt phase must not pass. */
#include "vocana/resampler.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "kernel_samples.h"

#define PI 3.14159265358979323846

enum { MOST = 1 << 17 };

typedef struct rates {
    uint32_t from, to;
} rates;

/* Grids, rows, and phases beyond counting. */
static const rates pairs[] = {
    {48000, 16000}, {16000, 48000}, {32000, 48000}, {44100, 48000}, {48000, 44100}, {8000, 192000},
    {192000, 8000}, {11025, 16000}, {22050, 48000}, {44101, 48000}, {48000, 44101}, {96000, 44101},
};
enum { PAIRS = sizeof pairs / sizeof *pairs };

static vo_resampler *fresh(rates pair, uint32_t channels, vo_resampler_quality quality) {
    vo_resampler *resampler;
    CHECK(vo_resampler_new(&resampler, pair.from, pair.to, channels, quality, NULL) == VO_OK);
    return resampler;
}

static uint64_t outputs_of(rates pair, uint64_t n) {
    return (n * pair.to + pair.from - 1) / pair.from;
}

/* --- Tones ----------------------------------------------------------------- */

/* What comes out of a tone of amplitude 0.5: the tone, where the declared delay puts it, and the
   rest, both in dB of what went in. */
typedef struct heard {
    double gain_db, rest_db, delay_error; /* in output frames */
} heard;

static heard play(rates pair, vo_resampler_quality quality, double hertz) {
    static float in[MOST], out[MOST];
    vo_resampler *resampler = fresh(pair, 1, quality);
    uint32_t latency = vo_resampler_latency(resampler);
    uint64_t want = 6 * latency + 2000, n = want * pair.from / pair.to;
    CHECK(n < MOST && want < MOST);
    for (uint64_t i = 0; i < n; i++)
        in[i] = (float)(0.5 * sin(2 * PI * hertz * (double)i / pair.from));
    uint64_t made = vo_resampler_process(resampler, out, MOST, in, n);
    vo_resampler_free(resampler);
    CHECK(made == outputs_of(pair, n));
    /* Least squares of a sine and a cosine where the signal is steady. */
    double ss = 0, sc = 0, cc = 0, ys = 0, yc = 0, yy = 0;
    for (uint64_t k = 2 * latency + 1; k < made; k++) {
        double t = 2 * PI * hertz * ((double)k - latency) / pair.to, s = sin(t), c = cos(t);
        double y = (double)out[k];
        ss += s * s, sc += s * c, cc += c * c, ys += y * s, yc += y * c, yy += y * y;
    }
    double det = ss * cc - sc * sc, a = (ys * cc - yc * sc) / det, b = (yc * ss - ys * sc) / det;
    double count = (double)(made - 2 * latency - 1), rest = (yy - a * ys - b * yc) / count;
    return (heard){.gain_db = 10 * log10((a * a + b * b) / 0.25 + 1e-30),
                   .rest_db = 10 * log10(fabs(rest) / 0.125 + 1e-30),
                   .delay_error = -atan2(b, a) / (2 * PI * hertz) * pair.to};
}

static double all_db(heard h) {
    return 10 * log10(pow(10, h.gain_db / 10) + pow(10, h.rest_db / 10));
}

static void test_tones(void) {
    for (size_t i = 0; i < PAIRS; i++)
        for (int quality = 0; quality <= VO_RESAMPLER_BEST; quality++) {
            vo_resampler *resampler = fresh(pairs[i], 1, (vo_resampler_quality)quality);
            double pass = vo_resampler_passband_hz(resampler);
            vo_resampler_free(resampler);
            double lower = fmin(pairs[i].from, pairs[i].to) / 2, upper = pairs[i].from / 2.0;
            for (int step = 1; step <= 12; step++) {
                heard h = play(pairs[i], (vo_resampler_quality)quality, pass * step / 12);
                CHECK(fabs(h.gain_db) < 0.01);
                CHECK(h.rest_db < -110);
                CHECK(fabs(h.delay_error) < 1e-3);
            }
            /* The first frequency of the stopband, and some beyond. */
            for (int step = 0; step < 12 && lower < upper; step++) {
                double hertz = lower * 1.0001 + (upper - lower) * step / 12;
                CHECK(all_db(play(pairs[i], (vo_resampler_quality)quality, hertz)) < -110);
            }
        }
}

static void test_declared(void) {
    for (size_t i = 0; i < PAIRS; i++) {
        vo_resampler *resampler = fresh(pairs[i], 1, VO_RESAMPLER_BALANCED);
        double lower = fmin(pairs[i].from, pairs[i].to);
        CHECK(vo_resampler_latency(resampler) * 1000.0 / pairs[i].to <= 5);
        CHECK(vo_resampler_passband_hz(resampler) >= (lower < 12800 ? 0.43 : 0.45) * lower);
        vo_resampler_free(resampler);
    }
}

/* --- Cuts -------------------------------------------------------------------- */

static void noise(float *x, size_t samples) {
    for (size_t i = 0; i < samples; i++) x[i] = random_sample();
}

/* The whole at once against random cuts, some of one frame, into room that is just enough. */
static void test_cuts(void) {
    enum { CHANNELS = 3, FRAMES = 5000 };
    static float in[FRAMES * CHANNELS], whole[MOST * 4], cut[MOST * 4];
    for (size_t i = 0; i < PAIRS; i++)
        for (int round = 0; round < 8; round++) {
            vo_resampler *resampler = fresh(pairs[i], CHANNELS, VO_RESAMPLER_FAST);
            noise(in, FRAMES * CHANNELS);
            uint64_t room = vo_resampler_max_output(resampler, FRAMES);
            CHECK(room * CHANNELS < sizeof whole / sizeof *whole);
            CHECK(vo_resampler_process(resampler, whole, room, in, FRAMES) == room);
            vo_resampler_reset(resampler);
            uint64_t at = 0, made = 0;
            while (at < FRAMES) {
                uint64_t n = random_bits() % (round % 2 ? 7 : 1500);
                if (n > FRAMES - at) n = FRAMES - at;
                uint64_t most = vo_resampler_max_output(resampler, n);
                float *to = cut + made * CHANNELS;
                to[most * CHANNELS] = 12345;
                uint64_t now = vo_resampler_output(resampler, n);
                CHECK(now <= most);
                CHECK(vo_resampler_process(resampler, to, most, in + at * CHANNELS, n) == now);
                made += now;
                CHECK(to[most * CHANNELS] == 12345);
                at += n;
                CHECK(made == outputs_of(pairs[i], at));
            }
            CHECK(memcmp(whole, cut, made * CHANNELS * sizeof *cut) == 0);
            vo_resampler_free(resampler);
        }
}

/* A channel does not hear another. */
static void test_channels(void) {
    static float mono[3000], stereo[6000], one[12000], two[24000];
    for (size_t i = 0; i < PAIRS; i++) {
        vo_resampler *single = fresh(pairs[i], 1, VO_RESAMPLER_FAST);
        vo_resampler *twin = fresh(pairs[i], 2, VO_RESAMPLER_FAST);
        uint32_t n = pairs[i].to > 3 * pairs[i].from ? 400 : 3000;
        noise(stereo, 2 * n);
        for (uint32_t k = 0; k < n; k++) mono[k] = stereo[2 * k + 1];
        uint64_t made = vo_resampler_process(single, one, 12000, mono, n);
        CHECK(vo_resampler_process(twin, two, 12000, stereo, n) == made);
        for (uint64_t k = 0; k < made; k++) CHECK(one[k] == two[2 * k + 1]);
        vo_resampler_free(single);
        vo_resampler_free(twin);
    }
}

/* An impulse comes out whole, symmetric about the latency, and flush ends it. */
static void test_flush(void) {
    static float out[MOST];
    for (size_t i = 0; i < PAIRS; i++) {
        vo_resampler *resampler = fresh(pairs[i], 1, VO_RESAMPLER_BALANCED);
        uint32_t latency = vo_resampler_latency(resampler);
        const float one = 1;
        uint64_t first = vo_resampler_process(resampler, out, MOST, &one, 1);
        CHECK(first == outputs_of(pairs[i], 1));
        CHECK(vo_resampler_flush(resampler, out + first, MOST) == latency);
        float peak = 0;
        for (uint32_t k = 0; k < first + latency; k++) peak = fmaxf(peak, fabsf(out[k]));
        CHECK(out[latency] == peak);
        /* As new: nothing is left, and it counts from 0. */
        const float silence[3] = {0};
        uint64_t made = vo_resampler_process(resampler, out, MOST, silence, 3);
        CHECK(made == outputs_of(pairs[i], 3));
        for (uint64_t k = 0; k < made; k++) CHECK(out[k] == 0);
        CHECK(vo_resampler_flush(resampler, out, 0) == 0);
        vo_resampler_free(resampler);
    }
}

/* Frames for which there is no room are lost, the rest stays in place. */
static void test_no_room(void) {
    static float in[2000], all[6000], some[6000];
    for (size_t i = 0; i < 5; i++) {
        vo_resampler *resampler = fresh(pairs[i], 1, VO_RESAMPLER_FAST);
        noise(in, 2000);
        uint64_t made = vo_resampler_process(resampler, all, 6000, in, 2000);
        vo_resampler_reset(resampler);
        some[100] = 12345;
        CHECK(vo_resampler_process(resampler, some, 100, in, 1000) == 100);
        CHECK(some[100] == 12345);
        uint64_t half = outputs_of(pairs[i], 1000);
        uint64_t rest = vo_resampler_process(resampler, some + half, 6000 - half, in + 1000, 1000);
        CHECK(half + rest == made);
        CHECK(memcmp(some, all, 100 * sizeof *all) == 0);
        CHECK(memcmp(some + half, all + half, rest * sizeof *all) == 0);
        vo_resampler_free(resampler);
    }
}

/* What is not a number is gone with the last window that holds it. */
static void test_nonfinite_passes(void) {
    static float in[4000], out[MOST];
    for (size_t i = 0; i < PAIRS; i++) {
        vo_resampler *resampler = fresh(pairs[i], 1, VO_RESAMPLER_FAST);
        memset(in, 0, sizeof in);
        in[5] = NAN;
        in[7] = INFINITY;
        uint64_t n = pairs[i].to > 3 * pairs[i].from ? 1000 : 4000;
        uint64_t made = vo_resampler_process(resampler, out, MOST, in, n);
        CHECK(isnan(out[vo_resampler_latency(resampler)]));
        CHECK(out[made - 1] == 0);
        vo_resampler_free(resampler);
    }
}

static void test_equal_rates(void) {
    float in[64], out[64];
    vo_resampler *resampler = fresh((rates){44100, 44100}, 2, VO_RESAMPLER_BEST);
    for (int i = 0; i < 64; i++) in[i] = from_bits(random_bits());
    CHECK(vo_resampler_latency(resampler) == 0);
    CHECK(vo_resampler_max_output(resampler, 32) == 32);
    CHECK(vo_resampler_passband_hz(resampler) == 22050);
    CHECK(vo_resampler_process(resampler, out, 32, in, 32) == 32);
    CHECK(memcmp(in, out, sizeof in) == 0);
    CHECK(vo_resampler_process(resampler, out, 5, in, 32) == 5);
    CHECK(vo_resampler_flush(resampler, out, 32) == 0);
    vo_resampler_free(resampler);
}

/* --- Setup ------------------------------------------------------------------- */

static void test_bad_arguments(void) {
    vo_resampler *resampler = (vo_resampler *)&resampler;
    const rates bad[] = {{0, 48000}, {48000, 0}, {7999, 8000}, {48000, 768001}, {UINT32_MAX, 8000}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_resampler_new(&resampler, bad[i].from, bad[i].to, 1, VO_RESAMPLER_FAST, NULL) ==
              VO_BAD_ARG);
    CHECK(vo_resampler_new(&resampler, 8000, 9000, 0, VO_RESAMPLER_FAST, NULL) == VO_BAD_ARG);
    CHECK(vo_resampler_new(&resampler, 8000, 9000, VO_RESAMPLER_MOST_CHANNELS + 1,
                           VO_RESAMPLER_FAST, NULL) == VO_BAD_ARG);
    CHECK(vo_resampler_new(&resampler, 8000, 9000, 1, (vo_resampler_quality)3, NULL) == VO_BAD_ARG);
    CHECK(resampler == NULL);
    vo_resampler_free(NULL);
}

/* The k-th allocation fails, for every k; and no pair of rates asks for more than 8 MB. */
static void test_memory(void) {
    failing_alloc memory;
    vo_resampler *resampler;
    for (size_t i = 0; i < PAIRS; i++)
        for (uint64_t k = 1;; k++) {
            failing_alloc_init(&memory, k, false);
            vo_status status = vo_resampler_new(&resampler, pairs[i].from, pairs[i].to, 2,
                                                VO_RESAMPLER_FAST, &memory.allocator);
            if (status == VO_OK) {
                vo_resampler_free(resampler);
                CHECK(k > 4 && memory.live == 0);
                break;
            }
            CHECK(status == VO_NO_MEM && !resampler && memory.live == 0);
        }
    const rates extremes[] = {{768000, 8001},  {8001, 768000},   {767999, 8000}, {8000, 767999},
                              {192000, 11025}, {767999, 768000}, {768000, 8000}};
    for (size_t i = 0; i < sizeof extremes / sizeof *extremes; i++) {
        failing_alloc_init(&memory, 0, false);
        CHECK(vo_resampler_new(&resampler, extremes[i].from, extremes[i].to, 1, VO_RESAMPLER_BEST,
                               &memory.allocator) == VO_OK);
        CHECK(memory.bytes < 8 << 20);
        vo_resampler_free(resampler);
    }
}

int main(void) {
    test_declared();
    test_tones();
    test_cuts();
    test_channels();
    test_flush();
    test_no_room();
    test_nonfinite_passes();
    test_equal_rates();
    test_bad_arguments();
    test_memory();
    return 0;
}
