#include "vocana/deepfilter.h"

#include <string.h>

/* The last `order` spectra; the oldest is at `oldest`, and the next takes its place. */
struct vo_deepfilter {
    uint32_t bins, filtered, order, look_ahead;
    uint32_t oldest;
    size_t row; /* floats of a spectrum */
    float *past;
    vo_allocator allocator;
};

vo_status vo_deepfilter_new(vo_deepfilter **out, const vo_deepfilter_config *config,
                            const vo_allocator *allocator) {
    *out = NULL;
    if (!config->bins || config->filtered > config->bins || config->look_ahead >= config->order)
        return VO_BAD_ARG;
    size_t row, bytes;
    if (!vo_size_mul(config->bins, 2, &row) ||
        !vo_size_mul(row * sizeof(float), config->order, &bytes))
        return VO_TOO_BIG;
    if (!allocator) allocator = vo_allocator_default();
    vo_deepfilter *filter = vo_alloc(allocator, sizeof *filter, VO_CACHE_LINE);
    if (!filter) return VO_NO_MEM;
    filter->allocator = *allocator;
    filter->bins = config->bins;
    filter->filtered = config->filtered;
    filter->order = config->order;
    filter->look_ahead = config->look_ahead;
    filter->row = row;
    filter->past = vo_alloc(allocator, bytes, VO_CACHE_LINE);
    if (!filter->past) {
        vo_deepfilter_free(filter);
        return VO_NO_MEM;
    }
    *out = filter;
    return VO_OK;
}

void vo_deepfilter_free(vo_deepfilter *filter) {
    if (!filter) return;
    vo_allocator allocator = filter->allocator;
    vo_release(&allocator, filter->past);
    vo_release(&allocator, filter);
}

/* The spectrum that tap k sees. */
static float *seen_by(const vo_deepfilter *filter, uint32_t k) {
    uint32_t at = filter->oldest + k;
    if (at >= filter->order) at -= filter->order;
    return filter->past + at * filter->row;
}

void vo_deepfilter_process(vo_deepfilter *filter, float *out, const float *spectrum,
                           const float *coefficients) {
    uint32_t order = filter->order;
    memcpy(seen_by(filter, 0), spectrum, filter->row * sizeof *spectrum);
    filter->oldest = filter->oldest + 1 == order ? 0 : filter->oldest + 1;
    memcpy(out, seen_by(filter, order - 1 - filter->look_ahead), filter->row * sizeof *out);
    for (uint32_t f = 0; f < filter->filtered; f++) {
        double re = 0, im = 0;
        for (uint32_t k = 0; k < order; k++, coefficients += 2) {
            const float *x = seen_by(filter, k) + 2 * f;
            double a = (double)coefficients[0], b = (double)coefficients[1];
            re += a * (double)x[0] - b * (double)x[1];
            im += a * (double)x[1] + b * (double)x[0];
        }
        out[2 * f] = (float)re;
        out[2 * f + 1] = (float)im;
    }
}

void vo_deepfilter_reset(vo_deepfilter *filter) {
    memset(filter->past, 0, filter->order * filter->row * sizeof(float));
    filter->oldest = 0;
}
