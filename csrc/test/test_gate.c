/* The gate against its definition in double: levels, hysteresis, hold, times, range; cuts, live
   changes, threads, memory, what is not a number. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "failing_alloc.h"
#include "node_play.h"

enum { RATE = 48000, FRAMES = RATE };
enum { THRESHOLD, ATTACK, HOLD, RELEASE, RANGE, HYSTERESIS, PARAMS };

static const double usual[PARAMS] = {-50, 1, 50, 100, 80, 4};

static vo_node *fresh(const double *values, uint32_t channels) {
    vo_node *node;
    const vo_format format = {RATE, channels};
    CHECK(vo_node_kind_named("Gate")->make(&node, &format, values, NULL) == VO_OK);
    CHECK(vo_node_check(node) == VO_OK && node->latency_frames == 0);
    return node;
}

/* --- The definition -------------------------------------------------------------- */

static double pole(double ms) {
    return ms > 0 ? exp(-1000 / (ms * RATE)) : 0;
}

/* Returns how often it opened and shut. */
static int define(const double *p, double *out, const float *x, uint32_t n) {
    double opens = pow(10, p[THRESHOLD] / 20), keeps = opens * pow(10, -p[HYSTERESIS] / 20);
    double floor = pow(10, -p[RANGE] / 20), way = 0;
    long hold = lround(p[HOLD] * RATE / 1000), below = 0;
    bool open = false;
    int turns = 0;
    for (uint32_t i = 0; i < n; i++) {
        double level = fabs((double)x[i]);
        bool was = open;
        below = level >= keeps ? 0 : below + 1;
        open = level >= opens || (open && below <= hold);
        turns += open != was;
        double to = open ? 1 : 0;
        way = to + pole(open ? p[ATTACK] : p[RELEASE]) * (way - to);
        out[i] = (double)x[i] * (way + floor * (1 - way));
    }
    return turns;
}

/* Bursts at levels around the thresholds, in noise, with rests of many lengths. */
static void programme(float *x, uint32_t n) {
    for (uint32_t i = 0, left = 0, kind = 0; i < n; i++, left--) {
        if (!left) {
            uint32_t longest = random_bits() % 4 ? 60 : 2000;
            left = 1 + random_bits() % longest;
            kind = random_bits() % 5;
        }
        static const float levels[] = {0, 1e-4f, 0.0028f, 0.0045f, 0.5f};
        x[i] = levels[kind] * random_sample();
    }
}

static const double rows[][PARAMS] = {
    {-50, 1, 50, 100, 80, 4}, {-50, 0, 0, 0, 120, 0},     {-50, 1, 0.2, 10, 40, 4},
    {-50, 5, 0.35, 1, 60, 0}, {-20, 20, 5, 1000, 12, 20}, {-50, 1, 50, 100, 0, 4},
    {0, 1, 50, 100, 80, 4},   {-120, 1, 1, 5000, 80, 4},
};

static void sounds_as_defined(void) {
    static float x[FRAMES], y[FRAMES];
    static double defined[FRAMES], other[FRAMES];
    double worst = 0, planted = 0;
    int turns = 0;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        float *one = y;
        programme(x, FRAMES);
        memcpy(y, x, sizeof x);
        turns += define(rows[r], defined, x, FRAMES);
        vo_node *node = fresh(rows[r], 1);
        play(node, &one, FRAMES, 512);
        vo_node_free(node);
        for (uint32_t i = 0; i < FRAMES; i++) worst = fmax(worst, fabs((double)y[i] - defined[i]));
    }
    /* The control: a hold that is a frame longer. */
    double wrong[PARAMS];
    memcpy(wrong, rows[2], sizeof wrong);
    wrong[HOLD] += 1000.0 / RATE;
    define(rows[2], defined, x, FRAMES);
    define(wrong, other, x, FRAMES);
    for (uint32_t i = 0; i < FRAMES; i++) planted = fmax(planted, fabs(defined[i] - other[i]));
    printf("gate: %d turns, error %.1f dB; a hold one frame longer: %.1f dB\n", turns,
           20 * log10(worst), 20 * log10(planted));
    CHECK(turns > 500);
    CHECK(worst < 1e-5 && planted > 1e-4); /* -100 dB, -80 dB */
}

/* --- What can be heard -------------------------------------------------------------- */

static void open_is_bit_exact_and_shut_is_the_floor(void) {
    float x[4096], y[4096], *out = y;
    vo_node *node = fresh((double[]){-50, 0, 50, 0, 80, 4}, 1);
    for (int i = 0; i < 4096; i++) x[i] = y[i] = i < 2048 ? 1e-4f : 0.5f;
    play(node, &out, 4096, 0);
    for (int i = 0; i < 2048; i++) CHECK(fabs((double)y[i] / 1e-8 - 1) < 1e-6);
    CHECK(memcmp(x + 2048, y + 2048, 2048 * sizeof *x) == 0);
    vo_node_free(node);
    node = fresh((double[]){-50, 1, 50, 100, 0, 4}, 1); /* no range: nothing to hear */
    memcpy(y, x, sizeof x);
    play(node, &out, 4096, 0);
    for (int i = 0; i < 4096; i++) CHECK(fabs((double)(y[i] - x[i])) < 1e-7);
    vo_node_free(node);
}

