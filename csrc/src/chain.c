#include "vocana/chain.h"

#include <stdatomic.h>
#include <string.h>

#include "denormals.h"
#include "histogram.h"
#include "kernels/kernels.h"
#include "os/ticks.h"
#include "vocana/bypass.h"

/* Samples between the starts of two rows: a cache line more than a block, so that rows do not fall
   onto the same sets of a cache. */
enum { ROW = VO_NODE_MAX_FRAMES + VO_CACHE_LINE / sizeof(float) };

/* renew is set by any thread and taken by the audio thread; it carries nothing but itself. */
typedef struct stage {
    vo_node *node;     /* NULL for the way in and out, and for the whole */
    vo_bypass *bypass; /* NULL also for a node that changes the number of channels */
    atomic_bool renew;
    uint64_t spent; /* ticks of this call */
    _Atomic uint64_t faults;
    vo_histogram durations; /* in ticks */
} stage;

/* Behind the stages of the nodes come those of the way in and out, and of the whole. */
struct vo_chain {
    stage *stages;
    uint32_t count; /* nodes */
    uint32_t channels, channels_out;
    uint32_t latency_frames;
    uint64_t made_ticks, made_ns; /* the same moment by both clocks */
    float *samples;               /* of the rows */
    float *rows[VO_NODE_MAX_CHANNELS];
    vo_kernels kernels;
    vo_allocator allocator;
};

/* --- Making ------------------------------------------------------------------- */

static vo_status check(const vo_format *format, vo_node *const *nodes, uint32_t count) {
    uint32_t channels = format->channels;
    if (!channels || channels > VO_NODE_MAX_CHANNELS || !format->rate) return VO_BAD_ARG;
    for (uint32_t i = 0; i < count; i++) {
        if (vo_node_check(nodes[i]) != VO_OK || nodes[i]->channels != channels) return VO_BAD_ARG;
        channels = nodes[i]->channels_out;
    }
    return VO_OK;
}

static vo_status make_rows(vo_chain *chain) {
    uint32_t rows = chain->channels;
    for (uint32_t i = 0; i < chain->count; i++)
        if (chain->stages[i].node->channels_out > rows) rows = chain->stages[i].node->channels_out;
    chain->samples = vo_alloc(&chain->allocator, rows * ROW * sizeof(float), VO_CACHE_LINE);
    if (!chain->samples) return VO_NO_MEM;
    for (uint32_t c = 0; c < rows; c++) chain->rows[c] = chain->samples + c * ROW;
    return VO_OK;
}

static vo_status make_stage(vo_chain *chain, stage *s, vo_node *node, uint32_t fade_frames) {
    s->node = node;
    chain->channels_out = node->channels_out;
    chain->latency_frames += node->latency_frames;
    if (node->channels_out != node->channels) return VO_OK;
    return vo_bypass_new(&s->bypass, node->latency_frames, fade_frames, node->channels,
                         VO_NODE_MAX_FRAMES, &chain->allocator);
}

vo_status vo_chain_new(vo_chain **out, const vo_format *format, vo_node *const *nodes,
                       uint32_t count, const vo_allocator *allocator) {
    *out = NULL;
    vo_status status = check(format, nodes, count);
    if (status != VO_OK) return status;
    size_t bytes;
    if (!vo_size_mul((size_t)count + 2, sizeof(stage), &bytes)) return VO_TOO_BIG;
    if (!allocator) allocator = vo_allocator_default();
    vo_chain *chain = vo_alloc(allocator, sizeof *chain, VO_CACHE_LINE);
    if (!chain) return VO_NO_MEM;
    chain->allocator = *allocator;
    chain->channels = chain->channels_out = format->channels;
    chain->kernels = vo_kernels_select();
    chain->made_ticks = vo_ticks();
    chain->made_ns = vo_clock_ns();
    chain->stages = vo_alloc(allocator, bytes, VO_CACHE_LINE);
    if (!chain->stages) status = VO_NO_MEM;
    for (; status == VO_OK && chain->count < count; chain->count++)
        status = make_stage(chain, &chain->stages[chain->count], nodes[chain->count],
                            (format->rate + 100) / 200);
    if (status == VO_OK) status = make_rows(chain);
    if (status == VO_OK)
        *out = chain;
    else
        vo_chain_free(chain);
    return status;
}

void vo_chain_free(vo_chain *chain) {
    if (!chain) return;
    vo_allocator allocator = chain->allocator;
    for (uint32_t i = 0; i < chain->count; i++) vo_bypass_free(chain->stages[i].bypass);
    vo_release(&allocator, chain->samples);
    vo_release(&allocator, chain->stages);
    vo_release(&allocator, chain);
}

/* --- Processing ----------------------------------------------------------------- */

