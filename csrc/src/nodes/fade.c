/* In from silence over the first fade_in_ms; out over fade_out_ms when faded_out is set, and in
   again when it is cleared. What is set while it runs takes 5 ms at least. */
#include <math.h>

#include "nodes/base.h"
#include "ramp.h"

enum { FADE_IN_MS, FADE_OUT_MS, FADED_OUT, PARAMS };

const vo_param vo_fade_params[PARAMS] = {
    [FADE_IN_MS] = {.name = "fade_in_ms", .most = 60000, .initial = 5, .fixed = true},
    [FADE_OUT_MS] = {.name = "fade_out_ms", .most = 60000, .initial = 5, .fixed = true},
    [FADED_OUT] = {.name = "faded_out", .most = 1},
};

/* begin: length of the first fade in, which may be 0. */
typedef struct fade {
    vo_base base;
    vo_ramp ramp;
    uint32_t begin, in_frames, out_frames;
} fade;

static void process(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    fade *f = (fade *)node;
    float wanted = vo_base_get(node, FADED_OUT) < 0.5;
    uint32_t frames = wanted > 0 ? f->in_frames : f->out_frames;
    vo_ramp_apply(&f->ramp, wanted, frames, x, node->channels, n);
}

static void reset(vo_node *node) VO_REALTIME {
    fade *f = (fade *)node;
    vo_ramp_settle(&f->ramp, f->begin ? 0 : vo_base_get(node, FADED_OUT) < 0.5);
}

static const vo_node_ops ops = {.size = sizeof ops,
                                .name = "Fade",
                                .process = process,
                                .reset = reset,
                                .free = vo_base_free,
                                .set = vo_base_set,
                                .get = vo_base_get,
                                .params = vo_fade_params,
                                .param_count = PARAMS};

static uint32_t frames_of(const vo_node *node, uint32_t index, uint32_t rate) {
    return (uint32_t)lround(vo_base_get(node, index) * rate / 1000);
}

vo_status vo_fade_new(vo_node **out, const vo_format *format, const double *params,
                      const vo_allocator *allocator) {
    *out = NULL;
    void *made;
    vo_status status = vo_base_new(&made, sizeof(fade), &ops, format, params, allocator);
    if (status != VO_OK) return status;
    fade *f = made;
    vo_ramp_init(&f->ramp);
    f->begin = frames_of(&f->base.node, FADE_IN_MS, format->rate);
    f->out_frames = frames_of(&f->base.node, FADE_OUT_MS, format->rate);
    uint32_t least = vo_ramp_frames(format->rate);
    f->in_frames = f->begin > least ? f->begin : least;
    if (f->out_frames < least) f->out_frames = least;
    reset(&f->base.node);
    *out = &f->base.node;
    return VO_OK;
}