static void the_loudest_opens_for_all(void) {
    float x[2][1024], *both[2] = {x[0], x[1]};
    for (int i = 0; i < 1024; i++) {
        x[0][i] = 1e-4f;
        x[1][i] = 0.5f;
    }
    vo_node *node = fresh((double[]){-50, 0, 50, 100, 80, 4}, 2);
    play(node, both, 1024, 100);
    CHECK(x[0][1000] == 1e-4f && x[1][1000] == 0.5f);
    vo_node_free(node);
}

static void cuts_make_no_difference(void) {
    static float x[FRAMES], whole[FRAMES], cut[FRAMES];
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        programme(x, FRAMES);
        vo_node *node = fresh(rows[r], 1);
        for (int round = 0; round < 5; round++) {
            float *into = round ? cut : whole, *rest = into + 20001;
            memcpy(into, x, sizeof x);
            for (int i = 0; i < PARAMS; i++) CHECK(vo_node_set(node, i, rows[r][i]) == VO_OK);
            node->ops->reset(node);
            play(node, &into, 20001, round == 1 ? 1 : 0);
            CHECK(vo_node_set(node, RANGE, 20) == VO_OK && vo_node_set(node, HOLD, 3) == VO_OK);
            play(node, &rest, FRAMES - 20001, 0);
            if (round) CHECK(memcmp(whole, cut, sizeof cut) == 0);
        }
        vo_node_free(node);
    }
}

/* The second difference of a steady level that the gate holds down. */
static void a_set_is_not_heard(void) {
    static float x[FRAMES];
    float *one = x, *rest = x + 6001;
    double steepest = 0, low = 1e-3;
    for (int i = 0; i < FRAMES; i++) x[i] = (float)low;
    vo_node *node = fresh(usual, 1);
    play(node, &one, 6001, 512);
    CHECK(vo_node_set(node, RANGE, 0) == VO_OK);
    play(node, &rest, FRAMES - 6001, 512);
    for (int i = 1; i < FRAMES - 1; i++)
        steepest = fmax(steepest, fabs((double)x[i + 1] - 2 * (double)x[i] + (double)x[i - 1]));
    CHECK(fabs((double)x[FRAMES - 1] / low - 1) < 1e-6);
    CHECK(steepest / low < 0.02);
    vo_node_free(node);
}

static void the_reduction_can_be_read(void) {
    float x[1024] = {0}, *one = x;
    double down = -1;
    vo_node *node = fresh(usual, 1);
    CHECK(node->ops->read(node, &down, 1) == 1 && down == 0);
    play(node, &one, 1024, 100);
    CHECK(node->ops->read(node, &down, 1) == 1 && fabs(down - 80) < 1e-3);
    for (int i = 0; i < 1024; i++) x[i] = 1;
    play(node, &one, 1024, 100);
    CHECK(node->ops->read(node, &down, 1) == 1 && down < 1e-3);
    CHECK(node->ops->read(node, &down, 0) == 1);
    vo_node_free(node);
}

static void what_is_no_number_goes(void) {
    float x[512], *one = x;
    vo_node *node = fresh((double[]){-50, 0, 0, 0, 80, 4}, 1);
    for (int i = 0; i < 512; i++) x[i] = i % 3 ? NAN : INFINITY;
    play(node, &one, 512, 77);
    for (int i = 0; i < 512; i++) x[i] = 0.5f;
    play(node, &one, 512, 512);
    for (int i = 0; i < 512; i++) CHECK(x[i] == 0.5f);
    vo_node_free(node);
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
        CHECK(vo_node_set(c->node, THRESHOLD, -i % 100) == VO_OK);
        CHECK(vo_node_set(c->node, HOLD, i % 12) == VO_OK);
        CHECK(c->node->ops->read(c->node, &read, 1) == 1 && read >= -1e-6);
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
        for (int i = 0; i < 64; i++) CHECK(x[i] > 0 && x[i] <= 0.5f);
    }
    pthread_join(thread, NULL);
    vo_node_free(c.node);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_node *node;
    vo_format format = {RATE, 2};
    const vo_node_kind *kind = vo_node_kind_named("Gate");
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
    sounds_as_defined();
    open_is_bit_exact_and_shut_is_the_floor();
    the_loudest_opens_for_all();
    cuts_make_no_difference();
    a_set_is_not_heard();
    the_reduction_can_be_read();
    what_is_no_number_goes();
    any_thread_may_turn_it();
    new_survives_a_failing_allocator();
    return 0;
}