/* Count a block in which something had to be repaired; whether this is one. */
static bool faulty(stage *s, uint32_t seen) VO_REALTIME {
    if (!(seen & VO_SEEN_NONFINITE)) return false;
    atomic_store_explicit(&s->faults, atomic_load_explicit(&s->faults, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    return true;
}

static uint32_t repair(const vo_chain *chain, uint32_t channels, uint32_t n) VO_REALTIME {
    uint32_t seen = 0;
    for (uint32_t c = 0; c < channels; c++)
        seen |= chain->kernels.sanitise(chain->rows[c], chain->rows[c], n, VO_CHAIN_LIMIT);
    return seen;
}

/* One channel is repaired on its way. */
static void enter(vo_chain *chain, stage *s, const float *in, uint32_t n) VO_REALTIME {
    if (chain->channels == 1) {
        faulty(s, chain->kernels.sanitise(chain->rows[0], in, n, VO_CHAIN_LIMIT));
    } else {
        chain->kernels.deinterleave(chain->rows, in, chain->channels, n);
        faulty(s, repair(chain, chain->channels, n));
    }
}

static void leave(const vo_chain *chain, float *out, uint32_t n) VO_REALTIME {
    if (chain->channels_out == 1)
        memcpy(out, chain->rows[0], n * sizeof *out);
    else
        chain->kernels.interleave(out, chain->rows, chain->channels_out, n);
}

static void run(vo_chain *chain, stage *s, uint32_t n) VO_REALTIME {
    vo_node *node = s->node;
    if (s->bypass) vo_bypass_take(s->bypass, chain->rows, n);
    node->ops->process(node, chain->rows, n);
    if (faulty(s, repair(chain, node->channels_out, n)) && node->ops->reset) node->ops->reset(node);
    if (s->bypass) vo_bypass_give(s->bypass, chain->rows, n);
}

/* Time since *at goes to a stage; one read of the counter ends one stage and begins the next. The
   counter of another processor may lie behind. */
static void charge(stage *s, uint64_t *at) VO_REALTIME {
    uint64_t now = vo_ticks();
    if (now < *at) now = *at;
    s->spent += now - *at;
    *at = now;
}

static void piece(vo_chain *chain, float *out, const float *in, uint32_t n,
                  uint64_t *at) VO_REALTIME {
    stage *ways = &chain->stages[chain->count];
    enter(chain, ways, in, n);
    charge(ways, at);
    for (uint32_t i = 0; i < chain->count; i++) {
        run(chain, &chain->stages[i], n);
        charge(&chain->stages[i], at);
    }
    leave(chain, out, n);
    charge(ways, at);
}

static void renew(stage *s) VO_REALTIME {
    if (!atomic_load_explicit(&s->renew, memory_order_relaxed)) return;
    atomic_store_explicit(&s->renew, false, memory_order_relaxed);
    if (s->node->ops->reset) s->node->ops->reset(s->node);
    if (s->bypass) vo_bypass_reset(s->bypass);
}

void vo_chain_process(vo_chain *chain, float *out, const float *in, uint32_t n) {
    if (!n) return;
    uint64_t denormals = vo_denormals_off(), began = vo_ticks(), at = began;
    for (uint32_t i = 0; i < chain->count; i++) renew(&chain->stages[i]);
    while (n) {
        uint32_t frames = n < VO_NODE_MAX_FRAMES ? n : VO_NODE_MAX_FRAMES;
        piece(chain, out, in, frames, &at);
        in += (size_t)frames * chain->channels;
        out += (size_t)frames * chain->channels_out;
        n -= frames;
    }
    chain->stages[chain->count + 1].spent = at - began;
    for (stage *s = chain->stages; s < chain->stages + chain->count + 2; s++) {
        vo_histogram_record(&s->durations, s->spent);
        s->spent = 0;
    }
    vo_denormals_restore(denormals);
}

/* --- Any thread ------------------------------------------------------------------- */

void vo_chain_reset(vo_chain *chain, uint32_t node) {
    for (uint32_t i = 0; i < chain->count; i++)
        if (i == node || node == chain->count)
            atomic_store_explicit(&chain->stages[i].renew, true, memory_order_relaxed);
}

uint32_t vo_chain_channels_out(const vo_chain *chain) {
    return chain->channels_out;
}

uint32_t vo_chain_latency(const vo_chain *chain) {
    return chain->latency_frames;
}

vo_status vo_chain_set_bypass(vo_chain *chain, uint32_t node, bool bypassed) {
    if (node >= chain->count || !chain->stages[node].bypass) return VO_BAD_ARG;
    vo_bypass_set(chain->stages[node].bypass, bypassed);
    return VO_OK;
}

bool vo_chain_bypassed(const vo_chain *chain, uint32_t node) {
    return node < chain->count && chain->stages[node].bypass &&
           vo_bypass_is_set(chain->stages[node].bypass);
}

/* By now the two clocks have gone on side by side for long enough. */
static double ns_per_tick(const vo_chain *chain) VO_REALTIME {
    uint64_t ticks = vo_ticks() - chain->made_ticks, ns = vo_clock_ns() - chain->made_ns;
    return ticks ? (double)ns / (double)ticks : 1;
}

vo_stage_times vo_chain_times(const vo_chain *chain, uint32_t index) {
    if (index >= chain->count + 2) return (vo_stage_times){0};
    const stage *s = &chain->stages[index];
    double unit = ns_per_tick(chain);
    return (vo_stage_times){
        .count = vo_histogram_count(&s->durations),
        .p50_ns = unit * (double)vo_histogram_quantile(&s->durations, 0.5),
        .p99_ns = unit * (double)vo_histogram_quantile(&s->durations, 0.99),
        .max_ns = unit * (double)vo_histogram_longest(&s->durations),
        .faults = atomic_load_explicit(&s->faults, memory_order_relaxed),
    };
}
