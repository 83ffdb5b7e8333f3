/* D1: the kernels of gates, compressors and limiters at every level that this processor has,
   against their definitions in double, over lengths 0..257 and misalignments 0..60 bytes. --bench
   times the levels side by side instead. */
#define _DEFAULT_SOURCE

#include <math.h>
#include <string.h>

#include "check.h"
#include "kernel_lines.h"
#include "kernel_samples.h"
#include "kernel_times.h"
#include "kernels/dynamics.h"
#include "kernels/levels.h"

enum { MAX_LENGTH = 257, OFFSETS = 16, MARGIN = 32, ARENA = 512, GROUP = VO_DYNAMICS_GROUP };

/* A checker answers NULL, or what is wrong. */
typedef const char *checker(const vo_dynamics_kernels *k);

static const float canary = 123456.75f;

/* n samples of 0..most at a misalignment, among canaries. */
static float *window(float arena[ARENA], size_t offset, size_t n, float most) {
    for (size_t i = 0; i < ARENA; i++) arena[i] = canary;
    float *x = arena + MARGIN + offset;
    for (size_t i = 0; i < n; i++) x[i] = most * fabsf(random_sample());
    return x;
}

static bool writes_outside(const float arena[ARENA], const float *x, size_t n) {
    for (const float *p = arena; p < arena + ARENA; p++)
        if ((p < x || p >= x + n) && *p != canary) return true;
    return false;
}

/* --- Without a memory ------------------------------------------------------- */

static const char *check_loudest(const vo_dynamics_kernels *k) {
    static _Alignas(64) float arena[2][ARENA];
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++) {
            float expected[MAX_LENGTH], most = 0;
            float *peak = window(arena[0], offset, n, 1);
            float *x = window(arena[1], (offset * 5 + 3) % OFFSETS, n, 1);
            for (size_t i = 0; i < n; i++) {
                if (random_bits() % 2) x[i] = -x[i];
                if (random_bits() % 20 == 0) x[i] = random_bits() % 2 ? NAN : INFINITY;
                expected[i] = fmaxf(peak[i], fabsf(x[i]));
                most = fmaxf(most, expected[i]);
            }
            if (k->loudest(peak, x, n) != most) return "loudest gives another peak";
            if (memcmp(peak, expected, n * sizeof *peak) != 0) return "loudest has other peaks";
            if (writes_outside(arena[0], peak, n)) return "loudest writes outside";
        }
    return NULL;
}

static const char *check_greater(const vo_dynamics_kernels *k) {
    static _Alignas(64) float arena[2][ARENA];
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++) {
            size_t apart = 1 + random_bits() % 150;
            float *x = window(arena[0], offset, n + apart, 1);
            float *out = window(arena[1], (offset * 5 + 3) % OFFSETS, 0, 1);
            k->greater(out, x, apart, n);
            for (size_t i = 0; i < n; i++)
                if (out[i] != fmaxf(x[i], x[i + apart])) return "greater gives another";
            if (writes_outside(arena[1], out, n)) return "greater writes outside";
        }
    return NULL;
}

static const char *check_reach(const vo_dynamics_kernels *k) {
    static _Alignas(64) float arena[ARENA];
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++) {
            uint16_t groups[MAX_LENGTH / GROUP + 2];
            float *x = window(arena, offset, n, 1), threshold = fabsf(random_sample());
            if (n) x[random_bits() % n] = threshold;
            size_t count = (n + GROUP - 1) / GROUP;
            groups[count] = 0x5a5a;
            k->reach(groups, x, threshold, n);
            for (size_t i = 0; i < count * GROUP; i++)
                if ((groups[i / GROUP] >> i % GROUP & 1) != (i < n && x[i] >= threshold))
                    return "reach has another bit";
            if (groups[count] != 0x5a5a) return "reach writes outside";
        }
    return NULL;
}

