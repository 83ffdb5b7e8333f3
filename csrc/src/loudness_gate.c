#include "loudness_gate.h"

#include <math.h>

static const double OFFSET_DB = -0.691;

double vo_loudness_lufs(double power) {
    return power > 0 ? OFFSET_DB + 10 * log10(power) : -INFINITY;
}

void vo_loudness_gate_add(vo_loudness_gate *gate, double power) {
    double above = vo_loudness_lufs(power) - VO_GATE_ABSOLUTE_LUFS;
    if (!(above > 0)) return;
    double at = fmin(above * VO_GATE_STEPS_A_LU, VO_GATE_STEPS - 1);
    vo_loudness_step *step = &gate->steps[(uint32_t)at];
    step->blocks++;
    step->power += power;
}

static double mean(const vo_loudness_step *step) {
    return step->power / (double)step->blocks;
}

/* Blocks from step `first` on, and their power. */
static vo_loudness_step sum_from(const vo_loudness_gate *gate, uint32_t first) {
    vo_loudness_step sum = {0, 0};
    for (uint32_t i = first; i < VO_GATE_STEPS; i++) {
        sum.blocks += gate->steps[i].blocks;
        sum.power += gate->steps[i].power;
    }
    return sum;
}

/* The first step whose blocks lie above the relative gate; VO_GATE_STEPS when there is none. The
   step that the gate cuts counts as a whole, by its mean. */
static uint32_t first_above(const vo_loudness_gate *gate, double below) {
    vo_loudness_step all = sum_from(gate, 0);
    uint32_t i = 0;
    if (!all.blocks) return VO_GATE_STEPS;
    double least = mean(&all) * pow(10, -below / 10);
    while (i < VO_GATE_STEPS && (!gate->steps[i].blocks || mean(&gate->steps[i]) <= least)) i++;
    return i;
}

double vo_loudness_gate_integrated(const vo_loudness_gate *gate, double below) {
    vo_loudness_step sum = sum_from(gate, first_above(gate, below));
    return sum.blocks ? vo_loudness_lufs(mean(&sum)) : -INFINITY;
}

/* Mean power of the step that holds block number `index` of those from step `first` on. */
static double power_at(const vo_loudness_gate *gate, uint32_t first, uint64_t index) {
    uint32_t i = first;
    for (uint64_t seen = 0; i < VO_GATE_STEPS; i++) {
        seen += gate->steps[i].blocks;
        if (seen > index) break;
    }
    return mean(&gate->steps[i]);
}

double vo_loudness_gate_range(const vo_loudness_gate *gate, double below, double low, double high) {
    uint32_t first = first_above(gate, below);
    uint64_t blocks = sum_from(gate, first).blocks;
    if (!blocks) return 0;
    double last = (double)(blocks - 1);
    return vo_loudness_lufs(power_at(gate, first, (uint64_t)round(last * high))) -
           vo_loudness_lufs(power_at(gate, first, (uint64_t)round(last * low)));
}
