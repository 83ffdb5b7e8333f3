#include "vocana/tempo.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Lags up to four of the longest beats, so that a period is read off its multiples. */
#define LONGEST_LAG_S (4 * 60 / VO_TEMPO_LEAST_BPM)

/* Without other evidence 120 BPM is likeliest, and this many octaves off less likely by e^-1/2. */
#define LIKELIEST_BPM 120.0
#define LIKELY_OCTAVES 1.2

/* A faster tempo is taken when it is at least this much as likely as the likeliest: beats repeat
   with every multiple of their period, but not with a part of it. */
#define FASTER_SHARE 0.65

/* What repeats with less power than this, in dB^2, is how a steady sound meets the frames. */
#define LEAST_POWER (0.05 * 0.05)

/* Strengths e, smoothed so that beats between two values repeat as well as beats on one, and for
   each lag the running sum of e[t] e[t - lag], all fading by `fade` with each value. past[0] is the
   last e. Values count as 0 before the first. */
struct vo_tempo {
    double values_per_s, fade;
    uint32_t lags; /* lag 0 to lags - 1 */
    uint64_t count;
    double sum;
    double last, last_but_one; /* strengths as they came */
    double *products, *past;
    vo_allocator allocator;
};

vo_status vo_tempo_new(vo_tempo **out, double values_per_s, double memory_s,
                       const vo_allocator *allocator) {
    *out = NULL;
    if (!(values_per_s >= 8 && values_per_s <= 1e4) || !(memory_s > 0)) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_tempo *tempo = vo_alloc(allocator, sizeof *tempo, VO_CACHE_LINE);
    if (!tempo) return VO_NO_MEM;
    tempo->allocator = *allocator;
    tempo->values_per_s = values_per_s;
    tempo->fade = exp(-1 / (memory_s * values_per_s));
    tempo->lags = (uint32_t)ceil(LONGEST_LAG_S * values_per_s) + 2;
    tempo->products = vo_alloc(allocator, 2 * tempo->lags * sizeof(double), VO_CACHE_LINE);
    if (!tempo->products) {
        vo_tempo_free(tempo);
        return VO_NO_MEM;
    }
    tempo->past = tempo->products + tempo->lags;
    *out = tempo;
    return VO_OK;
}

void vo_tempo_free(vo_tempo *tempo) {
    if (!tempo) return;
    vo_allocator allocator = tempo->allocator;
    vo_release(&allocator, tempo->products);
    vo_release(&allocator, tempo);
}

void vo_tempo_push(vo_tempo *tempo, const float *strengths, uint64_t n) {
    for (uint64_t i = 0; i < n; i++, tempo->count++) {
        double next = (double)strengths[i], fade = tempo->fade;
        double now = (next + 2 * tempo->last + tempo->last_but_one) / 4;
        tempo->last_but_one = tempo->last;
        tempo->last = next;
        memmove(tempo->past + 1, tempo->past, (tempo->lags - 1) * sizeof *tempo->past);
        tempo->past[0] = now;
        tempo->sum = fade * tempo->sum + now;
        for (uint32_t lag = 0; lag < tempo->lags; lag++)
            tempo->products[lag] = fade * tempo->products[lag] + now * tempo->past[lag];
    }
}

/* --- Estimate ------------------------------------------------------------- */

/* Sum of the weights of all pairs that are `lag` apart. */
static double weight(const vo_tempo *tempo, uint32_t lag) {
    double pairs = tempo->count > lag ? (double)(tempo->count - lag) : 0;
    return tempo->fade < 1 ? (1 - pow(tempo->fade, pairs)) / (1 - tempo->fade) : pairs;
}

/* Autocovariance. */
static double covariance(const vo_tempo *tempo, uint32_t lag) {
    double mean = tempo->sum / weight(tempo, 0);
    return tempo->products[lag] / weight(tempo, lag) - mean * mean;
}

typedef struct peak {
    double lag, height;
} peak;

/* Whether lag is a peak; *out is that of the parabola through it and its neighbours. */
static bool peak_at(const vo_tempo *tempo, uint32_t lag, peak *out) {
    double left = covariance(tempo, lag - 1), here = covariance(tempo, lag);
    double right = covariance(tempo, lag + 1), bend = left - 2 * here + right;
    if (here < LEAST_POWER || here < left || here <= right || bend >= 0) return false;
    double shift = (left - right) / (2 * bend);
    *out = (peak){lag + shift, here - (left - right) * shift / 4};
    return true;
}

static double likelihood(const vo_tempo *tempo, peak it) {
    double bpm = 60 * tempo->values_per_s / it.lag;
    double octaves = log2(bpm / LIKELIEST_BPM) / LIKELY_OCTAVES;
    return it.height * exp(-octaves * octaves / 2);
}

/* The highest peak within a beat's tenth of the lag. */
static bool highest_near(const vo_tempo *tempo, double lag, double beat, uint32_t end, peak *out) {
    bool found = false;
    peak it;
    double reach = fmax(2, beat / 10);
    uint32_t from = lag - reach > 1 ? (uint32_t)(lag - reach) : 1;
    for (uint32_t i = from; i < lag + reach && i + 1 < end; i++)
        if (peak_at(tempo, i, &it) && (!found || it.height > out->height)) {
            *out = it;
            found = true;
        }
    return found;
}

/* A beat, more exactly: from the peak at its double, and at the double of that. */
static double refined(const vo_tempo *tempo, peak beat, uint32_t end) {
    double lag = beat.lag;
    for (uint32_t times = 2; times <= 4; times *= 2) {
        peak multiple = {0, 0};
        bool found = highest_near(tempo, lag * times, beat.lag, end, &multiple);
        if (!found || multiple.height < beat.height / 2) break;
        lag = multiple.lag / times;
    }
    return lag;
}

vo_tempo_estimate vo_tempo_now(const vo_tempo *tempo) {
    vo_tempo_estimate nothing = {0, 0};
    uint64_t half = tempo->count / 2; /* a lag beyond it was seen too seldom */
    uint32_t end = half < tempo->lags ? (uint32_t)half : tempo->lags;
    double variance = tempo->count ? covariance(tempo, 0) : 0;
    if (!(variance > 0)) return nothing;
    double shortest = 60 * tempo->values_per_s / VO_TEMPO_MOST_BPM * 0.99;
    double longest = 60 * tempo->values_per_s / VO_TEMPO_LEAST_BPM * 1.01;
    peak it, chosen = {0, 0};
    double most = 0;
    for (uint32_t lag = 1; lag + 1 < end && lag <= longest + 1; lag++)
        if (peak_at(tempo, lag, &it) && it.lag >= shortest && it.lag <= longest)
            most = fmax(most, likelihood(tempo, it));
    for (uint32_t lag = 1; most > 0 && chosen.lag == 0 && lag + 1 < end; lag++)
        if (peak_at(tempo, lag, &it) && it.lag >= shortest && it.lag <= longest &&
            likelihood(tempo, it) >= FASTER_SHARE * most)
            chosen = it;
    if (!(chosen.lag > 0)) return nothing;
    double bpm = 60 * tempo->values_per_s / refined(tempo, chosen, end);
    bpm = fmin(VO_TEMPO_MOST_BPM, fmax(VO_TEMPO_LEAST_BPM, bpm));
    return (vo_tempo_estimate){bpm, fmin(1, chosen.height / variance)};
}

void vo_tempo_reset(vo_tempo *tempo) {
    memset(tempo->products, 0, 2 * tempo->lags * sizeof(double));
    tempo->count = 0;
    tempo->sum = tempo->last = tempo->last_but_one = 0;
}
