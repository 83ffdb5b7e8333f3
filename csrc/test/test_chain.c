/* Nodes in a row: what goes in and out, bypass (B13), repair (fault row 30), timers (F5, H1). */
#include "vocana/chain.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "failing_alloc.h"
#include "node_play.h"

enum { RATE = 48000, FADE = RATE * 5 / 1000, MOST_NODES = 4 };

typedef struct scene {
    vo_chain *chain;
    vo_node *nodes[MOST_NODES];
    uint32_t count;
} scene;

/* A node whose first parameter has a value, and the others what they have initially. */
static void add(scene *s, const char *name, uint32_t channels, double value) {
    const vo_format format = {RATE, channels};
    const vo_node_kind *kind = vo_node_kind_named(name);
    double values[16] = {value};
    for (uint32_t i = 1; i < kind->param_count; i++) values[i] = kind->params[i].initial;
    CHECK(kind->make(&s->nodes[s->count++], &format, values, NULL) == VO_OK);
}

static void open_chain(scene *s, uint32_t channels) {
    const vo_format format = {RATE, channels};
    CHECK(vo_chain_new(&s->chain, &format, s->nodes, s->count, NULL) == VO_OK);
}

static void close_chain(scene *s) {
    vo_chain_free(s->chain);
    for (uint32_t i = 0; i < s->count; i++) vo_node_free(s->nodes[i]);
}

static void fill(float *x, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] = random_sample();
}

/* --- In and out ---------------------------------------------------------------- */

static void an_empty_chain_copies(void) {
    enum { N = 1500, MOST = 64 };
    static float in[N * MOST], out[N * MOST + 1];
    const uint32_t widths[] = {1, 2, 3, 8, MOST};
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        scene s = {0};
        open_chain(&s, widths[w]);
        fill(in, N * widths[w]);
        out[N * widths[w]] = 99;
        play_chain(s.chain, out, in, N);
        CHECK(memcmp(out, in, N * widths[w] * sizeof *in) == 0 && out[N * widths[w]] == 99);
        play_chain(s.chain, NULL, NULL, 0);
        CHECK(vo_chain_channels_out(s.chain) == widths[w] && vo_chain_latency(s.chain) == 0);
        CHECK(vo_chain_times(s.chain, 1).count == 1);
        close_chain(&s);
    }
}

/* Mean, gain and two copies: the channels of each node are those that the one before it gives. */
static void nodes_follow_each_other(void) {
    enum { N = 700 };
    float in[2 * N], out[3 * N];
    const float mean[] = {0.5f, 0.5f}, copies[] = {1, 1, -1};
    const vo_format two = {RATE, 2}, one = {RATE, 1};
    scene s = {0};
    CHECK(vo_channel_map_new(&s.nodes[s.count++], &two, 1, mean, NULL) == VO_OK);
    add(&s, "Gain", 1, 20);
    CHECK(vo_channel_map_new(&s.nodes[s.count++], &one, 3, copies, NULL) == VO_OK);
    add(&s, "Delay", 3, 1);
    open_chain(&s, 2);
    CHECK(vo_chain_channels_out(s.chain) == 3 && vo_chain_latency(s.chain) == RATE / 1000);
    fill(in, 2 * N);
    play_chain(s.chain, out, in, N);
    for (int i = RATE / 1000; i < N; i++) {
        int before = i - RATE / 1000;
        float expected = (0.5f * in[2 * before] + 0.5f * in[2 * before + 1]) * 10;
        CHECK(out[3 * i] == expected && out[3 * i + 1] == expected && out[3 * i + 2] == -expected);
    }
    CHECK(vo_chain_set_bypass(s.chain, 0, true) == VO_BAD_ARG); /* changes the channels */
    CHECK(vo_chain_set_bypass(s.chain, 4, true) == VO_BAD_ARG); /* is not there */
    CHECK(!vo_chain_bypassed(s.chain, 0) && !vo_chain_bypassed(s.chain, 4));
    vo_chain *wrong;
    CHECK(vo_chain_new(&wrong, &one, s.nodes, s.count, NULL) == VO_BAD_ARG && !wrong);
    CHECK(vo_chain_new(&wrong, &two, s.nodes + 1, 1, NULL) == VO_BAD_ARG && !wrong);
    CHECK(vo_chain_new(&wrong, &(vo_format){RATE, 0}, NULL, 0, NULL) == VO_BAD_ARG);
    CHECK(vo_chain_new(&wrong, &(vo_format){RATE, 65}, NULL, 0, NULL) == VO_BAD_ARG);
    CHECK(vo_chain_new(&wrong, &(vo_format){0, 1}, NULL, 0, NULL) == VO_BAD_ARG);
    close_chain(&s);
}

