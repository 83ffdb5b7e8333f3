/* D1: the kernel of the direct form at every level that this processor has, against sums in double.
   --bench times the levels instead. */
#define _DEFAULT_SOURCE

#include <math.h>
#include <string.h>

#include "check.h"
#include "kernel_lines.h"
#include "kernel_samples.h"
#include "kernel_times.h"
#include "kernels/fir.h"
#include "kernels/levels.h"

enum { MOST_LENGTH = 257, MOST_TAPS = 192, OFFSETS = 16, MARGIN = 32 };
enum { ARENA = MOST_LENGTH + MOST_TAPS + OFFSETS + 2 * MARGIN };

/* NULL, or what is wrong. What lies beyond the samples would change any sum. */
static const char *check(const vo_fir_kernels *k) {
    static _Alignas(64) float from[ARENA], to[ARENA], taps[MOST_TAPS], again[MOST_LENGTH];
    const float canary = 123456.75f;
    for (size_t n = 0; n <= MOST_LENGTH; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++) {
            uint32_t count = VO_FIR_BLOCK * (1 + (n + offset) % 3);
            float *x = from + MARGIN + MOST_TAPS + offset, *y = to + MARGIN + offset * 5 % OFFSETS;
            for (size_t i = 0; i < ARENA; i++) from[i] = NAN, to[i] = canary;
            for (const float *p = x - count + 1; p < x + n; p++) from[p - from] = random_sample();
            for (uint32_t t = 0; t < count; t++) taps[t] = random_sample();
            k->run(y, x, taps, count, n);
            for (size_t i = 0; i < n; i++) {
                double sum = 0, size = 0;
                for (uint32_t t = 0; t < count; t++) {
                    sum += (double)taps[t] * x[(ptrdiff_t)i - t];
                    size += fabs((double)taps[t] * x[(ptrdiff_t)i - t]);
                }
                if (!(fabs(y[i] - sum) <= (count + 1) * 0x1p-24 * size))
                    return "a sum is outside its bound";
            }
            for (const float *p = to; p < to + ARENA; p++)
                if ((p < y || p >= y + n) && *p != canary) return "writes outside";
            size_t start = n ? random_bits() % n : 0;
            k->run(again, x + start, taps, count, n - start);
            if (memcmp(again, y + start, (n - start) * sizeof *y) != 0)
                return "bits depend on where a run begins";
        }
    return NULL;
}

/* --- Negative controls ------------------------------------------------------ */

static vo_fir_kernels sound;

static VO_REALTIME void no_tail(float *y, const float *x, const float *taps, uint32_t count,
                                size_t n) {
    sound.run(y, x, taps, count, n & ~(size_t)15);
}

static VO_REALTIME void one_more(float *y, const float *x, const float *taps, uint32_t count,
                                 size_t n) {
    sound.run(y, x, taps, count, n);
    y[n] = 0;
}

static VO_REALTIME void one_tap_less(float *y, const float *x, const float *taps, uint32_t count,
                                     size_t n) {
    sound.run(y, x, taps, count, n);
    for (size_t i = 0; i < n; i++) y[i] -= taps[count - 1] * *(x + i - (count - 1));
}

/* The first output adds in another order. */
static VO_REALTIME void other_order(float *y, const float *x, const float *taps, uint32_t count,
                                    size_t n) {
    sound.run(y, x, taps, count, n);
    if (n) *y = 0;
    for (uint32_t t = count; n && t-- > 0;) *y += taps[t] * *(x - t);
}

static void check_controls(void) {
    const struct control {
        const char *fault;
        vo_fir_kernels kernels;
    } controls[] = {
        {"sums without their tail", {"planted", no_tail}},
        {"one sum too many", {"planted", one_more}},
        {"the last tap left out", {"planted", one_tap_less}},
        {"another order at the start", {"planted", other_order}},
    };
    sound = vo_fir_kernels_scalar();
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) {
        say_caught(controls[i].fault, check(&controls[i].kernels));
    }
}

/* --- Times --------------------------------------------------------------------- */

enum { BENCH_FRAMES = 512, BENCH_TAPS = 128 };

typedef struct timed {
    const vo_fir_kernels *kernels;
    _Alignas(64) float taps[BENCH_TAPS], x[BENCH_TAPS + BENCH_FRAMES], y[BENCH_FRAMES];
} timed;

static void call(void *context) {
    timed *t = context;
    t->kernels->run(t->y, t->x + BENCH_TAPS, t->taps, BENCH_TAPS, BENCH_FRAMES);
}

static void bench(const vo_fir_kernels *found, size_t count) {
    static timed t;
    for (size_t i = 0; i < BENCH_TAPS; i++) t.taps[i] = random_sample();
    for (size_t i = 0; i < BENCH_TAPS + BENCH_FRAMES; i++) t.x[i] = random_sample();
    for (size_t l = 0; l < count; l++) {
        t.kernels = &found[l];
        say_time("fir of 128 taps", found[l].name, median_ns(call, &t) / BENCH_FRAMES);
    }
}

int main(int argc, char **argv) {
    vo_fir_kernels found[3] = {vo_fir_kernels_scalar()};
    size_t count = 1;
#ifdef __x86_64__
    if (vo_simd_reaches(VO_SIMD_AVX2)) vo_fir_kernels_avx2(&found[count++]);
    if (vo_simd_reaches(VO_SIMD_AVX512)) vo_fir_kernels_avx512(&found[count++]);
#endif
#ifdef __aarch64__
    vo_fir_kernels_neon(&found[count++]);
#endif
    if (argc > 1 && strcmp(argv[1], "--bench") == 0) {
        bench(found, count);
        return 0;
    }
    for (size_t l = 0; l < count; l++) say_equal("fir run", found[l].name, check(&found[l]));
    CHECK(strcmp(vo_fir_kernels_select().name, found[count - 1].name) == 0);
    check_controls();
    return 0;
}
