/* Every kernel of every level that this processor has, against an oracle in plain arithmetic, over
   lengths 0..257 and misalignments 0..60 bytes. --bench times the levels side by side instead. */
#define _DEFAULT_SOURCE

#include <float.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "kernel_bench.h"
#include "kernel_samples.h"
#include "kernels/kernels.h"
#include "vocana/simd.h"

enum { MAX_LENGTH = 257, OFFSETS = 16, MARGIN = 32, ARENA = 512 };

static const char *const names[KERNEL_LEVELS] = {"scalar", "avx2", "avx512", "neon"};

/* A checker answers NULL, or what is wrong. */
typedef const char *checker(const vo_kernels *k);

/* --- Checkers ------------------------------------------------------------- */

/* The window of n samples at a misalignment stands among samples that would change any result. */
static float *window(float arena[ARENA], size_t offset, size_t n, float outside) {
    for (size_t i = 0; i < ARENA; i++) arena[i] = outside;
    float *x = arena + MARGIN + offset;
    for (size_t i = 0; i < n; i++) x[i] = random_sample();
    return x;
}

static uint32_t oracle_classify(const float *x, size_t n, float limit) {
    uint32_t seen = 0;
    for (size_t i = 0; i < n; i++) {
        int class = fpclassify(x[i]);
        if (class != FP_ZERO) seen |= VO_SEEN_SIGNAL;
        if (class == FP_NAN || class == FP_INFINITE)
            seen |= VO_SEEN_NONFINITE;
        else if (fabsf(x[i]) > limit)
            seen |= VO_SEEN_OVER;
        if (class == FP_SUBNORMAL) seen |= VO_SEEN_DENORMAL;
    }
    return seen;
}

static const char *check_classify(const vo_kernels *k) {
    static _Alignas(64) float arena[ARENA];
    const float special[] = {
        0,       -0.0f,    from_bits(1), from_bits(0x80000001), from_bits(0x807fffff),
        FLT_MIN, 2,        -2,           nextafterf(2, 3),      -nextafterf(2, 3),
        FLT_MAX, INFINITY, -INFINITY,    from_bits(0x7f800001), from_bits(0xffffffff),
    };
    const float limits[] = {2,       2,        1,   0,   -0.0f, -1, from_bits(0x80000001),
                            FLT_MAX, INFINITY, NAN, -NAN};
    const size_t specials = sizeof special / sizeof *special;
    const size_t limit_count = sizeof limits / sizeof *limits;
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++)
            for (size_t s = 0; s < 2 * specials; s++) {
                float *x = window(arena, offset, n, s & 1 ? NAN : from_bits(1));
                if (s & 1)
                    for (size_t i = 0; i < n; i++) x[i] = i % 2 ? -0.0f : 0;
                for (size_t put = 0; n && put < 1 + s % 3; put++)
                    x[random_bits() % n] = special[put ? random_bits() % specials : s / 2];
                float limit = limits[random_bits() % limit_count];
                if (k->classify(x, n, limit) != oracle_classify(x, n, limit))
                    return "classify differs from fpclassify";
            }
    return NULL;
}

/* Into another array and into its own, each among samples that would change the result. */
static const char *check_flush(const vo_kernels *k) {
    static _Alignas(64) float arena[2][ARENA];
    float expected[MAX_LENGTH];
    const float canary = from_bits(0x80000002);
    const uint32_t edges[] = {0,          0x80000000, 1,          0x80000001, 0x7fffff,
                              0x807fffff, 0x800000,   0x80800000, 0x7f7fffff, 0x7f800000,
                              0x7f800001, 0xffffffff, 0x7fc12345};
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++)
            for (uint32_t kind = 0; kind < 4; kind++) { /* 3: nothing but denormals */
                float *x = window(arena[0], offset, n, canary);
                float *out = window(arena[1], (offset * 5 + 3) % OFFSETS, 0, canary);
                if (kind % 2) out = x;
                uint32_t count = 0;
                for (size_t i = 0; i < n; i++) {
                    if (kind == 3)
                        x[i] = from_bits((random_bits() & 0x807fffff) | 1);
                    else if (random_bits() % 3)
                        x[i] = from_bits(edges[random_bits() % (sizeof edges / sizeof *edges)]);
                    bool denormal = fpclassify(x[i]) == FP_SUBNORMAL;
                    count += denormal;
                    memcpy(&expected[i], denormal ? &(float){0} : x + i, sizeof *x);
                }
                if (k->flush(out, x, n) != count) return "flush counts others";
                if (memcmp(out, expected, n * sizeof *out) != 0) return "flush has other bits";
                const float *start = arena[!(kind % 2)];
                for (const float *p = start; p < start + ARENA; p++)
                    if ((p < out || p >= out + n) && *p != canary) return "flush writes outside";
            }
    return NULL;
}

