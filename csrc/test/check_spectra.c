/* D1: every kernel over spectra of every level that this processor has, against an oracle in plain
   arithmetic, over lengths 0..257 and misalignments 0..60 bytes. */
#define _DEFAULT_SOURCE

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "kernel_lines.h"
#include "kernel_samples.h"
#include "kernels/spectra.h"

enum { MAX_LENGTH = 257, LONG = 5000, OFFSETS = 16, MARGIN = 32, ARENA = 640, LEVELS = 4 };

#define U 0x1p-24 /* half an ulp of a float at 1 */
#define CANARY 123456.75f

static const char *const names[LEVELS] = {"scalar", "avx2", "avx512", "neon"};

/* A checker answers NULL, or what is wrong. */
typedef const char *checker(const vo_spectra_kernels *k);

/* The window of n samples at a misalignment stands among samples that would change any result. */
static float *place(float *arena, size_t offset, size_t n) {
    for (size_t i = 0; i < ARENA; i++) arena[i] = CANARY;
    float *x = arena + MARGIN + offset;
    for (size_t i = 0; i < n; i++) x[i] = random_sample();
    return x;
}

static float *place_positive(float *arena, size_t offset, size_t n) {
    float *x = place(arena, offset, n);
    for (size_t i = 0; i < n; i++) x[i] = ldexpf(x[i] * x[i], -(int)(random_bits() % 40));
    return x;
}

static int untouched(const float *arena, const float *out, size_t n) {
    for (const float *p = arena; p < arena + ARENA; p++)
        if ((p < out || p >= out + n) && *p != CANARY) return 0;
    return 1;
}

static int near(double found, double wanted, double bound) {
    return fabs(found - wanted) <= bound;
}

#define EACH_PLACE                                                                                 \
    for (size_t n = 0; n <= MAX_LENGTH; n++)                                                       \
        for (size_t offset = 0; offset < OFFSETS; offset++)

/* --- Checkers ------------------------------------------------------------- */

static const char *check_power(const vo_spectra_kernels *k) {
    static _Alignas(64) float arena[2][ARENA];
    EACH_PLACE {
        float *out = place(arena[0], offset, 0);
        const float *z = place(arena[1], (offset * 5 + 3) % OFFSETS, 2 * n);
        k->power(out, z, n);
        for (size_t i = 0; i < n; i++) {
            double re = z[2 * i], im = z[2 * i + 1], wanted = re * re + im * im;
            if (!near(out[i], wanted, 2 * U * wanted)) return "power is outside its bound";
        }
        if (!untouched(arena[0], out, n)) return "power writes outside";
    }
    return NULL;
}

static const char *check_root(const vo_spectra_kernels *k) {
    static _Alignas(64) float arena[2][ARENA];
    EACH_PLACE {
        float *out = place(arena[0], offset, 0);
        float *x = place_positive(arena[1], (offset * 5 + 3) % OFFSETS, n);
        if (n) x[random_bits() % n] = 0;
        k->root(out, x, n);
        for (size_t i = 0; i < n; i++)
            if (out[i] != sqrtf(x[i])) return "root is not rounded once";
        if (!untouched(arena[0], out, n)) return "root writes outside";
    }
    return NULL;
}

/* Any order of summation errs by at most n u * sum |w x|; most bands are short. */
static const char *check_bands(const vo_spectra_kernels *k) {
    enum { MOST = 9 };
    static _Alignas(64) float arena[3][ARENA];
    EACH_PLACE {
        const float *x = place(arena[0], offset, n);
        float *out = place(arena[1], (offset * 5 + 3) % OFFSETS, 0);
        float *w = place(arena[2], (offset * 7 + 1) % OFFSETS, MAX_LENGTH);
        uint32_t first[MOST], length[MOST], used = 0, count = random_bits() % (MOST + 1);
        for (uint32_t b = 0; b < count; b++) {
            first[b] = n ? (uint32_t)(random_bits() % n) : 0;
            length[b] = (uint32_t)(random_bits() % (n - first[b] + 1));
            if (b % 2 && length[b] > 18) length[b] = random_bits() % 18;
            if (used + length[b] > MAX_LENGTH) length[b] = MAX_LENGTH - used;
            used += length[b];
        }
        for (float *p = w + used; p < w + MAX_LENGTH; p++) *p = CANARY;
        k->bands(out, x, &(vo_bands){count, first, length, w});
        for (uint32_t b = 0; b < count; w += length[b++]) {
            double sum = 0, size = 0;
            for (uint32_t i = 0; i < length[b]; i++) {
                double term = (double)x[first[b] + i] * (double)w[i];
                sum += term;
                size += fabs(term);
            }
            if (!near(out[b], sum, (length[b] + 1) * U * size)) return "bands are outside bounds";
        }
        if (!untouched(arena[1], out, count)) return "bands writes outside";
    }
    return NULL;
}

