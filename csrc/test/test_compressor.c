/* The compressor against its definition in double: curve, times, make-up, RMS, linked channels;
   cuts, live changes, threads, memory, what is not a number. */
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "failing_alloc.h"
#include "node_play.h"

#define PI 3.14159265358979323846

enum { RATE = 48000, FRAMES = RATE / 2 };
enum { THRESHOLD, RATIO, ATTACK, RELEASE, KNEE, MAKEUP, RMS, PARAMS };

static const double usual[PARAMS] = {-20, 3, 5, 100, 6, 0, 0};

static vo_node *fresh(const double *values, uint32_t channels) {
    vo_node *node;
    const vo_format format = {RATE, channels};
    CHECK(vo_node_kind_named("Compressor")->make(&node, &format, values, NULL) == VO_OK);
    CHECK(vo_node_check(node) == VO_OK && node->latency_frames == 0);
    return node;
}

/* --- The definition -------------------------------------------------------------- */

static double curve_db(const double *p, double level_db) {
    double over = level_db - p[THRESHOLD], slope = 1 - 1 / p[RATIO];
    if (2 * over <= -p[KNEE]) return 0;
    if (2 * over < p[KNEE]) return slope * pow(over + p[KNEE] / 2, 2) / (2 * p[KNEE]);
    return slope * over;
}

static double pole(double ms) {
    return ms > 0 ? exp(-1000 / (ms * RATE)) : 0;
}

static void define(const double *p, double *out, const float *x, uint32_t n) {
    double attack = pole(p[ATTACK]), release = pole(p[RELEASE]), rms = pole(p[RMS]);
    double energy = 0, peak = 0, down = 0;
    for (uint32_t i = 0; i < n; i++) {
        energy = rms * energy + (1 - rms) * (double)x[i] * (double)x[i];
        double asked = curve_db(p, 10 * log10(energy + 1e-300));
        peak = fmax(asked, release * peak + (1 - release) * asked);
        down = attack * down + (1 - attack) * peak;
        out[i] = (double)x[i] * pow(10, (p[MAKEUP] - down) / 20);
    }
}

/* Of the difference, to full scale. */
static double error_db(const double *p, const float *x, uint32_t n, uint32_t block) {
    float *y = malloc(n * sizeof *y);
    double *defined = malloc(n * sizeof *defined), most = 0;
    CHECK(y && defined);
    memcpy(y, x, n * sizeof *y);
    define(p, defined, x, n);
    vo_node *node = fresh(p, 1);
    play(node, &y, n, block);
    vo_node_free(node);
    for (uint32_t i = 0; i < n; i++) most = fmax(most, fabs((double)y[i] - defined[i]));
    free(y);
    free(defined);
    return 20 * log10(most + 1e-30);
}

/* Silence, steps of level, noise and a decay below what a memory keeps. */
static void programme(float *x, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        static const float levels[] = {0, 1, 0.03f, 0.3f, 1e-4f, 0.9f, 1e-7f, 0.6f};
        float level = levels[(uint64_t)i * 8 / n];
        x[i] = i % 3000 < 1500 ? level * (float)sin(0.05 * i) : level * random_sample();
    }
}

static const double rows[][PARAMS] = {
    {-20, 3, 5, 100, 6, 0, 0},       {-20, 3, 5, 100, 0, 0, 0},    {-40, 100, 0, 1, 0, 0, 0},
    {-60, 10, 1, 1000, 40, 0, 0},    {0, 2, 5, 100, 12, -6, 0},    {-80, 1, 5, 100, 6, 0, 0},
    {-30, 4, 500, 5000, 6, -12, 10}, {-20, 3, 0, 50, 0, -1.5, 20}, {-50, 1.5, 30, 300, 10, 0, 1},
};

static void sound_as_defined(void) {
    static float x[FRAMES];
    double worst = -INFINITY;
    programme(x, FRAMES);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        worst = fmax(worst, error_db(rows[i], x, FRAMES, 512));
    /* The control: another release. */
    double wrong[PARAMS], planted = -INFINITY;
    memcpy(wrong, usual, sizeof wrong);
    wrong[RELEASE] *= 1.01;
    double defined[FRAMES], others[FRAMES];
    define(usual, defined, x, FRAMES);
    define(wrong, others, x, FRAMES);
    for (uint32_t i = 0; i < FRAMES; i++)
        planted = fmax(planted, 20 * log10(fabs(defined[i] - others[i]) + 1e-30));
    printf("compressor: error %.1f dB; a release 1 %% longer: %.1f dB\n", worst, planted);
    CHECK(worst <= -110);
    CHECK(planted > -80);
}

