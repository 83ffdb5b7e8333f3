/* A gate with hysteresis and hold: it opens at the threshold, and shuts when the level has been
   below threshold - hysteresis for longer than the hold. The gain goes to 1 and back to the floor
   as an exponential. */
#include <math.h>

#include "nodes/dynamics.h"
#include "nodes/nodes.h"

enum { GROUP = VO_DYNAMICS_GROUP };
enum { THRESHOLD_DB, ATTACK_MS, HOLD_MS, RELEASE_MS, RANGE_DB, HYSTERESIS_DB, PARAMS };

const vo_param vo_gate_params[PARAMS] = {
    [THRESHOLD_DB] = {"threshold_db", -120, 0, -50, false},
    [ATTACK_MS] = {"attack_ms", 0, 500, 1, false},
    [HOLD_MS] = {"hold_ms", 0, 5000, 50, false},
    [RELEASE_MS] = {"release_ms", 0, 5000, 100, false},
    [RANGE_DB] = {"range_db", 0, 120, 80, false},
    [HYSTERESIS_DB] = {"hysteresis_db", 0, 40, 4, false},
};

/* What is known at the start of a group: whether the gate is open, for how many frames it would
   stay so by itself, and how far its gain has come from floor (0) to 1. */
typedef struct passage {
    bool open;
    uint32_t rest;
    double way;
} passage;

typedef struct gate {
    vo_dynamics base;
    vo_pole attack, release;
    float opens, keeps; /* levels */
    uint32_t hold;      /* frames */
    float floor, next_floor, step;
    passage at;
} gate;

static void prepare(vo_dynamics *base) VO_REALTIME {
    gate *it = (gate *)base;
    const double *now = base->now;
    it->opens = (float)exp2(now[THRESHOLD_DB] / VO_DB_PER_LOG2);
    it->keeps = (float)exp2((now[THRESHOLD_DB] - now[HYSTERESIS_DB]) / VO_DB_PER_LOG2);
    it->hold = (uint32_t)(now[HOLD_MS] / 1000 * base->rate + 0.5);
    vo_pole_set(&it->attack, now[ATTACK_MS] / 1000 * base->rate);
    vo_pole_set(&it->release, now[RELEASE_MS] / 1000 * base->rate);
    it->floor = it->next_floor;
    it->next_floor = (float)exp2(-now[RANGE_DB] / VO_DB_PER_LOG2);
    if (!base->moving) it->floor = it->next_floor;
    it->step = (it->next_floor - it->floor) / GROUP;
}

/* Of 16 bits, of which one is set. */
static uint32_t highest(uint32_t bits) VO_REALTIME {
    uint32_t place = 0;
    for (uint32_t half = GROUP / 2; half; half /= 2)
        if (bits >> (place + half)) place += half;
    return place;
}

/* Which of n frames find the gate open, when these reach either level. A gate that is sure to stay
   as it is for a group need not be asked for each frame. */
static uint32_t opened(const gate *it, passage *at, uint32_t opens, uint32_t keeps,
                       uint32_t n) VO_REALTIME {
    if (!at->open && !opens) return 0;
    if (at->open && at->rest >= GROUP && it->hold >= GROUP) {
        at->rest = keeps ? it->hold - (n - 1 - highest(keeps)) : at->rest - n;
        return (1u << n) - 1;
    }
    uint32_t found = 0;
    for (uint32_t i = 0; i < n; i++) {
        bool kept = at->open && keeps >> i & 1;
        if (opens >> i & 1 || kept)
            at->rest = it->hold;
        else
            at->open = at->open && at->rest-- > 0;
        at->open |= opens >> i & 1;
        found |= (uint32_t)at->open << i;
    }
    return found;
}

/* Frames of one kind in a row, from the i-th of n. */
static uint32_t alike(uint32_t open, uint32_t i, uint32_t n) VO_REALTIME {
    uint32_t end = i + 1;
    if (!open || open == (1u << n) - 1) return n;
    while (end < n && (open >> end & 1) == (open >> i & 1)) end++;
    return end - i;
}

/* Gains of n frames of one kind, from the at-th of a group. Each depends on frames before it alone,
   so those of an unfinished group are right, too. */
static void travel(const gate *it, double *way, float *gain, bool open, uint32_t at,
                   uint32_t n) VO_REALTIME {
    float to = open ? 1.0f : 0.0f, from = (float)*way - to;
    const vo_pole *pole = open ? &it->attack : &it->release;
    if (from == 0 && (open || it->step == 0)) {
        for (uint32_t i = 0; i < n; i++) gain[i] = open ? 1 : it->floor;
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        float been = to + pole->powers[i] * from;
        gain[i] = been + (it->floor + it->step * (float)(at + i)) * (1 - been);
    }
    double power = n == GROUP ? pole->group : (double)pole->powers[n - 1];
    double left = power * (*way - (double)to);
    *way = (double)to + (fabs(left) < VO_DYNAMICS_LEAST ? 0 : left);
}

static bool gains(vo_dynamics *base, float *gain, const float *level, uint32_t n) VO_REALTIME {
    gate *it = (gate *)base;
    uint16_t opens[VO_DYNAMICS_FRAMES / GROUP], keeps[VO_DYNAMICS_FRAMES / GROUP];
    bool any = false;
    base->dynamics.reach(opens, level, it->opens, n);
    base->dynamics.reach(keeps, level, it->keeps, n);
    for (uint32_t i = 0; i < n; i += GROUP) {
        uint32_t frames = n - i < GROUP ? n - i : GROUP;
        passage after = it->at;
        uint32_t open = opened(it, &after, opens[i / GROUP], keeps[i / GROUP], frames);
        any |= after.way != 1 || open != (1u << frames) - 1;
        for (uint32_t k = 0, run; k < frames; k += run) {
            run = alike(open, k, frames);
            travel(it, &after.way, gain + i + k, open >> k & 1, k, run);
        }
        if (frames == GROUP) it->at = after;
    }
    atomic_store_explicit(&base->reading, gain[n - 1], memory_order_relaxed);
    return any;
}

static const vo_dynamics_kind kind = {prepare, gains};

static void reset(vo_node *node) VO_REALTIME {
    gate *it = (gate *)node;
    it->at = (passage){0};
    vo_dynamics_restart(&it->base);
}

/* By how many dB the gain is below 1. */
static uint32_t read(const vo_node *node, double *values, uint32_t most) VO_REALTIME {
    const vo_dynamics *it = (const vo_dynamics *)node;
    float gain = atomic_load_explicit(&it->reading, memory_order_relaxed);
    if (most) values[0] = gain > 0 ? -20 * log10((double)gain) : 0;
    return 1;
}

static const vo_node_ops ops = {.size = sizeof ops,
                                .name = "Gate",
                                .process = vo_dynamics_process,
                                .reset = reset,
                                .free = vo_dynamics_free,
                                .set = vo_dynamics_set,
                                .get = vo_dynamics_get,
                                .read = read,
                                .params = vo_gate_params,
                                .param_count = PARAMS};

vo_status vo_gate_new(vo_node **out, const vo_format *format, const double *params,
                      const vo_allocator *allocator) {
    *out = NULL;
    vo_dynamics *base;
    vo_status status = vo_dynamics_new(&base, sizeof(gate), &ops, &kind, format, params, allocator);
    if (status != VO_OK) return status;
    reset(&base->node);
    *out = &base->node;
    return VO_OK;
}
