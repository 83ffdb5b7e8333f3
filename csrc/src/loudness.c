#include "vocana/loudness.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "hops.h"
#include "loudness_filter.h"
#include "loudness_gate.h"
#include "vocana/sos.h"
#include "vocana/truepeak.h"

/* In hops of 10 ms. */
enum { MOMENTARY = 40, SHORT_TERM = 300, GATED = 10 };

static const double INTEGRATED_GATE_LU = 10, RANGE_GATE_LU = 20, RANGE_LOW = 0.10,
                    RANGE_HIGH = 0.95, SURROUND = 1.41;

/* energy of the last SHORT_TERM hops, weighted and summed over the channels; hop number `hops`
   comes at hops % SHORT_TERM. Powers are means over time, before they are LUFS. */
struct vo_loudness {
    vo_hops hops;
    vo_sos *filter;
    double weights[VO_HOPS_MOST_CHANNELS];
    double energy[SHORT_TERM];
    uint64_t count;
    double momentary, short_term, max_momentary, max_short_term;
    vo_truepeak *truepeak; /* or NULL */
    float peak;
    vo_loudness_gate momentary_gate, short_term_gate;
    vo_allocator allocator;
};

static double standard_weight(uint32_t channel, uint32_t channels) {
    if (channels < 4 || channels > 6) return 1;
    if (channel >= channels - 2) return SURROUND;
    return channels == 6 && channel == 3 ? 0 : 1;
}

static bool sound(const vo_loudness_config *config) {
    if (config->rate < VO_LOUDNESS_LEAST_RATE || config->channels > VO_HOPS_MOST_CHANNELS)
        return false;
    for (uint32_t c = 0; config->weights && c < config->channels; c++)
        if (!(config->weights[c] >= 0) || !isfinite(config->weights[c])) return false;
    return true;
}

vo_status vo_loudness_new(vo_loudness **out, const vo_loudness_config *config,
                          const vo_allocator *allocator) {
    *out = NULL;
    if (!sound(config)) return VO_BAD_ARG;
    uint32_t rate = config->rate, channels = config->channels;
    if (!allocator) allocator = vo_allocator_default();
    vo_loudness *loudness = vo_alloc(allocator, sizeof *loudness, VO_CACHE_LINE);
    if (!loudness) return VO_NO_MEM;
    loudness->allocator = *allocator;
    vo_biquad sections[VO_LOUDNESS_SECTIONS];
    vo_loudness_filter_design(sections, rate);
    vo_status status = vo_hops_init(&loudness->hops, rate, channels, allocator);
    if (status == VO_OK)
        status =
            vo_sos_new(&loudness->filter, sections, VO_LOUDNESS_SECTIONS, 0, channels, allocator);
    if (status == VO_OK && config->true_peak)
        status = vo_truepeak_new(&loudness->truepeak, rate, channels, allocator);
    if (status != VO_OK) {
        vo_loudness_free(loudness);
        return status;
    }
    for (uint32_t c = 0; c < channels; c++)
        loudness->weights[c] = config->weights ? config->weights[c] : standard_weight(c, channels);
    vo_loudness_reset(loudness);
    *out = loudness;
    return VO_OK;
}

void vo_loudness_free(vo_loudness *loudness) {
    if (!loudness) return;
    vo_allocator allocator = loudness->allocator;
    vo_hops_release(&loudness->hops, &allocator);
    vo_sos_free(loudness->filter);
    vo_truepeak_free(loudness->truepeak);
    vo_release(&allocator, loudness);
}

void vo_loudness_reset(vo_loudness *loudness) {
    vo_hops_reset(&loudness->hops);
    vo_sos_reset(loudness->filter);
    loudness->count = 0;
    loudness->momentary = loudness->short_term = 0;
    loudness->max_momentary = loudness->max_short_term = 0;
    if (loudness->truepeak) vo_truepeak_reset(loudness->truepeak);
    loudness->peak = 0;
    memset(&loudness->momentary_gate, 0, sizeof loudness->momentary_gate);
    memset(&loudness->short_term_gate, 0, sizeof loudness->short_term_gate);
}

