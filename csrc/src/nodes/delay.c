/* The same sound later, by a fixed number of frames: delay_ms to the nearest frame. */
#include <math.h>
#include <string.h>

#include "nodes/base.h"

enum { DELAY_MS, PARAMS };

const vo_param vo_delay_params[PARAMS] = {
    [DELAY_MS] = {.name = "delay_ms", .most = 60000, .fixed = true},
};

/* kept holds a row of `frames` frames for each channel, the oldest at `oldest`. */
typedef struct delay {
    vo_base base;
    float *kept;
    uint32_t frames, oldest;
} delay;

static void process(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    delay *d = (delay *)node;
    for (uint32_t done = 0, run; done < n && d->frames; done += run) {
        uint32_t left = d->frames - d->oldest;
        run = left < n - done ? left : n - done;
        for (uint32_t c = 0; c < node->channels; c++) {
            float *kept = d->kept + (size_t)c * d->frames + d->oldest, *row = x[c] + done;
            for (uint32_t i = 0; i < run; i++) {
                float late = kept[i];
                kept[i] = row[i];
                row[i] = late;
            }
        }
        d->oldest = (d->oldest + run) % d->frames;
    }
}

static void reset(vo_node *node) VO_REALTIME {
    delay *d = (delay *)node;
    memset(d->kept, 0, (size_t)d->frames * node->channels * sizeof *d->kept);
    d->oldest = 0;
}

static void release(vo_node *node) {
    vo_release(&((vo_base *)node)->allocator, ((delay *)node)->kept);
    vo_base_free(node);
}

static const vo_node_ops ops = {.size = sizeof ops,
                                .name = "Delay",
                                .process = process,
                                .reset = reset,
                                .free = release,
                                .set = vo_base_set,
                                .get = vo_base_get,
                                .params = vo_delay_params,
                                .param_count = PARAMS};

vo_status vo_delay_new(vo_node **out, const vo_format *format, const double *params,
                       const vo_allocator *allocator) {
    *out = NULL;
    void *made;
    vo_status status = vo_base_new(&made, sizeof(delay), &ops, format, params, allocator);
    if (status != VO_OK) return status;
    delay *d = made;
    d->frames = (uint32_t)lround(vo_base_get(&d->base.node, DELAY_MS) * format->rate / 1000);
    d->base.node.latency_frames = d->frames;
    size_t samples, bytes;
    status = VO_TOO_BIG;
    if (vo_size_mul(d->frames, format->channels, &samples) &&
        vo_size_mul(samples ? samples : 1, sizeof *d->kept, &bytes)) {
        d->kept = vo_alloc(&d->base.allocator, bytes, VO_CACHE_LINE);
        status = d->kept ? VO_OK : VO_NO_MEM;
    }
    if (status == VO_OK)
        *out = &d->base.node;
    else
        release(&d->base.node);
    return status;
}
