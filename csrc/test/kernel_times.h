/* How long one call takes, for the checks that time their family when they are given --bench. The
   file that includes this defines _DEFAULT_SOURCE first. */
#ifndef KERNEL_TIMES_H
#define KERNEL_TIMES_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kernel_limits.h"

static inline double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median over rounds of 64 calls. */
static inline double median_ns(void (*call)(void *), void *context) {
    enum { ROUNDS = 201, CALLS = 64 };
    double ns[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        double start = now_ns();
        for (int i = 0; i < CALLS; i++) call(context);
        ns[round] = (now_ns() - start) / CALLS;
    }
    qsort(ns, ROUNDS, sizeof *ns, by_size);
    return ns[ROUNDS / 2];
}

/* One line, as of kernel_bench, with the cycles of a processor as it runs now. */
static inline void say_time(const char *kernel, const char *level, double ns) {
    printf("%-28s %-7s %10.4f ns/sample %10.4f cycles/sample\n", kernel, level, ns,
           ns / limit_cycle_ns());
}

#endif
