/* Loudness: EBU R 128 of what goes through. Changes nothing. It reads momentary, short-term and
   integrated loudness, range, the greatest momentary and short-term loudness, and the true peak. */
#include "nodes/base.h"
#include "readings.h"
#include "vocana/loudness.h"

enum { TRUE_PEAK, PARAMS };
enum { FIGURES = 7 };

/* 0: the true peak, half of the work, is not read. */
const vo_param vo_loudness_node_params[PARAMS] = {
    {.name = "true_peak", .least = 0, .most = 1, .initial = 1, .fixed = true},
};

/* published: blocks of the gate up to the last reading. */
typedef struct loudness_node {
    vo_base base;
    vo_readings readings;
    vo_loudness *loudness;
    uint64_t published;
} loudness_node;

static void publish(loudness_node *it) {
    vo_loudness_reading found = vo_loudness_now(it->loudness);
    const double figures[FIGURES] = {
        found.momentary,     found.short_term,     found.integrated,   found.range,
        found.max_momentary, found.max_short_term, found.true_peak_db,
    };
    it->published = vo_loudness_blocks(it->loudness);
    vo_readings_publish(&it->readings, figures);
}

static void process(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    loudness_node *it = (loudness_node *)node;
    const float *rows[VO_NODE_MAX_CHANNELS];
    for (uint32_t c = 0; c < node->channels; c++) rows[c] = x[c];
    vo_loudness_process(it->loudness, rows, 1, n);
    if (vo_loudness_blocks(it->loudness) != it->published) publish(it);
}

static void reset(vo_node *node) VO_REALTIME {
    loudness_node *it = (loudness_node *)node;
    vo_loudness_reset(it->loudness);
    publish(it);
}

static void release(vo_node *node) {
    loudness_node *it = (loudness_node *)node;
    vo_loudness_free(it->loudness);
    vo_readings_release(&it->readings, &it->base.allocator);
    vo_base_free(node);
}

static uint32_t read(const vo_node *node, double *values, uint32_t most) VO_REALTIME {
    return vo_readings_read(&((const loudness_node *)node)->readings, values, most);
}

static const vo_node_ops ops = {.size = sizeof ops,
                                .name = "Loudness",
                                .process = process,
                                .reset = reset,
                                .free = release,
                                .set = vo_base_set,
                                .get = vo_base_get,
                                .read = read,
                                .params = vo_loudness_node_params,
                                .param_count = PARAMS};

vo_status vo_loudness_node_new(vo_node **out, const vo_format *format, const double *params,
                               const vo_allocator *allocator) {
    *out = NULL;
    void *made;
    vo_status status = vo_base_new(&made, sizeof(loudness_node), &ops, format, params, allocator);
    if (status != VO_OK) return status;
    loudness_node *it = made;
    const vo_loudness_config config = {.rate = format->rate,
                                       .channels = format->channels,
                                       .true_peak = vo_base_get(&it->base.node, TRUE_PEAK) >= 0.5};
    status = vo_loudness_new(&it->loudness, &config, &it->base.allocator);
    if (status == VO_OK) status = vo_readings_init(&it->readings, FIGURES, &it->base.allocator);
    if (status != VO_OK) {
        release(&it->base.node);
        return status;
    }
    reset(&it->base.node);
    *out = &it->base.node;
    return VO_OK;
}
