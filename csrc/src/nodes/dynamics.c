#include "nodes/dynamics.h"

#include <string.h>

enum { GROUP = VO_DYNAMICS_GROUP };

vo_status vo_dynamics_new(vo_dynamics **out, size_t bytes, const vo_node_ops *ops,
                          const vo_dynamics_kind *kind, const vo_format *format,
                          const double *params, const vo_allocator *allocator) {
    *out = NULL;
    if (!format->rate || !format->channels || format->channels > VO_NODE_MAX_CHANNELS)
        return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_dynamics *it = vo_alloc(allocator, bytes, VO_CACHE_LINE);
    if (!it) return VO_NO_MEM;
    it->node = (vo_node){ops, format->channels, format->channels, 0};
    it->allocator = *allocator;
    vo_status status = vo_params_init(&it->params, ops->params, ops->param_count, params);
    if (status != VO_OK) {
        vo_release(allocator, it);
        return status;
    }
    it->kind = kind;
    it->kernels = vo_kernels_select();
    it->dynamics = vo_dynamics_kernels_select();
    it->rate = format->rate;
    it->length = 1 + format->rate / (1000 / VO_DYNAMICS_RAMP_MS) / GROUP;
    *out = it;
    return VO_OK;
}

void vo_dynamics_free(vo_node *node) {
    vo_allocator allocator = ((vo_dynamics *)node)->allocator;
    vo_release(&allocator, node);
}

void vo_dynamics_set(vo_node *node, uint32_t index, double value) {
    vo_params_set(&((vo_dynamics *)node)->params, index, value);
}

double vo_dynamics_get(const vo_node *node, uint32_t index) {
    return vo_params_get(&((const vo_dynamics *)node)->params, index);
}

static void want(vo_dynamics *it) VO_REALTIME {
    for (uint32_t i = 0; i < it->params.count; i++) it->to[i] = vo_params_get(&it->params, i);
}

void vo_dynamics_restart(vo_dynamics *it) {
    vo_params_changed(&it->params);
    want(it);
    memcpy(it->now, it->to, sizeof it->now);
    it->left = it->lead = 0;
    it->moving = false;
    it->kind->prepare(it);
    atomic_store_explicit(&it->reading, 0, memory_order_relaxed);
}

uint32_t vo_dynamics_begin(vo_dynamics *it, float *const *x, uint32_t n) {
    if (vo_params_changed(&it->params)) {
        want(it);
        it->left = it->length;
    }
    float *level = it->level + it->lead;
    memset(level, 0, n * sizeof *level);
    if (!it->lead) it->most = 0;
    for (uint32_t c = 0; c < it->node.channels; c++) {
        float most = it->dynamics.loudest(level, x[c], n);
        if (most > it->most) it->most = most;
    }
    return it->lead + n;
}

/* After the last move one more prepare says that the group is not one that moves. */
static void start(vo_dynamics *it) VO_REALTIME {
    bool moved = it->moving;
    it->moving = it->left > 0;
    for (uint32_t i = 0; it->moving && i < it->params.count; i++)
        it->now[i] += (it->to[i] - it->now[i]) / it->left;
    it->left -= it->moving;
    if (moved || it->moving) it->kind->prepare(it);
}

uint32_t vo_dynamics_run(vo_dynamics *it, uint32_t at, uint32_t all) {
    if (at || !it->lead) start(it);
    bool steady = !it->moving && !it->left;
    return steady || all - at < GROUP ? all - at : GROUP;
}

void vo_dynamics_end(vo_dynamics *it, uint32_t all) {
    it->lead = all % GROUP;
    memmove(it->level, it->level + all - it->lead, it->lead * sizeof *it->level);
}

void vo_dynamics_process(vo_node *node, float *const *x, uint32_t n) {
    vo_dynamics *it = (vo_dynamics *)node;
    uint32_t lead = it->lead, all = vo_dynamics_begin(it, x, n);
    bool any = false;
    for (uint32_t at = 0, run; at < all; at += run) {
        run = vo_dynamics_run(it, at, all);
        if (it->kind->gains(it, it->gain + at, it->level + at, run))
            any = true;
        else
            for (uint32_t i = at; i < at + run; i++) it->gain[i] = 1;
    }
    for (uint32_t c = 0; any && c < node->channels; c++)
        it->kernels.multiply(x[c], x[c], it->gain + lead, n);
    vo_dynamics_end(it, all);
}
