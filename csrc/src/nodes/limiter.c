/* A limiter that looks ahead. What each frame needs is held over the window in which it is due (a
   sliding maximum), let go exponentially, and smoothed by two means in a row, together as long as
   the look-ahead. A mean of what is never less than needed is never less than needed, so no sample
   exceeds the ceiling; a clamp takes off what rounding adds. */
#include <math.h>
#include <string.h>

#include "nodes/dynamics.h"
#include "nodes/nodes.h"
#include "vocana/truepeak.h"

enum { GROUP = VO_DYNAMICS_GROUP };
enum { CEILING_DB, RELEASE_MS, LOOKAHEAD_MS, TRUE_PEAK, PARAMS };

const vo_param vo_limiter_params[PARAMS] = {
    [CEILING_DB] = {"ceiling_db", -60, 0, -1, false},
    [RELEASE_MS] = {"release_ms", 1, 5000, 50, false},
    [LOOKAHEAD_MS] = {"lookahead_ms", 0.5, 20, 2, true},
    [TRUE_PEAK] = {"true_peak", 0, 1, 0, true},
};

/* 0.03 dB: what a true peak may be read too low. */
#define MARGIN 0.99655

/* Attenuations (1 - gain) as integers: their sums are exact, so a mean never drifts. */
#define ONE 0x1p30

typedef struct limiter {
    vo_dynamics base;
    vo_truepeak *truepeak; /* NULL: samples are enough */
    vo_pole release;
    float ceiling, aim;   /* aim: below it by MARGIN for true peaks */
    uint32_t window;      /* frames for which what is needed is held */
    uint32_t means[2];    /* frames of each */
    uint64_t quiet;       /* frames, at least, since anything exceeded the ceiling */
    double memory;        /* of decay */
    int64_t sums[2];      /* of the last means[0] of held, and of the last means[1] of summed */
    float *over, *way[2]; /* what is needed: window - 1 frames before the group, then the block */
    float *ceilings;      /* latency_frames, then the block: each frame's own */
    float *delayed;       /* for each channel the same */
    int32_t *held;        /* means[0], then the block */
    int64_t *summed;      /* means[1], then the block */
} limiter;

static void prepare(vo_dynamics *base) VO_REALTIME {
    limiter *it = (limiter *)base;
    double ceiling = exp2(base->now[CEILING_DB] / VO_DB_PER_LOG2);
    it->ceiling = (float)ceiling;
    it->aim = (float)(base->now[TRUE_PEAK] > 0 ? MARGIN * ceiling : ceiling);
    vo_pole_set(&it->release, base->now[RELEASE_MS] / 1000 * base->rate);
}

/* --- What is needed ------------------------------------------------------------ */

/* In place of the samples' level that between them. */
static void listen_between(limiter *it, float *const *x, uint32_t n) VO_REALTIME {
    vo_dynamics *base = &it->base;
    float *level = base->level + base->lead, peaks[VO_NODE_MAX_FRAMES];
    double least = fmin(base->now[CEILING_DB], base->to[CEILING_DB]);
    float floor = 0.99f * (float)exp2(least / VO_DB_PER_LOG2);
    memset(level, 0, n * sizeof *level);
    for (uint32_t c = 0; c < base->node.channels; c++) {
        vo_truepeak_process(it->truepeak, c, peaks, x[c], n, floor);
        float most = base->dynamics.loudest(level, peaks, n);
        if (most > base->most) base->most = most;
    }
}

/* The greatest of each `window` frames in a row that begin with `from`, in steps of spans that
   double. */
static const float *hold(limiter *it, const float *from, uint32_t n) VO_REALTIME {
    uint32_t span = 1, turn = 0, left = it->window - 1 + n;
    while (span < it->window) {
        uint32_t apart = 2 * span <= it->window ? span : it->window - span;
        left -= apart;
        it->base.dynamics.greater(it->way[turn], from, apart, left);
        from = it->way[turn];
        turn = !turn;
        span += apart;
    }
    return from;
}

/* Frames from the start of a group. */
static void attenuate(limiter *it, uint32_t at, uint32_t n) VO_REALTIME {
    vo_dynamics *base = &it->base;
    const float *level = base->level + at, aim = it->aim;
    float *over = it->over + it->window - 1 + at;
    for (uint32_t i = 0; i < n; i++) over[i] = 1 - aim / (level[i] > aim ? level[i] : aim);
    const float *needed = hold(it, it->over + at, n);
    base->dynamics.decay(&it->memory, base->gain + at, needed, &it->release, n);
}

