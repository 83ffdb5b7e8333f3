#include "vocana/quality.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "hops.h"

enum { LANES = 4 };

/* Hops by their level, in steps of half a dB. What is below the first or above the last counts
   there. The squares are summed too, so a level is read as it was and not as the middle of a step.
 */
enum { STEPS = 256, STEPS_A_DB = 2, LEAST_DB = -120 };

typedef struct step {
    uint64_t hops;
    double square;
} step;

/* What a run of samples sums up to, and all of them. run: samples at the clip level up to the last
   one, whether or not they are counted yet. */
typedef struct sums {
    uint64_t frames, clipped, run;
    double sum, square;
    float least, greatest;
} sums;

struct vo_quality {
    vo_hops hops;
    vo_quality_limits limits;
    sums *channels;
    step *steps; /* STEPS of each channel */
    vo_allocator allocator;
};

vo_quality_limits vo_quality_limits_default(void) {
    return (vo_quality_limits){.silent_db = -80,
                               .dc = 0.02,
                               .flat = 1e-6,
                               .imbalance_db = 12,
                               .clip = 0.999,
                               .clip_run = 3};
}

static bool sound(const vo_quality_limits *limits) {
    return !isnan(limits->silent_db) && limits->dc >= 0 && limits->flat >= 0 &&
           limits->imbalance_db > 0 && limits->clip > 0 && limits->clip_run > 0;
}

vo_status vo_quality_new(vo_quality **out, uint32_t rate, uint32_t channels,
                         const vo_quality_limits *limits, const vo_allocator *allocator) {
    *out = NULL;
    if (!sound(limits)) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_quality *quality = vo_alloc(allocator, sizeof *quality, VO_CACHE_LINE);
    if (!quality) return VO_NO_MEM;
    quality->allocator = *allocator;
    quality->limits = *limits;
    vo_status status = vo_hops_init(&quality->hops, rate, channels, allocator);
    if (status == VO_OK) {
        quality->channels = vo_alloc(allocator, channels * sizeof(sums), VO_CACHE_LINE);
        quality->steps = vo_alloc(allocator, channels * STEPS * sizeof(step), VO_CACHE_LINE);
        if (!quality->channels || !quality->steps) status = VO_NO_MEM;
    }
    if (status != VO_OK) {
        vo_quality_free(quality);
        return status;
    }
    vo_quality_reset(quality);
    *out = quality;
    return VO_OK;
}

void vo_quality_free(vo_quality *quality) {
    if (!quality) return;
    vo_allocator allocator = quality->allocator;
    vo_hops_release(&quality->hops, &allocator);
    vo_release(&allocator, quality->channels);
    vo_release(&allocator, quality->steps);
    vo_release(&allocator, quality);
}

void vo_quality_reset(vo_quality *quality) {
    uint32_t channels = quality->hops.channels;
    vo_hops_reset(&quality->hops);
    for (uint32_t c = 0; c < channels; c++)
        quality->channels[c] = (sums){.least = INFINITY, .greatest = -INFINITY};
    memset(quality->steps, 0, channels * STEPS * sizeof(step));
}

static void count_clipped(sums *to, const float *x, uint32_t n, const vo_quality_limits *limits) {
    for (uint32_t i = 0; i < n; i++) {
        to->run = fabs((double)x[i]) >= limits->clip ? to->run + 1 : 0;
        if (to->run > limits->clip_run) to->clipped++;
        if (to->run == limits->clip_run) to->clipped += limits->clip_run;
    }
}

/* Adds what is filled of a hop; returns the sum of its squares. */
static double add_row(const vo_quality *quality, uint32_t c, sums *to) {
    const float *x = vo_hops_row(&quality->hops, c);
    uint32_t n = quality->hops.filled;
    double sum[LANES] = {0}, square[LANES] = {0};
    float least = INFINITY, greatest = -INFINITY;
    for (uint32_t i = 0; i < n; i++) {
        sum[i % LANES] += (double)x[i];
        square[i % LANES] += (double)x[i] * (double)x[i];
        least = x[i] < least ? x[i] : least;
        greatest = x[i] > greatest ? x[i] : greatest;
    }
    double energy = (square[0] + square[1]) + (square[2] + square[3]);
    to->least = least < to->least ? least : to->least;
    to->greatest = greatest > to->greatest ? greatest : to->greatest;
    to->frames += n;
    to->sum += (sum[0] + sum[1]) + (sum[2] + sum[3]);
    to->square += energy;
    bool reached =
        (double)greatest >= quality->limits.clip || (double)-least >= quality->limits.clip;
    if (reached) count_clipped(to, x, n, &quality->limits);
    if (!reached && n) to->run = 0;
    return energy;
}

