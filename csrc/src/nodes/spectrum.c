/* The spectrum of the mean of all channels, frame by frame, and what describes it; the sound passes
   as it is. */
#include <math.h>
#include <string.h>

#include "kernels/kernels.h"
#include "kernels/spectra.h"
#include "nodes/base.h"
#include "readings.h"
#include "vocana/framer.h"
#include "vocana/spectral.h"
#include "vocana/window.h"

#define ROLLOFF 0.85
#define DB_PER_OCTAVE 3.01029996f /* of power: 10 log10(2) */

/* Full scale is a sine of amplitude 1: 0 dB. */
#define LEAST_DB (-200.0)

enum { N_FFT, HOP, PARAMS };

const vo_param vo_spectrum_params[PARAMS] = {
    [N_FFT] = {.name = "n_fft", .least = 16, .most = 65536, .initial = 2048, .fixed = true},
    [HOP] = {.name = "hop", .least = 1, .most = 65536, .initial = 512, .fixed = true},
};

/* Readings: frames until the end of the last whole frame, its VO_SPECTRAL_FEATURES, and dB of each
   bin. db_of_one: of a power of 1. */
enum { FRAMES, FEATURES, BINS = FEATURES + VO_SPECTRAL_FEATURES };

typedef struct spectrum {
    vo_base base;
    vo_readings readings;
    vo_kernels kernels;
    vo_spectra_kernels spectra;
    vo_framer *framer;
    vo_spectral *spectral;
    uint64_t frames, n_fft, hop;
    uint32_t bins;
    double db_of_one;
    float *window, *db;
    double *values;
    float mean[VO_NODE_MAX_FRAMES];
} spectrum;

static void publish(spectrum *s) VO_REALTIME {
    float row[VO_SPECTRAL_FEATURES];
    const float *power = vo_framer_power(s->framer);
    float least = (float)pow(10, (LEAST_DB - s->db_of_one) / 10);
    vo_spectral_frame(s->spectral, row, vo_framer_samples(s->framer), power);
    s->spectra.log(s->db, power, s->bins, least, DB_PER_OCTAVE);
    s->values[FRAMES] = (double)s->frames;
    for (uint32_t i = 0; i < VO_SPECTRAL_FEATURES; i++) s->values[FEATURES + i] = (double)row[i];
    for (uint32_t k = 0; k < s->bins; k++) s->values[BINS + k] = (double)s->db[k] + s->db_of_one;
    vo_readings_publish(&s->readings, s->values);
}

static void mix_down(spectrum *s, float *const *x, uint32_t n) VO_REALTIME {
    uint32_t channels = s->base.node.channels;
    float gain = 1.0f / (float)channels;
    s->kernels.gain(s->mean, x[0], gain, n);
    for (uint32_t c = 1; c < channels; c++) s->kernels.mix(s->mean, x[c], gain, n);
}

/* A frame is published with its own end for its place, wherever a block ends. */
static void process(vo_node *node, float *const *x, uint32_t n) VO_REALTIME {
    spectrum *s = (spectrum *)node;
    const float *next = s->mean;
    uint64_t left = n;
    mix_down(s, x, n);
    while (vo_framer_next(s->framer, &next, &left)) {
        s->frames = s->frames ? s->frames + s->hop : s->n_fft;
        publish(s);
    }
}

static void reset(vo_node *node) VO_REALTIME {
    spectrum *s = (spectrum *)node;
    vo_framer_reset(s->framer);
    vo_spectral_reset(s->spectral);
    s->frames = 0;
    for (uint32_t i = 0; i < BINS; i++) s->values[i] = 0;
    for (uint32_t k = 0; k < s->bins; k++) s->values[BINS + k] = LEAST_DB;
    vo_readings_publish(&s->readings, s->values);
}

static uint32_t read(const vo_node *node, double *values, uint32_t most) VO_REALTIME {
    return vo_readings_read(&((const spectrum *)node)->readings, values, most);
}

static void release(vo_node *node) {
    spectrum *s = (spectrum *)node;
    vo_framer_free(s->framer);
    vo_spectral_free(s->spectral);
    vo_readings_release(&s->readings, &s->base.allocator);
    vo_release(&s->base.allocator, s->window);
    vo_release(&s->base.allocator, s->db);
    vo_release(&s->base.allocator, s->values);
    vo_base_free(node);
}

static const vo_node_ops ops = {.size = sizeof ops,
                                .name = "Spectrum",
                                .process = process,
                                .reset = reset,
                                .free = release,
                                .set = vo_base_set,
                                .get = vo_base_get,
                                .read = read,
                                .params = vo_spectrum_params,
                                .param_count = PARAMS};

static vo_status make(spectrum *s, uint32_t rate, uint32_t n_fft, uint32_t hop) {
    const vo_allocator *allocator = &s->base.allocator;
    s->window = vo_alloc(allocator, n_fft * sizeof *s->window, VO_CACHE_LINE);
    s->db = s->window ? vo_alloc(allocator, s->bins * sizeof *s->db, VO_CACHE_LINE) : NULL;
    size_t numbers = (BINS + s->bins) * sizeof *s->values;
    s->values = s->db ? vo_alloc(allocator, numbers, VO_CACHE_LINE) : NULL;
    if (!s->values) return VO_NO_MEM;
    double sum = 0, energy = 0;
    vo_window_fill(s->window, n_fft, VO_WINDOW_HANN);
    for (uint32_t i = 0; i < n_fft; i++) {
        sum += (double)s->window[i];
        energy += (double)s->window[i] * (double)s->window[i];
    }
    s->db_of_one = 20 * log10(2 / sum);
    const vo_framer_config frames = {s->window, n_fft, hop, 0};
    const vo_spectral_config shape = {
        .rate = rate, .n_fft = n_fft, .window_energy = energy, .rolloff = ROLLOFF};
    vo_status status = vo_framer_new(&s->framer, &frames, allocator);
    if (status == VO_OK) status = vo_spectral_new(&s->spectral, &shape, allocator);
    if (status == VO_OK) status = vo_readings_init(&s->readings, BINS + s->bins, allocator);
    return status;
}

vo_status vo_spectrum_new(vo_node **out, const vo_format *format, const double *params,
                          const vo_allocator *allocator) {
    *out = NULL;
    void *made;
    vo_status status = vo_base_new(&made, sizeof(spectrum), &ops, format, params, allocator);
    if (status != VO_OK) return status;
    spectrum *s = made;
    s->n_fft = (uint64_t)lround(vo_base_get(&s->base.node, N_FFT));
    s->hop = (uint64_t)lround(vo_base_get(&s->base.node, HOP));
    s->bins = (uint32_t)s->n_fft / 2 + 1;
    s->kernels = vo_kernels_select();
    s->spectra = vo_spectra_kernels_select();
    status = make(s, format->rate, (uint32_t)s->n_fft, (uint32_t)s->hop);
    if (status != VO_OK) {
        release(&s->base.node);
        return status;
    }
    reset(&s->base.node);
    *out = &s->base.node;
    return VO_OK;
}