/* Two means in a row of what is held. */
static void smooth(limiter *it, float *gain, uint32_t n) VO_REALTIME {
    int32_t *held = it->held + it->means[0];
    int64_t *summed = it->summed + it->means[1];
    const double whole = 1 / (ONE * it->means[0] * it->means[1]);
    for (uint32_t i = 0; i < n; i++) held[i] = (int32_t)(gain[i] * (float)ONE);
    for (uint32_t i = 0; i < n; i++) {
        it->sums[0] += held[i] - it->held[i];
        summed[i] = it->sums[0];
        it->sums[1] += summed[i] - it->summed[i];
        gain[i] = (float)(1 - (double)it->sums[1] * whole);
    }
    memmove(it->held, it->held + n, it->means[0] * sizeof *it->held);
    memmove(it->summed, it->summed + n, it->means[1] * sizeof *it->summed);
}

/* Nothing is needed, held or smoothed: the gain is exactly 1. */
static bool idle(const limiter *it) VO_REALTIME {
    return it->quiet > it->window + GROUP && it->memory == 0 && it->sums[0] == 0 &&
           it->sums[1] == 0;
}

/* --- Audio ----------------------------------------------------------------------- */

/* Makes the gains of n frames that come after `lead` others; false when all are 1. */
static bool limit(limiter *it, uint32_t lead, uint32_t n) VO_REALTIME {
    vo_dynamics *base = &it->base;
    uint32_t latency = base->node.latency_frames, all = lead + n;
    float *ceilings = it->ceilings + latency;
    bool needed = !idle(it), exceeded = false;
    for (uint32_t at = 0, run; at < all; at += run) {
        run = vo_dynamics_run(base, at, all);
        bool over = base->most > it->aim;
        exceeded |= over;
        needed |= over;
        if (needed) {
            attenuate(it, at, run);
        } else {
            memset(base->gain + at, 0, run * sizeof(float));
            memset(it->over + it->window - 1 + at, 0, run * sizeof(float));
        }
        for (uint32_t i = at < lead ? lead : at; i < at + run; i++)
            ceilings[i - lead] = it->ceiling;
    }
    it->quiet = exceeded ? 0 : it->quiet + n;
    if (!needed) return false;
    smooth(it, base->gain + lead, n);
    memmove(it->over, it->over + all / GROUP * GROUP, (it->window - 1) * sizeof *it->over);
    return true;
}

static void bound(float *x, const float *delayed, const float *gain, const float *ceilings,
                  uint32_t n) VO_REALTIME {
    for (uint32_t i = 0; i < n; i++) {
        float y = delayed[i] * gain[i];
        y = y > ceilings[i] ? ceilings[i] : y;
        x[i] = y < -ceilings[i] ? -ceilings[i] : y;
    }
}

static void process(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    limiter *it = (limiter *)node;
    vo_dynamics *base = &it->base;
    uint32_t latency = node->latency_frames, lead = base->lead;
    uint32_t all = vo_dynamics_begin(base, x, n);
    if (it->truepeak) listen_between(it, x, n);
    bool any = limit(it, lead, n);
    for (uint32_t c = 0; c < node->channels; c++) {
        float *row = it->delayed + c * (latency + VO_NODE_MAX_FRAMES);
        memcpy(row + latency, x[c], n * sizeof *row);
        if (any)
            bound(x[c], row, base->gain + lead, it->ceilings, n);
        else
            memcpy(x[c], row, n * sizeof *row);
        memmove(row, row + n, latency * sizeof *row);
    }
    memmove(it->ceilings, it->ceilings + n, latency * sizeof *it->ceilings);
    vo_dynamics_end(base, all);
    float gain = any ? base->gain[all - 1] : 1;
    atomic_store_explicit(&base->reading, gain, memory_order_relaxed);
}

static const vo_dynamics_kind kind = {prepare, NULL};

