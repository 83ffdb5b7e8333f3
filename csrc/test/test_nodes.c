/* What is asked of every kind of node: memory, blocks, resets, threads. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "failing_alloc.h"
#include "node_play.h"

enum { RATE = 48000, N = 6000, MOST_PARAMS = 16 };

static const vo_format format = {RATE, PLAY_CHANNELS};

/* --- Kinds that are made of more than numbers by name ---------------------------- */

static vo_status make_map(vo_node **out, const vo_format *of, const double *params,
                          const vo_allocator *allocator) {
    static const float matrix[] = {0.5f, 0.25f, -1, 1};
    (void)params;
    return vo_channel_map_new(out, of, 2, matrix, allocator);
}

static vo_status make_sos(vo_node **out, const vo_format *of, const double *params,
                          const vo_allocator *allocator) {
    static const double rows[][6] = {{0.2, 0.4, 0.2, 1, -0.5, 0.3}, {1, -1, 0, 2, -1.98, 0}};
    (void)params;
    return vo_sos_node_new(out, of, rows, 2, allocator);
}

static vo_status make_fir_of(vo_node **out, const vo_format *of, uint32_t count,
                             const vo_allocator *allocator) {
    static float taps[3000];
    for (uint32_t i = 0; i < count; i++) taps[i] = (float)cos(i * 0.3) / (float)(i + 1);
    return vo_fir_node_new(out, of, taps, count, allocator);
}

static vo_status make_fir(vo_node **out, const vo_format *of, const double *params,
                          const vo_allocator *allocator) {
    (void)params;
    return make_fir_of(out, of, 33, allocator); /* direct */
}

static vo_status make_long_fir(vo_node **out, const vo_format *of, const double *params,
                               const vo_allocator *allocator) {
    (void)params;
    return make_fir_of(out, of, 3000, allocator); /* overlap-save */
}

static const vo_node_kind made_of_arrays[] = {{"ChannelMap", make_map, NULL, 0},
                                              {"Sos", make_sos, NULL, 0},
                                              {"Fir", make_fir, NULL, 0},
                                              {"long Fir", make_long_fir, NULL, 0}};

/* --- All kinds ------------------------------------------------------------------- */

static double random_value(const vo_param *param) {
    double part = random_bits() / 0x1p32;
    return random_bits() % 8 ? param->least + part * (param->most - param->least)
                             : (random_bits() & 1 ? param->least : param->most);
}

/* Values by chance that the kind takes at this rate, the initial ones if none of many are. */
static vo_node *make(const vo_node_kind *kind, double *values) {
    vo_node *node;
    for (int attempt = 0; attempt < 100; attempt++) {
        for (uint32_t i = 0; i < kind->param_count; i++)
            values[i] = attempt && random_bits() % 2 ? random_value(&kind->params[i])
                                                     : kind->params[i].initial;
        vo_status status = kind->make(&node, &format, values, NULL);
        if (status == VO_OK) return node;
        CHECK(status == VO_BAD_ARG && !node);
    }
    for (uint32_t i = 0; i < kind->param_count; i++) values[i] = kind->params[i].initial;
    CHECK(kind->make(&node, &format, values, NULL) == VO_OK);
    return node;
}

static void fill(float x[PLAY_CHANNELS][N]) {
    for (int c = 0; c < PLAY_CHANNELS; c++)
        for (int i = 0; i < N; i++) x[c][i] = random_sample();
}

static void process(vo_node *node, float x[PLAY_CHANNELS][N], uint32_t from, uint32_t to,
                    uint32_t block) {
    float *rows[PLAY_CHANNELS];
    for (int c = 0; c < PLAY_CHANNELS; c++) rows[c] = x[c] + from;
    play(node, rows, to - from, block);
}

static void it_survives_a_failing_allocator(const vo_node_kind *kind) {
    failing_alloc memory;
    vo_node *node;
    uint64_t k = 1;
    for (;; k++) {
        failing_alloc_init(&memory, k, false);
        if (kind->make(&node, &format, NULL, &memory.allocator) == VO_OK) break;
        CHECK(!node && memory.failures == 1 && memory.live == 0);
    }
    CHECK(k > 1);
    static float x[PLAY_CHANNELS][N];
    uint64_t calls = memory.calls;
    process(node, x, 0, N, 0);
    if (node->ops->reset) node->ops->reset(node);
    CHECK(memory.calls == calls);
    vo_node_free(node);
    CHECK(memory.live == 0);
}

