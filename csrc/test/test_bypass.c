/* B13: the dry path is late by exactly the declared latency, a switch makes no click, and where
   both paths are equal nobody can tell that there was one. */
#include "vocana/bypass.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"

#define PI 3.14159265358979323846

enum { RATE = 48000, FADE = RATE * 5 / 1000, FRAMES = 12000, BLOCK = 512, CHANNELS_MOST = 2 };

static vo_bypass *fresh(uint32_t latency, uint32_t fade, uint32_t channels) {
    vo_bypass *bypass;
    CHECK(vo_bypass_new(&bypass, latency, fade, channels, BLOCK, NULL) == VO_OK);
    CHECK(vo_bypass_latency(bypass) == latency && !vo_bypass_is_set(bypass));
    return bypass;
}

static float noise(uint32_t *seed) {
    *seed = *seed * 1664525 + 1013904223;
    return (float)(*seed >> 8) / 0x1p23f - 1;
}

/* n interleaved frames of both paths in blocks of BLOCK at most; out may be wet. */
static void pass(vo_bypass *bypass, float *out, const float *dry, const float *wet, uint32_t n,
                 uint32_t channels) {
    float rows[CHANNELS_MOST][BLOCK], *x[CHANNELS_MOST] = {rows[0], rows[1]};
    for (uint32_t done = 0, run; done < n; done += run) {
        run = n - done < BLOCK ? n - done : BLOCK;
        for (uint32_t c = 0; c < channels; c++)
            for (uint32_t i = 0; i < run; i++) rows[c][i] = dry[(done + i) * channels + c];
        vo_bypass_take(bypass, x, run);
        for (uint32_t c = 0; c < channels; c++)
            for (uint32_t i = 0; i < run; i++) rows[c][i] = wet[(done + i) * channels + c];
        vo_bypass_give(bypass, x, run);
        for (uint32_t c = 0; c < channels; c++)
            for (uint32_t i = 0; i < run; i++) out[(done + i) * channels + c] = rows[c][i];
    }
}

/* A processed path: `latency` frames late, times a factor. */
static void process(float *wet, const float *in, int n, int latency, float factor) {
    for (int i = 0; i < n; i++) wet[i] = i < latency ? 0 : factor * in[i - latency];
}

/* Play n frames in blocks of random size up to `most` and toggle at every `every` frames. */
static void play(vo_bypass *bypass, float *out, const float *dry, const float *wet, uint32_t n,
                 uint32_t channels, uint32_t most, uint32_t every) {
    uint32_t seed = most, toggled = 0;
    for (uint32_t i = 0, block; i < n; i += block) {
        seed = seed * 1664525 + 1013904223;
        block = most < 2 ? most : 1 + (seed >> 8) % most;
        if (block > n - i) block = n - i;
        if (every && i / every > toggled) {
            toggled = i / every;
            vo_bypass_set(bypass, !vo_bypass_is_set(bypass));
        }
        pass(bypass, out + i * channels, dry + i * channels, wet + i * channels, block, channels);
    }
}

/* The lag at which `out` correlates best with `in`. */
static int lag_of(const float *out, const float *in, int n, int most) {
    double best = 0;
    int lag = -1;
    for (int l = 0; l <= most; l++) {
        double sum = 0;
        for (int i = most; i < n; i++) sum += (double)out[i] * (double)in[i - l];
        if (sum > best) {
            best = sum;
            lag = l;
        }
    }
    return lag;
}

/* The path that is heard alone is late by the latency, dry and wet, through every block size. */
static void both_paths_lag_by_the_declared_latency(void) {
    enum { N = 3000, MOST = 1100 };
    static float in[N], wet[N], out[N + 1];
    const int latencies[] = {0, 1, 7, 64, 480, 960};
    const uint32_t blocks[] = {1, 64, 333, 1500};
    uint32_t seed = 1;
    for (int i = 0; i < N; i++) in[i] = noise(&seed);
    for (size_t l = 0; l < sizeof latencies / sizeof *latencies; l++)
        for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++)
            for (int bypassed = 0; bypassed < 2; bypassed++) {
                int latency = latencies[l];
                vo_bypass *bypass = fresh((uint32_t)latency, FADE, 1);
                process(wet, in, N, latency, 0.5f);
                vo_bypass_set(bypass, bypassed);
                vo_bypass_reset(bypass);
                for (int i = 0; i <= N; i++) out[i] = 99;
                play(bypass, out, in, wet, N, 1, blocks[b], 0);
                CHECK(lag_of(out, in, N, MOST) == latency);
                for (int i = 0; i < N; i++) /* every frame, unity gain, and not one more */
                    CHECK(out[i] == (i < latency ? 0 : in[i - latency]) * (bypassed ? 1 : 0.5f));
                CHECK(out[N] == 99);
                vo_bypass_free(bypass);
            }
    /* Planted: a bypass that was told one frame less than the path takes. */
    vo_bypass *wrong = fresh(479, FADE, 1);
    vo_bypass_set(wrong, true);
    vo_bypass_reset(wrong);
    play(wrong, out, in, wet, N, 1, 64, 0);
    CHECK(lag_of(out, in, N, MOST) != 480);
    vo_bypass_free(wrong);
}

