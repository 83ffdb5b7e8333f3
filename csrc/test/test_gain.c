/* A13: the dB map, and steps of gain that stay below -60 dB above a sixth of the rate (8 kHz at
   48 kHz). The same gain with a hard step must exceed that. */
#include "vocana/gain.h"

#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"

#define PI 3.14159265358979323846

enum { RATE = 48000, RAMP = RATE * 5 / 1000, FRAMES = RATE / 2, TAPS = 129 };

static vo_gain *fresh(uint32_t ramp, uint32_t channels) {
    vo_gain *gain;
    CHECK(vo_gain_new(&gain, ramp, channels, NULL) == VO_OK);
    return gain;
}

static void set_db(vo_gain *gain, float db) {
    CHECK(vo_gain_set_db(gain, db) == VO_OK);
    CHECK(vo_gain_db(gain) == db);
}

/* --- How much of a step is heard -------------------------------------------- */

/* Windowed sinc (four-term Blackman-Harris) that passes what is above rate / 6. */
static void high_pass(double *taps) {
    for (int i = 0; i < TAPS; i++) {
        double t = i - (TAPS - 1) / 2, w = 2 * PI * i / (TAPS - 1);
        double low = t == 0 ? 1.0 / 3 : sin(PI * t / 3) / (PI * t);
        double window = 0.35875 - 0.48829 * cos(w) + 0.14128 * cos(2 * w) - 0.01168 * cos(3 * w);
        taps[i] = ((t == 0) - low) * window;
    }
}

/* The loudest millisecond of the high band over the loudest millisecond of all, in dB. */
static double high_band_db(const float *x, int n) {
    double taps[TAPS], high_most = 0, all_most = 0, high = 0, all = 0;
    high_pass(taps);
    for (int i = TAPS - 1, of_ms = 0; i < n; i++) {
        double y = 0;
        for (int k = 0; k < TAPS; k++) y += taps[k] * (double)x[i - k];
        high += y * y;
        all += (double)x[i] * (double)x[i];
        if (++of_ms < RATE / 1000) continue;
        high_most = fmax(high_most, high);
        all_most = fmax(all_most, all);
        high = all = of_ms = 0;
    }
    return 10 * log10(high_most / all_most + 1e-30);
}

/* --- A13: steps ----------------------------------------------------------- */

#define MUTE (-INFINITY)

static const struct step {
    float from_db, to_db, hertz;
} steps[] = {
    {0, -64, 440},  {0, -6, 440},   {0, 24, 1000}, {-20, 24, 100},  {24, MUTE, 440},
    {MUTE, 0, 440}, {0, MUTE, 100}, {0, -65, 440}, {-64, 24, 3000}, {0, -3, 1000},
};

static void play_step(const struct step *step, uint32_t ramp, uint32_t block, float *out) {
    static float in[FRAMES];
    /* The tone is at its peak when the gain changes, in the middle of a block or at its end. */
    uint32_t at = FRAMES / 2 / block * block;
    for (uint32_t i = 0; i < FRAMES; i++)
        in[i] = (float)(0.05 * cos(2 * PI * (double)step->hertz * ((double)i - at) / (int)RATE));
    vo_gain *gain = fresh(ramp, 1);
    set_db(gain, step->from_db);
    for (uint32_t i = 0; i < FRAMES; i += block) {
        if (i == at) set_db(gain, step->to_db);
        vo_gain_process(gain, out + i, in + i, FRAMES - i < block ? FRAMES - i : block);
    }
    for (uint32_t i = 0; i < FRAMES; i++) {
        if (i < at) CHECK(out[i] == vo_gain_factor(step->from_db) * in[i]);
        if (i >= at + ramp) CHECK(out[i] == vo_gain_factor(step->to_db) * in[i]);
    }
    vo_gain_free(gain);
}

static void steps_are_not_heard(void) {
    static float out[FRAMES];
    const uint32_t blocks[] = {1, 7, 64, 240, 480, 5000};
    double loudest = -INFINITY, quietest_cut = INFINITY;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
            play_step(&steps[i], RAMP, blocks[b], out);
            if (b % 3 == 0) loudest = fmax(loudest, high_band_db(out, FRAMES));
        }
        play_step(&steps[i], 0, 64, out);
        quietest_cut = fmin(quietest_cut, high_band_db(out, FRAMES));
    }
    printf("gain: steps %.1f dB, hard steps %.1f dB or more\n", loudest, quietest_cut);
    CHECK(loudest < -60);
    CHECK(quietest_cut > -60);
}

