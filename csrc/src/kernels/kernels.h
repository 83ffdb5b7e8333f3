/* The table of kernels. Scalar is the specification; faster variants overwrite its entries. */
#ifndef VOCANA_KERNELS_H
#define VOCANA_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "vocana/attributes.h"

/* What classify and sanitise find in a run of samples. */
enum {
    VO_SEEN_SIGNAL = 1,    /* at least one sample is not zero */
    VO_SEEN_NONFINITE = 2, /* NaN or infinity */
    VO_SEEN_DENORMAL = 4,
    VO_SEEN_OVER = 8, /* finite, and |x| > limit */
};

/* Arrays may have any alignment that their type allows. An output may be an input where that is
   said, else they do not overlap. "Same bits": at every level, for finite numbers. */
typedef struct vo_kernels {
    const char *name;

    /* --- mix: arithmetic on samples ------------------------------------------- */

    /* out[i] = g * x[i], same bits; out may be x. */
    void (*gain)(float *out, const float *x, float g, size_t n) VO_REALTIME;

    /* out[i] = (from + step * (at + i)) * x[i], same bits, whatever run of a ramp this is; out may
       be x; at + n <= 2^24. */
    void (*ramp)(float *out, const float *x, float from, float step, uint32_t at,
                 size_t n) VO_REALTIME;

    /* y[i] += g * x[i], same bits; y may be x. */
    void (*mix)(float *y, const float *x, float g, size_t n) VO_REALTIME;

    /* out[i] = a[i] * b[i], same bits; out may be a or b. */
    void (*multiply)(float *out, const float *a, const float *b, size_t n) VO_REALTIME;

    /* acc[i] += a[i] * b[i] for n complex numbers, each (re, im). */
    void (*multiply_add_complex)(float *acc, const float *a, const float *b, size_t n) VO_REALTIME;

    /* Sum of a[i] * b[i]. */
    float (*dot)(const float *a, const float *b, size_t n) VO_REALTIME;

    /* out[i] = to[i] + gain[i] * (from[i] - to[i]), same bits; out may be to or from. */
    void (*fade)(float *out, const float *from, const float *to, const float *gain,
                 size_t n) VO_REALTIME;

    /* --- rows: n interleaved frames and one row of n samples for each channel --- */

    void (*interleave)(float *out, float *const *rows, uint32_t channels, size_t n) VO_REALTIME;
    void (*deinterleave)(float *const *rows, const float *x, uint32_t channels,
                         size_t n) VO_REALTIME;

    /* --- pcm: integers <-> float, 1.0 is full scale ----------------------------- */

    /* out[i] = x[i] / 2^15, 2^23, 2^31; an int24 is 3 bytes, the lowest first. Exact but for int32,
       which is rounded to the 24 bits of a float. */
    void (*from_int16)(float *out, const int16_t *x, size_t n) VO_REALTIME;
    void (*from_int24)(float *out, const uint8_t *x, size_t n) VO_REALTIME;
    void (*from_int32)(float *out, const int32_t *x, size_t n) VO_REALTIME;

    /* The way back: rounded to the nearest, halves to even; what is beyond full scale saturates;
       NaN is 0. */
    void (*to_int16)(int16_t *out, const float *x, size_t n) VO_REALTIME;
    void (*to_int24)(uint8_t *out, const float *x, size_t n) VO_REALTIME;
    void (*to_int32)(int32_t *out, const float *x, size_t n) VO_REALTIME;

    /* --- level: what is in a run of samples ------------------------------------ */

    /* OR of VO_SEEN_* over n samples. Uses integer compares: no sample is slower than another. */
    uint32_t (*classify)(const float *x, size_t n, float limit) VO_REALTIME;

    /* The same, and out[i] = x[i] with +0 for NaN and denormals and +-limit for +-infinity; every
       other sample keeps its bits, also one beyond the limit. out may be x; limit >= 0. */
    uint32_t (*sanitise)(float *out, const float *x, size_t n, float limit) VO_REALTIME;

    /* out[i] = x[i], or +0 where x[i] is denormal; returns how many were. Every other sample keeps
       its bits. out may be x; n is below 2^32. */
    uint32_t (*flush)(float *out, const float *x, size_t n) VO_REALTIME;

    /* *peak = max |x[i]|, *energy = sum of x[i]^2, for finite x. */
    void (*level)(const float *x, size_t n, float *peak, double *energy) VO_REALTIME;
} vo_kernels;

vo_kernels vo_kernels_scalar(void);

/* The ladder: the best table for this processor, or the level that VOCANA_SIMD names. */
vo_kernels vo_kernels_select(void);

#endif
