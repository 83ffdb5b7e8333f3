#define _GNU_SOURCE
#include "pin.h"

#ifdef __linux__
#    include <sched.h>

void vo_bench_pin(int cpu) {
    if (cpu < 0 || cpu >= CPU_SETSIZE) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    /* A refusal costs precision, nothing else. */
    (void)sched_setaffinity(0, sizeof set, &set);
}
#else
void vo_bench_pin(int cpu) {
    (void)cpu;
}
#endif