static const char *check_curve(const vo_dynamics_kernels *k) {
    static _Alignas(64) float arena[2][ARENA];
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++) {
            float half_knee = random_bits() % 3 ? 3 * fabsf(random_sample()) : 0;
            const vo_curve curve = {.per_threshold = exp2f(10 * fabsf(random_sample())),
                                    .scale = random_bits() % 2 ? 1 : 0.5f,
                                    .slope = fabsf(random_sample()),
                                    .half_knee = half_knee,
                                    .bend = half_knee > 0 ? 1 / (4 * half_knee) : 0};
            float *level = window(arena[0], offset, n, random_bits() % 2 ? 1 : 1e-3f);
            float *down = window(arena[1], (offset * 5 + 3) % OFFSETS, 0, 1);
            bool any = false;
            if (n) level[random_bits() % n] = 0;
            if (n && random_bits() % 8 == 0) level[random_bits() % n] = 1e30f;
            bool said = k->curve(down, level, &curve, n);
            for (size_t i = 0; i < n; i++) {
                double h = (double)half_knee, asked = 0;
                double over = (double)curve.scale *
                              log2((double)level[i] * (double)curve.per_threshold + 1e-300);
                if (over >= h)
                    asked = over;
                else if (over > -h)
                    asked = (over + h) * (over + h) / (4 * h);
                asked *= (double)curve.slope;
                any |= down[i] > 0;
                if (!(fabs((double)down[i] - asked) <= 1e-6 + 2e-7 * fabs(over)))
                    return "curve is outside its bound";
            }
            if (said != any) return "curve says something else than it gives";
            if (writes_outside(arena[1], down, n)) return "curve writes outside";
        }
    return NULL;
}

static const char *check_gain(const vo_dynamics_kernels *k) {
    static _Alignas(64) float arena[2][ARENA];
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++) {
            float *down = window(arena[0], offset, n, random_bits() % 2 ? 20 : 1);
            float *out = window(arena[1], (offset * 5 + 3) % OFFSETS, 0, 1);
            float from = 4 * random_sample(), step = random_bits() % 2 ? 0 : 0.1f * random_sample();
            if (n) down[random_bits() % n] = random_bits() % 2 ? 1e4f : -1e4f;
            k->gain(out, down, from, step, n);
            for (size_t i = 0; i < n; i++) {
                double up = (double)from + (double)step * (double)i - (double)down[i];
                double wanted = exp2(fmin(fmax(up, -126), 127));
                if (!(fabs((double)out[i] / wanted - 1) <= 5e-6))
                    return "gain is outside its bound";
            }
            if (writes_outside(arena[1], out, n)) return "gain writes outside";
            float zero = 0, one = 0;
            k->gain(&one, &zero, 0, 0, 1);
            if (one != 1) return "no gain is not 1";
        }
    return NULL;
}

/* --- With one ------------------------------------------------------------------ */

typedef struct shape {
    vo_pole release, attack;
} shape;

typedef void remembering(const vo_dynamics_kernels *k, double memory[2], float *y, const float *x,
                         const shape *s, size_t n);

static void by_follow(const vo_dynamics_kernels *k, double memory[2], float *y, const float *x,
                      const shape *s, size_t n) {
    k->follow(memory, y, x, &s->release, &s->attack, n);
}

static void by_smooth(const vo_dynamics_kernels *k, double memory[2], float *y, const float *x,
                      const shape *s, size_t n) {
    k->smooth(memory, y, x, &s->release, n);
}

static void by_decay(const vo_dynamics_kernels *k, double memory[2], float *y, const float *x,
                     const shape *s, size_t n) {
    k->decay(memory, y, x, &s->release, n);
}

static void define_follow(const vo_dynamics_kernels *k, double memory[2], float *y, const float *x,
                          const shape *s, size_t n) {
    (void)k;
    for (size_t i = 0; i < n; i++) {
        double in = (double)x[i], a = s->release.a, b = s->attack.a;
        memory[0] = fmax(in, a * memory[0] + (1 - a) * in);
        memory[1] = b * memory[1] + (1 - b) * memory[0];
        y[i] = (float)memory[1];
    }
}

static void define_smooth(const vo_dynamics_kernels *k, double memory[2], float *y, const float *x,
                          const shape *s, size_t n) {
    (void)k;
    for (size_t i = 0; i < n; i++) {
        memory[0] = s->release.a * memory[0] + (1 - s->release.a) * (double)x[i];
        y[i] = (float)memory[0];
    }
}

