/* Times the levels of the kernels side by side. */
#ifndef KERNEL_BENCH_H
#define KERNEL_BENCH_H

#include "kernel_checks.h"

/* Prints the limits of the machine and a table of every kernel and level beside them. */
void kernel_bench(const vo_kernels *found, size_t count);

#endif
