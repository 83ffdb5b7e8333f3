#include "vocana/sos.h"

#include <string.h>

#include "kernels/kernels.h"
#include "kernels/sos.h"
#include "vocana/crossfade.h"

/* Sections that share a state: what one product of a matrix takes at once. */
enum { GROUP = VO_SOS_STATES / 2, GROUPS = VO_SOS_MOST_SECTIONS / GROUP, BLOCK = 512 };

/* One channel of one group. The state is that of the beginning of the step that has begun; input
   holds the samples of that step that are known, and zeros. */
typedef struct lane {
    _Alignas(VO_CACHE_LINE) double state[VO_SOS_STATES];
    float input[VO_SOS_STEP];
} lane;

/* A cascade: its sections, the groups that they make, and group after group, channel after channel,
   its lanes. */
typedef struct bank {
    vo_sos_matrix matrices[GROUPS];
    vo_biquad sections[VO_SOS_MOST_SECTIONS];
    lane *lanes;
} bank;

/* at: samples of the step that has begun. While faded < fade_frames, `now` is faded out and `next`
   in; after that `next` means nothing. `wanted` counts when `pending`. */
struct vo_sos {
    bank *now, *next;
    bool pending;
    bool fresh; /* nothing was heard yet, so what is set needs no fade */
    uint32_t at, faded;
    uint32_t count, groups, channels, fade_frames;
    vo_sos_kernels kernels;
    vo_kernels mixing;
    float *ramp; /* weight of `now`, one per frame */
    vo_biquad wanted[VO_SOS_MOST_SECTIONS];
    _Alignas(VO_CACHE_LINE) float old[BLOCK];
    bank banks[2];
    vo_allocator allocator;
};

/* --- Matrices --------------------------------------------------------------- */

/* One sample through a section as two trapezoidal integrators, whose outputs are its state
   (V. Zavalishin, "The Art of VA Filter Design"). In these coordinates a section without input
   never gains: no rounding grows, and no change of g and k can. */
static double tick(const vo_biquad *q, double s[2], double x) {
    double band = (s[0] + q->g * (x - s[1])) / (1 + q->g * (q->g + q->k));
    double low = s[1] + q->g * band;
    s[0] = 2 * band - s[0];
    s[1] = 2 * low - s[1];
    return q->n2 * x + (q->n1 - q->k * q->n2) * band + (q->n0 - q->n2) * low;
}

/* Outputs of one step that starts from a state, whose first sample is x and whose others are 0. */
static void play(const vo_biquad *sections, uint32_t count, double *state, double x, double *y,
                 double (*states)[VO_SOS_STATES]) {
    for (uint32_t i = 0; i < VO_SOS_STEP; i++) {
        double v = i ? 0 : x;
        for (uint32_t k = 0; k < count; k++) v = tick(&sections[k], state + 2 * k, v);
        y[i] = v;
        memcpy(states[i], state, sizeof states[i]);
    }
}

/* Column by column: what one sample does, 0 to 15 samples before, and what one number of the state
   does. */
static void fill(vo_sos_matrix *m, const vo_biquad *sections, uint32_t count) {
    double y[VO_SOS_STEP], states[VO_SOS_STEP][VO_SOS_STATES], state[VO_SOS_STATES] = {0};
    memset(m, 0, sizeof *m);
    m->states = 2 * count;
    play(sections, count, state, 1, y, states);
    for (uint32_t j = 0; j < VO_SOS_STEP; j++) {
        for (uint32_t i = j; i < VO_SOS_STEP; i++) m->d[j][i] = (float)y[i - j];
        for (uint32_t i = 0; i < m->states; i++) m->b[j][i] = (float)states[VO_SOS_STEP - 1 - j][i];
    }
    for (uint32_t j = 0; j < m->states; j++) {
        memset(state, 0, sizeof state);
        state[j] = 1;
        play(sections, count, state, 0, y, states);
        for (uint32_t i = 0; i < VO_SOS_STEP; i++) m->c[j][i] = (float)y[i];
        memcpy(m->a[j], state, sizeof state);
    }
}

static void set_bank(vo_sos *sos, bank *b, const vo_biquad *sections) {
    memcpy(b->sections, sections, sos->count * sizeof *sections);
    for (uint32_t g = 0; g < sos->groups; g++) {
        uint32_t first = g * GROUP, left = sos->count - first;
        fill(&b->matrices[g], sections + first, left < GROUP ? left : GROUP);
    }
}

/* --- Setup ----------------------------------------------------------------- */

