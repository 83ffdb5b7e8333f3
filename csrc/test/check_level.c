/* D1: the kernels that look at samples, against an oracle in plain arithmetic. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "check.h"
#include "kernel_checks.h"

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
                    return "differs from fpclassify";
            }
    return NULL;
}

static float oracle_clean(float x, float limit) {
    int class = fpclassify(x);
    if (class == FP_NAN || class == FP_SUBNORMAL) return 0;
    return class == FP_INFINITE ? copysignf(limit, x) : x;
}

/* What classify sees, and samples cleaned in another array and in their own. */
static const char *check_sanitise(const vo_kernels *k) {
    static _Alignas(64) float arena[2][ARENA];
    float expected[MAX_LENGTH];
    const float canary = from_bits(0x80000002);
    const float limits[] = {2, 1, 0.5f, FLT_MIN, FLT_MAX};
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t offset = 0; offset < OFFSETS; offset++)
            for (uint32_t kind = 0; kind < 6; kind++) {
                float *x = window(arena[0], offset, n, canary);
                float *out = window(arena[1], (offset * 5 + 3) % OFFSETS, 0, canary);
                if (kind % 2) out = x;
                for (size_t i = 0; kind > 3 && i < n; i++) x[i] = -0.0f;
                for (size_t put = 0; kind > 1 && put < 1 + n / 16; put++) put_special(x, n);
                float limit = limits[random_bits() % (sizeof limits / sizeof *limits)];
                uint32_t seen = oracle_classify(x, n, limit);
                for (size_t i = 0; i < n; i++) expected[i] = oracle_clean(x[i], limit);
                if (k->sanitise(out, x, n, limit) != seen) return "sees something else";
                if (memcmp(out, expected, n * sizeof *out) != 0) return "has other bits";
                if (!only_within(arena[!(kind % 2)], sizeof *arena, out, n * sizeof *out, &canary,
                                 sizeof canary))
                    return "writes outside";
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
                if (k->flush(out, x, n) != count) return "counts others";
                if (memcmp(out, expected, n * sizeof *out) != 0) return "has other bits";
                const float *start = arena[!(kind % 2)];
                for (const float *p = start; p < start + ARENA; p++)
                    if ((p < out || p >= out + n) && *p != canary) return "writes outside";
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
            if (peak != highest) return "has another peak";
            if (!(fabsl(energy - sum) <= (double)(n + 4) * 0x1p-53 * sum))
                return "energy is outside its bound";
        }
    return NULL;
}

/* --- Edges of pages ---------------------------------------------------------- */

static void touch_classify(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    k->classify(at_edge(pages, 0, n * sizeof(float), end), n, 1);
}
static void touch_sanitise(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    size_t bytes = n * sizeof(float);
    k->sanitise(at_edge(pages, 0, bytes, end), at_edge(pages, 1, bytes, end), n, 1);
}
static void touch_flush(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    size_t bytes = n * sizeof(float);
    k->flush(at_edge(pages, 0, bytes, end), at_edge(pages, 1, bytes, end), n);
}
static void touch_level(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    float peak;
    double energy;
    k->level(at_edge(pages, 0, n * sizeof(float), end), n, &peak, &energy);
}

static const kernel_row rows[] = {
    {"classify", check_classify, touch_classify},
    {"sanitise", check_sanitise, touch_sanitise},
    {"flush", check_flush, touch_flush},
    {"level", check_level, touch_level},
};

/* --- Planted faults ----------------------------------------------------------- */

