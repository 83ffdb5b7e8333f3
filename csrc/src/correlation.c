#include "vocana/correlation.h"

#include <math.h>

#include "hops.h"
#include "vocana/ballistics.h"

enum { LANES = 4 };

typedef struct products {
    double xx, yy, xy;
} products;

struct vo_correlation {
    vo_hops hops;
    double time_ms;
    vo_ballistics xx, yy, xy;
    products whole; /* of full hops */
    vo_allocator allocator;
};

vo_status vo_correlation_new(vo_correlation **out, uint32_t rate, double time_ms,
                             const vo_allocator *allocator) {
    *out = NULL;
    if (!(time_ms >= 0) || !isfinite(time_ms)) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_correlation *correlation = vo_alloc(allocator, sizeof *correlation, VO_CACHE_LINE);
    if (!correlation) return VO_NO_MEM;
    correlation->allocator = *allocator;
    correlation->time_ms = time_ms;
    vo_status status = vo_hops_init(&correlation->hops, rate, 2, allocator);
    if (status != VO_OK) {
        vo_correlation_free(correlation);
        return status;
    }
    vo_correlation_reset(correlation);
    *out = correlation;
    return VO_OK;
}

void vo_correlation_free(vo_correlation *correlation) {
    if (!correlation) return;
    vo_allocator allocator = correlation->allocator;
    vo_hops_release(&correlation->hops, &allocator);
    vo_release(&allocator, correlation);
}

void vo_correlation_reset(vo_correlation *correlation) {
    double time_ms = correlation->time_ms, rate = correlation->hops.rate;
    vo_hops_reset(&correlation->hops);
    vo_ballistics_init(&correlation->xx, time_ms, time_ms, rate);
    vo_ballistics_init(&correlation->yy, time_ms, time_ms, rate);
    vo_ballistics_init(&correlation->xy, time_ms, time_ms, rate);
    correlation->whole = (products){0, 0, 0};
}

static products of_row(const vo_hops *hops) {
    const float *x = vo_hops_row(hops, 0), *y = vo_hops_row(hops, 1);
    double xx[LANES] = {0}, yy[LANES] = {0}, xy[LANES] = {0};
    for (uint32_t i = 0; i < hops->filled; i++) {
        double a = (double)x[i], b = (double)y[i];
        xx[i % LANES] += a * a;
        yy[i % LANES] += b * b;
        xy[i % LANES] += a * b;
    }
    return (products){(xx[0] + xx[1]) + (xx[2] + xx[3]), (yy[0] + yy[1]) + (yy[2] + yy[3]),
                      (xy[0] + xy[1]) + (xy[2] + xy[3])};
}

static void add(products *to, products more) {
    to->xx += more.xx;
    to->yy += more.yy;
    to->xy += more.xy;
}

void vo_correlation_process(vo_correlation *correlation, const float *const *x, size_t stride,
                            size_t n) {
    vo_hops *hops = &correlation->hops;
    for (size_t at = 0; at < n;) {
        at += vo_hops_take(hops, x, stride, at, n - at);
        if (!vo_hops_full(hops)) return;
        products found = of_row(hops);
        vo_ballistics_step(&correlation->xx, found.xx / hops->frames, hops->frames);
        vo_ballistics_step(&correlation->yy, found.yy / hops->frames, hops->frames);
        vo_ballistics_step(&correlation->xy, found.xy / hops->frames, hops->frames);
        add(&correlation->whole, found);
        vo_hops_next(hops);
    }
}

/* Roots apart: the product of two small sums may vanish. */
static double normalised(products of) {
    double both = sqrt(of.xx) * sqrt(of.yy);
    return both > 0 ? fmax(-1, fmin(1, of.xy / both)) : 0;
}

double vo_correlation_now(const vo_correlation *correlation) {
    return normalised(
        (products){correlation->xx.value, correlation->yy.value, correlation->xy.value});
}

double vo_correlation_whole(const vo_correlation *correlation) {
    products all = correlation->whole;
    add(&all, of_row(&correlation->hops));
    return normalised(all);
}
