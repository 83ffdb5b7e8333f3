/* D1: the kernels of resamplers at every level that this processor has, against sums in double. An
   output has the same bits wherever in a call it lies, and nothing is read or written outside. */
#define _DEFAULT_SOURCE

#include <math.h>
#include <string.h>

#include "check.h"
#include "kernel_lines.h"
#include "kernel_samples.h"
#include "kernels/levels.h"
#include "kernels/resample.h"

enum { MAX_LENGTH = 257, OFFSETS = 16, STREAMS = 3, MOST_TAPS = 192 };
enum { LINE = MAX_LENGTH + MOST_TAPS + 2 * VO_RESAMPLE_GRID_OUTPUTS + OFFSETS, ARENA = 512 };

static const float canary = 123456.75f;

/* NULL, or what is wrong. */
typedef const char *checker(const vo_resample_kernels *k);

static void fill(float *x, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] = random_sample();
}

static size_t rounded(size_t n) {
    return (n + VO_RESAMPLE_GRID_OUTPUTS - 1) / VO_RESAMPLE_GRID_OUTPUTS * VO_RESAMPLE_GRID_OUTPUTS;
}

/* Any order of summation in four or more lanes errs by at most (n / 4 + 8) u * sum |a||b|. */
typedef struct expected {
    double sum, size;
} expected;

static void add(expected *e, const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < n; i++) {
        e->sum += (double)a[i] * (double)b[i];
        e->size += fabs((double)a[i] * (double)b[i]);
    }
}

static bool within(float found, expected e, size_t n) {
    return fabs((double)found - e.sum) <= ((double)n / 4 + 8) * 0x1p-24 * e.size;
}

static bool untouched(const float *arena, const float *from, size_t n) {
    for (const float *p = arena; p < arena + ARENA; p++)
        if ((p < from || p >= from + n) && *p != canary) return false;
    return true;
}

static const char *check_grid(const vo_resample_kernels *k) {
    static _Alignas(64) float line[STREAMS][LINE], h[STREAMS * MOST_TAPS], arena[ARENA];
    float first[MAX_LENGTH];
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t streams = 1; streams <= STREAMS; streams++) {
            size_t taps = VO_RESAMPLE_GRID_TAPS * (1 + random_bits() % 3);
            const float *x[STREAMS];
            fill(h, streams * taps);
            for (size_t s = 0; s < streams; s++) {
                /* What only outputs beyond n see must not count. */
                float *from = line[s] + random_bits() % OFFSETS;
                for (size_t i = 0; i < LINE; i++) line[s][i] = NAN;
                if (n) fill(from, n + taps - 1);
                x[s] = from;
            }
            for (size_t i = 0; i < ARENA; i++) arena[i] = canary;
            float *y = arena + random_bits() % OFFSETS;
            k->grid(y, x, h, streams, taps, n);
            if (!untouched(arena, y, rounded(n))) return "grid writes outside";
            for (size_t j = 0; j < n; j++) {
                expected e = {0, 0};
                for (size_t s = 0; s < streams; s++) add(&e, h + s * taps, x[s] + j, taps);
                if (!within(y[j], e, streams * taps)) return "grid is outside its bound";
            }
            memcpy(first, y, n * sizeof *y);
            for (size_t cut = n / 3, s = 0; s < streams; s++) x[s] += cut;
            k->grid(y, x, h, streams, taps, n - n / 3);
            if (memcmp(first + n / 3, y, (n - n / 3) * sizeof *y) != 0)
                return "grid depends on where an output lies";
        }
    return NULL;
}

