/* Times the levels of the kernels side by side. */
#ifndef KERNEL_BENCH_H
#define KERNEL_BENCH_H

#include "kernel_checks.h"

/* Prints a table: ns a sample, times faster than found[0], and what denormals cost. */
void kernel_bench(const vo_kernels *found, size_t count);

#endif
