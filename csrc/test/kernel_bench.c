#include "kernel_bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "kernel_limits.h"
#include "kernel_samples.h"

enum { ROUNDS = 501, LONGEST = 4096, SAMPLES_A_ROUND = 1 << 16 };

static _Alignas(64) float x[2 * LONGEST], y[2 * LONGEST], out[2 * LONGEST];
static _Alignas(64) uint8_t whole[4 * LONGEST];
static float *const rows[2] = {x, y};
static float *const out_rows[2] = {out, out + LONGEST};
static volatile float sink;

/* --- What is timed: n samples, in a call each --------------------------------- */

static void run_gain(const vo_kernels *k, size_t n) {
    k->gain(x, x, 1, n);
}
static void run_ramp(const vo_kernels *k, size_t n) {
    k->ramp(out, x, 0.5f, 1e-4f, 0, n);
}
static void run_mix(const vo_kernels *k, size_t n) {
    k->mix(y, x, 1e-9f, n);
}
static void run_multiply(const vo_kernels *k, size_t n) {
    k->multiply(out, x, y, n);
}
static void run_complex(const vo_kernels *k, size_t n) {
    k->multiply_add_complex(out, x, y, n / 2);
}
static void run_dot(const vo_kernels *k, size_t n) {
    sink = k->dot(x, y, n);
}
static void run_fade(const vo_kernels *k, size_t n) {
    k->fade(out, x, y, y, n);
}
static void run_interleave(const vo_kernels *k, size_t n) {
    k->interleave(out, rows, 2, n / 2);
}
static void run_deinterleave(const vo_kernels *k, size_t n) {
    k->deinterleave(out_rows, x, 2, n / 2);
}
static void run_from_int16(const vo_kernels *k, size_t n) {
    k->from_int16(out, (const int16_t *)(void *)whole, n);
}
static void run_from_int24(const vo_kernels *k, size_t n) {
    k->from_int24(out, whole, n);
}
static void run_from_int32(const vo_kernels *k, size_t n) {
    k->from_int32(out, (const int32_t *)(void *)whole, n);
}
static void run_to_int16(const vo_kernels *k, size_t n) {
    k->to_int16((int16_t *)(void *)whole, x, n);
}
static void run_to_int24(const vo_kernels *k, size_t n) {
    k->to_int24(whole, x, n);
}
static void run_to_int32(const vo_kernels *k, size_t n) {
    k->to_int32((int32_t *)(void *)whole, x, n);
}
static void run_classify(const vo_kernels *k, size_t n) {
    sink = (float)k->classify(x, n, 2);
}
static void run_sanitise(const vo_kernels *k, size_t n) {
    sink = (float)k->sanitise(out, x, n, 2);
}
static void run_flush(const vo_kernels *k, size_t n) {
    sink = (float)k->flush(out, x, n);
}
static void run_level(const vo_kernels *k, size_t n) {
    float peak;
    double energy;
    k->level(x, n, &peak, &energy);
    sink = peak + (float)energy;
}

static const struct timed {
    const char *kernel;
    int bytes; /* read and written for a sample */
    void (*run)(const vo_kernels *k, size_t n);
} timed[] = {
    {"gain", 8, run_gain},
    {"ramp", 8, run_ramp},
    {"mix", 12, run_mix},
    {"multiply", 12, run_multiply},
    {"multiply_add_complex", 16, run_complex},
    {"dot", 8, run_dot},
    {"fade", 16, run_fade},
    {"interleave", 8, run_interleave},
    {"deinterleave", 8, run_deinterleave},
    {"from_int16", 6, run_from_int16},
    {"from_int24", 7, run_from_int24},
    {"from_int32", 8, run_from_int32},
    {"to_int16", 6, run_to_int16},
    {"to_int24", 7, run_to_int24},
    {"to_int32", 8, run_to_int32},
    {"classify", 4, run_classify},
    {"sanitise", 8, run_sanitise},
    {"flush", 8, run_flush},
    {"level", 4, run_level},
};

/* --- Timing ------------------------------------------------------------------- */

static int by_size(const void *a, const void *b) {
    double l = *(const double *)a, r = *(const double *)b;
    return (l > r) - (l < r);
}

/* Median ns a sample of each level; a round gives each level its turn. */
static void time_levels(const vo_kernels *found, size_t count, const struct timed *what, size_t n,
                        double median[KERNEL_LEVELS]) {
    static double ns[KERNEL_LEVELS][ROUNDS];
    size_t calls = SAMPLES_A_ROUND / n;
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t l = 0; l < count; l++) {
            double start = limit_now_ns();
            for (size_t i = 0; i < calls; i++) what->run(&found[l], n);
            ns[l][round] = (limit_now_ns() - start) / (double)(calls * n);
        }
    for (size_t l = 0; l < count; l++) {
        qsort(ns[l], ROUNDS, sizeof **ns, by_size);
        median[l] = ns[l][ROUNDS / 2];
    }
}

static void fill(bool denormal) {
    for (size_t i = 0; i < 2 * LONGEST; i++) {
        x[i] = denormal ? from_bits(random_bits() & 0x807fffff) : random_sample();
        y[i] = random_sample();
        out[i] = 0;
    }
}

void kernel_bench(const vo_kernels *found, size_t count) {
    const size_t lengths[] = {64, 512, LONGEST};
    double cycle_ns = limit_cycle_ns();
    printf("%.2f cycles/ns\n", 1 / cycle_ns);
    for (size_t l = 0; l < count; l++) limit_print(found[l].name, cycle_ns);
    printf("\n%-21s %5s  %-7s %10s %13s %9s %9s %15s\n", "kernel", "n", "level", "ns/sample",
           "cycles/sample", "B/cycle", "x scalar", "denormal/plain");
    for (const struct timed *what = timed; what < timed + sizeof timed / sizeof *timed; what++)
        for (size_t j = 0; j < sizeof lengths / sizeof *lengths; j++) {
            double plain[KERNEL_LEVELS], denormal[KERNEL_LEVELS];
            fill(false);
            time_levels(found, count, what, lengths[j], plain);
            fill(true); /* E4 */
            time_levels(found, count, what, lengths[j], denormal);
            for (size_t l = 0; l < count; l++)
                printf("%-21s %5zu  %-7s %10.4f %13.4f %9.1f %9.2f %15.2f\n", what->kernel,
                       lengths[j], found[l].name, plain[l], plain[l] / cycle_ns,
                       what->bytes * cycle_ns / plain[l], plain[0] / plain[l],
                       denormal[l] / plain[l]);
        }
}