/* --- What can be heard -------------------------------------------------------------- */

static void below_the_threshold_nothing_changes(void) {
    float x[4096], y[4096], *out = y;
    for (int i = 0; i < 4096; i++) x[i] = y[i] = 0.05f * random_sample();
    vo_node *node = fresh(usual, 1);
    play(node, &out, 4096, 0);
    CHECK(memcmp(x, y, sizeof x) == 0);
    vo_node_free(node);
}

static void the_loudest_leads(void) {
    static float x[2][FRAMES], y[2][FRAMES], alone[FRAMES];
    float *both[2] = {y[0], y[1]}, *one = alone;
    programme(x[0], FRAMES);
    for (uint32_t i = 0; i < FRAMES; i++) x[1][i] = 0.25f * x[0][FRAMES - 1 - i] * x[0][i];
    memcpy(y, x, sizeof x);
    memcpy(alone, x[0], sizeof alone);
    vo_node *pair = fresh(usual, 2), *mono = fresh(usual, 1);
    play(pair, both, FRAMES, 512);
    play(mono, &one, FRAMES, 512);
    CHECK(memcmp(alone, y[0], sizeof alone) == 0);
    for (uint32_t i = 0; i < FRAMES; i++)
        if (fabsf(x[0][i]) > 1e-3f)
            CHECK(fabs((double)x[1][i] * (double)y[0][i] / (double)x[0][i] - (double)y[1][i]) <
                  1e-6);
    vo_node_free(pair);
    vo_node_free(mono);
}

static void cuts_make_no_difference(void) {
    static float x[FRAMES], whole[FRAMES], cut[FRAMES];
    programme(x, FRAMES);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        float *one = whole, *other = cut;
        vo_node *node = fresh(rows[i], 1);
        memcpy(whole, x, sizeof x);
        play(node, &one, FRAMES, 512);
        for (uint32_t block = 0; block < 50; block += 7) {
            node->ops->reset(node);
            memcpy(cut, x, sizeof x);
            play(node, &other, FRAMES, block);
            CHECK(memcmp(whole, cut, sizeof cut) == 0);
        }
        vo_node_free(node);
    }
}

/* A set in the middle of a group is heard from the same frame on, however blocks are cut. */
static void cuts_around_a_set_make_no_difference(void) {
    static float x[FRAMES], whole[FRAMES], cut[FRAMES];
    programme(x, FRAMES);
    vo_node *node = fresh(usual, 1);
    for (int round = 0; round < 20; round++) {
        float *into = round ? cut : whole, *rest = into + 9001;
        memcpy(into, x, sizeof x);
        for (int i = 0; i < RMS; i++) CHECK(vo_node_set(node, i, usual[i]) == VO_OK);
        node->ops->reset(node);
        play(node, &into, 9001, 0);
        CHECK(vo_node_set(node, MAKEUP, 12) == VO_OK && vo_node_set(node, RATIO, 8) == VO_OK);
        play(node, &rest, FRAMES - 9001, 0);
    }
    CHECK(memcmp(whole, cut, sizeof cut) == 0);
    vo_node_free(node);
}

/* The second difference of a steady 1 shows what is not smooth: a jump of 12 dB is 3 high. */
static void a_set_is_not_heard(void) {
    static float x[FRAMES];
    float *one = x, *rest = x + 6001;
    double steepest = 0;
    for (int i = 0; i < FRAMES; i++) x[i] = 0.05f;
    vo_node *node = fresh(usual, 1);
    play(node, &one, 6001, 512);
    CHECK(vo_node_set(node, MAKEUP, 12) == VO_OK && vo_node_set(node, THRESHOLD, -60) == VO_OK);
    play(node, &rest, FRAMES - 6001, 512);
    for (int i = 1; i < FRAMES - 1; i++)
        steepest = fmax(steepest, fabs((double)x[i + 1] - 2 * (double)x[i] + (double)x[i - 1]));
    double final =
        0.05 * pow(10, (12 - curve_db((double[]){-60, 3, 5, 100, 6, 12, 0}, -26.0206)) / 20);
    CHECK(fabs((double)x[FRAMES - 1] - final) < 1e-5);
    CHECK(steepest / 0.05 < 0.01);
    vo_node_free(node);
}