/* Any order of summation in four or more lanes errs by at most (n / 4 + 4) u * sum |a||b|. */
static const char *check_dot(const vo_kernels *k) {
    static _Alignas(64) float left[ARENA], right[ARENA];
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++) {
            const float *a = window(left, offset, n, 1e6f);
            const float *b = window(right, (offset * 5 + 3) % OFFSETS, n, 1e6f);
            double sum = 0, size = 0;
            for (size_t i = 0; i < n; i++) {
                sum += (double)a[i] * b[i];
                size += fabs((double)a[i] * b[i]);
            }
            double bound = ((double)n / 4 + 4) * 0x1p-24 * size;
            if (!(fabs(k->dot(a, b, n) - sum) <= bound)) return "dot is outside its bound";
        }
    return NULL;
}

/* Three roundings: to within 4 u (|gain (from - to)| + |to|), and the same bits as scalar. */
static const char *check_fade(const vo_kernels *k) {
    static _Alignas(64) float arena[4][ARENA], expected[MAX_LENGTH];
    const float canary = 123456.75f;
    const vo_kernels scalar = vo_kernels_scalar();
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++)
            for (int place = 0; place < 3; place++) {
                float *out = window(arena[0], offset, 0, canary);
                float *from = window(arena[1], (offset * 5 + 3) % OFFSETS, n, canary);
                float *to = window(arena[2], (offset * 7 + 1) % OFFSETS, n, canary);
                const float *gain = window(arena[3], (offset * 3 + 2) % OFFSETS, n, canary);
                if (n) from[random_bits() % n] = to[n / 2]; /* a steady signal stays itself */
                scalar.fade(expected, from, to, gain, n);
                for (size_t i = 0; i < n; i++) {
                    double step = (double)gain[i] * ((double)from[i] - to[i]);
                    double bound = 4 * 0x1p-24 * (fabs(step) + fabs(to[i]));
                    if (!(fabs(expected[i] - (to[i] + step)) <= bound))
                        return "fade is outside its bound";
                    if (from[i] == to[i] && expected[i] != to[i]) return "fade moves DC";
                }
                float *into[] = {out, from, to};
                k->fade(into[place], from, to, gain, n);
                if (memcmp(into[place], expected, n * sizeof *expected) != 0)
                    return "fade has other bits than scalar";
                const float *start = arena[place], *x = into[place];
                for (const float *p = start; p < start + ARENA; p++)
                    if ((p < x || p >= x + n) && *p != canary) return "fade writes outside";
            }
    return NULL;
}

/* The peak is exact; the energy errs by at most (n + 4) u of a double. */
static const char *check_level(const vo_kernels *k) {
    static _Alignas(64) float arena[ARENA];
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++) {
            float *x = window(arena, offset, n, 1e6f);
            if (n) x[random_bits() % n] = from_bits(random_bits() & 0x807fffff);
            if (n) x[random_bits() % n] *= 100;
            float peak = -1, highest = 0;
            double energy = -1;
            long double sum = 0;
            for (size_t i = 0; i < n; i++) {
                highest = fmaxf(highest, fabsf(x[i]));
                sum += (long double)x[i] * x[i];
            }
            k->level(x, n, &peak, &energy);
            if (peak != highest) return "level has another peak";
            if (!(fabsl(energy - sum) <= (double)(n + 4) * 0x1p-53 * sum))
                return "level's energy is outside its bound";
        }
    return NULL;
}