/* Whatever the switch does, the output is in + g * (in * factor - in), late by the latency, where g
   follows the sin^2 law from 0 to 1 or back: two channels, blocks of any size. */
static void a_switch_is_one_fade_over_aligned_paths(void) {
    enum { N = 4000, LATENCY = 100, CHANNELS = 2, AT = 1500 };
    static float in[N * CHANNELS], wet[N * CHANNELS], out[N * CHANNELS];
    const uint32_t blocks[] = {1, 60, 100, 250, 500};
    uint32_t seed = 3;
    for (int i = 0; i < N * CHANNELS; i++) in[i] = noise(&seed);
    process(wet, in, N * CHANNELS, LATENCY * CHANNELS, 0.25f);
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
        vo_bypass *bypass = fresh(LATENCY, FADE, CHANNELS);
        for (uint32_t i = 0; i < N; i += blocks[b]) {
            if (i == AT) vo_bypass_set(bypass, true);
            if (i == AT + 100) vo_bypass_set(bypass, false); /* heard after the fade to dry */
            uint32_t n = N - i < blocks[b] ? N - i : blocks[b];
            memcpy(out + i * CHANNELS, wet + i * CHANNELS, n * CHANNELS * sizeof *out);
            pass(bypass, out + i * CHANNELS, in + i * CHANNELS, out + i * CHANNELS, n, CHANNELS);
        }
        bool returned = AT % blocks[b] == 0 && (AT + 100) % blocks[b] == 0;
        for (int i = LATENCY; i < N; i++) {
            double dry = 0; /* how much of the dry path is heard */
            if (i >= AT) dry = pow(sin(PI / 2 * fmin(1, (i - AT + 1.0) / (FADE + 1))), 2);
            int back = i - AT - FADE;
            if (returned && back >= 0)
                dry = pow(cos(PI / 2 * fmin(1, (back + 1.0) / (FADE + 1))), 2);
            if (!returned && back >= 0) continue; /* the block sizes decide where it goes back */
            for (int c = 0; c < CHANNELS; c++) {
                double before = (double)in[(i - LATENCY) * CHANNELS + c];
                double expected = before * (dry + 0.25 * (1 - dry));
                CHECK(fabs((double)out[i * CHANNELS + c] - expected) < 1e-6);
            }
        }
        vo_bypass_free(bypass);
    }
}

/* --- No click ----------------------------------------------------------------- */

/* The greatest second difference over what a fade of two aligned tones can have: the tone's own
   w^2, plus 2 g' w and g'' on the difference of the paths, where g' <= pi/2/L, g'' <= pi^2/2/L^2.
 */
static double click(double hertz, uint32_t fade, uint32_t most, uint32_t every) {
    enum { LATENCY = 480 };
    static float in[FRAMES], wet[FRAMES], out[FRAMES];
    const double w = 2 * PI * hertz / (int)RATE, length = FADE + 1, factor = 0.25;
    for (int i = 0; i < FRAMES; i++) in[i] = (float)sin(w * i);
    process(wet, in, FRAMES, LATENCY, (float)factor);
    vo_bypass *bypass = fresh(LATENCY, fade, 1);
    play(bypass, out, in, wet, FRAMES, 1, most, every);
    vo_bypass_free(bypass);
    double bound = w * w + (1 - factor) * (PI / length * w + PI * PI / 2 / length / length);
    double worst = 0;
    for (int i = LATENCY + 2; i < FRAMES; i++) {
        double second = (double)out[i] - 2 * (double)out[i - 1] + (double)out[i - 2];
        worst = fmax(worst, fabs(second));
    }
    return worst / (bound + 4 * 0x1p-23);
}

static void a_switch_makes_no_click(void) {
    const double tones[] = {50, 100, 440, 997};
    const uint32_t blocks[] = {1, 48, 100, 480, 1000}, between[] = {100, 239, 1009, 3001};
    double worst = 0, least = INFINITY;
    for (size_t t = 0; t < sizeof tones / sizeof *tones; t++)
        for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++)
            for (size_t e = 0; e < sizeof between / sizeof *between; e++) {
                worst = fmax(worst, click(tones[t], FADE, blocks[b], between[e]));
                least = fmin(least, click(tones[t], 0, blocks[b], between[e]));
            }
    printf("bypass: second difference at most %.3f of its bound, of a hard switch %.2f or more\n",
           worst, least);
    CHECK(worst <= 1);
    CHECK(least > 1);
}

/* DC, and anything else that both paths agree on, comes out as it was, to the bit. */
static void equal_paths_hide_every_switch(void) {
    enum { LATENCY = 333 };
    static float in[FRAMES], wet[FRAMES], out[FRAMES];
    const float levels[] = {1, 0.1f, -0.7f, 1e-30f, 3};
    for (size_t l = 0; l <= sizeof levels / sizeof *levels; l++)
        for (uint32_t every = 50; every < 3000; every = every * 2 + 1) {
            uint32_t seed = 9;
            bool dc = l < sizeof levels / sizeof *levels;
            for (int i = 0; i < FRAMES; i++) in[i] = dc ? levels[l] : noise(&seed);
            process(wet, in, FRAMES, LATENCY, 1);
            vo_bypass *bypass = fresh(LATENCY, FADE, 1);
            play(bypass, out, in, wet, FRAMES, 1, 64, every);
            CHECK(memcmp(out, wet, sizeof out) == 0);
            vo_bypass_free(bypass);
        }
}

