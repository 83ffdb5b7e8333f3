#include "vocana/resampler.h"

#include <string.h>

#include "kernels/resample.h"
#include "resampler_plan.h"

/* Frames of the input that are resampled at a time, if the streams are few. */
enum { RUN_FRAMES = 1024, LEAST_TURNS = 64 };

/* A turn deals one frame to each stream. stream s of channel c is a line of `stride` samples:
   `keep` that were there before, those of the turn that is not complete yet, then what comes in.

   Nothing else is remembered but `at`, how many frames came in, modulo down: of each `down` frames
   the first n make ceil(n * up / down) outputs. Windows of outputs end at their newest input. */
struct vo_resampler {
    vo_resampler_plan plan;
    vo_resample_kernels kernels;
    vo_allocator allocator;
    double passband_hz;
    uint32_t channels;
    uint32_t at;
    uint32_t keep, turns; /* at most this many turns at a time */
    size_t stride;
    float *lines;
    float *coefficients;
    float *made;        /* outputs of one row, or of one run, of one channel */
    const float **from; /* of each stream */
};

/* --- Setup thread ------------------------------------------------------- */

/* Outputs of n frames from the start of a cycle of `down` frames: ceil(n * up / down). */
static uint64_t outputs_of(const vo_resampler_plan *plan, uint64_t n) {
    uint64_t rest = (n % plan->down * plan->up + plan->down - 1) / plan->down;
    return n / plan->down * plan->up + rest;
}

/* Zeroed floats, or NULL. */
static float *floats(const vo_allocator *allocator, size_t a, size_t b) {
    size_t bytes;
    if (!vo_size_mul(a, b, &bytes) || !vo_size_mul(bytes, sizeof(float), &bytes)) return NULL;
    return vo_alloc(allocator, bytes, VO_CACHE_LINE);
}

static bool allocate(vo_resampler *resampler) {
    const vo_resampler_plan *plan = &resampler->plan;
    const vo_allocator *allocator = &resampler->allocator;
    resampler->keep = plan->taps;
    resampler->turns = RUN_FRAMES / plan->streams;
    if (resampler->turns < LEAST_TURNS) resampler->turns = LEAST_TURNS;
    uint32_t most = resampler->turns; /* outputs of a row of a grid, or else of all */
    if (plan->method != VO_RESAMPLER_GRID) most = (uint32_t)outputs_of(plan, most);
    enum { PAD = VO_RESAMPLE_GRID_OUTPUTS };
    resampler->stride = (size_t)resampler->keep + resampler->turns + 2 * PAD;
    size_t lines = (size_t)plan->streams * resampler->channels;
    size_t row = (size_t)plan->streams * plan->taps;
    resampler->lines = floats(allocator, lines, resampler->stride);
    resampler->coefficients = floats(allocator, plan->rows, row);
    resampler->made = floats(allocator, 1, (size_t)most + PAD);
    resampler->from = vo_alloc(allocator, plan->streams * sizeof *resampler->from, VO_CACHE_LINE);
    return resampler->lines && resampler->coefficients && resampler->made && resampler->from;
}

static bool rate_in_range(uint32_t rate) {
    return rate >= VO_RESAMPLER_LEAST_RATE && rate <= VO_RESAMPLER_MOST_RATE;
}

vo_status vo_resampler_new(vo_resampler **out, uint32_t from_rate, uint32_t to_rate,
                           uint32_t channels, vo_resampler_quality quality,
                           const vo_allocator *allocator) {
    *out = NULL;
    if (!rate_in_range(from_rate) || !rate_in_range(to_rate)) return VO_BAD_ARG;
    if (!channels || channels > VO_RESAMPLER_MOST_CHANNELS) return VO_BAD_ARG;
    if ((unsigned)quality > VO_RESAMPLER_BEST) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_resampler *resampler = vo_alloc(allocator, sizeof *resampler, VO_CACHE_LINE);
    if (!resampler) return VO_NO_MEM;
    resampler->allocator = *allocator;
    resampler->channels = channels;
    resampler->plan = vo_resampler_plan_of(from_rate, to_rate, quality);
    resampler->kernels = vo_resample_kernels_select();
    resampler->passband_hz = vo_resampler_plan_passband(&resampler->plan) * from_rate;
    if (resampler->plan.method != VO_RESAMPLER_COPY) {
        if (!allocate(resampler)) {
            vo_resampler_free(resampler);
            return VO_NO_MEM;
        }
        vo_resampler_plan_fill(&resampler->plan, resampler->coefficients);
    }
    *out = resampler;
    return VO_OK;
}