/* Also with parameters that are set between two blocks. */
static void blocks_make_no_difference_to_it(const vo_node_kind *kind) {
    static float in[PLAY_CHANNELS][N], whole[PLAY_CHANNELS][N], cut[PLAY_CHANNELS][N];
    for (int round = 0; round < 20; round++) {
        double values[MOST_PARAMS];
        vo_node *one = make(kind, values), *other;
        CHECK(kind->make(&other, &format, values, NULL) == VO_OK);
        fill(in);
        memcpy(whole, in, sizeof in);
        memcpy(cut, in, sizeof in);
        process(one, whole, 0, N / 2, VO_NODE_MAX_FRAMES);
        process(other, cut, 0, N / 2, 0);
        for (uint32_t i = 0; i < kind->param_count; i++) {
            double value = random_value(&kind->params[i]);
            CHECK(vo_node_set(one, i, value) == vo_node_set(other, i, value));
        }
        process(one, whole, N / 2, N, VO_NODE_MAX_FRAMES);
        process(other, cut, N / 2, N, 0);
        if (memcmp(whole, cut, sizeof cut) != 0) fprintf(stderr, "%s\n", kind->name);
        CHECK(memcmp(whole, cut, sizeof cut) == 0);
        vo_node_free(one);
        vo_node_free(other);
    }
}

static void a_reset_makes_it_new(const vo_node_kind *kind) {
    static float in[PLAY_CHANNELS][N], first[PLAY_CHANNELS][N], again[PLAY_CHANNELS][N];
    double values[MOST_PARAMS];
    vo_node *node = make(kind, values);
    fill(in);
    memcpy(first, in, sizeof in);
    memcpy(again, in, sizeof in);
    process(node, first, 0, N, 100);
    if (node->ops->reset) node->ops->reset(node);
    process(node, again, 0, N, 100);
    if (memcmp(first, again, sizeof again) != 0) fprintf(stderr, "%s\n", kind->name);
    CHECK(memcmp(first, again, sizeof again) == 0);
    vo_node_free(node);
}

/* --- Threads ------------------------------------------------------------------- */

typedef struct contest {
    vo_node *node;
    atomic_bool over;
} contest;

static void *turn(void *self) {
    contest *c = self;
    const vo_node_ops *ops = c->node->ops;
    double found[64];
    uint64_t seed = 1;
    for (uint32_t i = 0; i < 3000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const vo_param *param = ops->param_count ? &ops->params[i % ops->param_count] : NULL;
        if (param && !param->fixed) {
            double value =
                param->least + (double)(seed >> 40) * 0x1p-24 * (param->most - param->least);
            CHECK(vo_node_set(c->node, i % ops->param_count, value) == VO_OK);
        }
        if (param) (void)vo_node_get(c->node, i % ops->param_count);
        vo_node_read(c->node, found, 64);
    }
    atomic_store(&c->over, true);
    return NULL;
}

static void any_thread_may_turn_it(const vo_node_kind *kind) {
    static float x[PLAY_CHANNELS][N];
    contest c = {0};
    CHECK(kind->make(&c.node, &format, NULL, NULL) == VO_OK);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, turn, &c) == 0);
    do {
        fill(x);
        process(c.node, x, 0, N, 64);
        for (int i = 0; i < N; i++) CHECK(isfinite(x[0][i]) && isfinite(x[1][i]));
    } while (!atomic_load(&c.over));
    pthread_join(thread, NULL);
    vo_node_free(c.node);
}

static void ask(const vo_node_kind *kinds, size_t count) {
    for (const vo_node_kind *kind = kinds; kind < kinds + count; kind++) {
        CHECK(kind->param_count <= MOST_PARAMS);
        it_survives_a_failing_allocator(kind);
        blocks_make_no_difference_to_it(kind);
        a_reset_makes_it_new(kind);
        any_thread_may_turn_it(kind);
    }
}

int main(void) {
    const vo_node_kind *by_name;
    uint32_t count = vo_node_kinds(&by_name);
    ask(by_name, count);
    ask(made_of_arrays, sizeof made_of_arrays / sizeof *made_of_arrays);
    return 0;
}
