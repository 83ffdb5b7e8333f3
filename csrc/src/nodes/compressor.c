/* Feed-forward, in logarithms: the static curve first, then the smooth decoupled peak detector on
   what it asks for (Giannoulis, Massberg, Reiss: Digital Dynamic Range Compressor Design, JAES 60,
   2012). All channels get the gain that the loudest needs. */
#include <math.h>
#include <string.h>

#include "kernels/dynamics.h"
#include "kernels/kernels.h"
#include "nodes/glide.h"
#include "nodes/nodes.h"

enum { GROUP = VO_DYNAMICS_GROUP };

/* 20 log10(2). */
#define DB_PER_LOG2 6.0205999132796239

/* An infinity must not stay in a mean. */
#define MOST_SQUARE 0x1p40f

enum { THRESHOLD_DB, RATIO, ATTACK_MS, RELEASE_MS, KNEE_DB, MAKEUP_DB, RMS_MS, PARAMS };

const vo_param vo_compressor_params[PARAMS] = {
    [THRESHOLD_DB] = {"threshold_db", -80, 0, -20, false},
    [RATIO] = {"ratio", 1, 100, 3, false},
    [ATTACK_MS] = {"attack_ms", 0, 500, 5, false},
    [RELEASE_MS] = {"release_ms", 1, 5000, 100, false},
    [KNEE_DB] = {"knee_db", 0, 40, 6, false},
    [MAKEUP_DB] = {"makeup_db", -40, 40, 0, false},
    [RMS_MS] = {"rms_ms", 0, 1000, 0, true},
};

/* level holds the lead frames of an unfinished group, then those of the block. moving: in the
   current group the make-up gain goes from makeup in steps. */
typedef struct compressor {
    vo_node node;
    vo_allocator allocator;
    vo_kernels kernels;
    vo_dynamics_kernels dynamics;
    vo_glide glide;
    double rate;
    vo_curve curve;
    vo_pole attack, release, rms;
    double detector[2], energy; /* memories of follow and smooth */
    float makeup, step;
    bool moving;
    uint32_t lead;
    _Atomic float reduction_db;
    _Alignas(VO_CACHE_LINE) float level[GROUP + VO_NODE_MAX_FRAMES];
    _Alignas(VO_CACHE_LINE) float gain[GROUP + VO_NODE_MAX_FRAMES];
} compressor;

static VO_REALTIME bool by_rms(const compressor *it) {
    return it->glide.now[RMS_MS] > 0;
}

static VO_REALTIME void prepare(compressor *it) {
    const double *now = it->glide.now;
    double threshold = now[THRESHOLD_DB] / DB_PER_LOG2, half_knee = now[KNEE_DB] / DB_PER_LOG2 / 2;
    it->curve.scale = by_rms(it) ? 0.5f : 1;
    it->curve.per_threshold = (float)exp2(by_rms(it) ? -2 * threshold : -threshold);
    it->curve.slope = (float)(1 - 1 / now[RATIO]);
    it->curve.half_knee = (float)half_knee;
    it->curve.bend = half_knee > 0 ? (float)(1 / (4 * half_knee)) : 0;
    vo_pole_set(&it->attack, now[ATTACK_MS] / 1000 * it->rate);
    vo_pole_set(&it->release, now[RELEASE_MS] / 1000 * it->rate);
    vo_pole_set(&it->rms, now[RMS_MS] / 1000 * it->rate);
    it->makeup = (float)(now[MAKEUP_DB] / DB_PER_LOG2);
    it->step = 0;
}

/* The group that starts. */
static VO_REALTIME void start(compressor *it) {
    if (it->moving) prepare(it);
    float before = it->makeup;
    it->moving = vo_glide_move(&it->glide);
    if (!it->moving) return;
    prepare(it);
    it->step = (it->makeup - before) / GROUP;
    it->makeup = before;
}