/* Every input once ends where readable memory ends and once starts where it starts; a kernel that
   reads beyond dies, so this runs in a child. */
static const char *check_bounds(const vo_kernels *k) {
    fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        /* A control dies here on purpose: no report of a sanitizer, no core. */
        signal(SIGSEGV, SIG_DFL);
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        size_t page = (size_t)sysconf(_SC_PAGESIZE);
        char *map = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (map == MAP_FAILED || mprotect(map + page, page, PROT_READ | PROT_WRITE)) _exit(2);
        float peak, *first = (float *)(map + page), *end = (float *)(map + 2 * page);
        double energy;
        for (size_t n = 0; n <= MAX_LENGTH; n++)
            for (int side = 0; side < 2; side++) {
                float *x = side ? end - n : first;
                k->classify(x, n, 1);
                k->flush(x, x, n);
                k->dot(x, x, n);
                k->fade(x, x, x, x, n);
                k->level(x, n, &peak, &energy);
            }
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? NULL : "a kernel reads outside";
}

static checker *const checkers[] = {check_classify, check_flush, check_dot,
                                    check_fade,     check_level, check_bounds};

/* --- Negative controls: each of these must be reported --------------------- */

static vo_kernels sound; /* scalar, which each control spoils in one place */

static VO_REALTIME uint32_t signal_in_minus_zero(const float *x, size_t n, float limit) {
    uint32_t seen = sound.classify(x, n, limit);
    for (size_t i = 0; i < n; i++) seen |= copysignf(1, x[i]) < 0 ? VO_SEEN_SIGNAL : 0;
    return seen;
}
static VO_REALTIME uint32_t classify_no_tail(const float *x, size_t n, float limit) {
    return sound.classify(x, n & ~(size_t)7, limit);
}
static VO_REALTIME uint32_t flush_minus_zero(float *out, const float *x, size_t n) {
    uint32_t count = sound.flush(out, x, n);
    for (size_t i = 0; i < n; i++) out[i] = out[i] == 0 ? 0 : out[i];
    return count;
}
static VO_REALTIME uint32_t flush_counts_zeros(float *out, const float *x, size_t n) {
    uint32_t zeros = 0;
    for (size_t i = 0; i < n; i++) zeros += x[i] == 0;
    return zeros + sound.flush(out, x, n);
}
static VO_REALTIME uint32_t flush_one_more(float *out, const float *x, size_t n) {
    uint32_t count = sound.flush(out, x, n);
    out[n] = 0;
    return count;
}
static VO_REALTIME float dot_no_tail(const float *a, const float *b, size_t n) {
    return sound.dot(a, b, n & ~(size_t)7);
}
static VO_REALTIME void fade_one_more(float *out, const float *from, const float *to,
                                      const float *gain, size_t n) {
    sound.fade(out, from, to, gain, n);
    out[n] = 0;
}
static VO_REALTIME void fade_fused(float *out, const float *from, const float *to,
                                   const float *gain, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = fmaf(gain[i], from[i] - to[i], to[i]);
}
static VO_REALTIME void level_in_float(const float *x, size_t n, float *peak, double *energy) {
    float sum = 0;
    sound.level(x, n, peak, energy);
    for (size_t i = 0; i < n; i++) sum += x[i] * x[i];
    *energy = sum;
}
static VO_REALTIME void level_signed(const float *x, size_t n, float *peak, double *energy) {
    sound.level(x, n, peak, energy);
    *peak = 0;
    for (size_t i = 0; i < n; i++) *peak = fmaxf(*peak, x[i]);
}
static VO_REALTIME float dot_beyond(const float *a, const float *b, size_t n) {
    volatile float beyond = a[n];
    (void)beyond;
    return sound.dot(a, b, n);
}

