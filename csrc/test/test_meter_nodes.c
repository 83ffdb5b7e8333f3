/* Levels and Loudness as nodes: they change nothing and say what they have measured. */
#include <string.h>

#include "check.h"
#include "guard.h"
#include "meter_signals.h"
#include "vocana/nodes.h"
#include "vocana/quality.h"

enum { RATE = 48000, CHANNELS = 2, SECOND = RATE };
enum { CORRELATION, LEFT, RIGHT = LEFT + 4, LEVELS_FIGURES = RIGHT + 4 };
enum { RMS, PEAK, HELD, FLAGS };
enum {
    MOMENTARY,
    SHORT_TERM,
    INTEGRATED,
    RANGE,
    MAX_MOMENTARY,
    MAX_SHORT_TERM,
    TRUE_PEAK,
    FIGURES
};

static vo_node *fresh(const char *name, uint32_t channels, const double *params) {
    const vo_format format = {RATE, channels};
    vo_node *node;
    CHECK(vo_node_kind_named(name)->make(&node, &format, params, NULL) == VO_OK);
    CHECK(node->channels == channels && node->channels_out == channels);
    CHECK(node->latency_frames == 0);
    return node;
}

/* Rows that are copied before and compared after: in blocks of up to 512 frames. */
static void feed(vo_node *node, float *const *rows, uint32_t n, uint32_t seed) {
    static _Alignas(64) float block[CHANNELS][VO_NODE_MAX_FRAMES];
    float *const x[CHANNELS] = {block[0], block[1]};
    for (uint32_t at = 0, run; at < n; at += run) {
        run = seed ? random_cut(&seed, n - at) : n - at;
        run = run < VO_NODE_MAX_FRAMES ? run : VO_NODE_MAX_FRAMES;
        for (uint32_t c = 0; c < node->channels; c++)
            memcpy(block[c], rows[c] + at, run * sizeof(float));
        vo_guard_begin();
        node->ops->process(node, x, run);
        vo_guard_end();
        for (uint32_t c = 0; c < node->channels; c++)
            CHECK(memcmp(block[c], rows[c] + at, run * sizeof(float)) == 0);
    }
}

static float left[4 * SECOND], right[4 * SECOND];
static float *const rows[] = {left, right};

static void make(void) {
    memset(left, 0, sizeof left);
    memset(right, 0, sizeof right);
    add_tone(left, 1, 4 * SECOND, 1000.0 / RATE, -20);
    add_tone(right, 1, 4 * SECOND, 1000.0 / RATE, -40);
}

static void levels_are_read(void) {
    double found[LEVELS_FIGURES];
    vo_node *node = fresh("Levels", CHANNELS, NULL);
    CHECK(node->ops->read(node, found, LEVELS_FIGURES) == LEVELS_FIGURES);
    for (int i = 0; i < LEVELS_FIGURES; i++) CHECK(found[i] == 0);
    make();
    feed(node, rows, 4 * SECOND, 0);
    node->ops->read(node, found, LEVELS_FIGURES);
    CHECK(found[CORRELATION] > 0.9999);
    CHECK(fabs(db(found[LEFT + RMS]) + 23.0103) < 0.01);
    CHECK(fabs(db(found[RIGHT + RMS]) + 43.0103) < 0.01);
    CHECK(fabs(db(found[LEFT + PEAK]) + 20) < 0.01 && found[LEFT + HELD] == found[LEFT + PEAK]);
    CHECK(found[LEFT + FLAGS] == 0 && found[RIGHT + FLAGS] == VO_QUALITY_IMBALANCE);
    vo_node_free(node);
}

/* Flags are of the last whole second, and come and go. */
static void flags_come_and_go(void) {
    double found[5];
    vo_node *node = fresh("Levels", 1, NULL);
    make();
    memset(left + SECOND, 0, SECOND * sizeof *left);
    for (int second = 0; second < 4; second++) {
        float *const row[] = {left + second * SECOND};
        feed(node, row, SECOND, 0);
        CHECK(node->ops->read(node, found, 5) == 5 && found[0] == 0);
        uint32_t wanted = second == 1 ? VO_QUALITY_SILENT | VO_QUALITY_FLAT : 0;
        CHECK((uint32_t)found[4] == wanted);
    }
    node->ops->reset(node);
    CHECK(node->ops->read(node, found, 5) == 5 && found[1] == 0 && found[3] == 0);
    vo_node_free(node);
}