/* Two channels through four nodes with a switch and a new gain half way, in cuts by chance. */
static void cuts_make_no_difference(void) {
    enum { N = 6000, CHANNELS = 2 };
    static float in[N * CHANNELS], whole[N * CHANNELS], cut[N * CHANNELS];
    fill(in, N * CHANNELS);
    for (int round = 0; round < 30; round++) {
        for (int way = 0; way < 2; way++) {
            float *out = way ? cut : whole;
            scene s = {0};
            add(&s, "Delay", CHANNELS, round);
            add(&s, "Gain", CHANNELS, -3);
            add(&s, "Fade", CHANNELS, 20);
            add(&s, "Mute", CHANNELS, 0);
            open_chain(&s, CHANNELS);
            for (uint32_t at = 0, n; at < N; at += n) {
                uint32_t end = at < N / 2 ? N / 2 : N;
                n = way ? 1 + random_bits() % 900 : N;
                if (n > end - at) n = end - at;
                if (at == N / 2) {
                    CHECK(vo_chain_set_bypass(s.chain, 0, true) == VO_OK);
                    CHECK(vo_node_set(s.nodes[1], 0, 6) == VO_OK);
                }
                play_chain(s.chain, out + at * CHANNELS, in + at * CHANNELS, n);
            }
            close_chain(&s);
        }
        CHECK(memcmp(whole, cut, sizeof whole) == 0);
    }
}

/* --- B13 -------------------------------------------------------------------------- */

/* A delay whose bypass is as late as it is: whatever is switched when, nobody hears it. */
static void a_bypass_is_as_late_as_its_node(void) {
    enum { N = 9600, LATENCY = 7 * RATE / 1000 };
    static float in[N], out[N];
    fill(in, N);
    scene s = {0};
    add(&s, "Delay", 1, 7);
    open_chain(&s, 1);
    for (uint32_t at = 0, n; at < N; at += n) {
        n = 1 + random_bits() % 300;
        if (n > N - at) n = N - at;
        CHECK(vo_chain_set_bypass(s.chain, 0, random_bits() & 1) == VO_OK);
        play_chain(s.chain, out + at, in + at, n);
    }
    for (int i = 0; i < N; i++) CHECK(out[i] == (i < LATENCY ? 0 : in[i - LATENCY]));
    CHECK(vo_chain_latency(s.chain) == LATENCY);
    close_chain(&s);
}

static void a_bypass_has_unity_gain(void) {
    enum { N = 1000 };
    float in[N], out[N];
    fill(in, N);
    scene s = {0};
    add(&s, "Gain", 1, -20);
    open_chain(&s, 1);
    CHECK(vo_chain_set_bypass(s.chain, 0, true) == VO_OK && vo_chain_bypassed(s.chain, 0));
    play_chain(s.chain, out, in, N);
    for (int i = 0; i < N; i++) {
        double dry = pow(sin(asin(1) * fmin(1, (i + 1.0) / (FADE + 1))), 2);
        CHECK(fabs((double)out[i] - (double)in[i] * (dry + 0.1 * (1 - dry))) < 1e-6);
    }
    vo_chain_reset(s.chain, 0); /* what is set holds from the first frame on */
    play_chain(s.chain, out, in, N);
    CHECK(memcmp(out, in, sizeof in) == 0);
    close_chain(&s);
}

static void a_reset_makes_it_new(void) {
    enum { N = 2000 };
    static float in[N], first[N], again[N];
    fill(in, N);
    scene s = {0};
    add(&s, "Delay", 1, 3);
    add(&s, "Fade", 1, 30);
    open_chain(&s, 1);
    play_chain(s.chain, first, in, N);
    vo_chain_reset(s.chain, s.count);
    play_chain(s.chain, again, in, N);
    CHECK(memcmp(first, again, sizeof first) == 0);
    vo_chain_reset(s.chain, 0); /* the delay alone */
    play_chain(s.chain, again, in, N);
    for (int i = 0; i < N; i++) CHECK(again[i] == (i < 144 ? 0 : in[i - 144]));
    close_chain(&s);
}

