/* Silence that can be switched on and off: a ramp of 5 ms either way. */
#include "nodes/base.h"
#include "ramp.h"

enum { MUTED, PARAMS };

const vo_param vo_mute_params[PARAMS] = {
    [MUTED] = {.name = "muted", .most = 1, .initial = 1},
};

typedef struct mute {
    vo_base base;
    vo_ramp ramp;
    uint32_t ramp_frames;
} mute;

static void process(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    mute *m = (mute *)node;
    float factor = vo_base_get(node, MUTED) < 0.5;
    vo_ramp_apply(&m->ramp, factor, m->ramp_frames, x, node->channels, n);
}

static void reset(vo_node *node) VO_REALTIME {
    vo_ramp_reset(&((mute *)node)->ramp);
}

static const vo_node_ops ops = {.size = sizeof ops,
                                .name = "Mute",
                                .process = process,
                                .reset = reset,
                                .free = vo_base_free,
                                .set = vo_base_set,
                                .get = vo_base_get,
                                .params = vo_mute_params,
                                .param_count = PARAMS};

vo_status vo_mute_new(vo_node **out, const vo_format *format, const double *params,
                      const vo_allocator *allocator) {
    *out = NULL;
    void *made;
    vo_status status = vo_base_new(&made, sizeof(mute), &ops, format, params, allocator);
    if (status != VO_OK) return status;
    mute *m = made;
    vo_ramp_init(&m->ramp);
    m->ramp_frames = vo_ramp_frames(format->rate);
    *out = &m->base.node;
    return VO_OK;
}
