/* What kernels of others must offer to be timed: every contender fills this table, ours included,
   so each pays the same indirect calls. */
#ifndef VOCANA_BENCH_SAMPLES_H
#define VOCANA_BENCH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

/* NULL for what a contender does not have. As in src/kernels/kernels.h. */
typedef struct vo_bench_samples {
    void (*gain)(float *out, const float *x, float g, size_t n);
    void (*mix)(float *y, const float *x, float g, size_t n);
    void (*interleave)(float *out, float *const *rows, uint32_t channels, size_t n);
    void (*deinterleave)(float *const *rows, const float *x, uint32_t channels, size_t n);
    void (*from_int16)(float *out, const int16_t *x, size_t n);
    void (*to_int16)(int16_t *out, const float *x, size_t n);
    void (*level)(const float *x, size_t n, float *peak, double *energy);
    void (*fade)(float *out, const float *from, const float *to, const float *gain, size_t n);
} vo_bench_samples;

/* In the order of the table. */
typedef enum vo_bench_work {
    VO_BENCH_GAIN, /* in place */
    VO_BENCH_MIX,
    VO_BENCH_INTERLEAVE, /* stereo; a frame is two samples */
    VO_BENCH_DEINTERLEAVE,
    VO_BENCH_FROM_INT16,
    VO_BENCH_TO_INT16,
    VO_BENCH_LEVEL,
    VO_BENCH_FADE,
    VO_BENCH_WORKS,
} vo_bench_work;

enum { VO_BENCH_MOST_SAMPLES = 4096 };

/* The kernels of this processor. */
vo_bench_samples vo_bench_our_samples(void);

/* ns a sample of that many calls with n samples each, n even and at most VO_BENCH_MOST_SAMPLES;
   below 0 when the contender has no such kernel. */
double vo_bench_time_samples(const vo_bench_samples *table, vo_bench_work work, size_t n,
                             uint32_t calls);

/* What a block goes through where denormals may come in. */
typedef enum vo_bench_pass {
    VO_BENCH_CLASSIFY,
    VO_BENCH_FLUSH,
    VO_BENCH_SANITISE,
    VO_BENCH_SCALE, /* gain, with denormals off as in a chain */
    VO_BENCH_PASSES,
} vo_bench_pass;

/* The same of ours over given samples, at most VO_BENCH_MOST_SAMPLES. */
double vo_bench_time_pass(vo_bench_pass pass, const float *x, size_t n, uint32_t calls);

/* The same of memcpy: what moving the bytes of one array costs. */
double vo_bench_time_memcpy(size_t n, uint32_t calls);

#endif