static void check_controls(void) {
    const vo_kernels s = sound = vo_kernels_scalar();
    vo_kernels bad[] = {s, s, s, s, s, s, s, s, s, s, s};
    bad[0].classify = signal_in_minus_zero;
    bad[1].classify = classify_no_tail;
    bad[2].flush = flush_minus_zero;
    bad[3].flush = flush_counts_zeros;
    bad[4].flush = flush_one_more;
    bad[5].dot = dot_no_tail;
    bad[6].fade = fade_one_more;
    bad[7].fade = fade_fused;
    bad[8].level = level_in_float;
    bad[9].level = level_signed;
    bad[10].dot = dot_beyond;
    const struct control {
        const char *fault;
        checker *check;
    } controls[] = {
        {"-0.0 as a signal", check_classify},
        {"classify without its tail", check_classify},
        {"flush that changes -0.0", check_flush},
        {"flush that counts zeros", check_flush},
        {"flush of one sample too many", check_flush},
        {"dot without its tail", check_dot},
        {"fade of one sample too many", check_fade},
        {"fade with a fused step", check_fade},
        {"energy in float", check_level},
        {"peak of positive samples", check_level},
        {"dot that reads beyond", check_bounds},
    };
    _Static_assert(sizeof bad / sizeof *bad == sizeof controls / sizeof *controls, "one each");
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) {
        const char *found = controls[i].check(&bad[i]);
        printf("planted %-28s %s\n", controls[i].fault, found ? found : "NOT CAUGHT");
        CHECK(found);
    }
}

/* --- Selection ------------------------------------------------------------- */

/* The levels that can be forced here, lowest first; the last one is what is chosen unasked. */
static size_t available(vo_kernels found[KERNEL_LEVELS]) {
    size_t count = 0;
    for (size_t i = 0; i < KERNEL_LEVELS; i++) {
        CHECK(setenv("VOCANA_SIMD", names[i], 1) == 0);
        found[count] = vo_kernels_select();
        CHECK(strcmp(vo_simd_name(), found[count].name) == 0);
        if (strcmp(found[count].name, names[i]) == 0) count++;
    }
    CHECK(count >= 1 && strcmp(found[0].name, "scalar") == 0);
#if defined(__x86_64__) && !defined(__clang__)
    CHECK((count > 1) == !!__builtin_cpu_supports("avx2"));
    CHECK((count > 2) == !!__builtin_cpu_supports("avx512vl"));
#endif
    return count;
}

/* I10: the best level when nothing, nonsense or a level of another processor is asked for. */
static void check_fallback(const char *best) {
    const char *const wrong[] = {"", "AVX2", "sse9", "scalar ", "%s%n", "avx2,avx512"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK(setenv("VOCANA_SIMD", wrong[i], 1) == 0);
        CHECK(strcmp(vo_simd_name(), best) == 0);
    }
#ifdef __x86_64__
    const char *foreign = "neon";
#else
    const char *foreign = "avx2";
#endif
    CHECK(setenv("VOCANA_SIMD", foreign, 1) == 0);
    CHECK(strcmp(vo_simd_name(), best) == 0);
    CHECK(unsetenv("VOCANA_SIMD") == 0);
    CHECK(strcmp(vo_simd_name(), best) == 0);
}

int main(int argc, char **argv) {
    const char *asked = getenv("VOCANA_SIMD");
    char wanted[32];
    snprintf(wanted, sizeof wanted, "%s", asked ? asked : "");
    const vo_kernels selected = vo_kernels_select();
    vo_kernels found[KERNEL_LEVELS];
    size_t count = available(found);
    printf("VOCANA_SIMD=%s selects %s\n", wanted, selected.name);
    for (size_t l = 0; l < count; l++)
        if (strcmp(wanted, found[l].name) == 0) CHECK(strcmp(selected.name, wanted) == 0);
    check_fallback(found[count - 1].name);
    if (argc > 1 && strcmp(argv[1], "--bench") == 0) {
        kernel_bench(found, count);
        return 0;
    }
    for (size_t l = 0; l < count; l++)
        for (size_t c = 0; c < sizeof checkers / sizeof *checkers; c++) {
            const char *wrong = checkers[c](&found[l]);
            if (wrong) fprintf(stderr, "%s: %s\n", found[l].name, wrong);
            CHECK(!wrong);
        }
    for (size_t l = 0; l < count; l++) printf("%s: as specified\n", found[l].name);
    check_controls();
    return 0;
}