/* --- Fault row 30 ------------------------------------------------------------------ */

static void nothing_but_numbers_goes_in(void) {
    const float given[] = {NAN, INFINITY, -INFINITY, -0.0f, 0.5f, 100};
    const float wanted[] = {0, VO_CHAIN_LIMIT, -VO_CHAIN_LIMIT, -0.0f, 0.5f, 100};
    for (uint32_t channels = 1; channels <= 3; channels++) {
        float out[6];
        scene s = {0};
        open_chain(&s, channels);
        play_chain(s.chain, out, given, 6 / channels);
        CHECK(memcmp(out, wanted, sizeof out) == 0);
        CHECK(vo_chain_times(s.chain, 0).faults == 1);
        play_chain(s.chain, out, given + 3, 1);
        CHECK(vo_chain_times(s.chain, 0).faults == 1);
        close_chain(&s);
    }
}

/* Another program's node: after `sound` frames it gives NaN for ever, until it is reset. */
typedef struct broken {
    vo_node node;
    uint32_t sound, seen, resets;
} broken;

static void break_down(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    broken *b = (broken *)node;
    for (uint32_t i = 0; i < n; i++) {
        CHECK(isfinite(x[0][i]));
        if (b->seen++ >= b->sound) x[0][i] = b->seen % 2 ? NAN : -INFINITY;
    }
}

static void recover(vo_node *node) VO_REALTIME {
    broken *b = (broken *)node;
    b->seen = 0;
    b->resets++;
}

static void keep(vo_node *node) {
    (void)node;
}

static const vo_node_ops broken_ops = {.size = sizeof broken_ops,
                                       .name = "broken",
                                       .process = break_down,
                                       .reset = recover,
                                       .free = keep};

static void a_broken_node_harms_nobody(void) {
    enum { N = 512 };
    float in[N], out[N];
    broken b = {.node = {&broken_ops, 1, 1, 0}, .sound = 800};
    scene s = {.nodes = {&b.node}, .count = 1};
    add(&s, "Meter", 1, 1);
    open_chain(&s, 1);
    fill(in, N);
    for (int round = 0; round < 40; round++) {
        if (round == 20) CHECK(vo_chain_set_bypass(s.chain, 0, true) == VO_OK);
        play_chain(s.chain, out, in, N);
        for (int i = 0; i < N; i++) CHECK(isfinite(out[i]) && fabsf(out[i]) <= VO_CHAIN_LIMIT);
        if (round > 20) CHECK(memcmp(out, in, sizeof in) == 0);
    }
    CHECK(b.resets == 20 && vo_chain_times(s.chain, 0).faults == 20);
    CHECK(vo_chain_times(s.chain, 1).faults == 0);
    double level[3];
    CHECK(vo_node_read(s.nodes[1], level, 3) == 3 && isfinite(level[1]) && isfinite(level[2]));
    close_chain(&s);
    b.node.ops = NULL;
    CHECK(vo_chain_new(&s.chain, &(vo_format){RATE, 1}, s.nodes, 1, NULL) == VO_BAD_ARG);
}

/* A node that cannot begin anew, and changes the channels: what it breaks is repaired each time. */
static void without_a_reset_or_a_bypass_a_node_is_repaired(void) {
    enum { N = 512 };
    float in[2 * N] = {0}, out[N];
    vo_node_ops ops = broken_ops;
    ops.reset = NULL;
    broken b = {.node = {&ops, 2, 1, 0}};
    scene s = {.nodes = {&b.node}, .count = 1};
    open_chain(&s, 2);
    for (int round = 0; round < 10; round++) {
        vo_chain_reset(s.chain, 0);
        play_chain(s.chain, out, in, N);
        for (int i = 0; i < N; i++) CHECK(isfinite(out[i]));
    }
    CHECK(b.seen == 10 * N && vo_chain_times(s.chain, 0).faults == 10);
    CHECK(!vo_chain_bypassed(s.chain, 0));
    close_chain(&s);
}

