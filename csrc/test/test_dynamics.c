/* D1: every level of instructions gives the same sound, within 1e-6 of full scale. */
#define _DEFAULT_SOURCE

#include <math.h>
#include <stdlib.h>

#include "node_play.h"

enum { RATE = 48000, FRAMES = RATE / 2 };

static const struct row {
    const char *kind;
    double values[8];
} rows[] = {
    {"Gate", {-30, 1, 5, 50, 60, 4}},
    {"Compressor", {-20, 3, 5, 100, 6, 0, 0}},
    {"Compressor", {-50, 20, 0, 1, 0, 6, 0}},
    {"Compressor", {-30, 4, 20, 300, 12, 0, 10}},
    {"Limiter", {-12, 50, 2, 0}},
    {"Limiter", {-12, 5, 1, 1}},
};

static void sound(const struct row *row, const char *level, float *x) {
    const vo_format format = {RATE, 1};
    vo_node *node;
    CHECK(setenv("VOCANA_SIMD", level, 1) == 0);
    CHECK(vo_node_kind_named(row->kind)->make(&node, &format, row->values, NULL) == VO_OK);
    for (uint32_t i = 0; i < FRAMES; i++)
        x[i] = (float)(sin(0.04 * i) * fabs(sin(2e-4 * i)) * (i % 9000 < 1000 ? 0.02 : 1));
    play(node, &x, FRAMES, 512);
    vo_node_free(node);
}

int main(void) {
    static float scalar[FRAMES], other[FRAMES];
    static const char *const levels[] = {"avx2", "avx512", "neon"};
    double most = 0, planted = 0;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        sound(&rows[r], "scalar", scalar);
        for (size_t l = 0; l < sizeof levels / sizeof *levels; l++) {
            sound(&rows[r], levels[l], other);
            for (uint32_t i = 0; i < FRAMES; i++)
                most = fmax(most, fabs((double)scalar[i] - (double)other[i]));
        }
    }
    /* The control: a thousandth of a dB. */
    struct row louder = rows[1];
    louder.values[5] = 0.001;
    sound(&rows[1], "scalar", scalar);
    sound(&louder, "scalar", other);
    for (uint32_t i = 0; i < FRAMES; i++)
        planted = fmax(planted, fabs((double)scalar[i] - (double)other[i]));
    printf("dynamics: levels differ by %.1e, a thousandth of a dB by %.1e\n", most, planted);
    CHECK(most < 1e-6);
    CHECK(planted > 1e-5);
    return 0;
}
