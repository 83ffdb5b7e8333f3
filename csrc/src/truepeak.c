#include "vocana/truepeak.h"

#include <math.h>
#include <string.h>

#include "kernels/dynamics.h"
#include "kernels/truepeak.h"

enum { TAPS = VO_TRUEPEAK_TAPS, PAST = TAPS - 1, MOST_FACTOR = 4, BLOCK = 256 };

#define PI 3.14159265358979323846

/* Attenuates by about 55 dB from 0.57 of the rate, and is as flat below 0.43 of it. */
#define KAISER_BETA 5.0

/* For each channel the last PAST samples, and the last point before the sample in the middle. */
typedef struct memory {
    float x[PAST];
    float point;
} memory;

struct vo_truepeak {
    vo_truepeak_kernels kernels;
    vo_dynamics_kernels dynamics;
    vo_allocator allocator;
    uint32_t channels, factor;
    float taps[MOST_FACTOR][TAPS]; /* [0] is a delay and not used */
    memory *past;
    float x[PAST + BLOCK];
    /* points[p][1 + i]: the p-th quarter, or half, after sample i - DELAY. [0]: of the frame
     * before. */
    float points[MOST_FACTOR][1 + BLOCK];
};

_Static_assert(VO_TRUEPEAK_DELAY == TAPS / 2, "the middle of the filter");

/* Modified Bessel function of the first kind, order 0, by its power series. */
static double bessel(double x) {
    double sum = 1, term = 1;
    for (int k = 1; k < 40; k++) sum += term *= (x / (2 * k)) * (x / (2 * k));
    return sum;
}

/* A sinc in Kaiser's window. Each phase is scaled to pass DC as it is. */
static void design(float *taps, double after) {
    double h[TAPS], sum = 0;
    for (int k = 0; k < TAPS; k++) {
        double t = k - (TAPS / 2 - 1) - after, w = t / (TAPS / 2);
        h[k] = sin(PI * t) / (PI * t) * bessel(KAISER_BETA * sqrt(1 - w * w));
        sum += h[k];
    }
    for (int k = 0; k < TAPS; k++) taps[k] = (float)(h[k] / sum);
}

vo_status vo_truepeak_new(vo_truepeak **out, uint32_t rate, uint32_t channels,
                          const vo_allocator *allocator) {
    *out = NULL;
    if (!rate || !channels) return VO_BAD_ARG;
    size_t bytes;
    if (!vo_size_mul(channels, sizeof(memory), &bytes)) return VO_TOO_BIG;
    if (!allocator) allocator = vo_allocator_default();
    vo_truepeak *it = vo_alloc(allocator, sizeof *it, VO_CACHE_LINE);
    if (!it) return VO_NO_MEM;
    it->allocator = *allocator;
    it->past = vo_alloc(allocator, bytes, VO_CACHE_LINE);
    if (!it->past) {
        vo_truepeak_free(it);
        return VO_NO_MEM;
    }
    it->kernels = vo_truepeak_kernels_select();
    it->dynamics = vo_dynamics_kernels_select();
    it->channels = channels;
    it->factor = rate < 88200 ? 4 : rate < 176400 ? 2 : 1;
    for (uint32_t p = 1; p < it->factor; p++) design(it->taps[p], (double)p / it->factor);
    *out = it;
    return VO_OK;
}

void vo_truepeak_free(vo_truepeak *it) {
    if (!it) return;
    vo_allocator allocator = it->allocator;
    vo_release(&allocator, it->past);
    vo_release(&allocator, it);
}

void vo_truepeak_reset(vo_truepeak *it) {
    memset(it->past, 0, it->channels * sizeof *it->past);
}

uint32_t vo_truepeak_factor(const vo_truepeak *it) {
    return it->factor;
}

static inline float greater(float a, float b) {
    return b > a ? b : a;
}

/* points[0..factor) of n frames; peaks[i] is the farthest of them. */
static float farthest(vo_truepeak *it, float *peaks, uint32_t n) VO_REALTIME {
    float most = 0;
    memset(peaks, 0, n * sizeof *peaks);
    for (uint32_t p = 0; p < it->factor; p++)
        most = it->dynamics.loudest(peaks, it->points[p] + 1, n);
    return most;
}

static float crests(vo_truepeak *it, float *peaks, const float *next, uint32_t n) VO_REALTIME {
    float most = 0;
    uint32_t last = it->factor - 1;
    for (uint32_t p = 0; p <= last; p++) {
        const float *before = p ? it->points[p - 1] + 1 : it->points[last];
        const float *after = p == last ? next : it->points[p + 1] + 1;
        most = it->kernels.crests(peaks, before, it->points[p] + 1, after, n);
    }
    return most;
}

/* Crests matter only when a point, or a neighbour of one, is beyond 4/5 of the floor. */
static float block(vo_truepeak *it, memory *past, float *peaks, const float *x, uint32_t n,
                   float floor) {
    uint32_t last = it->factor - 1;
    memcpy(it->x, past->x, sizeof past->x);
    memcpy(it->x + PAST, x, n * sizeof *x);
    const float *sample = it->x + TAPS / 2 - 1;
    memcpy(it->points[0] + 1, sample, n * sizeof *sample);
    for (uint32_t p = 1; p <= last; p++)
        it->kernels.between(it->points[p] + 1, it->x, it->taps[p], n);
    it->points[last][0] = past->point;
    float most = farthest(it, peaks, n);
    float edge = greater(fabsf(past->point), fabsf(sample[n]));
    if (!(1.25f * greater(most, edge) <= floor)) most = crests(it, peaks, sample + 1, n);
    past->point = it->points[last][n];
    memcpy(past->x, it->x + n, sizeof past->x);
    return most;
}

/* Without peaks the floor rises to what was found: only the greatest counts. */
float vo_truepeak_process(vo_truepeak *it, uint32_t channel, float *peaks, const float *x,
                          uint32_t n, float floor) {
    float unwanted[BLOCK], most = floor;
    for (uint32_t run; n; n -= run, x += run) {
        run = n < BLOCK ? n : BLOCK;
        float *out = peaks ? peaks : unwanted;
        most = greater(most, block(it, &it->past[channel], out, x, run, peaks ? floor : most));
        if (peaks) peaks += run;
    }
    return most;
}
