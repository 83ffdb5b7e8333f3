#include "ramp.h"

#include <math.h>
#include <string.h>

#include "vocana/node.h"

#define HALF_PI 1.57079632679489661923

void vo_ramp_init(vo_ramp *ramp) {
    *ramp = (vo_ramp){.kernels = vo_kernels_select()};
}

void vo_ramp_reset(vo_ramp *ramp) {
    ramp->settled = false;
}

void vo_ramp_settle(vo_ramp *ramp, float factor) {
    ramp->from = ramp->to = factor;
    ramp->at = ramp->frames = 0;
    ramp->settled = true;
}

/* Between two ramps: begin the next one when something else is wanted. */
static void follow(vo_ramp *ramp, float wanted, uint32_t frames) {
    if (!ramp->settled) {
        vo_ramp_settle(ramp, wanted);
    } else if (ramp->at == ramp->frames && wanted != ramp->to) {
        double step = HALF_PI / ((double)frames + 1);
        ramp->from = ramp->to;
        ramp->to = wanted;
        ramp->at = 0;
        ramp->frames = frames;
        ramp->step_cosine = ramp->cosine = cos(step);
        ramp->step_sine = ramp->sine = sin(step);
    }
}

/* Factors of the next n frames of a ramp. */
static void advance(vo_ramp *ramp, float *factors, uint32_t n) {
    double c = ramp->cosine, s = ramp->sine;
    for (uint32_t i = 0; i < n; i++) {
        factors[i] = ramp->to + (float)(c * c) * (ramp->from - ramp->to);
        double turned = c * ramp->step_cosine - s * ramp->step_sine;
        s = s * ramp->step_cosine + c * ramp->step_sine;
        c = turned;
    }
    ramp->cosine = c;
    ramp->sine = s;
    ramp->at += n;
}

static void hold(const vo_ramp *ramp, float *x, uint32_t n) {
    if (ramp->to == 0)
        memset(x, 0, n * sizeof *x);
    else if (ramp->to != 1)
        ramp->kernels.gain(x, x, ramp->to, n);
}

void vo_ramp_apply(vo_ramp *ramp, float wanted, uint32_t frames, float *const *x, uint32_t channels,
                   uint32_t n) {
    float factors[VO_NODE_MAX_FRAMES];
    for (uint32_t done = 0, run; done < n; done += run) {
        follow(ramp, wanted, frames);
        uint32_t left = ramp->frames - ramp->at;
        run = left && left < n - done ? left : n - done;
        if (left) advance(ramp, factors, run);
        for (uint32_t c = 0; c < channels; c++) {
            float *row = x[c] + done;
            if (left)
                ramp->kernels.multiply(row, row, factors, run);
            else
                hold(ramp, row, run);
        }
    }
}