static void loudness_is_read(void) {
    double found[FIGURES];
    vo_node *node = fresh("Loudness", CHANNELS, NULL);
    CHECK(node->ops->read(node, found, FIGURES) == FIGURES);
    CHECK(isinf(found[MOMENTARY]) && isinf(found[TRUE_PEAK]) && found[RANGE] == 0);
    memset(left, 0, sizeof left);
    add_tone(left, 1, 4 * SECOND, 1000.0 / RATE, -23);
    memcpy(right, left, sizeof left);
    feed(node, rows, 4 * SECOND, 0);
    node->ops->read(node, found, FIGURES);
    const int lufs[] = {MOMENTARY, SHORT_TERM, INTEGRATED, MAX_MOMENTARY, MAX_SHORT_TERM};
    for (int i = 0; i < 5; i++) CHECK(fabs(found[lufs[i]] + 23) < 0.1);
    CHECK(found[RANGE] < 0.1 && fabs(found[TRUE_PEAK] + 23) < 0.1);
    vo_node_free(node);
    const double no_true_peak[] = {0};
    node = fresh("Loudness", CHANNELS, no_true_peak);
    feed(node, rows, SECOND, 0);
    node->ops->read(node, found, FIGURES);
    CHECK(isinf(found[TRUE_PEAK]) && fabs(found[INTEGRATED] + 23) < 0.1);
    CHECK(vo_node_set(node, 0, 1) == VO_BAD_ARG); /* fixed */
    vo_node_free(node);
}

static void cuts_make_no_difference(void) {
    const char *const kinds[] = {"Levels", "Loudness"};
    uint32_t seed = 9;
    for (int i = 0; i < 4 * SECOND; i++) left[i] = noise(&seed) * (i < SECOND ? 0.1f : 0.5f);
    for (int i = 0; i < 4 * SECOND; i++) right[i] = 0.5f * left[i] + 0.1f * noise(&seed);
    for (int k = 0; k < 2; k++) {
        double a[LEVELS_FIGURES] = {0}, b[LEVELS_FIGURES] = {0};
        vo_node *whole = fresh(kinds[k], CHANNELS, NULL), *cut = fresh(kinds[k], CHANNELS, NULL);
        feed(whole, rows, 4 * SECOND, 0);
        feed(cut, rows, 4 * SECOND, 10);
        whole->ops->read(whole, a, LEVELS_FIGURES);
        cut->ops->read(cut, b, LEVELS_FIGURES);
        CHECK(memcmp(a, b, sizeof a) == 0 && a[1] != 0);
        vo_node_free(whole);
        vo_node_free(cut);
    }
}

static void new_survives_a_failing_allocator(void) {
    const char *const kinds[] = {"Levels", "Loudness"};
    const vo_format format = {RATE, 2}, bad[] = {{RATE, 0}, {RATE, 65}, {99, 1}};
    for (int i = 0; i < 2; i++) {
        vo_node_new *make_node = vo_node_kind_named(kinds[i])->make;
        failing_alloc memory;
        vo_node *node;
        for (uint64_t k = 1;; k++) {
            failing_alloc_init(&memory, k, false);
            if (make_node(&node, &format, NULL, &memory.allocator) == VO_OK) break;
            CHECK(!node && memory.failures == 1 && memory.live == 0);
        }
        vo_node_free(node);
        CHECK(memory.live == 0);
        for (int b = 0; b < 3; b++)
            CHECK(make_node(&node, &bad[b], NULL, NULL) == VO_BAD_ARG && !node);
    }
}

int main(void) {
    levels_are_read();
    flags_come_and_go();
    loudness_is_read();
    cuts_make_no_difference();
    new_survives_a_failing_allocator();
    return 0;
}
