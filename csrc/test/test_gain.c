/* A13: the dB map, and steps of gain that stay below -60 dB above a sixth of the rate (8 kHz at
   48 kHz). The same gain with a hard step must exceed that. */
#include <float.h>
#include <pthread.h>
#include <stdatomic.h>

#include "high_band.h"
#include "node_play.h"
#include "ramp.h"

enum { RATE = 48000, RAMP = RATE * 5 / 1000, FRAMES = RATE / 2 };

/* A rate at which 5 ms are no frame at all: every change is a hard step. */
enum { STEP_RATE = 1 };

static vo_node *fresh(uint32_t rate, uint32_t channels, double db) {
    const vo_format format = {rate, channels};
    vo_node *gain;
    CHECK(vo_node_kind_named("Gain")->make(&gain, &format, &db, NULL) == VO_OK);
    return gain;
}

static void set_db(vo_node *gain, double db) {
    CHECK(vo_node_set(gain, 0, db) == VO_OK);
    CHECK(vo_node_get(gain, 0) == db);
}

/* What a gain does to 1. */
static float factor(double db) {
    float x = 1, *rows[] = {&x};
    vo_node *gain = fresh(RATE, 1, db);
    play(gain, rows, 1, 1);
    vo_node_free(gain);
    return x;
}

/* --- A13: steps ----------------------------------------------------------- */

static const struct step {
    float from_db, to_db, hertz;
} steps[] = {
    {0, -64, 440},  {0, -6, 440},    {0, 24, 1000}, {-20, 24, 100},  {24, -100, 440},
    {-100, 0, 440}, {0, -100, 1000}, {0, -65, 440}, {-64, 24, 3000}, {0, -3, 1000},
};

static void play_step(const struct step *step, uint32_t rate, uint32_t block, float *out) {
    static float in[FRAMES];
    /* The tone is at its peak when the gain changes, in the middle of a block or at its end. */
    uint32_t at = FRAMES / 2 / block * block, ramp = vo_ramp_frames(rate);
    for (uint32_t i = 0; i < FRAMES; i++)
        in[i] = (float)(0.05 * cos(2 * PI * (double)step->hertz * ((double)i - at) / (int)RATE));
    memcpy(out, in, sizeof in);
    vo_node *gain = fresh(rate, 1, step->from_db);
    float *before[] = {out}, *after[] = {out + at};
    play(gain, before, at, block);
    set_db(gain, step->to_db);
    play(gain, after, FRAMES - at, block);
    vo_node_free(gain);
    float from = factor(step->from_db), to = factor(step->to_db);
    for (uint32_t i = 0; i < FRAMES; i++) {
        if (i < at) CHECK(out[i] == from * in[i]);
        if (i >= at + ramp) CHECK(out[i] == to * in[i]);
    }
}

static void steps_are_not_heard(void) {
    static float out[FRAMES];
    const uint32_t blocks[] = {1, 64, 500};
    double loudest = -INFINITY, quietest_cut = INFINITY;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
            play_step(&steps[i], RATE, blocks[b], out);
            loudest = fmax(loudest, high_band_db(out, FRAMES, RATE));
        }
        play_step(&steps[i], STEP_RATE, 64, out);
        quietest_cut = fmin(quietest_cut, high_band_db(out, FRAMES, RATE));
    }
    printf("gain: steps %.1f dB, hard steps %.1f dB or more\n", loudest, quietest_cut);
    CHECK(loudest < -60);
    CHECK(quietest_cut > -60);
}

/* A slider that moves in every block: ramps are never cut short. */
static double moving_slider_db(uint32_t rate, uint32_t block) {
    static float x[FRAMES];
    vo_node *gain = fresh(rate, 1, 0);
    uint32_t seed = 1;
    for (int i = 0; i < FRAMES; i++) x[i] = (float)(0.9 * sin(2 * PI * 440 * i / (int)RATE));
    for (uint32_t i = 0; i + block <= FRAMES; i += block) {
        float *rows[] = {x + i};
        seed = seed * 1664525 + 1013904223;
        set_db(gain, seed >> 20 & 1 ? -100 : -(double)(seed >> 26));
        play(gain, rows, block, block);
    }
    vo_node_free(gain);
    return high_band_db(x, FRAMES / (int)block * (int)block, RATE);
}

static void a_moving_slider_is_not_heard(void) {
    CHECK(moving_slider_db(RATE, 64) < -60);
    CHECK(moving_slider_db(RATE, 100) < -60);
    CHECK(moving_slider_db(STEP_RATE, 64) > -60);
}

/* --- A13: levels ------------------------------------------------------------ */

