/* How a family of kernels is held to scalar: every level of this processor, then planted faults
   that must be reported. A check of a family is a list of rows, a list of faults and a main. */
#ifndef KERNEL_CHECKS_H
#define KERNEL_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel_samples.h"
#include "kernels/kernels.h"

enum { KERNEL_LEVELS = 4 };

/* The levels that can be forced here, lowest first; returns how many. The last one is what is
   chosen unasked. */
size_t kernel_levels(vo_kernels found[KERNEL_LEVELS]);

/* --- Rows ------------------------------------------------------------------ */

enum { MAX_LENGTH = 257, OFFSETS = 16, MARGIN = 32, ARENA = 512 };

/* Pages with nothing readable before and behind them. */
typedef struct kernel_pages {
    char *first[4], *end[4];
} kernel_pages;

/* bytes at the start of a page, or so that they end where it ends. */
static inline void *at_edge(const kernel_pages *pages, int page, size_t bytes, bool end) {
    return end ? pages->end[page] - bytes : pages->first[page];
}

typedef struct kernel_row {
    const char *kernel;
    /* NULL, or what is wrong. */
    const char *(*check)(const vo_kernels *k);
    /* Runs the kernel on n samples at one edge of the pages; what reads beyond dies. */
    void (*touch)(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end);
} kernel_row;

typedef struct kernel_fault {
    const char *fault;
    const char *kernel;
    void (*spoil)(vo_kernels *k); /* given scalar */
} kernel_fault;

/* One line for each row and level, one for each fault; stops at the first that is not as it should
   be. */
void kernel_checks(const kernel_row *rows, size_t row_count, const kernel_fault *faults,
                   size_t fault_count);

/* --- What rows need --------------------------------------------------------- */

/* The window of n samples at a misalignment stands among samples that would change any result. */
static inline float *window(float arena[ARENA], size_t offset, size_t n, float outside) {
    for (size_t i = 0; i < ARENA; i++) arena[i] = outside;
    float *x = arena + MARGIN + offset;
    for (size_t i = 0; i < n; i++) x[i] = random_sample();
    return x;
}

/* Whether an arena is still full of canaries outside the window. */
bool only_within(const void *arena, size_t bytes, const void *window, size_t window_bytes,
                 const void *canary, size_t canary_bytes);

/* The same bits, or both NaN. */
bool same_samples(const float *a, const float *b, size_t n);

/* Puts one or two of zeros, denormals, least and greatest, infinities and NaNs into x. */
void put_special(float *x, size_t n);

#endif