/* 1e-7 of an octave, and 4 u of the result. */
static const char *check_log(const vo_spectra_kernels *k) {
    static _Alignas(64) float arena[2][ARENA];
    const float least = 0x1p-120f, scale = 3.01029996f;
    const float special[] = {0,
                             -0.0f,
                             -1,
                             from_bits(1),
                             0x1p-126f,
                             0x1p-120f,
                             NAN,
                             -5,
                             1,
                             3e38f,
                             0x1.fffffep-1f,
                             0x1.000002p0f,
                             2,
                             from_bits(0x3f3504f3),
                             from_bits(0x3f3504f2),
                             0x1.6a09e6p0f};
    const size_t specials = sizeof special / sizeof *special;
    EACH_PLACE {
        float *x = place_positive(arena[1], (offset * 5 + 3) % OFFSETS, n);
        float *out = place(arena[0], offset, 0), given[MAX_LENGTH];
        for (size_t i = 0; i < n; i++) {
            if (random_bits() % 4 == 0) x[i] = special[random_bits() % specials];
            if (random_bits() % 4 == 0) x[i] = 1 + random_sample() * 0x1p-8f;
            if (random_bits() % 8 == 0) x[i] = from_bits(random_bits() % 0x7f800000);
        }
        memcpy(given, x, n * sizeof *x);
        if (offset % 2) out = x;
        k->log(out, x, n, least, scale);
        for (size_t i = 0; i < n; i++) {
            double of = given[i] > least ? given[i] : least, wanted = (double)scale * log2(of);
            if (!near(out[i], wanted, 1e-7 * (double)scale + 4 * U * fabs(wanted)))
                return "log is outside its bound";
        }
        if (!untouched(arena[offset % 2], out, n)) return "log writes outside";
    }
    return NULL;
}

static const char *check_moments(const vo_spectra_kernels *k) {
    static _Alignas(64) float arena[ARENA];
    EACH_PLACE {
        const float *x = place(arena, offset, n);
        long double wanted[3] = {0}, size[3] = {0};
        for (size_t i = 0; i < n; i++)
            for (int j = 0; j < 3; j++) {
                long double term = powl((long double)i, j) * (long double)x[i];
                wanted[j] += term;
                size[j] += fabsl(term);
            }
        double found[3];
        k->moments(found, x, n);
        for (int j = 0; j < 3; j++)
            if (!near(found[j], (double)wanted[j], (double)(n + 4) * 0x1p-52 * (double)size[j]))
                return "moments are outside their bounds";
    }
    return NULL;
}

static const char *check_distance(const vo_spectra_kernels *k) {
    static _Alignas(64) float arena[2][ARENA];
    EACH_PLACE {
        const float *x = place(arena[0], offset, n);
        const float *y = place(arena[1], (offset * 5 + 3) % OFFSETS, n);
        long double wanted = 0;
        for (size_t i = 0; i < n; i++) {
            float step = x[i] - y[i];
            wanted += (long double)step * (long double)step;
        }
        double bound = (double)(n + 4) * 0x1p-53 * (double)wanted;
        if (!near(k->distance(x, y, n), (double)wanted, bound)) return "distance is outside";
        if (k->distance(x, x, n) != 0) return "there is a distance from x to x";
    }
    return NULL;
}