void vo_resampler_free(vo_resampler *resampler) {
    if (!resampler) return;
    vo_allocator allocator = resampler->allocator;
    vo_release(&allocator, resampler->lines);
    vo_release(&allocator, resampler->coefficients);
    vo_release(&allocator, resampler->made);
    vo_release(&allocator, resampler->from);
    vo_release(&allocator, resampler);
}

/* --- Any thread --------------------------------------------------------- */

uint64_t vo_resampler_max_output(const vo_resampler *resampler, uint64_t n) {
    return outputs_of(&resampler->plan, n);
}

uint32_t vo_resampler_latency(const vo_resampler *resampler) {
    return resampler->plan.latency;
}

double vo_resampler_passband_hz(const vo_resampler *resampler) {
    return resampler->passband_hz;
}

/* --- Any one thread at a time -------------------------------------------- */

static float *line_of(const vo_resampler *resampler, uint32_t channel, uint32_t stream) {
    size_t line = (size_t)channel * resampler->plan.streams + stream;
    return resampler->lines + line * resampler->stride;
}

/* Frames of the turn that is not complete yet. */
static uint32_t begun(const vo_resampler *resampler) {
    return resampler->plan.streams > 1 ? resampler->at : 0;
}

/* Deals n frames out to the streams; without an `in` these are silence. */
static void deal(vo_resampler *resampler, const float *in, uint32_t n) {
    uint32_t streams = resampler->plan.streams, at = begun(resampler);
    size_t channels = resampler->channels;
    for (uint32_t c = 0; c < channels; c++)
        for (uint32_t s = 0; s < streams; s++) {
            uint32_t first = s < at ? s + streams - at : s - at;
            float *to = line_of(resampler, c, s) + resampler->keep + (at + first) / streams;
            for (size_t i = first; i < n; i += streams) *to++ = in ? in[i * channels + c] : 0;
        }
}

/* Keeps what later windows reach back to, and the turn that is not complete. */
static void forget(vo_resampler *resampler, uint32_t n) {
    uint32_t streams = resampler->plan.streams, turns = (begun(resampler) + n) / streams;
    for (uint32_t c = 0; c < resampler->channels; c++)
        for (uint32_t s = 0; s < streams; s++) {
            float *line = line_of(resampler, c, s);
            memmove(line, line + turns, (resampler->keep + 1) * sizeof *line);
        }
}

/* Outputs first..end of the cycle. */
typedef struct outputs {
    uint64_t first, end;
} outputs;

static void make_grid(vo_resampler *resampler, float *out, uint32_t channel, outputs wanted) {
    const vo_resampler_plan *plan = &resampler->plan;
    for (uint32_t row = 0; row < plan->up && row < wanted.end; row++) {
        uint64_t turn = row < wanted.first, end = (wanted.end - row + plan->up - 1) / plan->up;
        if (turn >= end) continue;
        uint32_t newest = row * plan->down / plan->up;
        for (uint32_t s = 0; s < plan->streams; s++)
            resampler->from[s] = line_of(resampler, channel, s) + resampler->keep + turn + 1 -
                                 plan->taps - (s > newest);
        const float *h = resampler->coefficients + (size_t)row * plan->streams * plan->taps;
        resampler->kernels.grid(resampler->made, resampler->from, h, plan->streams, plan->taps,
                                end - turn);
        float *to = out + (turn * plan->up + row - wanted.first) * resampler->channels + channel;
        for (const float *made = resampler->made; turn < end; turn++) {
            *to = *made++;
            to += (size_t)plan->up * resampler->channels;
        }
    }
}