/* Gains of n frames from the start of a group; whether any can be other than 1. */
static VO_REALTIME bool gains(compressor *it, float *gain, const float *level, uint32_t n) {
    if (by_rms(it)) {
        for (uint32_t i = 0; i < n; i++) {
            float square = level[i] * level[i];
            gain[i] = square < MOST_SQUARE ? square : MOST_SQUARE;
        }
        it->dynamics.smooth(&it->energy, gain, gain, &it->rms, n);
        level = gain;
    }
    bool down = it->dynamics.curve(gain, level, &it->curve, n);
    if (down || it->detector[0] > 0 || it->detector[1] > 0)
        it->dynamics.follow(it->detector, gain, gain, &it->release, &it->attack, n);
    else if (!it->moving && it->makeup == 0)
        return false;
    it->dynamics.gain(gain, gain, it->makeup, it->step, n);
    return true;
}

static void process(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    compressor *it = (compressor *)node;
    uint32_t lead = it->lead, all = lead + n;
    bool any = false;
    vo_glide_listen(&it->glide);
    memset(it->level + lead, 0, n * sizeof *it->level);
    for (uint32_t c = 0; c < node->channels; c++) it->dynamics.loudest(it->level + lead, x[c], n);
    for (uint32_t at = 0, run; at < all; at += run) {
        if (at || !lead) start(it);
        run = all - at;
        if ((it->moving || it->glide.left) && run > GROUP) run = GROUP;
        if (gains(it, it->gain + at, it->level + at, run))
            any = true;
        else
            for (uint32_t i = at; i < at + run; i++) it->gain[i] = 1;
    }
    for (uint32_t c = 0; any && c < node->channels; c++)
        it->kernels.multiply(x[c], x[c], it->gain + lead, n);
    it->lead = all % GROUP;
    memmove(it->level, it->level + all - it->lead, it->lead * sizeof *it->level);
    atomic_store_explicit(&it->reduction_db, (float)(it->detector[1] * DB_PER_LOG2),
                          memory_order_relaxed);
}

static void reset(vo_node *node) VO_REALTIME {
    compressor *it = (compressor *)node;
    vo_glide_arrive(&it->glide);
    prepare(it);
    it->detector[0] = it->detector[1] = it->energy = 0;
    it->moving = false;
    it->lead = 0;
    atomic_store_explicit(&it->reduction_db, 0, memory_order_relaxed);
}

static void release(vo_node *node) {
    vo_allocator allocator = ((compressor *)node)->allocator;
    vo_release(&allocator, node);
}

static void set(vo_node *node, uint32_t index, double value) VO_REALTIME {
    vo_params_set(&((compressor *)node)->glide.params, index, value);
}

static double get(const vo_node *node, uint32_t index) VO_REALTIME {
    return vo_params_get(&((const compressor *)node)->glide.params, index);
}

/* By how many dB the gain is below the make-up gain. */
static uint32_t read(const vo_node *node, double *values, uint32_t most) VO_REALTIME {
    const compressor *it = (const compressor *)node;
    if (most) values[0] = (double)atomic_load_explicit(&it->reduction_db, memory_order_relaxed);
    return most > 0;
}

static const vo_node_ops ops = {.size = sizeof ops,
                                .name = "Compressor",
                                .process = process,
                                .reset = reset,
                                .free = release,
                                .set = set,
                                .get = get,
                                .read = read,
                                .params = vo_compressor_params,
                                .param_count = PARAMS};

vo_status vo_compressor_new(vo_node **out, const vo_format *format, const double *params,
                            const vo_allocator *allocator) {
    *out = NULL;
    if (!allocator) allocator = vo_allocator_default();
    compressor *it = vo_alloc(allocator, sizeof *it, VO_CACHE_LINE);
    if (!it) return VO_NO_MEM;
    it->node = (vo_node){&ops, format->channels, format->channels, 0};
    it->allocator = *allocator;
    it->kernels = vo_kernels_select();
    it->dynamics = vo_dynamics_kernels_select();
    it->rate = format->rate;
    vo_status status = vo_glide_init(&it->glide, format, vo_compressor_params, PARAMS, params);
    if (status != VO_OK) {
        release(&it->node);
        return status;
    }
    reset(&it->node);
    *out = &it->node;
    return VO_OK;
}