static void the_map_is_exact(void) {
    const struct row {
        float db, factor;
    } rows[] = {{0, 1},        {20, 10},     {-20, 0.1f},      {-40, 0.01f},
                {-60, 0.001f}, {6.0206f, 2}, {24, 15.848932f}, {-64, 6.3095734e-4f}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK(fabsf(factor(rows[i].db) - rows[i].factor) <= 2e-7f * rows[i].factor);
    CHECK(factor(0) == 1 && factor(-100) == 0);
    for (float db = -100; db < 24; db += 0.25f) CHECK(factor(db) < factor(db + 0.25f));
}

/* At 0 dB every bit pattern passes, also after a detour; silence is +0 for all of them. */
static void unity_is_bit_exact_and_the_least_is_silent(void) {
    enum { N = 4096 };
    static float in[N], out[N], zeros[N];
    float *rows[] = {out};
    uint32_t seed = 7;
    for (int i = 0; i < N; i++) {
        seed = seed * 1664525 + 1013904223;
        memcpy(&in[i], &seed, sizeof seed);
    }
    const float odd[] = {NAN, INFINITY, -INFINITY, -0.0f, 0x1p-149f, -FLT_MAX};
    memcpy(in, odd, sizeof odd);
    vo_node *gain = fresh(RATE, 1, 0);
    for (int round = 0; round < 3; round++) {
        memcpy(out, in, sizeof in);
        play(gain, rows, N, 100);
        CHECK(memcmp(in, out, sizeof in) == 0);
        set_db(gain, -30);
        play(gain, rows, RAMP + 1, 64);
        set_db(gain, -100);
        play(gain, rows, RAMP, 64);
        memcpy(out, in, sizeof in);
        play(gain, rows, N, 100);
        CHECK(memcmp(zeros, out, sizeof zeros) == 0);
        set_db(gain, 0);
        play(gain, rows, RAMP, 64);
    }
    vo_node_free(gain);
}

/* Whatever the blocks, a change set between two frames sounds the same. */
static void blocks_make_no_difference(void) {
    enum { N = 3000, AT = 1000 };
    static float whole[2][N], cut[2][N];
    const uint32_t blocks[] = {0, 1, 13, 100, 239, 240, 241, 500};
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
        for (int i = 0; i < N; i++) {
            whole[0][i] = cut[0][i] = (float)sin(i * 0.37);
            whole[1][i] = cut[1][i] = (float)cos(i * 0.11);
        }
        vo_node *one = fresh(RATE, 2, 0), *other = fresh(RATE, 2, 0);
        for (int half = 0; half < 2; half++) {
            uint32_t at = half ? AT : 0, n = half ? N - AT : AT;
            play(one, (float *[]){whole[0] + at, whole[1] + at}, n, VO_NODE_MAX_FRAMES);
            play(other, (float *[]){cut[0] + at, cut[1] + at}, n, blocks[b]);
            set_db(one, -20);
            set_db(other, -20);
        }
        CHECK(memcmp(whole, cut, sizeof cut) == 0);
        vo_node_free(one);
        vo_node_free(other);
    }
}

/* The shape of a ramp: cos^2 of the old factor, sin^2 of the new one. */
static void a_ramp_follows_its_law(void) {
    float x[RAMP], *rows[] = {x};
    vo_node *gain = fresh(RATE, 1, 0);
    for (int i = 0; i < RAMP; i++) x[i] = 1;
    play(gain, rows, 1, 1);
    set_db(gain, -100);
    play(gain, rows, RAMP, 7);
    for (int i = 0; i < RAMP; i++) {
        double expected = pow(cos(PI / 2 * (i + 1) / (RAMP + 1)), 2);
        CHECK(fabs((double)x[i] - expected) < 1e-7);
    }
    vo_node_free(gain);
}

static void the_first_block_has_no_ramp(void) {
    float x[4], *rows[] = {x};
    vo_node *gain = fresh(RATE, 1, 24);
    set_db(gain, -100);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 4; i++) x[i] = 1;
        play(gain, rows, 4, 4);
        for (int i = 0; i < 4; i++) CHECK(x[i] == (float)round);
        set_db(gain, 0);
        play(gain, rows, 2, 2); /* a ramp begins, and is forgotten */
        gain->ops->reset(gain);
    }
    vo_node_free(gain);
}

/* --- Threads ------------------------------------------------------------------ */

typedef struct contest {
    vo_node *gain;
    atomic_bool over;
} contest;

static void *move(void *argument) {
    contest *c = argument;
    for (int i = 0; i < 20000; i++) set_db(c->gain, i % 5 == 0 ? -100 : i % 3 ? -6 : 0);
    atomic_store(&c->over, true);
    return NULL;
}

/* A steady 1 stays within 0..1 and moves no faster than the steepest point of one ramp. */
static void any_thread_may_turn_it(void) {
    enum { BLOCK = 64 };
    contest c = {.gain = fresh(RATE, 1, 0)};
    float x[BLOCK], *rows[] = {x}, last = 1, steepest = (float)(PI / 2 / (RAMP + 1)) + 1e-6f;
    pthread_t thread;
    for (int i = 0; i < BLOCK; i++) x[i] = 1;
    play(c.gain, rows, BLOCK, BLOCK);
    CHECK(pthread_create(&thread, NULL, move, &c) == 0);
    for (int after = 0; after < 100; after += atomic_load(&c.over)) {
        for (int i = 0; i < BLOCK; i++) x[i] = 1;
        play(c.gain, rows, BLOCK, BLOCK);
        for (int i = 0; i < BLOCK; i++) {
            CHECK(x[i] >= 0 && x[i] <= 1 && fabsf(x[i] - last) <= steepest);
            last = x[i];
        }
    }
    pthread_join(thread, NULL);
    CHECK(last == factor(-6));
    vo_node_free(c.gain);
}

int main(void) {
    steps_are_not_heard();
    a_moving_slider_is_not_heard();
    the_map_is_exact();
    unity_is_bit_exact_and_the_least_is_silent();
    blocks_make_no_difference();
    a_ramp_follows_its_law();
    the_first_block_has_no_ramp();
    any_thread_may_turn_it();
    return 0;
}