static void reset(vo_node *node) VO_REALTIME {
    limiter *it = (limiter *)node;
    uint32_t latency = node->latency_frames;
    vo_dynamics_restart(&it->base);
    if (it->truepeak) vo_truepeak_reset(it->truepeak);
    it->memory = 0;
    it->quiet = it->window + 2 * GROUP;
    it->sums[0] = it->sums[1] = 0;
    memset(it->over, 0, (it->window - 1 + VO_DYNAMICS_FRAMES) * sizeof *it->over);
    memset(it->held, 0, it->means[0] * sizeof *it->held);
    memset(it->summed, 0, it->means[1] * sizeof *it->summed);
    for (uint32_t c = 0; c < node->channels; c++)
        memset(it->delayed + c * (latency + VO_NODE_MAX_FRAMES), 0, latency * sizeof(float));
    for (uint32_t i = 0; i < latency; i++) it->ceilings[i] = it->ceiling;
}

/* --- Table, memory ----------------------------------------------------------------- */

/* By how many dB the gain is below 1. */
static uint32_t read(const vo_node *node, double *values, uint32_t most) VO_REALTIME {
    const vo_dynamics *it = (const vo_dynamics *)node;
    float gain = atomic_load_explicit(&it->reading, memory_order_relaxed);
    if (most) values[0] = gain > 0 ? -20 * log10((double)gain) : 0;
    return 1;
}

static void release(vo_node *node) {
    limiter *it = (limiter *)node;
    const vo_allocator *allocator = &it->base.allocator;
    vo_truepeak_free(it->truepeak);
    vo_release(allocator, it->over);
    vo_release(allocator, it->held);
    vo_release(allocator, it->summed);
    vo_dynamics_free(node);
}

static const vo_node_ops ops = {.size = sizeof ops,
                                .name = "Limiter",
                                .process = process,
                                .reset = reset,
                                .free = release,
                                .set = vo_dynamics_set,
                                .get = vo_dynamics_get,
                                .read = read,
                                .params = vo_limiter_params,
                                .param_count = PARAMS};

/* A true peak is the sum of samples as far as the interpolation reaches: all of them get the gain
   that it needs, so it is held for as long before and after. */
static void plan(limiter *it) {
    const vo_dynamics *base = &it->base;
    bool between = base->to[TRUE_PEAK] > 0;
    uint32_t reach = between ? VO_TRUEPEAK_DELAY : 0;
    uint32_t ahead = (uint32_t)(base->to[LOOKAHEAD_MS] / 1000 * base->rate + 0.5);
    if (ahead < 2) ahead = 2;
    it->means[0] = ahead / 2 + 1;
    it->means[1] = ahead + 2 - it->means[0];
    it->window = ahead + 2 * reach + 1;
    it->base.node.latency_frames = ahead + 2 * reach;
}

/* One piece of memory for all rows of floats. */
static vo_status rows(limiter *it, const vo_format *format) {
    const vo_allocator *allocator = &it->base.allocator;
    size_t over = it->window - 1 + VO_DYNAMICS_FRAMES;
    size_t row = it->base.node.latency_frames + VO_NODE_MAX_FRAMES;
    size_t floats = 3 * over + (1 + format->channels) * row;
    it->over = vo_alloc(allocator, floats * sizeof(float), VO_CACHE_LINE);
    it->held =
        vo_alloc(allocator, (it->means[0] + VO_NODE_MAX_FRAMES) * sizeof(int32_t), VO_CACHE_LINE);
    it->summed =
        vo_alloc(allocator, (it->means[1] + VO_NODE_MAX_FRAMES) * sizeof(int64_t), VO_CACHE_LINE);
    if (!it->over || !it->held || !it->summed) return VO_NO_MEM;
    it->way[0] = it->over + over;
    it->way[1] = it->way[0] + over;
    it->ceilings = it->way[1] + over;
    it->delayed = it->ceilings + row;
    return VO_OK;
}

vo_status vo_limiter_new(vo_node **out, const vo_format *format, const double *params,
                         const vo_allocator *allocator) {
    *out = NULL;
    vo_dynamics *base;
    vo_status status =
        vo_dynamics_new(&base, sizeof(limiter), &ops, &kind, format, params, allocator);
    if (status != VO_OK) return status;
    limiter *it = (limiter *)base;
    vo_dynamics_restart(base);
    plan(it);
    status = rows(it, format);
    if (status == VO_OK && base->to[TRUE_PEAK] > 0)
        status = vo_truepeak_new(&it->truepeak, format->rate, format->channels, allocator);
    if (status != VO_OK) {
        release(&base->node);
        return status;
    }
    reset(&base->node);
    *out = &base->node;
    return VO_OK;
}
