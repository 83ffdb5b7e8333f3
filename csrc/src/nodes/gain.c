/* A volume in dB. A change is one ramp of 5 ms; 0 dB passes every bit, the least is silence. */
#include <math.h>

#include "nodes/base.h"
#include "ramp.h"

enum { GAIN_DB, PARAMS };

const vo_param vo_gain_params[PARAMS] = {
    [GAIN_DB] = {.name = "gain_db", .least = -100, .most = 24},
};

typedef struct gain {
    vo_base base;
    vo_ramp ramp;
    float factor; /* of the gain that was set last */
    uint32_t ramp_frames;
} gain;

static void follow(gain *g) VO_REALTIME {
    double db = vo_base_get(&g->base.node, GAIN_DB);
    g->factor = db > vo_gain_params[GAIN_DB].least ? (float)pow(10, db / 20) : 0;
}

static void process(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    gain *g = (gain *)node;
    if (vo_params_changed(&g->base.params)) follow(g);
    vo_ramp_apply(&g->ramp, g->factor, g->ramp_frames, x, node->channels, n);
}

static void reset(vo_node *node) VO_REALTIME {
    vo_ramp_reset(&((gain *)node)->ramp);
}

static const vo_node_ops ops = {.size = sizeof ops,
                                .name = "Gain",
                                .process = process,
                                .reset = reset,
                                .free = vo_base_free,
                                .set = vo_base_set,
                                .get = vo_base_get,
                                .params = vo_gain_params,
                                .param_count = PARAMS};

vo_status vo_gain_new(vo_node **out, const vo_format *format, const double *params,
                      const vo_allocator *allocator) {
    *out = NULL;
    void *made;
    vo_status status = vo_base_new(&made, sizeof(gain), &ops, format, params, allocator);
    if (status != VO_OK) return status;
    gain *g = made;
    vo_ramp_init(&g->ramp);
    g->ramp_frames = vo_ramp_frames(format->rate);
    follow(g);
    *out = &g->base.node;
    return VO_OK;
}
