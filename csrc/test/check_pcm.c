/* The kernels between integers and float: exact against lrint in long double, saturating, and back
   again. D1, faults row 32. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "kernel_checks.h"

/* --- One table for the three widths -------------------------------------------- */

typedef struct form {
    size_t bytes;
    double full;
    void (*from)(const vo_kernels *k, float *out, const void *x, size_t n);
    void (*to)(const vo_kernels *k, void *out, const float *x, size_t n);
} form;

static void from16(const vo_kernels *k, float *out, const void *x, size_t n) {
    k->from_int16(out, x, n);
}
static void from24(const vo_kernels *k, float *out, const void *x, size_t n) {
    k->from_int24(out, x, n);
}
static void from32(const vo_kernels *k, float *out, const void *x, size_t n) {
    k->from_int32(out, x, n);
}
static void to16(const vo_kernels *k, void *out, const float *x, size_t n) {
    k->to_int16(out, x, n);
}
static void to24(const vo_kernels *k, void *out, const float *x, size_t n) {
    k->to_int24(out, x, n);
}
static void to32(const vo_kernels *k, void *out, const float *x, size_t n) {
    k->to_int32(out, x, n);
}

static const form int16 = {2, 0x1p15, from16, to16};
static const form int24 = {3, 0x1p23, from24, to24};
static const form int32 = {4, 0x1p31, from32, to32};

/* Misalignments that the type allows: any of 64 bytes for int24. */
static size_t places(const form *f) {
    return f->bytes == 3 ? 64 : 64 / f->bytes;
}

static int32_t stored(const form *f, const uint8_t *at) {
    uint32_t bits = 0;
    for (size_t b = 0; b < f->bytes; b++) bits |= (uint32_t)at[b] << 8 * b;
    uint32_t sign = (uint32_t)1 << (8 * f->bytes - 1);
    return (int32_t)((bits ^ sign) - sign);
}

static void store(const form *f, uint8_t *at, int32_t value) {
    for (size_t b = 0; b < f->bytes; b++) at[b] = (uint8_t)((uint32_t)value >> 8 * b);
}

static int32_t oracle(const form *f, float x) {
    if (isnan(x)) return 0;
    double v = (double)x * f->full;
    if (v >= f->full - 1) return (int32_t)(f->full - 1);
    if (v <= -f->full) return (int32_t)-f->full;
    return (int32_t)llrint(v);
}

/* --- Checkers -------------------------------------------------------------------- */

enum { BYTES = 4 * ARENA, AT = 4 * MARGIN };

static _Alignas(64) uint8_t bytes[BYTES];
static _Alignas(64) float floats[ARENA];
static const uint8_t canary = 0x5a;
static const float float_canary = 123456.75f;

/* Halves, edges of the range and what is beyond it, among any samples. */
static float awkward(const form *f) {
    const float unit = (float)(1 / f->full);
    const float special[] = {0,
                             -0.0f,
                             1,
                             -1,
                             nextafterf(1, 0),
                             nextafterf(-1, 0),
                             nextafterf(1, 2),
                             nextafterf(-1, -2),
                             2,
                             -2,
                             1e30f,
                             -1e30f,
                             INFINITY,
                             -INFINITY,
                             NAN,
                             from_bits(0xff800001),
                             from_bits(1),
                             1 - unit,
                             1 - unit / 2,
                             -1 - unit / 2};
    const size_t count = sizeof special / sizeof *special;
    uint32_t choice = random_bits() % 4;
    if (choice == 0) return special[random_bits() % count];
    if (choice == 1) return ((float)(int32_t)(random_bits() % 4096) - 2047.5f) * unit;
    if (choice == 2) return (float)(int32_t)(random_bits() % 4096 - 2048) * unit / 4;
    return 1.1f * random_sample();
}

static const char *check_to(const vo_kernels *k, const form *f) {
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t place = 0; place < places(f); place++) {
            uint8_t *out = bytes + AT + place * (f->bytes == 3 ? 1 : f->bytes);
            const float *x = window(floats, (place * 5 + 3) % OFFSETS, n, float_canary);
            memset(bytes, canary, sizeof bytes);
            for (size_t i = 0; i < n; i++) memcpy((float *)x + i, &(float){awkward(f)}, 4);
            f->to(k, out, x, n);
            for (size_t i = 0; i < n; i++)
                if (stored(f, out + i * f->bytes) != oracle(f, x[i])) return "has another number";
            if (!only_within(bytes, sizeof bytes, out, n * f->bytes, &canary, 1))
                return "writes outside";
        }
    return NULL;
}

/* The nearest float, which for int16 and int24 is the number itself, and the way back. */
static const char *check_from(const vo_kernels *k, const form *f) {
    uint8_t back[4 * MAX_LENGTH];
    const int32_t most = (int32_t)(f->full - 1), edges[] = {0, 1, -1, most, -most, -most - 1};
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t place = 0; place < places(f); place++) {
            uint8_t *x = bytes + AT + place * (f->bytes == 3 ? 1 : f->bytes);
            float *out = window(floats, (place * 5 + 3) % OFFSETS, 0, float_canary);
            memset(bytes, canary, sizeof bytes);
            for (size_t i = 0; i < n; i++)
                store(f, x + i * f->bytes,
                      random_bits() % 4 ? (int32_t)random_bits() : edges[random_bits() % 6]);
            f->from(k, out, x, n);
            for (size_t i = 0; i < n; i++)
                if (out[i] != (float)(stored(f, x + i * f->bytes) / f->full))
                    return "has another number";
            if (!only_within(floats, sizeof floats, out, n * sizeof *out, &float_canary,
                             sizeof float_canary))
                return "writes outside";
            f->to(k, back, out, n);
            if (f->bytes < 4 && memcmp(back, x, n * f->bytes) != 0) return "does not come back";
        }
    return NULL;
}

