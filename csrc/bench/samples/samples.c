#include "samples.h"

#include <stdbool.h>
#include <string.h>

#include "denormals.h"
#include "kernels/kernels.h"
#include "os/os.h"

/* Arrays at different places in their pages: a store that looks like a later load delays it. */
enum { SHIFT = 5 * 64 / sizeof(float) };

static _Alignas(4096) float memory[4 * (VO_BENCH_MOST_SAMPLES + SHIFT)];
static _Alignas(64) int16_t halves[VO_BENCH_MOST_SAMPLES];

static float *array(size_t i) {
    return memory + i * (VO_BENCH_MOST_SAMPLES + SHIFT);
}

vo_bench_samples vo_bench_our_samples(void) {
    vo_kernels k = vo_kernels_select();
    return (vo_bench_samples){k.gain,       k.mix,      k.interleave, k.deinterleave,
                              k.from_int16, k.to_int16, k.level,      k.fade};
}

static void fill(void) {
    for (size_t k = 0; k < 4; k++)
        for (size_t i = 0; i < VO_BENCH_MOST_SAMPLES; i++)
            array(k)[i] = (float)(int32_t)((i + k) * 2654435761u) * 0x1p-31f;
    for (size_t i = 0; i < VO_BENCH_MOST_SAMPLES; i++) halves[i] = (int16_t)(i * 40503u);
}

/* One call; the factors keep what is in the arrays from growing, shrinking and becoming denormal.
 */
static void call(const vo_bench_samples *table, vo_bench_work work, size_t n) {
    float *a = array(0), *b = array(1), *c = array(2), *out = array(3), peak;
    float *const rows[] = {a, b}, *const out_rows[] = {out, out + n / 2};
    double energy;
    switch (work) {
    case VO_BENCH_GAIN:
        table->gain(a, a, -1, n);
        break;
    case VO_BENCH_MIX:
        table->mix(b, a, 1e-9f, n);
        break;
    case VO_BENCH_INTERLEAVE:
        table->interleave(out, rows, 2, n / 2);
        break;
    case VO_BENCH_DEINTERLEAVE:
        table->deinterleave(out_rows, a, 2, n / 2);
        break;
    case VO_BENCH_FROM_INT16:
        table->from_int16(out, halves, n);
        break;
    case VO_BENCH_TO_INT16:
        table->to_int16(halves, a, n);
        break;
    case VO_BENCH_LEVEL:
        table->level(a, n, &peak, &energy);
        break;
    default:
        table->fade(out, a, b, c, n);
    }
}

static bool has(const vo_bench_samples *table, vo_bench_work work) {
    void *entries[VO_BENCH_WORKS];
    _Static_assert(sizeof entries == sizeof *table, "one entry for each work");
    memcpy(entries, table, sizeof entries);
    return entries[work] != NULL;
}

double vo_bench_time_samples(const vo_bench_samples *table, vo_bench_work work, size_t n,
                             uint32_t calls) {
    if (!has(table, work)) return -1;
    fill();
    uint64_t start = vo_clock_ns();
    for (uint32_t i = 0; i < calls; i++) call(table, work, n);
    return (double)(vo_clock_ns() - start) / ((double)calls * (double)n);
}

double vo_bench_time_pass(vo_bench_pass pass, const float *x, size_t n, uint32_t calls) {
    const vo_kernels k = vo_kernels_select();
    memcpy(array(0), x, n * sizeof(float));
    uint64_t denormals = pass == VO_BENCH_SCALE ? vo_denormals_off() : 0, start = vo_clock_ns();
    for (uint32_t i = 0; i < calls; i++) {
        if (pass == VO_BENCH_CLASSIFY) k.classify(array(0), n, 1);
        if (pass == VO_BENCH_FLUSH) k.flush(array(1), array(0), n);
        if (pass == VO_BENCH_SANITISE) k.sanitise(array(1), array(0), n, 1);
        if (pass == VO_BENCH_SCALE) k.gain(array(1), array(0), 0.7071f, n);
    }
    uint64_t spent = vo_clock_ns() - start;
    if (pass == VO_BENCH_SCALE) vo_denormals_restore(denormals);
    return (double)spent / ((double)calls * (double)n);
}

double vo_bench_time_memcpy(size_t n, uint32_t calls) {
    fill();
    uint64_t start = vo_clock_ns();
    for (uint32_t i = 0; i < calls; i++) {
        memcpy(array(1), array(0), n * sizeof(float));
        __asm__ volatile("" ::: "memory");
    }
    return (double)(vo_clock_ns() - start) / ((double)calls * (double)n);
}
