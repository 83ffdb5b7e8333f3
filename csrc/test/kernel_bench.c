#define _DEFAULT_SOURCE

#include "kernel_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kernel_samples.h"

enum { KERNELS = 5, ROUNDS = 201, LONGEST = 4096, SAMPLES_A_ROUND = 1 << 15 };

static _Alignas(64) float bench_x[LONGEST], bench_y[LONGEST], bench_out[LONGEST];
static volatile float sink;

static void run(const vo_kernels *k, int kernel, size_t n) {
    float peak;
    double energy;
    if (kernel == 0) sink = (float)k->classify(bench_x, n, 2);
    if (kernel == 1) sink = (float)k->flush(bench_out, bench_x, n);
    if (kernel == 2) sink = k->dot(bench_x, bench_y, n);
    if (kernel == 3) k->fade(bench_out, bench_x, bench_y, bench_y, n);
    if (kernel == 4) {
        k->level(bench_x, n, &peak, &energy);
        sink = peak + (float)energy;
    }
}

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median ns a sample of each level; a round gives each level its turn. */
static void time_levels(const vo_kernels *found, size_t count, int kernel, size_t n,
                        double median[KERNEL_LEVELS]) {
    static double ns[KERNEL_LEVELS][ROUNDS];
    size_t calls = SAMPLES_A_ROUND / n;
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t l = 0; l < count; l++) {
            double start = now_ns();
            for (size_t i = 0; i < calls; i++) run(&found[l], kernel, n);
            ns[l][round] = (now_ns() - start) / (double)(calls * n);
        }
    for (size_t l = 0; l < count; l++) {
        qsort(ns[l], ROUNDS, sizeof **ns, by_size);
        median[l] = ns[l][ROUNDS / 2];
    }
}

void kernel_bench(const vo_kernels *found, size_t count) {
    static const char *const kernels[] = {"classify", "flush", "dot", "fade", "level"};
    const size_t lengths[] = {64, 480, LONGEST};
    double plain[KERNEL_LEVELS], denormal[KERNEL_LEVELS];
    printf("%-9s %5s  %-7s %10s %12s %14s\n", "kernel", "n", "level", "ns/sample", "x scalar",
           "denormal/plain");
    for (int kernel = 0; kernel < KERNELS; kernel++)
        for (size_t j = 0; j < sizeof lengths / sizeof *lengths; j++) {
            for (size_t i = 0; i < LONGEST; i++) bench_x[i] = random_sample();
            for (size_t i = 0; i < LONGEST; i++) bench_y[i] = random_sample();
            time_levels(found, count, kernel, lengths[j], plain);
            /* E4: a block of denormals beside a block of ordinary samples. */
            for (size_t i = 0; i < LONGEST; i++) bench_x[i] = from_bits(random_bits() & 0x807fffff);
            time_levels(found, count, kernel, lengths[j], denormal);
            for (size_t l = 0; l < count; l++)
                printf("%-9s %5zu  %-7s %10.4f %12.2f %14.2f\n", kernels[kernel], lengths[j],
                       found[l].name, plain[l], plain[0] / plain[l], denormal[l] / plain[l]);
        }
}