static void define_decay(const vo_dynamics_kernels *k, double memory[2], float *y, const float *x,
                         const shape *s, size_t n) {
    (void)k;
    for (size_t i = 0; i < n; i++) {
        memory[0] = fmax((double)x[i], s->release.a * memory[0]);
        y[i] = (float)memory[0];
    }
}

/* Within rounding of the definition, whole; and the same bits when it is cut, as a node does it: an
   unfinished group is given again. */
static const char *check_memory(const vo_dynamics_kernels *k, remembering *work,
                                remembering *define) {
    static _Alignas(64) float arena[2][ARENA];
    static const double times[] = {0, 0.3, 7, 240, 48000, 1e6};
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++) {
            shape s;
            float wanted[MAX_LENGTH], whole[MAX_LENGTH];
            vo_pole_set(&s.release, times[random_bits() % 6]);
            vo_pole_set(&s.attack, times[random_bits() % 6]);
            double start[2] = {fabs((double)random_sample()), fabs((double)random_sample())};
            double memory[2] = {start[0], start[1]}, other[2] = {start[0], start[1]};
            float *x = window(arena[0], offset, n, random_bits() % 2 ? 4 : 0);
            float *y = window(arena[1], (offset * 5 + 3) % OFFSETS, 0, 1);
            for (size_t i = 0; i < n; i++)
                if (i / 20 % 2) x[i] = 0;
            work(k, memory, y, x, &s, n);
            define(k, other, wanted, x, &s, n);
            for (size_t i = 0; i < n; i++)
                if (!(fabs((double)y[i] - (double)wanted[i]) <= 2e-6)) return "outside its bound";
            if (writes_outside(arena[1], y, n)) return "writes outside";
            memcpy(whole, y, n * sizeof *y);
            memory[0] = start[0], memory[1] = start[1];
            for (size_t at = 0, cut; at < n; at = cut) {
                cut = at + 1 + random_bits() % 70;
                if (cut > n) cut = n;
                size_t group = at / GROUP * GROUP;
                work(k, memory, y + group, x + group, &s, cut - group);
                if (memcmp(y, whole, cut * sizeof *y) != 0) return "depends on cuts";
            }
        }
    return NULL;
}

static const char *check_follow(const vo_dynamics_kernels *k) {
    return check_memory(k, by_follow, define_follow);
}

static const char *check_smooth(const vo_dynamics_kernels *k) {
    return check_memory(k, by_smooth, define_smooth);
}

static const char *check_decay(const vo_dynamics_kernels *k) {
    return check_memory(k, by_decay, define_decay);
}

static const struct row {
    const char *kernel;
    checker *check;
} rows[] = {
    {"dynamics loudest", check_loudest}, {"dynamics greater", check_greater},
    {"dynamics reach", check_reach},     {"dynamics curve", check_curve},
    {"dynamics gain", check_gain},       {"dynamics follow", check_follow},
    {"dynamics smooth", check_smooth},   {"dynamics decay", check_decay},
};
enum { ROWS = sizeof rows / sizeof *rows };

/* --- Negative controls ------------------------------------------------------------ */

static vo_dynamics_kernels sound;

static VO_REALTIME float loudest_signed(float *peak, const float *x, size_t n) {
    float most = 0;
    for (size_t i = 0; i < n; i++) most = fmaxf(most, peak[i] = fmaxf(peak[i], x[i]));
    return most;
}
static VO_REALTIME void greater_of_next(float *out, const float *x, size_t apart, size_t n) {
    sound.greater(out, x, apart - 1, n);
}
static VO_REALTIME void reach_beyond(uint16_t *groups, const float *level, float threshold,
                                     size_t n) {
    sound.reach(groups, level, nextafterf(threshold, 2), n);
}
static VO_REALTIME bool curve_hard(float *down, const float *level, const vo_curve *c, size_t n) {
    vo_curve hard = *c;
    hard.half_knee = hard.bend = 0;
    return sound.curve(down, level, &hard, n);
}
static VO_REALTIME void gain_one_more(float *gain, const float *down, float from, float step,
                                      size_t n) {
    sound.gain(gain, down, from, step, n);
    gain[n] = 0;
}
static VO_REALTIME void follow_coupled(double memory[2], float *y, const float *x,
                                       const vo_pole *release, const vo_pole *attack, size_t n) {
    (void)attack;
    sound.follow(memory, y, x, release, release, n);
}
static VO_REALTIME void smooth_remembers_all(double *memory, float *y, const float *x,
                                             const vo_pole *pole, size_t n) {
    for (size_t i = 0; i < n; i++) {
        *memory = pole->a * *memory + (1 - pole->a) * (double)x[i];
        y[i] = (float)*memory;
    }
}
static VO_REALTIME void decay_in_steps(double *memory, float *y, const float *x,
                                       const vo_pole *pole, size_t n) {
    sound.decay(memory, y, x, pole, n);
    for (size_t i = 1; i < n; i += 2) y[i] = fmaxf(x[i], y[i - 1]);
}