vo_status vo_sos_new(vo_sos **out, const vo_biquad *sections, uint32_t count, uint32_t fade_frames,
                     uint32_t channels, const vo_allocator *allocator) {
    *out = NULL;
    if (!count || count > VO_SOS_MOST_SECTIONS || !channels) return VO_BAD_ARG;
    uint32_t groups = (count + GROUP - 1) / GROUP;
    size_t ramp_bytes, lane_bytes;
    if (!vo_size_mul(fade_frames, sizeof(float), &ramp_bytes) ||
        !vo_size_mul(channels, 2 * groups * sizeof(lane), &lane_bytes))
        return VO_TOO_BIG;
    if (!allocator) allocator = vo_allocator_default();
    vo_sos *sos = vo_alloc(allocator, sizeof *sos, VO_CACHE_LINE);
    if (!sos) return VO_NO_MEM;
    sos->allocator = *allocator;
    sos->count = count;
    sos->groups = groups;
    sos->channels = channels;
    sos->fade_frames = fade_frames;
    sos->ramp = vo_alloc(allocator, ramp_bytes ? ramp_bytes : 1, VO_CACHE_LINE);
    lane *lanes = vo_alloc(allocator, lane_bytes, VO_CACHE_LINE);
    sos->now = &sos->banks[0];
    sos->next = &sos->banks[1];
    sos->banks[0].lanes = lanes;
    if (!sos->ramp || !lanes) {
        vo_sos_free(sos);
        return VO_NO_MEM;
    }
    sos->banks[1].lanes = lanes + (size_t)channels * groups;
    for (uint32_t i = 0; i < fade_frames; i++) sos->ramp[i] = vo_crossfade_gain(i, fade_frames);
    sos->kernels = vo_sos_kernels_select();
    sos->mixing = vo_kernels_select();
    set_bank(sos, sos->now, sections);
    sos->faded = fade_frames;
    sos->fresh = true;
    *out = sos;
    return VO_OK;
}

void vo_sos_free(vo_sos *sos) {
    if (!sos) return;
    vo_allocator allocator = sos->allocator;
    vo_release(&allocator, sos->ramp);
    vo_release(&allocator, sos->banks[0].lanes);
    vo_release(&allocator, sos);
}

/* --- Audio thread --------------------------------------------------------------- */

void vo_sos_set(vo_sos *sos, const vo_biquad *sections) {
    memcpy(sos->wanted, sections, sos->count * sizeof *sections);
    sos->pending = true;
}

static void end_fade(vo_sos *sos) {
    bank *old = sos->now;
    sos->now = sos->next;
    sos->next = old;
}

void vo_sos_reset(vo_sos *sos) {
    if (sos->faded < sos->fade_frames) end_fade(sos);
    sos->faded = sos->fade_frames;
    sos->fresh = true;
    sos->at = 0;
    memset(sos->now->lanes, 0, (size_t)sos->channels * sos->groups * sizeof(lane));
}

/* The first samples of the rest of a step, from a copy of the state; the state moves on when they
   fill it. */
static void part(const vo_sos *sos, const vo_sos_matrix *m, lane *l, float *y, const float *x,
                 uint32_t at, uint32_t n) {
    _Alignas(VO_CACHE_LINE) double state[VO_SOS_STATES];
    float out[VO_SOS_STEP];
    memcpy(state, l->state, sizeof state);
    memcpy(l->input + at, x, n * sizeof *x);
    sos->kernels.run(m, state, out, l->input, 1);
    memcpy(y, out + at, n * sizeof *y);
    if (at + n < VO_SOS_STEP) return;
    memcpy(l->state, state, sizeof state);
    memset(l->input, 0, sizeof l->input);
}

/* n samples of one channel of one group; y may be x. */
static void run_lane(const vo_sos *sos, const vo_sos_matrix *m, lane *l, float *y, const float *x,
                     uint32_t n) {
    uint32_t done = 0;
    if (sos->at) {
        done = VO_SOS_STEP - sos->at < n ? VO_SOS_STEP - sos->at : n;
        part(sos, m, l, y, x, sos->at, done);
    }
    uint32_t steps = (n - done) / VO_SOS_STEP;
    sos->kernels.run(m, l->state, y + done, x + done, steps);
    done += steps * VO_SOS_STEP;
    if (done < n) part(sos, m, l, y + done, x + done, 0, n - done);
}

static void run_bank(const vo_sos *sos, const bank *b, uint32_t channel, float *y, const float *x,
                     uint32_t n) {
    for (uint32_t g = 0; g < sos->groups; g++, x = y)
        run_lane(sos, &b->matrices[g], &b->lanes[g * sos->channels + channel], y, x, n);
}

/* Between two fades: begin the next one when something else is wanted. */
static void follow(vo_sos *sos) {
    if (sos->faded < sos->fade_frames || !sos->pending) return;
    sos->pending = false;
    size_t bytes = sos->count * sizeof *sos->wanted;
    if (memcmp(sos->now->sections, sos->wanted, bytes) == 0) return;
    bool at_once = sos->fresh || !sos->fade_frames;
    bank *b = at_once ? sos->now : sos->next;
    set_bank(sos, b, sos->wanted);
    if (at_once) return;
    memcpy(b->lanes, sos->now->lanes, (size_t)sos->channels * sos->groups * sizeof(lane));
    sos->faded = 0;
}

void vo_sos_process(vo_sos *sos, float *const *x, uint32_t n) {
    for (uint32_t done = 0, run; done < n; done += run) {
        follow(sos);
        uint32_t left = sos->fade_frames - sos->faded;
        run = n - done < BLOCK ? n - done : BLOCK;
        if (left && left < run) run = left;
        for (uint32_t c = 0; c < sos->channels; c++) {
            float *y = x[c] + done;
            if (left) run_bank(sos, sos->now, c, sos->old, y, run);
            run_bank(sos, left ? sos->next : sos->now, c, y, y, run);
            if (left) sos->mixing.fade(y, sos->old, y, sos->ramp + sos->faded, run);
        }
        sos->at = (sos->at + run) % VO_SOS_STEP;
        sos->fresh = false;
        if (!left) continue;
        sos->faded += run;
        if (sos->faded == sos->fade_frames) end_fade(sos);
    }
}
