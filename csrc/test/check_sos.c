/* D1: the kernel of cascades at every level that this processor has, against sums in double.
   --bench times the levels instead. */
#define _DEFAULT_SOURCE

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "check.h"
#include "kernel_lines.h"
#include "kernel_samples.h"
#include "kernel_times.h"
#include "kernels/levels.h"
#include "kernels/sos.h"

enum { STEP = VO_SOS_STEP, STATES = VO_SOS_STATES, MOST_STEPS = 9, OFFSETS = 16, MARGIN = 32 };
enum { ARENA = MOST_STEPS * STEP + OFFSETS + 2 * MARGIN };

/* A matrix whose state stays small, and nothing in the columns that are not there. */
static void some_matrix(vo_sos_matrix *m, uint32_t states) {
    memset(m, 0, sizeof *m);
    m->states = states;
    for (uint32_t j = 0; j < STEP; j++) {
        for (uint32_t i = j; i < STEP; i++) m->d[j][i] = random_sample();
        for (uint32_t i = 0; i < states; i++) m->b[j][i] = random_sample();
    }
    for (uint32_t j = 0; j < states; j++) {
        for (uint32_t i = 0; i < STEP; i++) m->c[j][i] = random_sample();
        for (uint32_t i = 0; i < states; i++) m->a[j][i] = (double)random_sample() / STATES;
    }
}

static void some_state(double *state, uint32_t states) {
    for (uint32_t i = 0; i < STATES; i++) state[i] = i < states ? (double)random_sample() : 0;
}

/* A sum in float of 24 products, of numbers that were rounded once, errs by less than this part of
   the sum of their sizes. */
#define FLOAT_BOUND (28 * 0x1p-24)

/* Feedback runs in double: only the share of the samples errs as floats do. */
static const char *wrong_step(const vo_sos_matrix *m, const double *before, const double *after,
                              const float *y, const float *x) {
    for (uint32_t i = 0; i < STEP; i++) {
        double sum = 0, size = 0;
        for (uint32_t j = 0; j < STEP; j++) {
            sum += (double)m->d[j][i] * x[j];
            size += fabs((double)m->d[j][i] * x[j]);
        }
        for (uint32_t j = 0; j < m->states; j++) {
            sum += (double)m->c[j][i] * before[j];
            size += fabs((double)m->c[j][i] * before[j]);
        }
        if (!(fabs(y[i] - sum) <= FLOAT_BOUND * size)) return "an output is outside its bound";
        if (y[i] == 0 && signbit(y[i])) return "an output is -0";
    }
    for (uint32_t i = 0; i < STATES; i++) {
        double sum = 0, size = 0, fed = 0;
        for (uint32_t j = 0; j < STEP; j++) {
            sum += (double)m->b[j][i] * x[j];
            size += fabs((double)m->b[j][i] * x[j]);
        }
        for (uint32_t j = 0; j < m->states; j++) {
            sum += m->a[j][i] * before[j];
            fed += fabs(m->a[j][i] * before[j]);
        }
        double bound = FLOAT_BOUND * size + 28 * 0x1p-53 * fed;
        if (fabs(sum) < VO_SOS_SILENT - bound ? after[i] != 0 : fabs(after[i] - sum) > bound)
            return "a state is outside its bound";
    }
    return NULL;
}

/* Steps one by one are within their bounds; together, moved and in place they have the same bits,
   and touch nothing else. */
static const char *check_steps(const vo_sos_kernels *k) {
    static _Alignas(64) float from[ARENA], to[ARENA];
    static vo_sos_matrix m;
    const float canary = 123456.75f;
    for (uint32_t round = 0; round < 400; round++) {
        uint32_t steps = round % (MOST_STEPS + 1), offset = random_bits() % OFFSETS;
        some_matrix(&m, 2 + 2 * (random_bits() % 4));
        for (uint32_t i = 0; i < ARENA; i++) from[i] = to[i] = canary;
        float *x = from + MARGIN + offset, *y = to + MARGIN + (offset * 5 + 3) % OFFSETS;
        _Alignas(64) double state[STATES], before[STATES], first[STATES];
        _Alignas(64) float expected[MOST_STEPS * STEP];
        some_state(state, m.states);
        memcpy(first, state, sizeof state);
        bool silent = round % 3 == 0;
        for (uint32_t i = 0; i < steps * STEP; i++) x[i] = silent ? 0 : random_sample();
        if (round % 6 == 0)
            for (uint32_t i = 0; i < STATES; i++) first[i] = state[i] *= 0x1p-99;
        for (uint32_t s = 0; s < steps; s++) {
            memcpy(before, state, sizeof state);
            k->run(&m, state, expected + s * STEP, x + s * STEP, 1);
            const char *wrong = wrong_step(&m, before, state, expected + s * STEP, x + s * STEP);
            if (wrong) return wrong;
        }
        bool in_place = round % 2;
        if (in_place) y = x;
        k->run(&m, first, y, x, steps);
        if (memcmp(first, state, sizeof state) != 0) return "steps together leave another state";
        if (memcmp(y, expected, steps * STEP * sizeof *y) != 0)
            return "steps together have other bits";
        const float *arena = in_place ? from : to;
        for (const float *p = arena; p < arena + ARENA; p++)
            if ((p < y || p >= y + steps * STEP) && *p != canary) return "writes outside";
    }
    return NULL;
}