static const char *check_from16(const vo_kernels *k) {
    return check_from(k, &int16);
}
static const char *check_from24(const vo_kernels *k) {
    return check_from(k, &int24);
}
static const char *check_from32(const vo_kernels *k) {
    return check_from(k, &int32);
}
static const char *check_to16(const vo_kernels *k) {
    return check_to(k, &int16);
}
static const char *check_to24(const vo_kernels *k) {
    return check_to(k, &int24);
}
static const char *check_to32(const vo_kernels *k) {
    return check_to(k, &int32);
}

static void touch(const form *f, bool to, const vo_kernels *k, const kernel_pages *pages, size_t n,
                  bool end) {
    void *whole = at_edge(pages, 0, n * f->bytes, end);
    float *x = at_edge(pages, 1, n * sizeof *x, end);
    if (to)
        f->to(k, whole, x, n);
    else
        f->from(k, x, whole, n);
}
static void touch_from16(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    touch(&int16, false, k, pages, n, end);
}
static void touch_from24(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    touch(&int24, false, k, pages, n, end);
}
static void touch_from32(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    touch(&int32, false, k, pages, n, end);
}
static void touch_to16(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    touch(&int16, true, k, pages, n, end);
}
static void touch_to24(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    touch(&int24, true, k, pages, n, end);
}
static void touch_to32(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    touch(&int32, true, k, pages, n, end);
}

static const kernel_row rows[] = {
    {"from_int16", check_from16, touch_from16}, {"from_int24", check_from24, touch_from24},
    {"from_int32", check_from32, touch_from32}, {"to_int16", check_to16, touch_to16},
    {"to_int24", check_to24, touch_to24},       {"to_int32", check_to32, touch_to32},
};

/* --- Planted faults ----------------------------------------------------------------- */

static VO_REALTIME void to_int16_wraps(int16_t *out, const float *x, size_t n) {
    vo_kernels_scalar().to_int16(out, x, n);
    for (size_t i = 0; i < n; i++)
        if (x[i] == 1) out[i] = INT16_MIN;
}
static VO_REALTIME void to_int16_half_away(int16_t *out, const float *x, size_t n) {
    vo_kernels_scalar().to_int16(out, x, n);
    for (size_t i = 0; i < n; i++)
        if (fabsf(x[i]) < 0.5f) out[i] = (int16_t)lroundf(x[i] * 0x1p15f);
}
static VO_REALTIME void to_int24_whole_words(uint8_t *out, const float *x, size_t n) {
    vo_kernels_scalar().to_int24(out, x, n);
    if (n) out[3 * n] = 0;
}
static VO_REALTIME void to_int32_least_for_nan(int32_t *out, const float *x, size_t n) {
    vo_kernels_scalar().to_int32(out, x, n);
    for (size_t i = 0; i < n; i++)
        if (x[i] != x[i]) out[i] = INT32_MIN;
}
static VO_REALTIME void from_int16_by_most(float *out, const int16_t *x, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = (float)x[i] / INT16_MAX;
}
static VO_REALTIME void from_int24_unsigned(float *out, const uint8_t *x, size_t n) {
    for (size_t i = 0; i < n; i++, x += 3)
        out[i] = (float)(x[0] | x[1] << 8 | x[2] << 16) * 0x1p-23f;
}
static VO_REALTIME void from_int24_beyond(float *out, const uint8_t *x, size_t n) {
    volatile uint8_t beyond = x[3 * n];
    (void)beyond;
    vo_kernels_scalar().from_int24(out, x, n);
}

static void spoil_saturation(vo_kernels *k) {
    k->to_int16 = to_int16_wraps;
}
static void spoil_halves(vo_kernels *k) {
    k->to_int16 = to_int16_half_away;
}
static void spoil_bounds(vo_kernels *k) {
    k->to_int24 = to_int24_whole_words;
}
static void spoil_nan(vo_kernels *k) {
    k->to_int32 = to_int32_least_for_nan;
}
static void spoil_scale(vo_kernels *k) {
    k->from_int16 = from_int16_by_most;
}
static void spoil_sign(vo_kernels *k) {
    k->from_int24 = from_int24_unsigned;
}
static void spoil_reading(vo_kernels *k) {
    k->from_int24 = from_int24_beyond;
}

static const kernel_fault faults[] = {
    {"full scale that wraps round", "to_int16", spoil_saturation},
    {"halves rounded away from 0", "to_int16", spoil_halves},
    {"a fourth byte", "to_int24", spoil_bounds},
    {"the least number for NaN", "to_int32", spoil_nan},
    {"a full scale of 32767", "from_int16", spoil_scale},
    {"int24 without a sign", "from_int24", spoil_sign},
    {"int24 that reads beyond", "from_int24", spoil_reading},
};

int main(void) {
    kernel_checks(rows, sizeof rows / sizeof *rows, faults, sizeof faults / sizeof *faults);
    return 0;
}
