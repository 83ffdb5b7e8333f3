#include "vocana/drift.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "kernels/resample.h"
#include "lowpass.h"

/* Positions and steps count in 2^-62 of a frame. STEPS rows of coefficients lie between one frame
   and the next, and one more at either end for the cubic. The stopband begins below the Nyquist
   frequency of the output at the least ratio. */
#define FRACTION_BITS 62
#define STEP_BITS 6
enum { STEPS = 1 << STEP_BITS, ROWS = STEPS + 3, RUN_FRAMES = 1024 };
enum { SIDE = VO_DRIFT_LATENCY_FRAMES, STOP = SIDE - 1, TAPS = 2 * SIDE + VO_RESAMPLE_ROW_TAPS };

static const uint64_t one_frame = 1ull << FRACTION_BITS;

/* wanted is written by any thread and carries nothing but itself, so every access is relaxed. The
   rest belongs to the audio thread. A line is what a channel gave: TAPS frames from before, then
   those of this run. The next output lies `fraction` after frame `newest` of the run; step moves by
   slope for `left` more outputs, and is `target` then. */
struct vo_drift {
    _Atomic double wanted;
    double heard; /* the ratio that target comes from */
    uint64_t newest, fraction;
    uint64_t step, target;
    int64_t slope;
    uint32_t left;
    uint32_t channels;
    vo_resample_kernels kernels;
    float *coefficients;
    float *lines;
    vo_allocator allocator;
};

enum { LINE = TAPS + RUN_FRAMES };

vo_status vo_drift_new(vo_drift **out, uint32_t channels, const vo_allocator *allocator) {
    *out = NULL;
    if (!channels || channels > VO_DRIFT_MOST_CHANNELS) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_drift *drift = vo_alloc(allocator, sizeof *drift, VO_CACHE_LINE);
    if (!drift) return VO_NO_MEM;
    drift->allocator = *allocator;
    drift->channels = channels;
    drift->kernels = vo_resample_kernels_select();
    drift->coefficients = vo_alloc(allocator, sizeof(float[ROWS][TAPS]), VO_CACHE_LINE);
    drift->lines = vo_alloc(allocator, channels * sizeof(float[LINE]), VO_CACHE_LINE);
    if (!drift->coefficients || !drift->lines) {
        vo_drift_free(drift);
        return VO_NO_MEM;
    }
    const vo_lowpass lowpass = {SIDE, STOP};
    for (int row = 0; row < ROWS; row++)
        vo_lowpass_read(&lowpass, SIDE - (row - 1.0) / STEPS - (TAPS - 1), 1, TAPS,
                        drift->coefficients + row * TAPS);
    atomic_init(&drift->wanted, 1);
    vo_drift_reset(drift);
    *out = drift;
    return VO_OK;
}

void vo_drift_free(vo_drift *drift) {
    if (!drift) return;
    vo_allocator allocator = drift->allocator;
    vo_release(&allocator, drift->coefficients);
    vo_release(&allocator, drift->lines);
    vo_release(&allocator, drift);
}

/* --- Any thread --------------------------------------------------------- */

vo_status vo_drift_set_ratio(vo_drift *drift, double ratio) {
    if (!(ratio >= VO_DRIFT_LEAST_RATIO && ratio <= VO_DRIFT_MOST_RATIO)) return VO_BAD_ARG;
    atomic_store_explicit(&drift->wanted, ratio, memory_order_relaxed);
    return VO_OK;
}

double vo_drift_ratio(const vo_drift *drift) {
    return atomic_load_explicit(&drift->wanted, memory_order_relaxed);
}

uint64_t vo_drift_max_output(uint64_t n) {
    return n + n / 99 + 2;
}

/* --- Audio thread only --------------------------------------------------- */

static uint64_t step_of(double ratio) {
    return (uint64_t)llrint(ldexp(1 / ratio, FRACTION_BITS));
}

/* Begin to move when something else is wanted. */
static void follow(vo_drift *drift) {
    double wanted = vo_drift_ratio(drift);
    if (wanted == drift->heard) return;
    drift->heard = wanted;
    drift->target = step_of(wanted);
    drift->left = VO_DRIFT_RAMP_FRAMES;
    drift->slope = ((int64_t)drift->target - (int64_t)drift->step) / VO_DRIFT_RAMP_FRAMES;
}

static void move_on(vo_drift *drift) {
    if (drift->left) {
        drift->left--;
        drift->step = drift->left ? drift->step + (uint64_t)drift->slope : drift->target;
    }
    uint64_t sum = drift->fraction + drift->step;
    drift->newest += sum >> FRACTION_BITS;
    drift->fraction = sum & (one_frame - 1);
}

static void make(vo_drift *drift, float *out) {
    uint32_t row = (uint32_t)(drift->fraction >> (FRACTION_BITS - STEP_BITS));
    uint64_t rest = drift->fraction & ((one_frame >> STEP_BITS) - 1);
    float weight[4];
    vo_resample_weights(weight, (double)rest / (double)(one_frame >> STEP_BITS));
    const float *x = drift->lines + drift->newest + 1;
    const float *rows = drift->coefficients + row * TAPS;
    if (drift->channels == 1)
        *out = drift->kernels.blend(x, rows, weight, TAPS);
    else
        drift->kernels.blend_each(out, x, LINE, drift->channels, rows, weight, TAPS);
}

static uint64_t run(vo_drift *drift, float *out, uint64_t room, const float *in, uint32_t n) {
    size_t channels = drift->channels;
    for (size_t c = 0; c < channels; c++) {
        float *line = drift->lines + c * LINE + TAPS;
        for (size_t i = 0; i < n; i++) line[i] = in[i * channels + c];
    }
    uint64_t made = 0;
    for (; drift->newest < n; move_on(drift))
        if (made < room) make(drift, out + made++ * channels);
    drift->newest -= n;
    for (size_t c = 0; c < channels; c++) {
        float *line = drift->lines + c * LINE;
        memmove(line, line + n, TAPS * sizeof *line);
    }
    return made;
}

uint64_t vo_drift_process(vo_drift *drift, float *out, uint64_t room, const float *in, uint64_t n) {
    uint64_t made = 0;
    follow(drift);
    while (n) {
        uint32_t now = n < RUN_FRAMES ? (uint32_t)n : RUN_FRAMES;
        uint64_t more = run(drift, out, room - made, in, now);
        made += more;
        out += more * drift->channels;
        in += (size_t)now * drift->channels;
        n -= now;
    }
    return made;
}

void vo_drift_reset(vo_drift *drift) {
    drift->heard = vo_drift_ratio(drift);
    drift->step = drift->target = step_of(drift->heard);
    drift->newest = drift->fraction = drift->left = 0;
    memset(drift->lines, 0, drift->channels * sizeof(float[LINE]));
}