/* What is known of a step does not depend on the rest of it, down to products that vanish. */
static const char *check_prefixes(const vo_sos_kernels *k) {
    static vo_sos_matrix m;
    for (uint32_t round = 0; round < 400; round++) {
        _Alignas(64) double state[STATES] = {0}, again[STATES];
        _Alignas(64) float x[STEP], known[STEP] = {0}, whole[STEP], part[STEP];
        float scale = round % 2 ? 1 : 0x1p-140f;
        some_matrix(&m, 8);
        if (round % 4 < 2) some_state(state, 8);
        if (round % 2 == 0)
            for (uint32_t j = 0; j < STEP; j++)
                for (uint32_t i = j; i < STEP; i++) m.d[j][i] *= 0x1p-20f;
        for (uint32_t i = 0; i < STEP; i++) x[i] = scale * random_sample();
        uint32_t n = 1 + round % STEP;
        memcpy(known, x, n * sizeof *x);
        memcpy(again, state, sizeof state);
        k->run(&m, state, whole, x, 1);
        k->run(&m, again, part, known, 1);
        if (memcmp(whole, part, n * sizeof *whole) != 0)
            return "an output depends on later samples";
    }
    return NULL;
}

static const char *check(const vo_sos_kernels *k) {
    const char *wrong = check_steps(k);
    return wrong ? wrong : check_prefixes(k);
}

/* --- Negative controls ------------------------------------------------------ */

static vo_sos_kernels sound;

static VO_REALTIME void one_step_less(const vo_sos_matrix *m, double *state, float *y,
                                      const float *x, size_t steps) {
    sound.run(m, state, y, x, steps > 1 ? steps - 1 : steps);
}

static VO_REALTIME void one_sample_more(const vo_sos_matrix *m, double *state, float *y,
                                        const float *x, size_t steps) {
    sound.run(m, state, y, x, steps);
    y[steps * STEP] = 0;
}

static VO_REALTIME void feedback_in_float(const vo_sos_matrix *m, double *state, float *y,
                                          const float *x, size_t steps) {
    for (size_t s = 0; s < steps; s++) {
        sound.run(m, state, y + s * STEP, x + s * STEP, 1);
        for (uint32_t i = 0; i < STATES; i++) state[i] = (float)state[i];
    }
}

static VO_REALTIME void never_silent(const vo_sos_matrix *m, double *state, float *y,
                                     const float *x, size_t steps) {
    for (size_t s = 0; s < steps; s++) {
        double before[STATES];
        memcpy(before, state, sizeof before);
        sound.run(m, state, y + s * STEP, x + s * STEP, 1);
        for (uint32_t i = 0; i < STATES; i++)
            if (state[i] == 0 && i < m->states) state[i] = before[i];
    }
}

static VO_REALTIME void looks_ahead(const vo_sos_matrix *m, double *state, float *y, const float *x,
                                    size_t steps) {
    for (size_t s = 0; s < steps; s++) {
        float next = x[s * STEP + STEP - 1];
        sound.run(m, state, y + s * STEP, x + s * STEP, 1);
        y[s * STEP] += 1e-9f * next;
    }
}

static VO_REALTIME void minus_zero(const vo_sos_matrix *m, double *state, float *y, const float *x,
                                   size_t steps) {
    sound.run(m, state, y, x, steps);
    for (size_t i = 0; i < steps * STEP; i++) y[i] = y[i] == 0 ? -0.0f : y[i];
}

static void check_controls(void) {
    const struct control {
        const char *fault;
        vo_sos_kernels kernels;
    } controls[] = {
        {"steps without the last", {"planted", one_step_less}},
        {"one sample too many", {"planted", one_sample_more}},
        {"feedback in float", {"planted", feedback_in_float}},
        {"a state that never fades out", {"planted", never_silent}},
        {"an output that looks ahead", {"planted", looks_ahead}},
        {"-0 for +0", {"planted", minus_zero}},
    };
    sound = vo_sos_kernels_scalar();
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) {
        say_caught(controls[i].fault, check(&controls[i].kernels));
    }
}

/* --- Times --------------------------------------------------------------------- */

enum { BENCH_STEPS = 32 };

typedef struct timed {
    const vo_sos_kernels *kernels;
    vo_sos_matrix matrix;
    _Alignas(64) double state[STATES];
    _Alignas(64) float x[BENCH_STEPS * STEP], y[BENCH_STEPS * STEP];
} timed;

static void call(void *context) {
    timed *t = context;
    t->kernels->run(&t->matrix, t->state, t->y, t->x, BENCH_STEPS);
}

static void bench(const vo_sos_kernels *found, size_t count) {
    static timed t;
    for (size_t i = 0; i < BENCH_STEPS * STEP; i++) t.x[i] = random_sample();
    for (uint32_t states = 2; states <= STATES; states += 2)
        for (size_t l = 0; l < count; l++) {
            t.kernels = &found[l];
            some_matrix(&t.matrix, states);
            some_state(t.state, states);
            char kernel[] = "sos, biquads: 0";
            kernel[sizeof kernel - 2] += (char)(states / 2);
            say_time(kernel, found[l].name, median_ns(call, &t) / (BENCH_STEPS * STEP));
        }
}

int main(int argc, char **argv) {
    vo_sos_kernels found[3] = {vo_sos_kernels_scalar()};
    size_t count = 1;
#ifdef __x86_64__
    if (vo_simd_reaches(VO_SIMD_AVX2)) vo_sos_kernels_avx2(&found[count++]);
    if (vo_simd_reaches(VO_SIMD_AVX512)) vo_sos_kernels_avx512(&found[count++]);
#endif
#ifdef __aarch64__
    vo_sos_kernels_neon(&found[count++]);
#endif
    if (argc > 1 && strcmp(argv[1], "--bench") == 0) {
        bench(found, count);
        return 0;
    }
    for (size_t l = 0; l < count; l++) say_equal("sos run", found[l].name, check(&found[l]));
    CHECK(strcmp(vo_sos_kernels_select().name, found[count - 1].name) == 0);
    check_controls();
    return 0;
}