static void add_hop(vo_quality *quality, uint32_t c) {
    double square = add_row(quality, c, &quality->channels[c]) / quality->hops.frames;
    double db = square > 0 ? 10 * log10(square) : LEAST_DB;
    double at = fmax(0, fmin(STEPS - 1, floor((db - LEAST_DB) * STEPS_A_DB)));
    step *to = &quality->steps[c * STEPS + (uint32_t)at];
    to->hops++;
    to->square += square;
}

void vo_quality_process(vo_quality *quality, const float *const *x, size_t stride, size_t n) {
    for (size_t at = 0; at < n;) {
        at += vo_hops_take(&quality->hops, x, stride, at, n - at);
        if (!vo_hops_full(&quality->hops)) return;
        for (uint32_t c = 0; c < quality->hops.channels; c++) add_hop(quality, c);
        vo_hops_next(&quality->hops);
    }
}

/* Mean square of the step in which a tenth of the hops is reached; of all when there is no hop. */
static double floor_of(const step *steps, const sums *all) {
    uint64_t hops = 0, below = 0;
    for (uint32_t i = 0; i < STEPS; i++) hops += steps[i].hops;
    for (uint32_t i = 0; i < STEPS; i++) {
        below += steps[i].hops;
        if (steps[i].hops && below * 10 >= hops) return steps[i].square / (double)steps[i].hops;
    }
    return all->square / (double)all->frames;
}

static sums sums_of(const vo_quality *quality, uint32_t c) {
    sums all = quality->channels[c];
    add_row(quality, c, &all);
    return all;
}

static uint32_t flags_of(const vo_quality *quality, uint32_t c, const vo_quality_figures *of,
                         const sums *all) {
    const vo_quality_limits *limits = &quality->limits;
    double alternating = fmax(0, of->rms * of->rms - of->mean * of->mean);
    double loudest = of->rms;
    for (uint32_t other = 0; other < quality->hops.channels; other++) {
        sums its = sums_of(quality, other);
        if (other != c) loudest = fmax(loudest, sqrt(its.square / (double)its.frames));
    }
    uint32_t flags = 0;
    if (10 * log10(alternating) < limits->silent_db) flags |= VO_QUALITY_SILENT;
    if (fabs(of->mean) > limits->dc) flags |= VO_QUALITY_DC;
    if ((double)all->greatest - (double)all->least <= limits->flat) flags |= VO_QUALITY_FLAT;
    if (20 * log10(loudest) >= limits->silent_db &&
        20 * (log10(loudest) - log10(of->rms)) >= limits->imbalance_db)
        flags |= VO_QUALITY_IMBALANCE;
    if (of->clipped) flags |= VO_QUALITY_CLIPPED;
    if (of->invalid) flags |= VO_QUALITY_INVALID;
    return flags;
}

vo_quality_figures vo_quality_now(const vo_quality *quality, uint32_t channel) {
    vo_quality_figures found = {0};
    if (channel >= quality->hops.channels) return found;
    sums all = sums_of(quality, channel);
    if (!all.frames) return found;
    found.frames = all.frames;
    found.clipped = all.clipped;
    found.invalid = quality->hops.refused[channel];
    found.peak = fmax(fabs((double)all.least), fabs((double)all.greatest));
    found.mean = all.sum / (double)all.frames;
    found.rms = sqrt(all.square / (double)all.frames);
    found.noise_floor = sqrt(floor_of(quality->steps + channel * STEPS, &all));
    found.flags = flags_of(quality, channel, &found, &all);
    return found;
}