static void the_reduction_can_be_read(void) {
    static float x[FRAMES];
    float *one = x;
    double down = -1;
    for (int i = 0; i < FRAMES; i++) x[i] = 1;
    vo_node *node = fresh(usual, 1);
    CHECK(node->ops->read(node, &down, 1) == 1 && down == 0);
    play(node, &one, FRAMES, 100);
    CHECK(node->ops->read(node, &down, 0) == 1);
    CHECK(node->ops->read(node, &down, 1) == 1);
    CHECK(fabs(down - curve_db(usual, 0)) < 1e-3);
    node->ops->reset(node);
    CHECK(node->ops->read(node, &down, 1) == 1 && down == 0);
    vo_node_free(node);
}

static void what_is_no_number_goes(void) {
    for (int rms = 0; rms < 2; rms++) {
        float x[512], *one = x;
        double values[PARAMS];
        memcpy(values, usual, sizeof values);
        values[RMS] = rms * 10;
        vo_node *node = fresh(values, 1);
        for (int i = 0; i < 512; i++) x[i] = i % 3 ? NAN : INFINITY;
        play(node, &one, 512, 77);
        for (int block = 0; block < 2000; block++) {
            for (int i = 0; i < 512; i++) x[i] = 0.01f;
            play(node, &one, 512, 512);
            for (int i = 0; i < 512; i++) CHECK(isfinite(x[i]));
        }
        CHECK(x[511] == 0.01f);
        vo_node_free(node);
    }
}

/* --- Threads, memory -------------------------------------------------------------------- */

typedef struct contest {
    vo_node *node;
    atomic_bool over;
} contest;

static void *turn(void *argument) {
    contest *c = argument;
    double read;
    for (int i = 0; i < 20000; i++) {
        CHECK(vo_node_set(c->node, THRESHOLD, -i % 60) == VO_OK);
        CHECK(vo_node_set(c->node, MAKEUP, i % 12) == VO_OK);
        CHECK(c->node->ops->read(c->node, &read, 1) == 1 && read >= 0);
    }
    atomic_store(&c->over, true);
    return NULL;
}

static void any_thread_may_turn_it(void) {
    contest c = {.node = fresh(usual, 1)};
    float x[64], *one = x;
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, turn, &c) == 0);
    while (!atomic_load(&c.over)) {
        for (int i = 0; i < 64; i++) x[i] = 0.5f;
        play(c.node, &one, 64, 64);
        for (int i = 0; i < 64; i++) CHECK(x[i] > 0 && x[i] < 2.1f);
    }
    pthread_join(thread, NULL);
    vo_node_free(c.node);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_node *node;
    vo_format format = {RATE, 2};
    const vo_node_kind *kind = vo_node_kind_named("Compressor");
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (kind->make(&node, &format, NULL, &memory.allocator) == VO_OK) break;
        CHECK(!node && memory.failures == 1 && memory.live == 0);
    }
    vo_node_free(node);
    CHECK(memory.live == 0);
    failing_alloc_init(&memory, 0, false);
    const vo_format bad[] = {{0, 1}, {RATE, 0}, {RATE, VO_NODE_MAX_CHANNELS + 1}};
    for (size_t i = 0; i < 3; i++) {
        CHECK(kind->make(&node, &bad[i], NULL, &memory.allocator) == VO_BAD_ARG && !node);
        CHECK(memory.live == 0);
    }
}

int main(void) {
    sound_as_defined();
    below_the_threshold_nothing_changes();
    the_loudest_leads();
    cuts_make_no_difference();
    cuts_around_a_set_make_no_difference();
    a_set_is_not_heard();
    the_reduction_can_be_read();
    what_is_no_number_goes();
    any_thread_may_turn_it();
    new_survives_a_failing_allocator();
    return 0;
}
