#include "vocana/mel.h"

#include <math.h>
#include <string.h>

#include "kernels/spectra.h"

struct vo_mel {
    uint32_t bins;
    bool from_magnitude, logarithmic;
    float floor, scale; /* of log2 */
    vo_bands bands;
    vo_spectra_kernels kernels;
    vo_allocator allocator;
};

/* --- Scales --------------------------------------------------------------- */

#define SLANEY_HZ_PER_MEL (200.0 / 3)
#define SLANEY_BREAK_HZ 1000.0
#define SLANEY_BREAK_MEL (SLANEY_BREAK_HZ / SLANEY_HZ_PER_MEL)
#define SLANEY_STEPS_PER_E (27 / 1.8562979903656263) /* ln 6.4 */

double vo_mel_from_hz(double hz, vo_mel_scale scale) {
    if (scale == VO_MEL_HTK) return 2595 * log10(1 + hz / 700);
    if (hz < SLANEY_BREAK_HZ) return hz / SLANEY_HZ_PER_MEL;
    return SLANEY_BREAK_MEL + log(hz / SLANEY_BREAK_HZ) * SLANEY_STEPS_PER_E;
}

double vo_mel_to_hz(double mel, vo_mel_scale scale) {
    if (scale == VO_MEL_HTK) return 700 * (pow(10, mel / 2595) - 1);
    if (mel < SLANEY_BREAK_MEL) return mel * SLANEY_HZ_PER_MEL;
    return SLANEY_BREAK_HZ * exp((mel - SLANEY_BREAK_MEL) / SLANEY_STEPS_PER_E);
}

/* --- Filters -------------------------------------------------------------- */

/* Edge i of bands + 2: band b rises from edge b to edge b + 1 and falls to edge b + 2. */
static double edge(const vo_mel_config *config, uint32_t i) {
    double low = vo_mel_from_hz(config->f_min_hz, config->scale);
    double high = vo_mel_from_hz(config->f_max_hz, config->scale);
    return vo_mel_to_hz(low + (high - low) * i / (config->bands + 1), config->scale);
}

static double weight(const double edges[3], double hz) {
    double rise = (hz - edges[0]) / (edges[1] - edges[0]);
    double fall = (edges[2] - hz) / (edges[2] - edges[1]);
    return fmax(0, fmin(rise, fall));
}

/* Where each band begins and how long it is, and with weights also these; returns how many. */
static size_t fill(const vo_mel_config *config, vo_bands *bands, uint32_t bins, float *weights) {
    size_t used = 0;
    for (uint32_t b = 0; b < config->bands; b++) {
        double edges[3] = {edge(config, b), edge(config, b + 1), edge(config, b + 2)};
        double scale = config->equal_area ? 2 / (edges[2] - edges[0]) : 1;
        double bins_per_hz = (double)config->n_fft / config->rate;
        uint32_t k = (uint32_t)(edges[0] * bins_per_hz);
        while (k < bins && !(weight(edges, k / bins_per_hz) > 0) && k / bins_per_hz < edges[2]) k++;
        bands->first[b] = k < bins ? k : bins - 1;
        bands->length[b] = 0;
        for (double w; k < bins && (w = weight(edges, k / bins_per_hz)) > 0; k++) {
            if (weights) weights[used] = (float)(w * scale);
            bands->length[b]++;
            used++;
        }
    }
    return used;
}

static bool sound(const vo_mel_config *config) {
    return config->rate && config->n_fft >= 2 && config->bands && config->f_min_hz >= 0 &&
           config->f_min_hz < config->f_max_hz && config->f_max_hz <= config->rate / 2.0 &&
           (config->log == VO_MEL_LINEAR || (config->floor >= 1e-30f && config->floor < INFINITY));
}

static float per_octave(vo_mel_log log) {
    const double decades = 0.30102999566398120; /* log10(2) */
    if (log == VO_MEL_DB) return (float)(10 * decades);
    return log == VO_MEL_LN ? 0.69314718055994531f : (float)decades;
}

static vo_status make_bands(vo_mel *mel, const vo_mel_config *config) {
    size_t bytes;
    if (!vo_size_mul(config->bands, sizeof(uint32_t), &bytes)) return VO_TOO_BIG;
    mel->bands.count = config->bands;
    mel->bands.first = vo_alloc(&mel->allocator, bytes, VO_CACHE_LINE);
    if (!mel->bands.first) return VO_NO_MEM;
    mel->bands.length = vo_alloc(&mel->allocator, bytes, VO_CACHE_LINE);
    if (!mel->bands.length) return VO_NO_MEM;
    size_t weights = fill(config, &mel->bands, mel->bins, NULL);
    if (!vo_size_mul(weights + 1, sizeof(float), &bytes)) return VO_TOO_BIG;
    mel->bands.weights = vo_alloc(&mel->allocator, bytes, VO_CACHE_LINE);
    if (!mel->bands.weights) return VO_NO_MEM;
    fill(config, &mel->bands, mel->bins, mel->bands.weights);
    return VO_OK;
}

vo_status vo_mel_new(vo_mel **out, const vo_mel_config *config, const vo_allocator *allocator) {
    *out = NULL;
    if (!sound(config)) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_mel *mel = vo_alloc(allocator, sizeof *mel, VO_CACHE_LINE);
    if (!mel) return VO_NO_MEM;
    mel->allocator = *allocator;
    mel->bins = config->n_fft / 2 + 1;
    mel->from_magnitude = config->from_magnitude;
    mel->logarithmic = config->log != VO_MEL_LINEAR;
    mel->floor = config->floor;
    mel->scale = per_octave(config->log);
    mel->kernels = vo_spectra_kernels_select();
    vo_status status = make_bands(mel, config);
    if (status != VO_OK) {
        vo_mel_free(mel);
        return status;
    }
    *out = mel;
    return VO_OK;
}

void vo_mel_free(vo_mel *mel) {
    if (!mel) return;
    vo_allocator allocator = mel->allocator;
    vo_release(&allocator, mel->bands.first);
    vo_release(&allocator, mel->bands.length);
    vo_release(&allocator, mel->bands.weights);
    vo_release(&allocator, mel);
}

uint32_t vo_mel_bands(const vo_mel *mel) {
    return mel->bands.count;
}

void vo_mel_weights(const vo_mel *mel, float *weights) {
    const vo_bands *bands = &mel->bands;
    const float *next = bands->weights;
    memset(weights, 0, (size_t)bands->count * mel->bins * sizeof *weights);
    for (uint32_t b = 0; b < bands->count; weights += mel->bins, next += bands->length[b++])
        memcpy(weights + bands->first[b], next, bands->length[b] * sizeof *weights);
}

void vo_mel_apply(const vo_mel *mel, float *out, const float *spectrum) {
    mel->kernels.bands(out, spectrum, &mel->bands);
    if (mel->logarithmic) mel->kernels.log(out, out, mel->bands.count, mel->floor, mel->scale);
}

uint64_t vo_mel_process(const vo_mel *mel, vo_framer *framer, float *rows, const float *x,
                        uint64_t n) {
    uint64_t frames = 0;
    for (; vo_framer_next(framer, &x, &n); frames++, rows += mel->bands.count) {
        const float *spectrum = vo_framer_power(framer);
        if (mel->from_magnitude) spectrum = vo_framer_magnitude(framer);
        vo_mel_apply(mel, rows, spectrum);
    }
    return frames;
}
