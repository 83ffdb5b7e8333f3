/* Keeping a thread on one processor, where the system can. */
#ifndef VOCANA_BENCH_PIN_H
#define VOCANA_BENCH_PIN_H

/* The calling thread stays on that processor; -1, or a refusal, leaves it free. */
void vo_bench_pin(int cpu);

#endif
