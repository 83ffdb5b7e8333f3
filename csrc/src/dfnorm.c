#include "vocana/dfnorm.h"

#include <math.h>

#include "kernels/spectra.h"

#define POWER_FLOOR 1e-10f
#define LEVEL_SCALE 40.0f
#define DB_PER_OCTAVE 3.01029996f /* 10 log10(2) */

struct vo_dfnorm {
    uint32_t bands, bins;
    float keep, take; /* a and 1 - a */
    float *level, *magnitude;
    vo_spectra_kernels kernels;
    vo_allocator allocator;
};

double vo_dfnorm_memory(uint32_t rate, uint32_t hop, double tau_s) {
    double a = exp(-(double)hop / rate / tau_s), rounded = 1;
    for (double unit = 1e3; rounded >= 1 && unit <= 1e15; unit *= 10)
        rounded = nearbyint(a * unit) / unit;
    return rounded;
}

double vo_dfnorm_scale(uint32_t n_fft, uint32_t hop) {
    return 1 / ((double)n_fft * n_fft / (2.0 * hop));
}

vo_status vo_dfnorm_new(vo_dfnorm **out, uint32_t bands, uint32_t bins, double a,
                        const vo_allocator *allocator) {
    *out = NULL;
    if (!bands || !bins || !(a >= 0 && a < 1)) return VO_BAD_ARG;
    size_t bytes;
    if (!vo_size_mul((size_t)bands + bins, sizeof(float), &bytes)) return VO_TOO_BIG;
    if (!allocator) allocator = vo_allocator_default();
    vo_dfnorm *norm = vo_alloc(allocator, sizeof *norm, VO_CACHE_LINE);
    if (!norm) return VO_NO_MEM;
    norm->allocator = *allocator;
    norm->bands = bands;
    norm->bins = bins;
    norm->keep = (float)a;
    norm->take = (float)(1 - a);
    norm->kernels = vo_spectra_kernels_select();
    norm->level = vo_alloc(allocator, bytes, VO_CACHE_LINE);
    if (!norm->level) {
        vo_dfnorm_free(norm);
        return VO_NO_MEM;
    }
    norm->magnitude = norm->level + bands;
    vo_dfnorm_reset(norm);
    *out = norm;
    return VO_OK;
}

void vo_dfnorm_free(vo_dfnorm *norm) {
    if (!norm) return;
    vo_allocator allocator = norm->allocator;
    vo_release(&allocator, norm->level);
    vo_release(&allocator, norm);
}

void vo_dfnorm_levels(vo_dfnorm *norm, float *out, const float *power) {
    for (uint32_t b = 0; b < norm->bands; b++) out[b] = power[b] + POWER_FLOOR;
    norm->kernels.log(out, out, norm->bands, POWER_FLOOR, DB_PER_OCTAVE);
    for (uint32_t b = 0; b < norm->bands; b++) {
        norm->level[b] = out[b] * norm->take + norm->level[b] * norm->keep;
        out[b] = (out[b] - norm->level[b]) / LEVEL_SCALE;
    }
}

void vo_dfnorm_spectrum(vo_dfnorm *norm, float *out, const float *spectrum) {
    for (uint32_t k = 0; k < norm->bins; k++) {
        float re = spectrum[2 * k], im = spectrum[2 * k + 1];
        float magnitude = sqrtf(re * re + im * im);
        norm->magnitude[k] = magnitude * norm->take + norm->magnitude[k] * norm->keep;
        float scale = 1 / sqrtf(norm->magnitude[k]);
        out[2 * k] = re * scale;
        out[2 * k + 1] = im * scale;
    }
}

static void ramp(float *x, uint32_t n, double from, double to) {
    for (uint32_t i = 0; i < n; i++)
        x[i] = (float)(n > 1 ? from + (to - from) * i / (n - 1) : from);
}

void vo_dfnorm_reset(vo_dfnorm *norm) {
    ramp(norm->level, norm->bands, -60, -90);
    ramp(norm->magnitude, norm->bins, 1e-3, 1e-4);
}
