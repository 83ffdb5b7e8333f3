/* The filters as nodes: corners, refusals, a thread that sets while another one plays. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "guard.h"
#include "kernel_samples.h"
#include "vocana/nodes.h"

enum { RATE = 48000, FRAMES = 480000, BLOCK = VO_NODE_MAX_FRAMES };

static const vo_format mono = {RATE, 1};
static vo_node *fresh(const char *name, const vo_format *format, const double *values) {
    vo_node *node;
    CHECK(vo_node_kind_named(name)->make(&node, format, values, NULL) == VO_OK);
    CHECK(node->latency_frames == 0);
    return node;
}

static void play(vo_node *node, float *x, uint32_t n) {
    for (uint32_t i = 0; i < n; i += BLOCK) {
        vo_guard_begin();
        node->ops->process(node, (float *[]){x + i}, n - i < BLOCK ? n - i : BLOCK);
        vo_guard_end();
    }
}

/* Gain in dB at a frequency, from an impulse that is given time to ring out. */
static double gain_db(vo_node *node, double hertz) {
    static float x[FRAMES];
    memset(x, 0, sizeof x);
    x[0] = 1;
    play(node, x, FRAMES);
    double re = 0, im = 0, w = 2 * 3.14159265358979323846 * hertz / RATE;
    for (int i = 0; i < FRAMES; i++) {
        re += x[i] * cos(w * i);
        im += x[i] * sin(w * i);
    }
    vo_node_free(node);
    return 10 * log10(re * re + im * im + 1e-30);
}

/* What the Cookbook and Butterworth promise at one frequency. */
static void corners_are_where_they_should_be(void) {
    const struct row {
        const char *name;
        double values[3], hertz, db;
    } rows[] = {
        {"LowPass", {20, sqrt(0.5), 2}, 20, -3.0103},
        {"LowPass", {12000, sqrt(0.5), 7}, 12000, -3.0103},
        {"LowPass", {1000, 4, 2}, 1000, 12.0412},
        {"HighPass", {80, sqrt(0.5), 1}, 80, -3.0103},
        {"HighPass", {20, sqrt(0.5), 8}, 20, -3.0103},
        {"HighPass", {80, sqrt(0.5), 4}, 40, -24.1}, /* an octave below, 24 dB */
        {"DCBlock", {10}, 10, -3.0103},
        {"BandPass", {1000, 5}, 1000, 0},
        {"BandPass", {1000, 5}, 1104.99, -3.0103}, /* f0 (sqrt(1 + 1/4Q^2) + 1/2Q) */
        {"Notch", {1000, 5}, 1104.99, -3.0103},
        {"Peaking", {300, 9, 2}, 300, 9},
        {"LowShelf", {200, -12, 1}, 200, -6},
        {"LowShelf", {200, -12, 1}, 1, -12},
        {"HighShelf", {4000, 8, 0.5}, 4000, 4},
        {"HighShelf", {4000, 8, 0.5}, 23900, 8},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double db = gain_db(fresh(rows[i].name, &mono, rows[i].values), rows[i].hertz);
        if (fabs(db - rows[i].db) > 0.02) printf("%s: %.4f dB\n", rows[i].name, db);
        CHECK(fabs(db - rows[i].db) <= 0.02);
    }
    CHECK(gain_db(fresh("Notch", &mono, (double[]){1000, 5}), 1000) < -120);
    CHECK(gain_db(fresh("DCBlock", &mono, (double[]){10}), 0) < -120);
}

static void cut_offs_stay_below_half_the_rate(void) {
    const vo_format slow = {8000, 1};
    vo_node *node;
    const vo_node_kind *kind = vo_node_kind_named("LowPass");
    CHECK(kind->make(&node, &slow, (double[]){4000, 1, 2}, NULL) == VO_BAD_ARG && !node);
    CHECK(kind->make(&node, &slow, (double[]){3000, 1, 2.5}, NULL) == VO_BAD_ARG && !node);
    node = fresh("LowPass", &slow, (double[]){3999, 1, 2});
    CHECK(vo_node_set(node, 2, 3) == VO_BAD_ARG); /* fixed */
    CHECK(vo_node_set(node, 0, 20000) == VO_OK);
    float x[BLOCK] = {1};
    play(node, x, BLOCK);
    for (int i = 0; i < BLOCK; i++) CHECK(fabsf(x[i]) <= 1);
    vo_node_free(node);
}