/* Also over more than VO_MEANS_RUN bins that are as small, and as large, as they may be. */
static const char *check_means(const vo_spectra_kernels *k) {
    static _Alignas(64) float arena[ARENA], many[LONG];
    const float least = 1e-10f;
    double sum, log2_of;
    EACH_PLACE {
        const float *x = place_positive(arena, offset, n);
        long double wanted = 0, wanted_log2 = 0, size = 0;
        for (size_t i = 0; i < n; i++) {
            long double it = x[i] > least ? x[i] : least;
            wanted += it;
            wanted_log2 += log2l(it);
            size += fabsl(log2l(it)) + 1;
        }
        k->means(&sum, &log2_of, x, n, least);
        if (!near(sum, (double)wanted, (double)(n + 4) * 0x1p-53 * (double)wanted))
            return "a sum is outside its bound";
        if (!near(log2_of, (double)wanted_log2, (double)(n + 4) * 0x1p-53 * (double)size))
            return "a product is outside its bound";
    }
    const float extremes[] = {0x1p-126f, 3e38f, 1.4142135f, 0.70710678f, 0.7071067f, 0};
    for (size_t e = 0; e < sizeof extremes / sizeof *extremes; e++) {
        for (size_t i = 0; i < LONG; i++) many[i] = extremes[e];
        double it = fmax(extremes[e], 0x1p-126), bound = LONG * LONG * 0x1p-52;
        k->means(&sum, &log2_of, many, LONG, 0x1p-126f);
        if (!near(log2_of, LONG * log2(it), bound * (fabs(log2(it)) + 1)))
            return "a long product runs over";
    }
    return NULL;
}

/* Whole numbers, so that every order of summation gives the same sum. */
static const char *check_reach(const vo_spectra_kernels *k) {
    static _Alignas(64) float arena[ARENA];
    EACH_PLACE {
        float *x = place(arena, offset, n);
        double total = 0;
        for (size_t i = 0; i < n; i++) total += x[i] = (float)(random_bits() % 5);
        for (int j = 0; j < 8; j++) {
            double target = j == 0 ? 0 : j == 1 ? total : j == 2 ? total + 1 : total * j / 8;
            double sum = 0;
            size_t wanted = 0;
            while (wanted < n && (sum += x[wanted]) < target) wanted++;
            if (k->reach(x, n, target) != wanted) return "reach stops elsewhere";
        }
    }
    return NULL;
}

static const char *check_crossings(const vo_spectra_kernels *k) {
    static _Alignas(64) float arena[ARENA];
    const float special[] = {0, -0.0f, 1, -1, from_bits(1), from_bits(0x80000001)};
    EACH_PLACE {
        float *x = place(arena, offset, n);
        for (size_t i = 0; i < n; i++)
            if (random_bits() % 2) x[i] = special[random_bits() % 6];
        x[-1] = n && x[0] < 0 ? 1 : -1;
        x[n] = n && x[n - 1] < 0 ? 1 : -1;
        uint32_t wanted = 0;
        for (size_t i = 1; i < n; i++) wanted += (x[i] < 0) != (x[i - 1] < 0);
        if (k->crossings(x, n) != wanted) return "crossings counts others";
    }
    return NULL;
}

/* Every input once ends where readable memory ends and once starts where it starts; a kernel that
   reads beyond dies, so this runs in a child. */
static const char *check_bounds(const vo_spectra_kernels *k) {
    fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL); /* a control dies here on purpose: no report, no core */
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        size_t page = (size_t)sysconf(_SC_PAGESIZE);
        char *map = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (map == MAP_FAILED || mprotect(map + page, page, PROT_READ | PROT_WRITE)) _exit(2);
        float out[MAX_LENGTH], *first = (float *)(map + page), *end = (float *)(map + 2 * page);
        double sums[3];
        for (uint32_t n = 0; n <= MAX_LENGTH; n++)
            for (int side = 0; side < 2; side++) {
                float *x = side ? end - n : first;
                k->power(out, side ? end - 2 * n : first, n);
                k->root(x, x, n);
                k->bands(out, x, &(vo_bands){1, &(uint32_t){0}, &n, x});
                k->log(x, x, n, 1, 1);
                k->moments(sums, x, n);
                k->distance(x, x, n);
                k->means(&sums[0], &sums[1], x, n, 1);
                k->reach(x, n, INFINITY);
                k->crossings(x, n);
            }
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? NULL : "a kernel reads outside";
}

static const struct row {
    const char *kernel;
    checker *check;
} rows[] = {
    {"spectra power", check_power},         {"spectra root", check_root},
    {"spectra bands", check_bands},         {"spectra log", check_log},
    {"spectra moments", check_moments},     {"spectra distance", check_distance},
    {"spectra means", check_means},         {"spectra reach", check_reach},
    {"spectra crossings", check_crossings}, {"spectra, edges of all", check_bounds},
};
enum { ROWS = sizeof rows / sizeof *rows };