static const char *check_rows(const vo_resample_kernels *k) {
    static _Alignas(64) float line[4 * LINE], coefficients[13 * MOST_TAPS], arena[ARENA];
    float whole[MAX_LENGTH];
    const size_t ratios[][2] = {{1, 2}, {13, 12}, {13, 28}, {5, 4}, {7, 8}, {3, 1}, {12, 5}};
    for (size_t n = 0; n <= MAX_LENGTH; n++)
        for (size_t r = 0; r < sizeof ratios / sizeof *ratios; r++) {
            size_t taps = VO_RESAMPLE_ROW_TAPS * (1 + random_bits() % 5);
            const vo_resample_rows rows = {coefficients, taps, ratios[r][0], ratios[r][1]};
            size_t first = random_bits() % rows.up, start = first * rows.down / rows.up;
            fill(coefficients, rows.up * taps);
            for (size_t i = 0; i < 4 * LINE; i++) line[i] = NAN;
            float *x = line + random_bits() % OFFSETS;
            size_t last = n ? (first + n - 1) * rows.down / rows.up - start : 0;
            if (n) fill(x, last + taps);
            for (size_t i = 0; i < ARENA; i++) arena[i] = canary;
            float *y = arena + random_bits() % OFFSETS;
            k->rows(y, x, &rows, first, n);
            if (!untouched(arena, y, n)) return "rows write outside";
            for (size_t j = 0; j < n; j++) {
                expected e = {0, 0};
                size_t at = first + j, from = at * rows.down / rows.up - start;
                add(&e, coefficients + at % rows.up * taps, x + from, taps);
                if (!within(y[j], e, taps)) return "rows are outside their bound";
            }
            memcpy(whole, y, n * sizeof *y);
            for (size_t j = 0; j < n; j++) {
                size_t at = first + j, from = at * rows.down / rows.up - start;
                k->rows(y, x + from, &rows, at % rows.up, 1);
                if (*y != whole[j]) return "rows depend on where an output lies";
            }
        }
    return NULL;
}

static expected blended(const float *x, const float *rows, const float *weight, size_t taps) {
    expected e = {0, 0};
    for (size_t i = 0; i < 4; i++) {
        expected row = {0, 0};
        add(&row, rows + i * taps, x, taps);
        e.sum += (double)weight[i] * row.sum;
        e.size += fabs((double)weight[i]) * row.size;
    }
    return e;
}

static const char *check_blend(const vo_resample_kernels *k) {
    static _Alignas(64) float line[LINE], rows[4 * MOST_TAPS];
    for (size_t taps = VO_RESAMPLE_ROW_TAPS; taps <= MOST_TAPS; taps += VO_RESAMPLE_ROW_TAPS)
        for (size_t offset = 0; offset < OFFSETS; offset++) {
            float weight[4], *x = line + offset;
            for (size_t i = 0; i < LINE; i++) line[i] = NAN;
            fill(x, taps);
            fill(rows, 4 * taps);
            vo_resample_weights(weight, (double)offset / OFFSETS);
            if (!within(k->blend(x, rows, weight, taps), blended(x, rows, weight, taps), taps))
                return "blend is outside its bound";
        }
    return NULL;
}

/* Between the windows lie NaNs. */
static const char *check_blend_each(const vo_resample_kernels *k) {
    enum { WINDOWS = 7, STRIDE = MOST_TAPS + OFFSETS };
    static _Alignas(64) float lines[WINDOWS * STRIDE + OFFSETS], rows[4 * MOST_TAPS];
    for (size_t taps = VO_RESAMPLE_ROW_TAPS; taps <= MOST_TAPS; taps += VO_RESAMPLE_ROW_TAPS)
        for (size_t offset = 0; offset < OFFSETS; offset++) {
            float weight[4], *x = lines + offset;
            for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) lines[i] = NAN;
            for (size_t j = 0; j < WINDOWS; j++) fill(x + j * STRIDE, taps);
            fill(rows, 4 * taps);
            vo_resample_weights(weight, (double)offset / OFFSETS);
            for (size_t n = 1; n <= WINDOWS; n++) {
                float y[WINDOWS + 1], alone;
                y[n] = -1;
                k->blend_each(y, x, STRIDE, n, rows, weight, taps);
                if (y[n] != -1) return "blend_each writes outside";
                for (size_t j = 0; j < n; j++) {
                    const float *window = x + j * STRIDE;
                    if (!within(y[j], blended(window, rows, weight, taps), taps))
                        return "blend_each is outside its bound";
                    k->blend_each(&alone, window, STRIDE, 1, rows, weight, taps);
                    if (y[j] != alone) return "blend_each depends on where a window lies";
                }
            }
        }
    return NULL;
}

/* The cubic through four points is exact for cubics. */
static const char *check_weights(void) {
    for (int i = 0; i < 64; i++) {
        float weight[4];
        double at = i / 64.0, found = 0;
        vo_resample_weights(weight, at);
        for (int p = 0; p < 4; p++) found += (double)weight[p] * pow(p - 1, 3);
        if (!(fabs(found - at * at * at) < 1e-6)) return "the weights are not those of a cubic";
    }
    return NULL;
}

/* --- Negative controls ------------------------------------------------------ */