static void check_controls(void) {
    const vo_dynamics_kernels s = sound = vo_dynamics_kernels_scalar();
    vo_dynamics_kernels bad[] = {s, s, s, s, s, s, s, s};
    bad[0].loudest = loudest_signed;
    bad[1].greater = greater_of_next;
    bad[2].reach = reach_beyond;
    bad[3].curve = curve_hard;
    bad[4].gain = gain_one_more;
    bad[5].follow = follow_coupled;
    bad[6].smooth = smooth_remembers_all;
    bad[7].decay = decay_in_steps;
    static const char *const faults[] = {
        "loudest of positive samples",       "greater of one frame less apart",
        "reach without its threshold",       "curve without a knee",
        "gain of one frame too many",        "follow with one time for both",
        "smooth that remembers half groups", "decay in steps of two"};
    for (size_t i = 0; i < ROWS; i++) say_caught(faults[i], rows[i].check(&bad[i]));
}

/* --- Times -------------------------------------------------------------------------- */

static void work(const vo_dynamics_kernels *k, size_t which, float *y, float *x, size_t n) {
    static double memory[2];
    static uint16_t groups[ARENA / GROUP];
    const vo_curve curve = {10, 1, 0.6f, 0.5f, 0.5f};
    static shape s;
    if (s.release.a == 0) vo_pole_set(&s.release, 4800), vo_pole_set(&s.attack, 240);
    if (which == 0) k->loudest(y, x, n);
    if (which == 1) k->greater(y, x, n / 4, n - n / 4);
    if (which == 2) k->reach(groups, x, 0.5f, n);
    if (which == 3) k->curve(y, x, &curve, n);
    if (which == 4) k->gain(y, x, 0, 0, n);
    if (which == 5) k->follow(memory, y, x, &s.release, &s.attack, n);
    if (which == 6) k->smooth(memory, y, x, &s.release, n);
    if (which == 7) k->decay(memory, y, x, &s.release, n);
}

static void bench(const vo_dynamics_kernels *found, size_t count) {
    static _Alignas(64) float x[ARENA], y[ARENA];
    enum { CALLS = 2000, ROUNDS = 15 };
    for (size_t i = 0; i < ARENA; i++) x[i] = fabsf(random_sample());
    for (size_t which = 0; which < ROWS; which++)
        for (size_t l = 0; l < count; l++) {
            double best = INFINITY;
            for (int round = 0; round < ROUNDS; round++) {
                double start = now_ns();
                for (int call = 0; call < CALLS; call++) work(&found[l], which, y, x, ARENA);
                best = fmin(best, (now_ns() - start) / CALLS / ARENA);
            }
            say_time(rows[which].kernel, found[l].name, best);
        }
}

int main(int argc, char **argv) {
    vo_dynamics_kernels found[3] = {vo_dynamics_kernels_scalar()};
    size_t count = 1;
#ifdef __x86_64__
    if (vo_simd_reaches(VO_SIMD_AVX2)) vo_dynamics_kernels_avx2(&found[count++]);
    if (vo_simd_reaches(VO_SIMD_AVX512)) vo_dynamics_kernels_avx512(&found[count++]);
#endif
    CHECK(strcmp(vo_dynamics_kernels_select().name, found[count - 1].name) == 0);
    if (argc > 1 && strcmp(argv[1], "--bench") == 0) {
        bench(found, count);
        return 0;
    }
    for (size_t i = 0; i < ROWS; i++)
        for (size_t l = 0; l < count; l++)
            say_equal(rows[i].kernel, found[l].name, rows[i].check(&found[l]));
    check_controls();
    return 0;
}