/* --- Negative controls: each of these must be reported --------------------- */

static vo_spectra_kernels sound; /* scalar, which each control spoils in one place */

static VO_REALTIME void power_one_more(float *out, const float *pairs, size_t n) {
    sound.power(out, pairs, n);
    out[n] = 0;
}
static VO_REALTIME void root_fast(float *out, const float *x, size_t n) {
    for (size_t k = 0; k < n; k++) out[k] = x[k] > 0 ? x[k] * (1 / sqrtf(x[k])) : 0;
}
static VO_REALTIME void bands_from_0(float *out, const float *x, const vo_bands *bands) {
    vo_bands moved = *bands;
    uint32_t first[16] = {0};
    moved.first = first;
    sound.bands(out, x, &moved);
}
static VO_REALTIME void log_short(float *out, const float *x, size_t n, float least, float scale) {
    sound.log(out, x, n, least, scale);
    for (size_t i = 0; i < n; i++) out[i] *= 1 + 0x1p-20f;
}
static VO_REALTIME void moments_from_1(double sums[3], const float *x, size_t n) {
    sound.moments(sums, x, n);
    sums[1] += sums[0];
}
static VO_REALTIME double distance_to_itself(const float *x, const float *y, size_t n) {
    (void)y;
    return sound.distance(x, x, n);
}
static VO_REALTIME void means_without_run(double *sum, double *log2_of, const float *x, size_t n,
                                          float least) {
    double product = 1;
    sound.means(sum, log2_of, x, n, least);
    for (size_t k = 0; k < n; k++) product *= x[k] > least ? (double)x[k] : (double)least;
    *log2_of = log2(product);
}
static VO_REALTIME size_t reach_beyond(const float *x, size_t n, double target) {
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        if ((sum += (double)x[k]) > target) return k;
    return n;
}
static VO_REALTIME uint32_t crossings_of_sign(const float *x, size_t n) {
    uint32_t count = 0;
    for (size_t i = 1; i < n; i++) count += signbit(x[i - 1]) != signbit(x[i]);
    return count;
}
static VO_REALTIME uint32_t crossings_beyond(const float *x, size_t n) {
    volatile float beyond = x[n];
    (void)beyond;
    return sound.crossings(x, n);
}

static void check_controls(void) {
    const vo_spectra_kernels s = sound = vo_spectra_kernels_scalar();
    vo_spectra_kernels bad[] = {s, s, s, s, s, s, s, s, s, s};
    bad[0].power = power_one_more;
    bad[1].root = root_fast;
    bad[2].bands = bands_from_0;
    bad[3].log = log_short;
    bad[4].moments = moments_from_1;
    bad[5].distance = distance_to_itself;
    bad[6].means = means_without_run;
    bad[7].reach = reach_beyond;
    bad[8].crossings = crossings_of_sign;
    bad[9].crossings = crossings_beyond;
    static const char *const faults[] = {"a power too many",          "a root by its inverse",
                                         "bands from the first bin",  "a logarithm a bit short",
                                         "moments that count from 1", "a distance to itself",
                                         "a product that runs over",  "reach beyond its target",
                                         "crossings of -0",           "crossings that read beyond"};
    _Static_assert(sizeof bad / sizeof *bad == ROWS, "one each");
    for (size_t i = 0; i < ROWS; i++) say_caught(faults[i], rows[i].check(&bad[i]));
}

int main(void) {
    const char *seen = "";
    for (size_t l = 0; l < LEVELS; l++) {
        CHECK(setenv("VOCANA_SIMD", names[l], 1) == 0);
        const vo_spectra_kernels kernels = vo_spectra_kernels_select();
        if (strcmp(kernels.name, names[l]) != 0) continue;
        for (size_t i = 0; i < ROWS; i++)
            say_equal(rows[i].kernel, names[l], rows[i].check(&kernels));
        seen = names[l];
    }
    CHECK(*seen);
    CHECK(unsetenv("VOCANA_SIMD") == 0);
    CHECK(strcmp(vo_spectra_kernels_select().name, seen) == 0);
    check_controls();
    return 0;
}
