/* Feed-forward, in logarithms: the static curve first, then the smooth decoupled peak detector on
   what it asks for (Giannoulis, Massberg, Reiss: Digital Dynamic Range Compressor Design, JAES 60,
   2012). */
#include <math.h>
#include <string.h>

#include "nodes/dynamics.h"
#include "nodes/nodes.h"

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

/* An infinity must not stay in a mean. */
#define MOST_SQUARE 0x1p40f

/* detector and energy are memories of follow and smooth. The make-up gain starts a group at makeup
   and goes on in steps. */
typedef struct compressor {
    vo_dynamics base;
    vo_curve curve;
    vo_pole attack, release, rms;
    double detector[2], energy;
    float makeup, next_makeup, step;
    float low; /* a level that asks for nothing */
} compressor;

static bool by_rms(const compressor *it) VO_REALTIME {
    return it->base.now[RMS_MS] > 0;
}

static void prepare(vo_dynamics *base) VO_REALTIME {
    compressor *it = (compressor *)base;
    const double *now = base->now;
    double threshold = now[THRESHOLD_DB] / VO_DB_PER_LOG2;
    double half_knee = now[KNEE_DB] / VO_DB_PER_LOG2 / 2;
    it->curve.scale = by_rms(it) ? 0.5f : 1;
    it->curve.per_threshold = (float)exp2(by_rms(it) ? -2 * threshold : -threshold);
    it->curve.slope = (float)(1 - 1 / now[RATIO]);
    it->curve.half_knee = (float)half_knee;
    it->curve.bend = half_knee > 0 ? (float)(1 / (4 * half_knee)) : 0;
    vo_pole_set(&it->attack, now[ATTACK_MS] / 1000 * base->rate);
    vo_pole_set(&it->release, now[RELEASE_MS] / 1000 * base->rate);
    vo_pole_set(&it->rms, now[RMS_MS] / 1000 * base->rate);
    it->low = 0.999f * (float)exp2(threshold - half_knee);
    it->makeup = it->next_makeup;
    it->next_makeup = (float)(now[MAKEUP_DB] / VO_DB_PER_LOG2);
    if (!base->moving) it->makeup = it->next_makeup;
    it->step = (it->next_makeup - it->makeup) / VO_DYNAMICS_GROUP;
}

static bool gains(vo_dynamics *base, float *gain, const float *level, uint32_t n) VO_REALTIME {
    compressor *it = (compressor *)base;
    const vo_dynamics_kernels *kernels = &base->dynamics;
    if (by_rms(it)) {
        for (uint32_t i = 0; i < n; i++) {
            float square = level[i] * level[i];
            gain[i] = square < MOST_SQUARE ? square : MOST_SQUARE;
        }
        kernels->smooth(&it->energy, gain, gain, &it->rms, n);
        level = gain;
    }
    bool low = !by_rms(it) && base->most < it->low;
    bool down = !low && kernels->curve(gain, level, &it->curve, n);
    if (low) memset(gain, 0, n * sizeof *gain);
    if (down || it->detector[0] > 0 || it->detector[1] > 0)
        kernels->follow(it->detector, gain, gain, &it->release, &it->attack, n);
    else if (it->makeup == 0 && it->step == 0)
        return false;
    kernels->gain(gain, gain, it->makeup, it->step, n);
    atomic_store_explicit(&base->reading, (float)it->detector[1], memory_order_relaxed);
    return true;
}

static const vo_dynamics_kind kind = {prepare, gains};

static void reset(vo_node *node) VO_REALTIME {
    compressor *it = (compressor *)node;
    it->detector[0] = it->detector[1] = it->energy = 0;
    vo_dynamics_restart(&it->base);
}

/* By how many dB the gain is below the make-up gain. */
static uint32_t read(const vo_node *node, double *values, uint32_t most) VO_REALTIME {
    const vo_dynamics *it = (const vo_dynamics *)node;
    float down = atomic_load_explicit(&it->reading, memory_order_relaxed);
    if (most) values[0] = (double)down * VO_DB_PER_LOG2;
    return 1;
}

static const vo_node_ops ops = {.size = sizeof ops,
                                .name = "Compressor",
                                .process = vo_dynamics_process,
                                .reset = reset,
                                .free = vo_dynamics_free,
                                .set = vo_dynamics_set,
                                .get = vo_dynamics_get,
                                .read = read,
                                .params = vo_compressor_params,
                                .param_count = PARAMS};

vo_status vo_compressor_new(vo_node **out, const vo_format *format, const double *params,
                            const vo_allocator *allocator) {
    *out = NULL;
    vo_dynamics *base;
    vo_status status =
        vo_dynamics_new(&base, sizeof(compressor), &ops, &kind, format, params, allocator);
    if (status != VO_OK) return status;
    reset(&base->node);
    *out = &base->node;
    return VO_OK;
}
