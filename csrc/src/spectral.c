#include "vocana/spectral.h"

#include <math.h>

#include "kernels/kernels.h"
#include "kernels/spectra.h"

#define LEAST_POWER 1e-10f
#define CONTRAST_SHARE 0.02

/* Bins first to end - 1. */
typedef struct bins {
    uint32_t first, end;
} bins;

/* Bins that are compared, and how many of these make a peak or a valley. */
typedef struct octave {
    bins bins;
    uint32_t extremes;
} octave;

struct vo_spectral {
    uint32_t n_fft, bin_count;
    double hz_per_bin, per_s, energy_scale, rolloff;
    bins low, mid, high, bright;
    uint32_t octave_count; /* with the one below the first */
    octave octaves[VO_SPECTRAL_MOST_OCTAVES + 1];
    vo_kernels kernels;
    vo_spectra_kernels spectra;
    bool has_before;
    float *memory;
    float *magnitude, *before, *kept;
    vo_allocator allocator;
};

/* --- Setup ---------------------------------------------------------------- */

/* The first bin at hz or above, at most all. */
static uint32_t bin_from(const vo_spectral *it, double hz) {
    double bin = ceil(hz / it->hz_per_bin - 1e-9);
    return bin < it->bin_count ? (uint32_t)bin : it->bin_count;
}

static bins range(const vo_spectral *it, double from_hz, double to_hz) {
    return (bins){bin_from(it, from_hz), bin_from(it, to_hz)};
}

/* Octave 0 lies below contrast_hz. An octave begins with the last bin below its edge and ends
   before the last bin within, but for the highest, which takes all that is left. */
static void split(vo_spectral *it, const vo_spectral_config *config) {
    it->octave_count = config->octaves ? config->octaves + 1 : 0;
    for (uint32_t i = 0; i < it->octave_count; i++) {
        double from_hz = i ? ldexp(config->contrast_hz, (int)i - 1) : 0;
        double to_hz = ldexp(config->contrast_hz, (int)i);
        bool last = i + 1 == it->octave_count;
        uint32_t first = bin_from(it, from_hz), end = (uint32_t)(to_hz / it->hz_per_bin + 1e-9) + 1;
        if (i && first) first--;
        if (last || end > it->bin_count) end = it->bin_count;
        uint32_t extremes = (uint32_t)nearbyint(CONTRAST_SHARE * (end - first));
        if (!last && end > first + 1) end--;
        it->octaves[i] = (octave){{first, end}, extremes ? extremes : 1};
    }
}

static bool sound(const vo_spectral_config *config) {
    bool contrast = !config->octaves ||
                    (config->octaves <= VO_SPECTRAL_MOST_OCTAVES && config->contrast_hz > 0 &&
                     ldexp(config->contrast_hz, (int)config->octaves) < config->rate / 2.0);
    return config->rate && config->n_fft >= 2 && config->window_energy > 0 &&
           config->rolloff >= 0 && config->rolloff <= 1 && contrast;
}

vo_status vo_spectral_new(vo_spectral **out, const vo_spectral_config *config,
                          const vo_allocator *allocator) {
    *out = NULL;
    if (!sound(config)) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_spectral *it = vo_alloc(allocator, sizeof *it, VO_CACHE_LINE);
    if (!it) return VO_NO_MEM;
    it->allocator = *allocator;
    it->n_fft = config->n_fft;
    it->bin_count = config->n_fft / 2 + 1;
    it->hz_per_bin = (double)config->rate / config->n_fft;
    it->per_s = (double)config->rate / (config->n_fft - 1);
    it->energy_scale = 2 / (config->n_fft * config->window_energy);
    it->rolloff = config->rolloff;
    it->low = range(it, 20, 250);
    it->mid = range(it, 250, 4000);
    it->high = range(it, 4000, INFINITY);
    it->bright = range(it, 1000, INFINITY);
    split(it, config);
    it->kernels = vo_kernels_select();
    it->spectra = vo_spectra_kernels_select();
    size_t row = ((size_t)it->bin_count + 15) / 16 * 16, bytes;
    if (!vo_size_mul(3 * row, sizeof(float), &bytes)) bytes = 0;
    it->memory = bytes ? vo_alloc(allocator, bytes, VO_CACHE_LINE) : NULL;
    if (!it->memory) {
        vo_spectral_free(it);
        return bytes ? VO_NO_MEM : VO_TOO_BIG;
    }
    it->magnitude = it->memory;
    it->before = it->memory + row;
    it->kept = it->memory + 2 * row;
    *out = it;
    return VO_OK;
}

void vo_spectral_free(vo_spectral *spectral) {
    if (!spectral) return;
    vo_allocator allocator = spectral->allocator;
    vo_release(&allocator, spectral->memory);
    vo_release(&allocator, spectral);
}

/* --- One frame ------------------------------------------------------------- */

static double sum_of(const vo_spectral *it, const float *x, bins range) {
    double sums[3] = {0};
    if (range.first < range.end)
        it->spectra.moments(sums, x + range.first, range.end - range.first);
    return sums[0];
}

/* A bin other than 0 and n_fft / 2 stands for two of the transform. */
static float energy(const vo_spectral *it, const float *power, bins range) {
    double sum = sum_of(it, power, range);
    if (range.first < range.end && range.end == it->n_fft / 2 + 1 && it->n_fft % 2 == 0)
        sum -= (double)power[range.end - 1] / 2;
    return (float)(sum * it->energy_scale);
}