static void make_blend(vo_resampler *resampler, float *made, const float *x, uint32_t phase,
                       uint64_t n) {
    const vo_resampler_plan *plan = &resampler->plan;
    uint32_t whole = plan->down / plan->up, part = plan->down % plan->up;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t step = (uint64_t)phase * plan->steps;
        const float *rows = resampler->coefficients + step / plan->up * plan->taps;
        float weight[4];
        vo_resample_weights(weight, (double)(step % plan->up) / plan->up);
        made[i] = resampler->kernels.blend(x, rows, weight, plan->taps);
        phase += part;
        x += whole + (phase >= plan->up);
        if (phase >= plan->up) phase -= plan->up;
    }
}

static void make_rows(vo_resampler *resampler, float *out, uint32_t channel, outputs wanted) {
    const vo_resampler_plan *plan = &resampler->plan;
    uint64_t n = wanted.end - wanted.first, place = wanted.first * plan->down;
    if (!n) return;
    uint64_t newest = place / plan->up - resampler->at;
    const float *x = line_of(resampler, channel, 0) + resampler->keep + newest + 1 - plan->taps;
    float *made = resampler->channels == 1 ? out : resampler->made;
    if (plan->method == VO_RESAMPLER_BLEND) {
        make_blend(resampler, made, x, (uint32_t)(place % plan->up), n);
    } else {
        const vo_resample_rows rows = {resampler->coefficients, plan->taps, plan->up, plan->down};
        resampler->kernels.rows(made, x, &rows, (uint32_t)(wanted.first % plan->up), n);
    }
    if (made == out) return;
    for (uint64_t i = 0; i < n; i++) out[i * resampler->channels + channel] = made[i];
}

static uint64_t run(vo_resampler *resampler, float *out, uint64_t room, const float *in,
                    uint32_t n) {
    const vo_resampler_plan *plan = &resampler->plan;
    deal(resampler, in, n);
    outputs wanted = {outputs_of(plan, resampler->at), outputs_of(plan, resampler->at + n)};
    if (wanted.end - wanted.first > room) wanted.end = wanted.first + room;
    for (uint32_t c = 0; c < resampler->channels; c++) {
        if (plan->method == VO_RESAMPLER_GRID)
            make_grid(resampler, out, c, wanted);
        else
            make_rows(resampler, out, c, wanted);
    }
    forget(resampler, n);
    resampler->at = (resampler->at + n) % plan->down;
    return wanted.end - wanted.first;
}

static uint64_t take(vo_resampler *resampler, float *out, uint64_t room, const float *in,
                     uint64_t n) {
    uint64_t made = 0;
    while (n) {
        uint32_t most = resampler->turns * resampler->plan.streams - begun(resampler);
        uint32_t now = n < most ? (uint32_t)n : most;
        uint64_t more = run(resampler, out, room, in, now);
        made += more;
        room -= more;
        out += more * resampler->channels;
        if (in) in += (size_t)now * resampler->channels;
        n -= now;
    }
    return made;
}

uint64_t vo_resampler_process(vo_resampler *resampler, float *out, uint64_t room, const float *in,
                              uint64_t n) {
    if (resampler->plan.method != VO_RESAMPLER_COPY) return take(resampler, out, room, in, n);
    uint64_t copied = n < room ? n : room;
    if (copied) memcpy(out, in, copied * resampler->channels * sizeof *out);
    return copied;
}

uint64_t vo_resampler_output(const vo_resampler *resampler, uint64_t n) {
    const vo_resampler_plan *plan = &resampler->plan;
    return outputs_of(plan, resampler->at + n) - outputs_of(plan, resampler->at);
}

uint64_t vo_resampler_flush(vo_resampler *resampler, float *out, uint64_t room) {
    const vo_resampler_plan *plan = &resampler->plan;
    uint64_t left = plan->latency < room ? plan->latency : room;
    uint64_t silence = ((uint64_t)plan->latency * plan->down + plan->up - 1) / plan->up;
    uint64_t made = plan->latency ? take(resampler, out, left, NULL, silence) : 0;
    vo_resampler_reset(resampler);
    return made;
}

void vo_resampler_reset(vo_resampler *resampler) {
    resampler->at = 0;
    if (!resampler->lines) return;
    size_t lines = (size_t)resampler->plan.streams * resampler->channels;
    memset(resampler->lines, 0, lines * resampler->stride * sizeof *resampler->lines);
}
