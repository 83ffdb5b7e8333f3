#include "vocana/erb.h"

#include <math.h>

/* Hz at 0, and the ear's quality at high frequencies. */
#define LEAST_WIDTH_HZ 24.7
#define QUALITY 9.265

double vo_erb_width_hz(double hz) {
    return LEAST_WIDTH_HZ * (4.37 * hz / 1000 + 1);
}

double vo_erb_from_hz(double hz) {
    return QUALITY * log1p(hz / (LEAST_WIDTH_HZ * QUALITY));
}

double vo_erb_to_hz(double erb) {
    return LEAST_WIDTH_HZ * QUALITY * expm1(erb / QUALITY);
}

/* Band b ends at the bin nearest to its upper edge; bins that a band took beyond its edge to have
   enough are missing from the next. The last band takes what is left. */
vo_status vo_erb_widths(uint32_t *widths, uint32_t bands, uint32_t rate, uint32_t n_fft,
                        uint32_t least) {
    uint32_t bins = n_fft / 2 + 1, used = 0;
    if (!bands || !rate || n_fft < 2 || !least || bands > bins || least > bins / bands)
        return VO_BAD_ARG;
    double step = vo_erb_from_hz(rate / 2.0) / bands;
    for (uint32_t b = 0; b + 1 < bands; b++) {
        uint32_t end = (uint32_t)lround(vo_erb_to_hz((b + 1) * step) * n_fft / rate);
        widths[b] = end > used + least ? end - used : least;
        used += widths[b];
        if (used + least > bins) return VO_BAD_ARG;
    }
    widths[bands - 1] = bins - used;
    return VO_OK;
}

void vo_erb_means(float *means, const uint32_t *widths, uint32_t bands, const float *power) {
    for (uint32_t b = 0; b < bands; power += widths[b++]) {
        double sum = 0;
        for (uint32_t k = 0; k < widths[b]; k++) sum += (double)power[k];
        means[b] = (float)(sum / widths[b]);
    }
}

void vo_erb_spread(float *bins, const uint32_t *widths, uint32_t bands, const float *values) {
    for (uint32_t b = 0; b < bands; bins += widths[b++])
        for (uint32_t k = 0; k < widths[b]; k++) bins[k] = values[b];
}
