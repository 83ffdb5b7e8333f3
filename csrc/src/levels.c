#include "vocana/levels.h"

#include <math.h>
#include <stdbool.h>

#include "hops.h"
#include "vocana/ballistics.h"

typedef struct needles {
    vo_ballistics square, peak;
    double held;
    double age; /* frames since held was reached */
} needles;

struct vo_levels {
    vo_hops hops;
    vo_levels_config config;
    needles *channels;
    vo_allocator allocator;
};

static bool is_time(double ms) {
    return ms >= 0 && isfinite(ms);
}

vo_status vo_levels_new(vo_levels **out, const vo_levels_config *config,
                        const vo_allocator *allocator) {
    *out = NULL;
    if (!is_time(config->rms_ms) || !is_time(config->attack_ms) || !is_time(config->release_ms) ||
        !is_time(config->hold_ms))
        return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_levels *levels = vo_alloc(allocator, sizeof *levels, VO_CACHE_LINE);
    if (!levels) return VO_NO_MEM;
    levels->allocator = *allocator;
    levels->config = *config;
    vo_status status = vo_hops_init(&levels->hops, config->rate, config->channels, allocator);
    if (status == VO_OK) {
        levels->channels = vo_alloc(allocator, config->channels * sizeof(needles), VO_CACHE_LINE);
        if (!levels->channels) status = VO_NO_MEM;
    }
    if (status != VO_OK) {
        vo_levels_free(levels);
        return status;
    }
    vo_levels_reset(levels);
    *out = levels;
    return VO_OK;
}

void vo_levels_free(vo_levels *levels) {
    if (!levels) return;
    vo_allocator allocator = levels->allocator;
    vo_hops_release(&levels->hops, &allocator);
    vo_release(&allocator, levels->channels);
    vo_release(&allocator, levels);
}

void vo_levels_reset(vo_levels *levels) {
    const vo_levels_config *config = &levels->config;
    vo_hops_reset(&levels->hops);
    for (uint32_t c = 0; c < config->channels; c++) {
        needles *it = &levels->channels[c];
        vo_ballistics_init(&it->square, config->rms_ms, config->rms_ms, config->rate);
        vo_ballistics_init(&it->peak, config->attack_ms, config->release_ms, config->rate);
        it->held = it->age = 0;
    }
}

static void hop(vo_levels *levels, uint32_t c) {
    needles *it = &levels->channels[c];
    uint32_t n = levels->hops.frames;
    float peak;
    double energy;
    levels->hops.kernels.level(vo_hops_row(&levels->hops, c), n, &peak, &energy);
    vo_ballistics_step(&it->square, energy / n, n);
    double shown = vo_ballistics_step(&it->peak, (double)peak, n);
    it->age += n;
    if (shown >= it->held) {
        it->held = shown;
        it->age = 0;
    } else if (it->age > levels->config.hold_ms * levels->config.rate / 1000) {
        it->held = shown;
    }
}

void vo_levels_process(vo_levels *levels, const float *const *x, size_t stride, size_t n) {
    for (size_t at = 0; at < n;) {
        at += vo_hops_take(&levels->hops, x, stride, at, n - at);
        if (!vo_hops_full(&levels->hops)) return;
        for (uint32_t c = 0; c < levels->config.channels; c++) hop(levels, c);
        vo_hops_next(&levels->hops);
    }
}

vo_channel_levels vo_levels_now(const vo_levels *levels, uint32_t channel) {
    if (channel >= levels->config.channels) return (vo_channel_levels){0, 0, 0};
    return (vo_channel_levels){sqrt(levels->channels[channel].square.value),
                               levels->channels[channel].peak.value,
                               levels->channels[channel].held};
}