/* The mean of the greatest k of n values times sign; kept holds k of them, greatest first. */
static double mean_extreme(const float *x, uint32_t n, uint32_t k, float sign, float *kept) {
    uint32_t count = 0;
    float enough = -INFINITY; /* beyond which a value is kept */
    for (uint32_t i = 0; i < n; i++) {
        float value = sign * x[i];
        if (value <= enough) continue;
        uint32_t at = count < k ? count++ : k - 1;
        for (; at && kept[at - 1] < value; at--) kept[at] = kept[at - 1];
        kept[at] = value;
        if (count == k) enough = kept[k - 1];
    }
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) sum += (double)kept[i];
    return (double)sign * sum / count;
}

static double db(double x) {
    return 10 * log10(fmax(x, (double)LEAST_POWER));
}

static void contrast(const vo_spectral *it, float *row) {
    for (uint32_t i = 0; i < it->octave_count; i++) {
        const octave *of = &it->octaves[i];
        const float *x = it->magnitude + of->bins.first;
        uint32_t n = of->bins.end - of->bins.first;
        double peak = mean_extreme(x, n, of->extremes, 1, it->kept);
        double valley = mean_extreme(x, n, of->extremes, -1, it->kept);
        row[i] = (float)(db(peak) - db(valley));
    }
}

/* What is weighted with |X|; silence leaves 0. */
static void shape(const vo_spectral *it, float *row) {
    double sums[3], square;
    float peak;
    uint32_t n = it->bin_count;
    it->spectra.moments(sums, it->magnitude, n);
    row[VO_SPECTRAL_CENTROID_HZ] = row[VO_SPECTRAL_SPREAD_HZ] = 0;
    row[VO_SPECTRAL_ROLLOFF_HZ] = row[VO_SPECTRAL_CREST] = 0;
    if (!(sums[0] > 0)) return;
    double mean = sums[1] / sums[0], variance = sums[2] / sums[0] - mean * mean;
    size_t rolloff = it->spectra.reach(it->magnitude, n, it->rolloff * sums[0]);
    it->kernels.level(it->magnitude, n, &peak, &square);
    row[VO_SPECTRAL_CENTROID_HZ] = (float)(mean * it->hz_per_bin);
    row[VO_SPECTRAL_SPREAD_HZ] = (float)(sqrt(fmax(0, variance)) * it->hz_per_bin);
    row[VO_SPECTRAL_ROLLOFF_HZ] = (float)((double)(rolloff < n ? rolloff : n - 1) * it->hz_per_bin);
    row[VO_SPECTRAL_CREST] = (float)((double)peak * n / sums[0]);
}

static void powers(const vo_spectral *it, float *row, const float *power) {
    double sum, log2_product, n = it->bin_count;
    it->spectra.means(&sum, &log2_product, power, it->bin_count, LEAST_POWER);
    double all = sum_of(it, power, (bins){0, it->bin_count});
    row[VO_SPECTRAL_FLATNESS] = (float)(exp2(log2_product / n) / (sum / n));
    row[VO_SPECTRAL_LOW_ENERGY] = energy(it, power, it->low);
    row[VO_SPECTRAL_MID_ENERGY] = energy(it, power, it->mid);
    row[VO_SPECTRAL_HIGH_ENERGY] = energy(it, power, it->high);
    row[VO_SPECTRAL_BRIGHTNESS] = all > 0 ? (float)(sum_of(it, power, it->bright) / all) : 0;
}

static float crossings(const vo_spectral *it, const float *samples) {
    return (float)(it->spectra.crossings(samples, it->n_fft) * it->per_s);
}

static void swap_magnitudes(vo_spectral *it) {
    float *last = it->magnitude;
    it->magnitude = it->before;
    it->before = last;
}

void vo_spectral_frame(vo_spectral *spectral, float *row, const float *samples,
                       const float *power) {
    vo_spectral *it = spectral;
    swap_magnitudes(it);
    it->spectra.root(it->magnitude, power, it->bin_count);
    shape(it, row);
    powers(it, row, power);
    row[VO_SPECTRAL_FLUX] =
        it->has_before ? (float)sqrt(it->spectra.distance(it->magnitude, it->before, it->bin_count))
                       : 0;
    row[VO_SPECTRAL_CROSSINGS_PER_S] = crossings(it, samples);
    contrast(it, row + VO_SPECTRAL_FEATURES);
    it->has_before = true;
}

uint32_t vo_spectral_width(const vo_spectral *spectral) {
    return VO_SPECTRAL_FEATURES + spectral->octave_count;
}

const float *vo_spectral_magnitude(const vo_spectral *spectral) {
    return spectral->magnitude;
}

uint64_t vo_spectral_process(vo_spectral *spectral, vo_framer *framer, float *rows, const float *x,
                             uint64_t n) {
    uint64_t frames = 0;
    for (; vo_framer_next(framer, &x, &n); frames++, rows += vo_spectral_width(spectral)) {
        const float *power = vo_framer_power(framer);
        vo_spectral_frame(spectral, rows, vo_framer_samples(framer), power);
    }
    return frames;
}

uint64_t vo_spectral_crossings(const vo_spectral *spectral, vo_framer *framer, float *values,
                               const float *x, uint64_t n) {
    uint64_t frames = 0;
    for (; vo_framer_next(framer, &x, &n); frames++)
        values[frames] = crossings(spectral, vo_framer_samples(framer));
    return frames;
}

void vo_spectral_reset(vo_spectral *spectral) {
    spectral->has_before = false;
}