/* A slider that moves in every block: ramps are never cut short. */
static double moving_slider_db(uint32_t ramp, uint32_t block) {
    static float x[FRAMES];
    vo_gain *gain = fresh(ramp, 1);
    uint32_t seed = 1;
    for (int i = 0; i < FRAMES; i++) x[i] = (float)(0.9 * sin(2 * PI * 440 * i / (int)RATE));
    for (uint32_t i = 0; i + block <= FRAMES; i += block) {
        seed = seed * 1664525 + 1013904223;
        set_db(gain, -(float)(seed >> 26));
        vo_gain_set_muted(gain, seed >> 20 & 1);
        vo_gain_process(gain, x + i, x + i, block);
    }
    vo_gain_free(gain);
    return high_band_db(x, FRAMES / (int)block * (int)block);
}

static void a_moving_slider_is_not_heard(void) {
    CHECK(moving_slider_db(RAMP, 64) < -60);
    CHECK(moving_slider_db(RAMP, 100) < -60);
    CHECK(moving_slider_db(0, 64) > -60);
}

/* --- A13: levels ------------------------------------------------------------ */

static void the_map_is_exact(void) {
    const struct row {
        float db, factor;
    } rows[] = {{0, 1},        {20, 10},     {-20, 0.1f},      {-40, 0.01f},
                {-60, 0.001f}, {6.0206f, 2}, {24, 15.848932f}, {-64, 6.3095734e-4f}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK(fabsf(vo_gain_factor(rows[i].db) - rows[i].factor) <= 2e-7f * rows[i].factor);
    CHECK(vo_gain_factor(0) == 1);
    CHECK(vo_gain_factor(nextafterf(-64, -65)) == 0 && vo_gain_factor(-INFINITY) == 0);
    CHECK(vo_gain_factor(NAN) == 0);
    for (float db = -64; db < 24; db += 0.25f)
        CHECK(vo_gain_factor(db) < vo_gain_factor(db + 0.25f));
}

static void levels_out_of_range_are_refused(void) {
    vo_gain *gain = fresh(RAMP, 1);
    set_db(gain, -12);
    const float bad[] = {nextafterf(24, 25), 100, INFINITY, NAN};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_gain_set_db(gain, bad[i]) == VO_BAD_ARG && vo_gain_db(gain) == -12);
    set_db(gain, 24);
    set_db(gain, -1000);
    set_db(gain, -INFINITY);
    vo_gain_free(gain);
}

/* At 0 dB every bit pattern passes, also after a detour; silence is +0 for all of them. */
static void unity_is_bit_exact_and_mute_is_silent(void) {
    enum { N = 4096, CHANNELS = 2 };
    static float in[N], out[N + 2], zeros[N];
    uint32_t seed = 7;
    for (int i = 0; i < N; i++) {
        seed = seed * 1664525 + 1013904223;
        memcpy(&in[i], &seed, sizeof seed);
    }
    const float odd[] = {NAN, INFINITY, -INFINITY, -0.0f, 0x1p-149f, -FLT_MAX};
    memcpy(in, odd, sizeof odd);
    vo_gain *gain = fresh(RAMP, CHANNELS);
    for (int round = 0; round < 3; round++) {
        out[N] = 0.25f;
        vo_gain_process(gain, out, in, N / CHANNELS);
        CHECK(memcmp(in, out, sizeof in) == 0 && out[N] == 0.25f);
        set_db(gain, -30);
        vo_gain_process(gain, out, in, RAMP + 1);
        vo_gain_set_muted(gain, true);
        CHECK(vo_gain_muted(gain) && vo_gain_db(gain) == -30);
        vo_gain_process(gain, out, in, RAMP);
        vo_gain_process(gain, out, in, N / CHANNELS);
        CHECK(memcmp(zeros, out, sizeof zeros) == 0);
        vo_gain_set_muted(gain, false);
        set_db(gain, 0);
        vo_gain_process(gain, out, in, RAMP);
    }
    vo_gain_process(gain, NULL, NULL, 0);
    vo_gain_free(gain);
}