/* Mean power of the last n hops, added up afresh: a running sum would keep the rounding of what has
   long gone by. 0 while there are fewer. */
static double power_of_last(const vo_loudness *loudness, uint32_t n) {
    if (loudness->count < n) return 0;
    double sum[4] = {0};
    uint32_t end = (uint32_t)(loudness->count % SHORT_TERM);
    uint32_t at = end >= n ? end - n : end + SHORT_TERM - n;
    uint32_t first = SHORT_TERM - at < n ? SHORT_TERM - at : n;
    for (uint32_t i = 0; i < first; i++) sum[i % 4] += loudness->energy[at + i];
    for (uint32_t i = 0; i < n - first; i++) sum[i % 4] += loudness->energy[i];
    double frames = (double)n * loudness->hops.rate / VO_HOPS_A_SECOND;
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) / frames;
}

/* Energy of a hop, weighted. The filter works in place, so whoever wants the samples comes before.
 */
static double weigh(vo_loudness *loudness) {
    vo_hops *hops = &loudness->hops;
    float *rows[VO_HOPS_MOST_CHANNELS], unwanted;
    double energy, sum = 0;
    for (uint32_t c = 0; c < hops->channels; c++)
        rows[c] = hops->rows + (size_t)c * hops->row_frames;
    vo_sos_process(loudness->filter, rows, hops->frames);
    for (uint32_t c = 0; c < hops->channels; c++) {
        hops->kernels.level(rows[c], hops->frames, &unwanted, &energy);
        sum += loudness->weights[c] * energy;
    }
    return sum;
}

static void hop(vo_loudness *loudness) {
    const vo_hops *hops = &loudness->hops;
    for (uint32_t c = 0; loudness->truepeak && c < hops->channels; c++)
        loudness->peak = vo_truepeak_process(loudness->truepeak, c, NULL, vo_hops_row(hops, c),
                                             hops->frames, loudness->peak);
    double sum = weigh(loudness);
    loudness->energy[loudness->count % SHORT_TERM] = sum;
    loudness->count++;
    loudness->momentary = power_of_last(loudness, MOMENTARY);
    loudness->short_term = power_of_last(loudness, SHORT_TERM);
    loudness->max_momentary = fmax(loudness->max_momentary, loudness->momentary);
    loudness->max_short_term = fmax(loudness->max_short_term, loudness->short_term);
    if (loudness->count % GATED) return;
    vo_loudness_gate_add(&loudness->momentary_gate, loudness->momentary);
    vo_loudness_gate_add(&loudness->short_term_gate, loudness->short_term);
}

void vo_loudness_process(vo_loudness *loudness, const float *const *x, size_t stride, size_t n) {
    for (size_t at = 0; at < n;) {
        at += vo_hops_take(&loudness->hops, x, stride, at, n - at);
        if (!vo_hops_full(&loudness->hops)) return;
        hop(loudness);
        vo_hops_next(&loudness->hops);
    }
}

uint64_t vo_loudness_blocks(const vo_loudness *loudness) {
    return loudness->count / GATED;
}

vo_loudness_reading vo_loudness_now(const vo_loudness *loudness) {
    return (vo_loudness_reading){
        .momentary = vo_loudness_lufs(loudness->momentary),
        .short_term = vo_loudness_lufs(loudness->short_term),
        .max_momentary = vo_loudness_lufs(loudness->max_momentary),
        .max_short_term = vo_loudness_lufs(loudness->max_short_term),
        .integrated = vo_loudness_gate_integrated(&loudness->momentary_gate, INTEGRATED_GATE_LU),
        .range = vo_loudness_gate_range(&loudness->short_term_gate, RANGE_GATE_LU, RANGE_LOW,
                                        RANGE_HIGH),
        .true_peak_db = 20 * log10((double)loudness->peak),
    };
}
