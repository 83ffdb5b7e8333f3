/* Peak and RMS of each channel over one window after the other; the sound passes as it is. */
#include <math.h>
#include <string.h>

#include "kernels/kernels.h"
#include "nodes/base.h"
#include "readings.h"

enum { WINDOW_MS, PARAMS };

const vo_param vo_level_meter_params[PARAMS] = {
    [WINDOW_MS] = {.name = "window_ms", .least = 1, .most = 60000, .initial = 100, .fixed = true},
};

/* Sums of squares that do not depend on each other: frame i adds to sum i % LANES, however it is
   cut into blocks. */
enum { LANES = 8 };

/* Readings: frames until the end of the window, then peak and RMS of each channel. */
typedef struct level_meter {
    vo_base base;
    vo_readings readings;
    vo_kernels kernels;
    uint32_t window, filled; /* frames */
    uint64_t frames;
    float peak[VO_NODE_MAX_CHANNELS];
    double energy[VO_NODE_MAX_CHANNELS][LANES];
} level_meter;

static void take(level_meter *m, uint32_t channel, const float *x, uint32_t n) VO_REALTIME {
    double *energy = m->energy[channel], in_any_order;
    float peak;
    m->kernels.level(x, n, &peak, &in_any_order);
    if (peak > m->peak[channel]) m->peak[channel] = peak;
    uint32_t i = 0;
    for (; i < n && (m->filled + i) % LANES; i++)
        energy[(m->filled + i) % LANES] += (double)x[i] * (double)x[i];
    for (; i + LANES <= n; i += LANES)
        for (uint32_t lane = 0; lane < LANES; lane++)
            energy[lane] += (double)x[i + lane] * (double)x[i + lane];
    for (uint32_t lane = 0; i < n; i++, lane++) energy[lane] += (double)x[i] * (double)x[i];
}

static void clear(level_meter *m) VO_REALTIME {
    memset(m->peak, 0, sizeof m->peak);
    memset(m->energy, 0, sizeof m->energy);
    m->filled = 0;
}

static void publish(level_meter *m) VO_REALTIME {
    double values[1 + 2 * VO_NODE_MAX_CHANNELS];
    values[0] = (double)m->frames;
    for (uint32_t c = 0; c < m->base.node.channels; c++) {
        double energy = 0;
        for (uint32_t lane = 0; lane < LANES; lane++) energy += m->energy[c][lane];
        values[1 + 2 * c] = (double)m->peak[c];
        values[2 + 2 * c] = sqrt(energy / m->window);
    }
    vo_readings_publish(&m->readings, values);
    clear(m);
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
    clear(m);
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
    m->kernels = vo_kernels_select();
    m->window = (uint32_t)lround(vo_base_get(&m->base.node, WINDOW_MS) * format->rate / 1000);
    if (!m->window) m->window = 1;
    status = vo_readings_init(&m->readings, 1 + 2 * format->channels, &m->base.allocator);
    if (status == VO_OK)
        *out = &m->base.node;
    else
        release(&m->base.node);
    return status;
}