/* --- A path that is not heard --------------------------------------------------- */

static void a_path_that_is_not_heard_is_not_looked_at(void) {
    enum { LATENCY = 10, N = 100 };
    float dry[N], wet[N], out[N];
    for (int i = 0; i < N; i++) {
        dry[i] = 1;
        wet[i] = NAN;
    }
    vo_bypass *bypass = fresh(LATENCY, FADE, 1);
    vo_bypass_set(bypass, true);
    for (int round = 0; round < 2; round++) { /* a reset forgets a fade that runs, and the delay */
        vo_bypass_reset(bypass);
        pass(bypass, out, dry, wet, N, 1);
        for (int i = 0; i < N; i++) CHECK(out[i] == (i < LATENCY ? 0 : 1));
        pass(bypass, out, dry, wet, N, 1);
        for (int i = 0; i < N; i++) CHECK(out[i] == 1);
        for (int i = 0; i < N; i++) wet[i] = 0;
        vo_bypass_set(bypass, false);
        pass(bypass, out, dry, wet, N, 1);
        CHECK(out[0] > 0.9f && out[0] < 1 && out[N - 1] < 1 && out[N - 1] > 0);
        vo_bypass_set(bypass, true);
        for (int i = 0; i < N; i++) wet[i] = NAN;
    }
    vo_bypass_reset(bypass);
    vo_bypass_set(bypass, false);
    for (int i = 0; i < N; i++) wet[i] = 0;
    for (int done = 0; done < FADE + N; done += N) pass(bypass, out, dry, wet, N, 1);
    CHECK(out[N - 1] == 0);
    for (int i = 0; i < N; i++) dry[i] = NAN; /* a dry path that is not heard */
    pass(bypass, out, dry, wet, N, 1);
    for (int i = 0; i < N; i++) CHECK(out[i] == 0);
    vo_bypass_free(bypass);
}

/* --- Threads ------------------------------------------------------------------- */

typedef struct contest {
    vo_bypass *bypass;
    atomic_bool over;
} contest;

static void *toggle(void *argument) {
    contest *c = argument;
    for (int i = 0; i < 20001; i++) vo_bypass_set(c->bypass, i % 2 == 0);
    atomic_store(&c->over, true);
    return NULL;
}

/* Dry 1, wet 0: within 0..1 and never faster than the steepest point of one fade. */
static void any_thread_may_switch_it(void) {
    enum { N = 64 };
    contest c = {.bypass = fresh(0, FADE, 1)};
    float dry[N], wet[N] = {0}, out[N], last = 0;
    const float steepest = (float)(PI / 2 / (FADE + 1)) + 1e-6f;
    for (int i = 0; i < N; i++) dry[i] = 1;
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, toggle, &c) == 0);
    for (int after = 0; after < 100; after += atomic_load(&c.over)) {
        pass(c.bypass, out, dry, wet, N, 1);
        for (int i = 0; i < N; i++) {
            CHECK(out[i] >= 0 && out[i] <= 1 && fabsf(out[i] - last) <= steepest);
            last = out[i];
        }
    }
    pthread_join(thread, NULL);
    CHECK(last == 1);
    vo_bypass_free(c.bypass);
}

/* --- Memory --------------------------------------------------------------------- */

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_bypass *bypass;
    uint64_t k = 1;
    for (;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_bypass_new(&bypass, 480, FADE, 2, BLOCK, &memory.allocator) == VO_OK) break;
        CHECK(!bypass && memory.failures == 1 && memory.live == 0);
    }
    CHECK(k > 3);
    uint64_t calls = memory.calls;
    float x[8] = {0}, y[8];
    pass(bypass, y, x, x, 4, 2);
    CHECK(memory.calls == calls);
    vo_bypass_free(bypass);
    CHECK(memory.live == 0);
    vo_bypass_free(NULL);
    failing_alloc_init(&memory, 0, false);
    CHECK(vo_bypass_new(&bypass, 480, FADE, 0, BLOCK, &memory.allocator) == VO_BAD_ARG);
    CHECK(vo_bypass_new(&bypass, 480, FADE, 1, 0, &memory.allocator) == VO_BAD_ARG);
    uint32_t most = UINT32_MAX;
    CHECK(vo_bypass_new(&bypass, most, 0, most, BLOCK, &memory.allocator) == VO_TOO_BIG);
    CHECK(!bypass && memory.live == 0);
}

int main(void) {
    both_paths_lag_by_the_declared_latency();
    a_switch_is_one_fade_over_aligned_paths();
    a_switch_makes_no_click();
    equal_paths_hide_every_switch();
    a_path_that_is_not_heard_is_not_looked_at();
    any_thread_may_switch_it();
    new_survives_a_failing_allocator();
    return 0;
}
