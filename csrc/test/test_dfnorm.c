/* D7: beside the formulas in double, over a thousand frames. */
#include "vocana/dfnorm.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "kernel_samples.h"

enum { BANDS = 32, BINS = 96, FRAMES = 1000 };

static vo_dfnorm *fresh(uint32_t bands, uint32_t bins) {
    vo_dfnorm *norm;
    CHECK(vo_dfnorm_new(&norm, bands, bins, 0.99, NULL) == VO_OK);
    return norm;
}

static void the_memory_is_rounded(void) {
    CHECK(vo_dfnorm_memory(48000, 480, 1) == 0.99);
    CHECK(vo_dfnorm_memory(16000, 160, 1) == 0.99);
    CHECK(vo_dfnorm_memory(48000, 240, 1) == 0.995);
    CHECK(vo_dfnorm_memory(48000, 480, 100) == 0.9999); /* 0.99990 rounds to 1 with three */
    CHECK(vo_dfnorm_memory(48000, 4800, 0.01) == 0);
}

/* Level in frame t, in a voice's range and down to silence. */
static float power_of(uint32_t t) {
    return t % 7 == 6 ? 0 : ldexpf(random_sample() * random_sample(), -(int)(t % 40));
}

static void levels_are_as_defined(void) {
    vo_dfnorm *norm = fresh(BANDS, BINS);
    double state[BANDS];
    float power[BANDS], out[BANDS];
    for (uint32_t b = 0; b < BANDS; b++) state[b] = -60 - 30.0 * b / (BANDS - 1);
    for (uint32_t t = 0; t < FRAMES; t++) {
        for (uint32_t b = 0; b < BANDS; b++) power[b] = fabsf(power_of(t));
        vo_dfnorm_levels(norm, out, power);
        for (uint32_t b = 0; b < BANDS; b++) {
            double db = 10 * log10((double)power[b] + 1e-10);
            state[b] = 0.99 * state[b] + 0.01 * db;
            CHECK(fabs(out[b] - (db - state[b]) / 40) <= 1e-5);
        }
        vo_dfnorm_levels(norm, power, power); /* in place; the mean goes on */
        for (uint32_t b = 0; b < BANDS; b++) {
            double db = out[b] * 40 + state[b];
            state[b] = 0.99 * state[b] + 0.01 * db;
            CHECK(fabs(power[b] - (db - state[b]) / 40) <= 1e-5);
        }
    }
    vo_dfnorm_free(norm);
}

static void spectra_are_as_defined(void) {
    vo_dfnorm *norm = fresh(BANDS, BINS);
    double state[BINS];
    float x[2 * BINS], out[2 * BINS];
    for (uint32_t k = 0; k < BINS; k++) state[k] = 1e-3 - 9e-4 * k / (BINS - 1);
    for (uint32_t t = 0; t < FRAMES; t++) {
        for (uint32_t k = 0; k < 2 * BINS; k++) x[k] = power_of(t);
        vo_dfnorm_spectrum(norm, out, x);
        for (uint32_t k = 0; k < BINS; k++) {
            state[k] = 0.99 * state[k] + 0.01 * hypot(x[2 * k], x[2 * k + 1]);
            for (uint32_t p = 2 * k; p < 2 * k + 2; p++)
                CHECK(fabs(out[p] - x[p] / sqrt(state[k])) <= 1e-5);
        }
    }
    vo_dfnorm_free(norm);
}

static void a_reset_is_a_new_one(void) {
    vo_dfnorm *norm = fresh(1, 1);
    float power = 1, pair[2] = {3, 4}, first[3], again[3];
    for (int run = 0; run < 2; run++, vo_dfnorm_reset(norm)) {
        float *out = run ? again : first;
        vo_dfnorm_levels(norm, out, &power);
        vo_dfnorm_spectrum(norm, out + 1, pair);
        vo_dfnorm_levels(norm, &power, &power);
        power = 1;
    }
    CHECK(memcmp(first, again, sizeof first) == 0);
    vo_dfnorm_free(norm);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_dfnorm *norm;
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_dfnorm_new(&norm, BANDS, BINS, 0.99, &memory.allocator) == VO_OK) break;
        CHECK(!norm && memory.live == 0);
    }
    CHECK(memory.calls == 2);
    vo_dfnorm_free(norm);
    CHECK(memory.live == 0);
    vo_dfnorm_free(NULL);
    CHECK(vo_dfnorm_new(&norm, 0, BINS, 0.99, NULL) == VO_BAD_ARG && !norm);
    CHECK(vo_dfnorm_new(&norm, BANDS, 0, 0.99, NULL) == VO_BAD_ARG && !norm);
    CHECK(vo_dfnorm_new(&norm, BANDS, BINS, 1, NULL) == VO_BAD_ARG && !norm);
    CHECK(vo_dfnorm_new(&norm, BANDS, BINS, NAN, NULL) == VO_BAD_ARG && !norm);
}

int main(void) {
    the_memory_is_rounded();
    levels_are_as_defined();
    spectra_are_as_defined();
    a_reset_is_a_new_one();
    new_survives_a_failing_allocator();
    return 0;
}