static VO_REALTIME void grid_less(float *y, const float *const *x, const float *h, size_t streams,
                                  size_t taps, size_t n) {
    vo_resample_kernels_scalar().grid(y, x, h, streams, taps - 1, n);
}
static VO_REALTIME void grid_more(float *y, const float *const *x, const float *h, size_t streams,
                                  size_t taps, size_t n) {
    vo_resample_kernels_scalar().grid(y, x, h, streams, taps, n);
    y[rounded(n)] = 0;
}
/* Adds up in float and in another order for the last output of a call. */
static VO_REALTIME void rows_uneven(float *y, const float *x, const vo_resample_rows *rows,
                                    size_t first, size_t n) {
    vo_resample_kernels_scalar().rows(y, x, rows, first, n);
    if (n > 1) return;
    const vo_resample_place at = vo_resample_first(rows, x, first);
    for (size_t i = 0; n && i < rows->taps; i++) *y = i ? *y + at.row[i] * x[i] : at.row[0] * x[0];
}
static VO_REALTIME void rows_stuck(float *y, const float *x, const vo_resample_rows *rows,
                                   size_t first, size_t n) {
    for (size_t i = 0; i < n; i++) vo_resample_kernels_scalar().rows(y + i, x, rows, first, 1);
}
static VO_REALTIME float blend_three(const float *x, const float *rows, const float *weight,
                                     size_t taps) {
    const float three[4] = {weight[0], weight[1], weight[2], 0};
    return vo_resample_kernels_scalar().blend(x, rows, three, taps);
}

/* Adds up the last of several windows in another order. */
static VO_REALTIME void blend_uneven(float *y, const float *x, size_t stride, size_t n,
                                     const float *rows, const float *weight, size_t taps) {
    vo_resample_kernels_scalar().blend_each(y, x, stride, n, rows, weight, taps);
    if (n == 1) return;
    const float *last = x + (n - 1) * stride;
    y[n - 1] = 0;
    for (size_t i = 0; i < 4 * taps; i++) y[n - 1] += weight[i / taps] * rows[i] * last[i % taps];
}
static VO_REALTIME void blend_more(float *y, const float *x, size_t stride, size_t n,
                                   const float *rows, const float *weight, size_t taps) {
    vo_resample_kernels_scalar().blend_each(y, x, stride, n, rows, weight, taps);
    y[n] = 0;
}
static VO_REALTIME void blend_stuck(float *y, const float *x, size_t stride, size_t n,
                                    const float *rows, const float *weight, size_t taps) {
    (void)stride;
    vo_resample_kernels_scalar().blend_each(y, x, 0, n, rows, weight, taps);
}

static void check_controls(void) {
    const vo_resample_kernels s = vo_resample_kernels_scalar();
    vo_resample_kernels bad[] = {s, s, s, s, s, s, s, s};
    bad[0].grid = grid_less;
    bad[1].grid = grid_more;
    bad[2].rows = rows_uneven;
    bad[3].rows = rows_stuck;
    bad[4].blend = blend_three;
    bad[5].blend_each = blend_uneven;
    bad[6].blend_each = blend_more;
    bad[7].blend_each = blend_stuck;
    const struct control {
        const char *fault;
        checker *check;
    } controls[] = {
        {"grid of a tap too few", check_grid},
        {"grid of an output too many", check_grid},
        {"rows of two orders", check_rows},
        {"rows that do not move on", check_rows},
        {"blend of three rows", check_blend},
        {"blend_each of two orders", check_blend_each},
        {"blend_each of a window too many", check_blend_each},
        {"blend_each of one window", check_blend_each},
    };
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) {
        say_caught(controls[i].fault, controls[i].check(&bad[i]));
    }
}

int main(void) {
    vo_resample_kernels found[3] = {vo_resample_kernels_scalar()};
    size_t count = 1;
#ifdef __x86_64__
    if (vo_simd_reaches(VO_SIMD_AVX2)) vo_resample_kernels_avx2(&found[count++]);
    if (vo_simd_reaches(VO_SIMD_AVX512)) vo_resample_kernels_avx512(&found[count++]);
#endif
#ifdef __aarch64__
    if (vo_simd_reaches(VO_SIMD_NEON)) vo_resample_kernels_neon(&found[count++]);
#endif
    for (size_t l = 0; l < count; l++) {
        say_equal("resample grid", found[l].name, check_grid(&found[l]));
        say_equal("resample rows", found[l].name, check_rows(&found[l]));
        say_equal("resample blend", found[l].name, check_blend(&found[l]));
        say_equal("resample blend_each", found[l].name, check_blend_each(&found[l]));
    }
    CHECK(strcmp(vo_resample_kernels_select().name, found[count - 1].name) == 0);
    say_equal("resample weights", "scalar", check_weights());
    check_controls();
    return 0;
}