static VO_REALTIME uint32_t signal_in_minus_zero(const float *x, size_t n, float limit) {
    uint32_t seen = vo_kernels_scalar().classify(x, n, limit);
    for (size_t i = 0; i < n; i++) seen |= copysignf(1, x[i]) < 0 ? VO_SEEN_SIGNAL : 0;
    return seen;
}
static VO_REALTIME uint32_t classify_no_tail(const float *x, size_t n, float limit) {
    return vo_kernels_scalar().classify(x, n & ~(size_t)7, limit);
}
static VO_REALTIME uint32_t flush_minus_zero(float *out, const float *x, size_t n) {
    uint32_t count = vo_kernels_scalar().flush(out, x, n);
    for (size_t i = 0; i < n; i++) out[i] = out[i] == 0 ? 0 : out[i];
    return count;
}
static VO_REALTIME uint32_t flush_counts_zeros(float *out, const float *x, size_t n) {
    uint32_t zeros = 0;
    for (size_t i = 0; i < n; i++) zeros += x[i] == 0;
    return zeros + vo_kernels_scalar().flush(out, x, n);
}
static VO_REALTIME uint32_t flush_one_more(float *out, const float *x, size_t n) {
    uint32_t count = vo_kernels_scalar().flush(out, x, n);
    out[n] = 0;
    return count;
}
static VO_REALTIME void level_in_float(const float *x, size_t n, float *peak, double *energy) {
    float sum = 0;
    vo_kernels_scalar().level(x, n, peak, energy);
    for (size_t i = 0; i < n; i++) sum += x[i] * x[i];
    *energy = sum;
}
static VO_REALTIME void level_signed(const float *x, size_t n, float *peak, double *energy) {
    vo_kernels_scalar().level(x, n, peak, energy);
    *peak = 0;
    for (size_t i = 0; i < n; i++) *peak = fmaxf(*peak, x[i]);
}
static VO_REALTIME uint32_t sanitise_minus_zero(float *out, const float *x, size_t n, float limit) {
    uint32_t seen = vo_kernels_scalar().sanitise(out, x, n, limit);
    for (size_t i = 0; i < n; i++) out[i] = out[i] == 0 ? 0 : out[i];
    return seen;
}
static VO_REALTIME uint32_t sanitise_clamps(float *out, const float *x, size_t n, float limit) {
    uint32_t seen = vo_kernels_scalar().sanitise(out, x, n, limit);
    for (size_t i = 0; i < n; i++) out[i] = out[i] > limit ? limit : out[i];
    return seen;
}
static VO_REALTIME uint32_t sanitise_sees_late(float *out, const float *x, size_t n, float limit) {
    vo_kernels_scalar().sanitise(out, x, n, limit);
    return vo_kernels_scalar().classify(out, n, limit);
}

static void spoil_classify(vo_kernels *k) {
    k->classify = signal_in_minus_zero;
}
static void spoil_classify_tail(vo_kernels *k) {
    k->classify = classify_no_tail;
}
static void spoil_sanitise(vo_kernels *k) {
    k->sanitise = sanitise_minus_zero;
}
static void spoil_sanitise_loud(vo_kernels *k) {
    k->sanitise = sanitise_clamps;
}
static void spoil_sanitise_seen(vo_kernels *k) {
    k->sanitise = sanitise_sees_late;
}
static void spoil_flush(vo_kernels *k) {
    k->flush = flush_minus_zero;
}
static void spoil_flush_count(vo_kernels *k) {
    k->flush = flush_counts_zeros;
}
static void spoil_flush_bounds(vo_kernels *k) {
    k->flush = flush_one_more;
}
static void spoil_energy(vo_kernels *k) {
    k->level = level_in_float;
}
static void spoil_peak(vo_kernels *k) {
    k->level = level_signed;
}

static const kernel_fault faults[] = {
    {"-0.0 as a signal", "classify", spoil_classify},
    {"a classify without its tail", "classify", spoil_classify_tail},
    {"a sanitise that changes -0.0", "sanitise", spoil_sanitise},
    {"a sanitise that clamps what is loud", "sanitise", spoil_sanitise_loud},
    {"a sanitise that looks after cleaning", "sanitise", spoil_sanitise_seen},
    {"a flush that changes -0.0", "flush", spoil_flush},
    {"a flush that counts zeros", "flush", spoil_flush_count},
    {"a flush of one sample too many", "flush", spoil_flush_bounds},
    {"energy in float", "level", spoil_energy},
    {"a peak of positive samples", "level", spoil_peak},
};

int main(void) {
    kernel_checks(rows, sizeof rows / sizeof *rows, faults, sizeof faults / sizeof *faults);
    return 0;
}