/* --- Threads ------------------------------------------------------------------ */

typedef struct contest {
    vo_node *node;
    atomic_bool over;
} contest;

static void *turn(void *argument) {
    contest *c = argument;
    for (int i = 0; i < 20000; i++)
        CHECK(vo_node_set(c->node, (uint32_t)i % 2, i % 2 ? 0.5 + i % 7 : 20 + i) == VO_OK);
    CHECK(vo_node_set(c->node, 0, 100) == VO_OK);
    atomic_store(&c->over, true);
    return NULL;
}

/* What was set last is what is heard in the end. */
static void any_thread_may_turn_it(void) {
    static float x[BLOCK], expected[BLOCK];
    contest c = {.node = fresh("HighPass", &mono, (double[]){1000, 1, 4})};
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, turn, &c) == 0);
    for (int after = 0; after < 400; after += atomic_load(&c.over)) {
        for (int i = 0; i < BLOCK; i++) x[i] = after < 200 ? random_sample() : 0;
        play(c.node, x, BLOCK);
        for (int i = 0; i < BLOCK; i++) CHECK(fabsf(x[i]) < 30);
    }
    pthread_join(thread, NULL);
    vo_node *same = fresh("HighPass", &mono, (double[]){100, vo_node_get(c.node, 1), 4});
    for (int i = 0; i < BLOCK; i++) x[i] = expected[i] = random_sample();
    c.node->ops->reset(c.node);
    play(c.node, x, BLOCK);
    play(same, expected, BLOCK);
    CHECK(memcmp(x, expected, sizeof x) == 0);
    vo_node_free(c.node);
    vo_node_free(same);
}

/* --- Memory --------------------------------------------------------------------- */

static const double rows[][6] = {{1, -2, 1, 2, -1, 0.5}, {1, 0, 0, 1, -0.9, 0}};
static const double unstable[][6] = {{1, 0, 0, 1, 0, 0}, {1, 0, 0, 1, -2, 1.01}};
static const float taps[] = {1, 0.5f, 0.25f};

static vo_status make(bool fir, vo_node **out, const vo_allocator *allocator) {
    return fir ? vo_fir_node_new(out, &mono, taps, 3, allocator)
               : vo_sos_node_new(out, &mono, rows, 2, allocator);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_node *node;
    for (int fir = 0; fir < 2; fir++) {
        for (uint64_t k = 1;; k++) {
            failing_alloc_init(&memory, k, false);
            if (make(fir, &node, &memory.allocator) == VO_OK) break;
            CHECK(!node && memory.failures == 1 && memory.live == 0);
        }
        uint64_t calls = memory.calls;
        CHECK(vo_node_check(node) == VO_OK && node->latency_frames == 0);
        float x[BLOCK] = {1};
        play(node, x, BLOCK);
        node->ops->reset(node);
        CHECK(memory.calls == calls && isfinite(x[BLOCK - 1]));
        vo_node_free(node);
        CHECK(memory.live == 0);
    }
    CHECK(vo_sos_node_new(&node, &mono, unstable, 2, NULL) == VO_BAD_ARG && !node);
    CHECK(vo_sos_node_new(&node, &mono, rows, 0, NULL) == VO_BAD_ARG && !node);
    CHECK(vo_sos_node_new(&node, &mono, rows, 17, NULL) == VO_BAD_ARG && !node);
    CHECK(vo_fir_node_new(&node, &mono, taps, 0, NULL) == VO_BAD_ARG && !node);
}

int main(void) {
    corners_are_where_they_should_be();
    cut_offs_stay_below_half_the_rate();
    any_thread_may_turn_it();
    new_survives_a_failing_allocator();
    return 0;
}
