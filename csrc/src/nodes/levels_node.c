/* Levels: what each channel has, how alike the first two are, and what may be wrong. Changes
   nothing. It reads, after the correlation, per channel: RMS, peak, held peak, flags. */
#include "nodes/base.h"
#include "readings.h"
#include "vocana/correlation.h"
#include "vocana/levels.h"
#include "vocana/quality.h"

enum { RMS_MS, ATTACK_MS, RELEASE_MS, HOLD_MS, PARAMS };
enum { SHARED_FIGURES = 1, CHANNEL_FIGURES = 4 };

/* The peak falls by 20 dB in 1.7 s, as in a meter of IEC 60268-10, type I. */
const vo_param vo_levels_node_params[PARAMS] = {
    {.name = "rms_ms", .least = 0, .most = 60000, .initial = 300, .fixed = true},
    {.name = "attack_ms", .least = 0, .most = 60000, .initial = 0, .fixed = true},
    {.name = "release_ms", .least = 0, .most = 60000, .initial = 738, .fixed = true},
    {.name = "hold_ms", .least = 0, .most = 3600000, .initial = 1500, .fixed = true},
};

/* flags: of the last whole second; until_flags: frames of the second that runs. */
typedef struct levels_node {
    vo_base base;
    vo_readings readings;
    vo_levels *levels;
    vo_correlation *correlation; /* NULL with one channel */
    vo_quality *quality;
    double figures[SHARED_FIGURES + CHANNEL_FIGURES * VO_NODE_MAX_CHANNELS];
    uint32_t flags[VO_NODE_MAX_CHANNELS];
    uint32_t rate, until_flags;
} levels_node;

static void publish(levels_node *it) {
    uint32_t at = 0;
    it->figures[at++] = it->correlation ? vo_correlation_now(it->correlation) : 0;
    for (uint32_t c = 0; c < it->base.node.channels; c++) {
        vo_channel_levels found = vo_levels_now(it->levels, c);
        it->figures[at++] = found.rms;
        it->figures[at++] = found.peak;
        it->figures[at++] = found.held;
        it->figures[at++] = it->flags[c];
    }
    vo_readings_publish(&it->readings, it->figures);
}

static void judge(levels_node *it) {
    for (uint32_t c = 0; c < it->base.node.channels; c++)
        it->flags[c] = vo_quality_now(it->quality, c).flags;
    vo_quality_reset(it->quality);
    it->until_flags = it->rate;
}

static void process(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    levels_node *it = (levels_node *)node;
    const float *rows[VO_NODE_MAX_CHANNELS];
    for (uint32_t c = 0; c < node->channels; c++) rows[c] = x[c];
    vo_levels_process(it->levels, rows, 1, n);
    if (it->correlation) vo_correlation_process(it->correlation, rows, 1, n);
    while (n) {
        uint32_t run = n < it->until_flags ? n : it->until_flags;
        vo_quality_process(it->quality, rows, 1, run);
        for (uint32_t c = 0; c < node->channels; c++) rows[c] += run;
        it->until_flags -= run;
        n -= run;
        if (!it->until_flags) judge(it);
    }
    publish(it);
}

static void reset(vo_node *node) VO_REALTIME {
    levels_node *it = (levels_node *)node;
    vo_levels_reset(it->levels);
    if (it->correlation) vo_correlation_reset(it->correlation);
    vo_quality_reset(it->quality);
    for (uint32_t c = 0; c < node->channels; c++) it->flags[c] = 0;
    it->until_flags = it->rate;
    publish(it);
}

static void release(vo_node *node) {
    levels_node *it = (levels_node *)node;
    vo_levels_free(it->levels);
    vo_correlation_free(it->correlation);
    vo_quality_free(it->quality);
    vo_readings_release(&it->readings, &it->base.allocator);
    vo_base_free(node);
}

static uint32_t read(const vo_node *node, double *values, uint32_t most) VO_REALTIME {
    return vo_readings_read(&((const levels_node *)node)->readings, values, most);
}

static const vo_node_ops ops = {.size = sizeof ops,
                                .name = "Levels",
                                .process = process,
                                .reset = reset,
                                .free = release,
                                .set = vo_base_set,
                                .get = vo_base_get,
                                .read = read,
                                .params = vo_levels_node_params,
                                .param_count = PARAMS};

static vo_status make_meters(levels_node *it, const vo_format *format) {
    const vo_allocator *allocator = &it->base.allocator;
    const vo_levels_config config = {.rate = format->rate,
                                     .channels = format->channels,
                                     .rms_ms = vo_base_get(&it->base.node, RMS_MS),
                                     .attack_ms = vo_base_get(&it->base.node, ATTACK_MS),
                                     .release_ms = vo_base_get(&it->base.node, RELEASE_MS),
                                     .hold_ms = vo_base_get(&it->base.node, HOLD_MS)};
    const vo_quality_limits limits = vo_quality_limits_default();
    vo_status status = vo_levels_new(&it->levels, &config, allocator);
    if (status == VO_OK && format->channels > 1)
        status = vo_correlation_new(&it->correlation, format->rate, config.rms_ms, allocator);
    if (status == VO_OK)
        status = vo_quality_new(&it->quality, format->rate, format->channels, &limits, allocator);
    if (status == VO_OK)
        status = vo_readings_init(&it->readings,
                                  SHARED_FIGURES + CHANNEL_FIGURES * format->channels, allocator);
    return status;
}

vo_status vo_levels_node_new(vo_node **out, const vo_format *format, const double *params,
                             const vo_allocator *allocator) {
    *out = NULL;
    void *made;
    vo_status status = vo_base_new(&made, sizeof(levels_node), &ops, format, params, allocator);
    if (status != VO_OK) return status;
    levels_node *it = made;
    it->rate = format->rate;
    status = make_meters(it, format);
    if (status != VO_OK) {
        release(&it->base.node);
        return status;
    }
    reset(&it->base.node);
    *out = &it->base.node;
    return VO_OK;
}
