#include "resampler_plan.h"

#include <math.h>
#include <stdbool.h>

#include "kernels/resample.h"

/* A grid wastes less than it saves up to these; more coefficients than these are not kept. */
enum { GRID_MOST = 32, GRID_MOST_BOTH = 4, MOST_COEFFICIENTS = 1 << 17 };

/* Rows an input frame for interpolation by a cubic: with 64 it errs by -137 dB at the Nyquist
   frequency of the input, and less where the filter ends lower. */
enum { STEPS_MOST = 64, STEPS_LEAST = 8 };

static uint32_t common_divisor(uint32_t a, uint32_t b) {
    while (b) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static uint32_t round_up(uint32_t n, uint32_t multiple) {
    return (n + multiple - 1) / multiple * multiple;
}

static uint32_t least_of(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/* One side of the filter in frames of the lower rate. */
static uint32_t side_of(vo_resampler_quality quality, uint32_t lower_rate) {
    static const struct {
        uint32_t frames, most_ms;
    } sides[] = {
#define X(name, frames, ms) {frames, ms},
        VO_RESAMPLER_QUALITY_MAP(X)
#undef X
    };
    return least_of(sides[quality].frames, lower_rate * sides[quality].most_ms / 1000);
}

/* The latency is whole in output frames, and one side of the filter is just as long. */
static void choose_filter(vo_resampler_plan *plan, uint32_t side) {
    uint32_t up = plan->up, down = plan->down;
    plan->latency = up < down ? side : (uint32_t)((uint64_t)side * up / down);
    plan->lowpass.half = (double)plan->latency * down / up;
    plan->lowpass.stop = up < down ? side : (uint32_t)plan->lowpass.half;
}

vo_resampler_plan vo_resampler_plan_of(uint32_t from_rate, uint32_t to_rate,
                                       vo_resampler_quality quality) {
    uint32_t common = common_divisor(from_rate, to_rate);
    vo_resampler_plan plan = {.up = to_rate / common, .down = from_rate / common, .streams = 1};
    if (from_rate == to_rate) return plan;
    uint32_t up = plan.up, down = plan.down;
    choose_filter(&plan, side_of(quality, least_of(from_rate, to_rate)));
    uint32_t length = (uint32_t)ceil(2 * plan.lowpass.half);
    if (up <= GRID_MOST && down <= GRID_MOST && least_of(up, down) <= GRID_MOST_BOTH) {
        plan.method = VO_RESAMPLER_GRID;
        plan.streams = down;
        plan.taps = round_up((length + down - 1) / down, VO_RESAMPLE_GRID_TAPS);
        plan.rows = up;
        return plan;
    }
    plan.taps = round_up(length, VO_RESAMPLE_ROW_TAPS);
    plan.rows = up;
    plan.method = VO_RESAMPLER_ROWS;
    if ((uint64_t)plan.rows * plan.taps <= MOST_COEFFICIENTS) return plan;
    plan.method = VO_RESAMPLER_BLEND;
    plan.taps = round_up(length + 1, VO_RESAMPLE_ROW_TAPS);
    plan.steps = up < down ? (uint32_t)((uint64_t)STEPS_MOST * up / down) : STEPS_MOST;
    if (plan.steps < STEPS_LEAST) plan.steps = STEPS_LEAST;
    plan.rows = plan.steps + 3;
    return plan;
}

double vo_resampler_plan_passband(const vo_resampler_plan *plan) {
    if (plan->method == VO_RESAMPLER_COPY) return 0.5;
    return (plan->lowpass.stop - VO_LOWPASS_EDGE) / (2 * plan->lowpass.half);
}

/* Where a row's output lies between two inputs, 0..1; BLEND begins one step before 0. */
static double phase_of(const vo_resampler_plan *plan, uint32_t row) {
    if (plan->method == VO_RESAMPLER_BLEND) return ((double)row - 1) / plan->steps;
    return (double)((uint64_t)row * plan->down % plan->up) / plan->up;
}

/* In a grid a stream whose frame of the output's turn is newer than the output's newest input ends
   with the turn before. */
static void fill_row(const vo_resampler_plan *plan, uint32_t row, float *coefficients) {
    double place = plan->lowpass.half - phase_of(plan, row);
    bool grid = plan->method == VO_RESAMPLER_GRID;
    uint32_t newest = grid ? row * plan->down / plan->up : 0, apart = plan->streams;
    for (uint32_t stream = 0; stream < plan->streams; stream++) {
        uint32_t age = newest + apart * (stream > newest) - stream;
        double oldest = place - age - (double)apart * (plan->taps - 1);
        vo_lowpass_read(&plan->lowpass, oldest, apart, plan->taps, coefficients);
        coefficients += plan->taps;
    }
}

void vo_resampler_plan_fill(const vo_resampler_plan *plan, float *coefficients) {
    for (uint32_t row = 0; row < plan->rows; row++)
        fill_row(plan, row, coefficients + (size_t)row * plan->streams * plan->taps);
}
