/* D1: the kernels that move samples between interleaved frames and rows: a permutation, so every
   bit pattern must arrive, and nothing else be touched. */
#include <string.h>

#include "check.h"
#include "kernel_checks.h"

enum { MOST_CHANNELS = 9, WIDE = MOST_CHANNELS * (MAX_LENGTH + 2 * MARGIN) };

static _Alignas(64) uint32_t frames[WIDE + 2 * MARGIN];
static _Alignas(64) uint32_t rows_of[MOST_CHANNELS][ARENA];
static const uint32_t canary = 0x7fa5a5a5;

static float *rows[MOST_CHANNELS];

static void lay_out(size_t offset) {
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) frames[i] = canary;
    for (size_t c = 0; c < MOST_CHANNELS; c++) {
        for (size_t i = 0; i < ARENA; i++) rows_of[c][i] = canary;
        rows[c] = (float *)(rows_of[c] + MARGIN + (offset * (2 * c + 3) + c) % OFFSETS);
    }
}

static uint32_t pattern(size_t c, size_t i) {
    return (uint32_t)(c << 16 | i) * 2654435761u; /* NaNs and denormals among them */
}

static const char *check_way(const vo_kernels *k, bool inward) {
    for (uint32_t channels = 1; channels <= MOST_CHANNELS; channels++)
        for (size_t n = 0; n <= MAX_LENGTH; n += channels > 2 ? 1 + n / 5 : 1)
            for (size_t offset = 0; offset < OFFSETS; offset++) {
                lay_out(offset);
                uint32_t *x = frames + MARGIN + offset;
                for (size_t c = 0; c < channels; c++)
                    for (size_t i = 0; i < n; i++) {
                        uint32_t bits = pattern(c, i);
                        memcpy(inward ? x + i * channels + c : (uint32_t *)rows[c] + i, &bits,
                               sizeof bits);
                    }
                if (inward)
                    k->deinterleave(rows, (const float *)x, channels, n);
                else
                    k->interleave((float *)x, rows, channels, n);
                for (size_t c = 0; c < channels; c++)
                    for (size_t i = 0; i < n; i++) {
                        uint32_t bits = pattern(c, i);
                        if (memcmp(x + i * channels + c, &bits, sizeof bits) != 0 ||
                            memcmp(rows[c] + i, &bits, sizeof bits) != 0)
                            return "has other bits";
                    }
                if (!only_within(frames, sizeof frames, x, n * channels * sizeof *x, &canary,
                                 sizeof canary))
                    return "writes outside its frames";
                for (size_t c = 0; c < MOST_CHANNELS; c++)
                    if (!only_within(rows_of[c], sizeof rows_of[c], rows[c],
                                     c < channels ? n * sizeof *x : 0, &canary, sizeof canary))
                        return "writes outside its rows";
            }
    return NULL;
}

static const char *check_interleave(const vo_kernels *k) {
    return check_way(k, false);
}
static const char *check_deinterleave(const vo_kernels *k) {
    return check_way(k, true);
}

static void touch_way(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end,
                      bool inward) {
    size_t bytes = n * sizeof(float);
    for (uint32_t channels = 1; channels <= 3; channels++) {
        float *planes[3], *x = at_edge(pages, 3, channels * bytes, end);
        for (int c = 0; c < 3; c++) planes[c] = at_edge(pages, c, bytes, end);
        if (inward)
            k->deinterleave(planes, x, channels, n);
        else
            k->interleave(x, planes, channels, n);
    }
}
static void touch_interleave(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    touch_way(k, pages, n, end, false);
}
static void touch_deinterleave(const vo_kernels *k, const kernel_pages *pages, size_t n, bool end) {
    touch_way(k, pages, n, end, true);
}

static const kernel_row table[] = {
    {"interleave", check_interleave, touch_interleave},
    {"deinterleave", check_deinterleave, touch_deinterleave},
};

/* --- Planted faults ----------------------------------------------------------- */

static VO_REALTIME void swapped(float *out, float *const *from, uint32_t channels, size_t n) {
    for (size_t c = 0; c < channels; c++)
        for (size_t i = 0; i < n; i++) out[i * channels + c] = from[channels - 1 - c][i];
}
static VO_REALTIME void through_numbers(float *const *to, const float *x, uint32_t channels,
                                        size_t n) {
    for (size_t c = 0; c < channels; c++)
        for (size_t i = 0; i < n; i++) to[c][i] = x[i * channels + c] + 0;
}
static VO_REALTIME void row_too_many(float *const *to, const float *x, uint32_t channels,
                                     size_t n) {
    vo_kernels_scalar().deinterleave(to, x, channels, n);
    if (channels == 2) to[1][n] = 0;
}

static void spoil_interleave(vo_kernels *k) {
    k->interleave = swapped;
}
static void spoil_bits(vo_kernels *k) {
    k->deinterleave = through_numbers;
}
static void spoil_bounds(vo_kernels *k) {
    k->deinterleave = row_too_many;
}

static const kernel_fault faults[] = {
    {"an interleave that swaps channels", "interleave", spoil_interleave},
    {"a deinterleave that turns -0 into 0", "deinterleave", spoil_bits},
    {"a row of one sample too many", "deinterleave", spoil_bounds},
};

int main(void) {
    kernel_checks(table, sizeof table / sizeof *table, faults, sizeof faults / sizeof *faults);
    return 0;
}