/* Off inside, and as the thread wants it outside. */
static void denormals_come_back(void) {
    volatile float least = 0x1p-126f;
    float in[] = {0x1p-126f}, out[1];
    scene s = {0};
    add(&s, "Gain", 1, -20);
    open_chain(&s, 1);
    play_chain(s.chain, out, in, 1);
    CHECK(out[0] == 0);
    CHECK(least * 0.1f != 0);
    close_chain(&s);
}

/* --- F5, H1 ------------------------------------------------------------------------- */

/* The stages of one call sum to the whole of it; each answer knows the unit a little better. */
static void stages_sum_to_the_whole(void) {
    enum { N = 5000 };
    static float in[N], out[N];
    scene s = {0};
    add(&s, "Gain", 1, -6);
    add(&s, "Meter", 1, 10);
    add(&s, "Delay", 1, 10);
    open_chain(&s, 1);
    play_chain(s.chain, out, in, N);
    double sum = 0;
    for (uint32_t stage = 0; stage <= s.count; stage++) {
        vo_stage_times times = vo_chain_times(s.chain, stage);
        CHECK(times.count == 1 && times.max_ns > 0);
        CHECK(times.p50_ns == times.max_ns && times.p99_ns == times.max_ns);
        sum += times.max_ns;
    }
    CHECK(fabs(vo_chain_times(s.chain, s.count + 1).max_ns / sum - 1) < 0.01);
    CHECK(vo_chain_times(s.chain, s.count + 2).count == 0);
    close_chain(&s);
}

/* --- Threads -------------------------------------------------------------------------- */

typedef struct contest {
    scene scene;
    atomic_bool over;
} contest;

static void *disturb(void *self) {
    contest *c = self;
    for (uint32_t i = 0; i < 20000; i++) {
        CHECK(vo_chain_set_bypass(c->scene.chain, i % 2, i % 3 == 0) == VO_OK);
        CHECK(vo_node_set(c->scene.nodes[0], 0, -(double)(i % 20)) == VO_OK);
        if (i % 100 == 0) {
            vo_chain_reset(c->scene.chain, i / 100 % 3);
            vo_stage_times times = vo_chain_times(c->scene.chain, 3);
            CHECK(times.p50_ns <= times.max_ns);
        }
    }
    atomic_store(&c->over, true);
    return NULL;
}

static void any_thread_may_disturb_it(void) {
    enum { N = 64 };
    contest c = {0};
    float x[N], out[N];
    for (int i = 0; i < N; i++) x[i] = 1;
    add(&c.scene, "Gain", 1, 0);
    add(&c.scene, "Mute", 1, 0);
    open_chain(&c.scene, 1);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, disturb, &c) == 0);
    while (!atomic_load(&c.over)) {
        play_chain(c.scene.chain, out, x, N);
        for (int i = 0; i < N; i++) CHECK(out[i] >= 0.1f && out[i] <= 1);
    }
    pthread_join(thread, NULL);
    close_chain(&c.scene);
}

/* --- Memory ------------------------------------------------------------------------------ */

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    scene s = {0};
    add(&s, "Gain", 2, 0);
    add(&s, "Delay", 2, 5);
    const vo_format format = {RATE, 2};
    float in[8] = {0}, out[8];
    uint64_t k = 1;
    for (;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_chain_new(&s.chain, &format, s.nodes, s.count, &memory.allocator) == VO_OK) break;
        CHECK(!s.chain && memory.failures == 1 && memory.live == 0);
    }
    CHECK(k > 4);
    uint64_t calls = memory.calls;
    play_chain(s.chain, out, in, 4);
    CHECK(memory.calls == calls);
    close_chain(&s);
    CHECK(memory.live == 0);
    vo_chain_free(NULL);
}

int main(void) {
    an_empty_chain_copies();
    nodes_follow_each_other();
    cuts_make_no_difference();
    a_bypass_is_as_late_as_its_node();
    a_bypass_has_unity_gain();
    a_reset_makes_it_new();
    nothing_but_numbers_goes_in();
    a_broken_node_harms_nobody();
    without_a_reset_or_a_bypass_a_node_is_repaired();
    denormals_come_back();
    stages_sum_to_the_whole();
    any_thread_may_disturb_it();
    new_survives_a_failing_allocator();
    return 0;
}
