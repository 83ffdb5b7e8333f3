/* Peak and RMS of each channel over one window after the other; the sound passes as it is. */
#include <math.h>

#include "nodes/base.h"
#include "readings.h"

enum { WINDOW_MS, PARAMS };

const vo_param vo_level_meter_params[PARAMS] = {
    [WINDOW_MS] = {.name = "window_ms", .least = 1, .most = 60000, .initial = 100, .fixed = true},
};

/* Readings: frames until the end of the window, then peak and RMS of each channel. */
typedef struct level_meter {
    vo_base base;
    vo_readings readings;
    uint32_t window, filled; /* frames */
    uint64_t frames;
    float peak[VO_NODE_MAX_CHANNELS];
    double energy[VO_NODE_MAX_CHANNELS];
} level_meter;

static void take(level_meter *m, uint32_t channel, const float *x, uint32_t n) VO_REALTIME {
    float peak = m->peak[channel];
    double energy = m->energy[channel];
    for (uint32_t i = 0; i < n; i++) {
        float magnitude = fabsf(x[i]);
        peak = magnitude > peak ? magnitude : peak;
        energy += (double)x[i] * (double)x[i];
    }
    m->peak[channel] = peak;
    m->energy[channel] = energy;
}

static void publish(level_meter *m) VO_REALTIME {
    double values[1 + 2 * VO_NODE_MAX_CHANNELS];
    values[0] = (double)m->frames;
    for (uint32_t c = 0; c < m->base.node.channels; c++) {
        values[1 + 2 * c] = (double)m->peak[c];
        values[2 + 2 * c] = sqrt(m->energy[c] / m->window);
        m->peak[c] = 0;
        m->energy[c] = 0;
    }
    vo_readings_publish(&m->readings, values);
    m->filled = 0;
}

static void process(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    level_meter *m = (level_meter *)node;
    for (uint32_t done = 0, run; done < n; done += run) {
        uint32_t left = m->window - m->filled;
        run = left < n - done ? left : n - done;
        for (uint32_t c = 0; c < node->channels; c++) take(m, c, x[c] + done, run);
        m->filled += run;
        m->frames += run;
        if (m->filled == m->window) publish(m);
    }
}

static void reset(vo_node *node) VO_REALTIME {
    const double nothing[1 + 2 * VO_NODE_MAX_CHANNELS] = {0};
    level_meter *m = (level_meter *)node;
    for (uint32_t c = 0; c < node->channels; c++) {
        m->peak[c] = 0;
        m->energy[c] = 0;
    }
    m->filled = 0;
    m->frames = 0;
    vo_readings_publish(&m->readings, nothing);
}

static uint32_t read(const vo_node *node, double *values, uint32_t most) VO_REALTIME {
    return vo_readings_read(&((const level_meter *)node)->readings, values, most);
}

static void release(vo_node *node) {
    vo_readings_release(&((level_meter *)node)->readings, &((vo_base *)node)->allocator);
    vo_base_free(node);
}

static const vo_node_ops ops = {.size = sizeof ops,
                                .name = "Meter",
                                .process = process,
                                .reset = reset,
                                .free = release,
                                .set = vo_base_set,
                                .get = vo_base_get,
                                .read = read,
                                .params = vo_level_meter_params,
                                .param_count = PARAMS};

vo_status vo_level_meter_new(vo_node **out, const vo_format *format, const double *params,
                             const vo_allocator *allocator) {
    *out = NULL;
    void *made;
    vo_status status = vo_base_new(&made, sizeof(level_meter), &ops, format, params, allocator);
    if (status != VO_OK) return status;
    level_meter *m = made;
    m->window = (uint32_t)lround(vo_base_get(&m->base.node, WINDOW_MS) * format->rate / 1000);
    if (!m->window) m->window = 1;
    status = vo_readings_init(&m->readings, 1 + 2 * format->channels, &m->base.allocator);
    if (status == VO_OK)
        *out = &m->base.node;
    else
        release(&m->base.node);
    return status;
}
