/* Loudness of any number of blocks in memory that does not grow: how many there were of each
   loudness, in steps of 0.05 LU, and what their power was in all. */
#ifndef VOCANA_LOUDNESS_GATE_H
#define VOCANA_LOUDNESS_GATE_H

#include <stdint.h>

#include "vocana/attributes.h"

/* From the absolute gate, -70 LUFS, upwards; what is beyond the last step counts there. */
enum { VO_GATE_STEPS = 1600, VO_GATE_STEPS_A_LU = 20, VO_GATE_ABSOLUTE_LUFS = -70 };

typedef struct vo_loudness_step {
    uint64_t blocks;
    double power;
} vo_loudness_step;

typedef struct vo_loudness_gate {
    vo_loudness_step steps[VO_GATE_STEPS];
} vo_loudness_gate;

/* --- Any one thread at a time -------------------------------------------- */

/* A block whose weighted mean square is power; below the absolute gate it does not count. */
void vo_loudness_gate_add(vo_loudness_gate *gate, double power) VO_REALTIME;

/* LUFS of the blocks above the relative gate, `below` LU under the mean of all; -INFINITY when
   there are none. */
double vo_loudness_gate_integrated(const vo_loudness_gate *gate, double below) VO_REALTIME;

/* LU from the `low` to the `high` quantile (0..1) of the blocks above the relative gate; 0 when
   there are none. */
double vo_loudness_gate_range(const vo_loudness_gate *gate, double below, double low,
                              double high) VO_REALTIME;

/* --- Any thread ---------------------------------------------------------- */

/* LUFS of a weighted mean square (BS.1770-4, equation 2); -INFINITY of 0. */
double vo_loudness_lufs(double power) VO_REALTIME;

#endif
