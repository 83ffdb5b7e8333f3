/* What the machine can do at most, measured where the kernels are: arithmetic, loads, copies. */
#ifndef KERNEL_LIMITS_H
#define KERNEL_LIMITS_H

#include <stddef.h>

/* Nanoseconds of a processor cycle as it runs now: a chain of dependent additions, one a cycle. */
double limit_cycle_ns(void);

double limit_now_ns(void);

/* Prints the limits of each level that is named, in cycles of cycle_ns. */
void limit_print(const char *level, double cycle_ns);

#endif
