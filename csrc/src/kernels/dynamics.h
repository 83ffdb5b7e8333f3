/* Kernels of gates, compressors and limiters. Levels and gains are logarithms to base 2. Scalar is
   the specification; vectors differ from it by their rounding.

   What remembers works in groups of VO_DYNAMICS_GROUP frames from the start of the stream. Its
   input starts with a group and may end within one: the result for frames of an unfinished group is
   given, and only finished groups are remembered. The rest of a group is worked on again when it
   is there, so a result does not depend on blocks. */
#ifndef VOCANA_KERNELS_DYNAMICS_H
#define VOCANA_KERNELS_DYNAMICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vocana/attributes.h"

enum { VO_DYNAMICS_GROUP = 16 };

/* Below these a memory is over: 6e-6 dB, and a gain of 1 - 1e-6. */
#define VO_DYNAMICS_LEAST 0x1p-20

/* An energy below this is none. */
#define VO_DYNAMICS_SILENCE 0x1p-100

/* One pole, a = exp(-1 / (time * rate)): powers[k] = a^(k+1), input = 1 - a. */
typedef struct vo_pole {
    float powers[VO_DYNAMICS_GROUP];
    float input;
    double a, group; /* a, and a^VO_DYNAMICS_GROUP */
} vo_pole;

/* The static curve: nothing below the threshold, slope = 1 - 1 / ratio above it, a parabola where
   they meet. */
typedef struct vo_curve {
    float per_threshold; /* a level times this is how far it is over */
    float scale;         /* 1, or 0.5 when levels are squares */
    float slope;
    float half_knee;
    float bend; /* 1 / (4 half_knee), 0 without a knee */
} vo_curve;

typedef struct vo_dynamics_kernels {
    const char *name;

    /* peak[i] = max(peak[i], |x[i]|); a NaN counts as 0. Gives the greatest. */
    float (*loudest)(float *peak, const float *x, size_t n) VO_REALTIME;

    /* out[i] = max(x[i], x[i + apart]), for n frames of out; no NaN. */
    void (*greater)(float *out, const float *x, size_t apart, size_t n) VO_REALTIME;

    /* Bit k of groups[g]: level[g * VO_DYNAMICS_GROUP + k] >= threshold. */
    void (*reach)(uint16_t *groups, const float *level, float threshold, size_t n) VO_REALTIME;

    /* Frame by frame by how much to go down, 0 or more; whether by anything at all. level may be
       cut: it is not NaN. */
    bool (*curve)(float *down, const float *level, const vo_curve *curve, size_t n) VO_REALTIME;

    /* The smooth decoupled detector: peak = max(x, a peak + (1 - a) x), by release, and then
       y = a y + (1 - a) peak, by attack. y may be x. */
    void (*follow)(double memory[2], float *y, const float *x, const vo_pole *release,
                   const vo_pole *attack, size_t n) VO_REALTIME;

    /* y = a y + (1 - a) x. y may be x. */
    void (*smooth)(double *memory, float *y, const float *x, const vo_pole *pole,
                   size_t n) VO_REALTIME;

    /* y = max(x, a y). y may be x. */
    void (*decay)(double *memory, float *y, const float *x, const vo_pole *pole,
                  size_t n) VO_REALTIME;

    /* gain[i] = 2^(from + step * i - down[i]); gain may be down. */
    void (*gain)(float *gain, const float *down, float from, float step, size_t n) VO_REALTIME;
} vo_dynamics_kernels;

vo_dynamics_kernels vo_dynamics_kernels_scalar(void) VO_REALTIME;
void vo_dynamics_kernels_avx2(vo_dynamics_kernels *kernels);
void vo_dynamics_kernels_avx512(vo_dynamics_kernels *kernels);

/* The ladder. */
vo_dynamics_kernels vo_dynamics_kernels_select(void);

/* time in frames; 0 is at once. Setup, and the audio thread while a parameter moves. */
void vo_pole_set(vo_pole *pole, double frames) VO_REALTIME;

#endif