/* In place or not, whatever the blocks, a change set between two frames sounds the same. */
static void blocks_and_places_make_no_difference(void) {
    enum { N = 3000, CHANNELS = 3 };
    static float in[N * CHANNELS], whole[N * CHANNELS], cut[N * CHANNELS];
    for (int i = 0; i < N * CHANNELS; i++) in[i] = (float)sin(i * 0.37) + (float)(i % CHANNELS);
    const uint32_t blocks[] = {1, 13, 100, 239, 240, 241, 1000};
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
        vo_gain *one = fresh(RAMP, CHANNELS), *other = fresh(RAMP, CHANNELS);
        vo_gain_process(one, whole, in, 1000);
        set_db(one, -20);
        vo_gain_process(one, whole + 1000 * CHANNELS, in + 1000 * CHANNELS, 2000);
        memcpy(cut, in, sizeof in);
        for (uint32_t i = 0, n; i < N; i += n) {
            uint32_t end = i < 1000 ? 1000 : N;
            n = end - i < blocks[b] ? end - i : blocks[b];
            if (i == 1000) set_db(other, -20);
            vo_gain_process(other, cut + i * CHANNELS, cut + i * CHANNELS, n);
        }
        CHECK(memcmp(whole, cut, sizeof cut) == 0);
        vo_gain_free(one);
        vo_gain_free(other);
    }
}

static void the_first_block_has_no_ramp(void) {
    float x[4];
    vo_gain *gain = fresh(RAMP, 1);
    vo_gain_set_muted(gain, true);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 4; i++) x[i] = 1;
        vo_gain_process(gain, x, x, 4);
        for (int i = 0; i < 4; i++) CHECK(x[i] == (float)round);
        vo_gain_set_muted(gain, false);
        vo_gain_process(gain, x, x, 2); /* a ramp begins, and is forgotten */
        vo_gain_reset(gain);
    }
    vo_gain_free(gain);
}

/* --- Threads ------------------------------------------------------------------ */

typedef struct contest {
    vo_gain *gain;
    atomic_bool over;
} contest;

static void *move(void *argument) {
    contest *c = argument;
    for (int i = 0; i < 20000; i++) {
        CHECK(vo_gain_set_db(c->gain, i % 3 ? -6 : 0) == VO_OK);
        vo_gain_set_muted(c->gain, i % 5 == 0);
    }
    atomic_store(&c->over, true);
    return NULL;
}

/* A steady 1 stays within 0..1 and moves no faster than the steepest point of one ramp. */
static void any_thread_may_turn_it(void) {
    enum { BLOCK = 64 };
    contest c = {.gain = fresh(RAMP, 1)};
    float in[BLOCK], out[BLOCK], last = 1, steepest = (float)(PI / 2 / (RAMP + 1)) + 1e-6f;
    for (int i = 0; i < BLOCK; i++) in[i] = 1;
    vo_gain_process(c.gain, out, in, BLOCK);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, move, &c) == 0);
    for (int after = 0; after < 100; after += atomic_load(&c.over)) {
        vo_gain_process(c.gain, out, in, BLOCK);
        for (int i = 0; i < BLOCK; i++) {
            CHECK(out[i] >= 0 && out[i] <= 1 && fabsf(out[i] - last) <= steepest);
            last = out[i];
        }
    }
    pthread_join(thread, NULL);
    CHECK(last == vo_gain_factor(-6));
    vo_gain_free(c.gain);
}

/* --- Memory --------------------------------------------------------------------- */

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_gain *gain;
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_gain_new(&gain, RAMP, 2, &memory.allocator) == VO_OK) break;
        CHECK(!gain && memory.failures == 1 && memory.live == 0);
    }
    CHECK(memory.calls == 2);
    float x[8] = {0};
    vo_gain_process(gain, x, x, 4);
    CHECK(memory.calls == 2);
    vo_gain_free(gain);
    CHECK(memory.live == 0);
    vo_gain_free(NULL);
    failing_alloc_init(&memory, 0, false);
    CHECK(vo_gain_new(&gain, RAMP, 0, &memory.allocator) == VO_BAD_ARG && !gain);
    CHECK(memory.calls == 0);
}

int main(void) {
    steps_are_not_heard();
    a_moving_slider_is_not_heard();
    the_map_is_exact();
    levels_out_of_range_are_refused();
    unity_is_bit_exact_and_mute_is_silent();
    blocks_and_places_make_no_difference();
    the_first_block_has_no_ramp();
    any_thread_may_turn_it();
    new_survives_a_failing_allocator();
    return 0;
}
