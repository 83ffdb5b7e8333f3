/* D9: beside the sum that defines it, and faults of the kind that filters have. */
#include "vocana/deepfilter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "kernel_samples.h"

enum { BINS = 481, FILTERED = 96, ORDER = 5, FRAMES = 40 };

static const vo_deepfilter_config shape = {BINS, FILTERED, ORDER, 2};

typedef struct material {
    float x[FRAMES][2 * BINS], c[FRAMES][2 * FILTERED * ORDER], y[FRAMES][2 * BINS];
} material;

static material *fresh_material(void) {
    material *it = calloc(1, sizeof *it);
    CHECK(it);
    for (uint32_t t = 0; t < FRAMES; t++) {
        for (uint32_t i = 0; i < 2 * BINS; i++) it->x[t][i] = random_sample();
        for (uint32_t i = 0; i < 2 * FILTERED * ORDER; i++) it->c[t][i] = random_sample();
    }
    return it;
}

/* Y[t] by its definition; frames outside are zero. */
static void define(const material *it, int t, uint32_t look_ahead, uint32_t f, double y[2]) {
    y[0] = y[1] = 0;
    for (int k = 0; k < ORDER; k++) {
        int at = t + (int)look_ahead - (ORDER - 1) + k;
        if (at < 0 || at >= FRAMES) continue;
        const float *x = &it->x[at][2 * f], *c = &it->c[t][2 * (f * ORDER + (uint32_t)k)];
        y[0] += (double)c[0] * (double)x[0] - (double)c[1] * (double)x[1];
        y[1] += (double)c[0] * (double)x[1] + (double)c[1] * (double)x[0];
    }
}

/* NULL, or what is wrong with y. */
static const char *wrong(const material *it, uint32_t look_ahead) {
    for (int t = 0; t < FRAMES; t++) {
        for (uint32_t f = 0; f < FILTERED; f++) {
            double y[2];
            define(it, t, look_ahead, f, y);
            if (fabs(it->y[t][2 * f] - y[0]) > 1e-6 || fabs(it->y[t][2 * f + 1] - y[1]) > 1e-6)
                return "a filtered bin differs";
        }
        if (memcmp(it->y[t] + 2 * FILTERED, it->x[t] + 2 * FILTERED,
                   2 * (BINS - FILTERED) * sizeof(float)) != 0)
            return "an unfiltered bin differs";
    }
    return NULL;
}

static void run(vo_deepfilter *filter, material *it, uint32_t look_ahead) {
    static const float silence[2 * BINS];
    float before_the_first[2 * BINS];
    for (uint32_t t = 0; t < FRAMES + look_ahead; t++) {
        const float *x = t < FRAMES ? it->x[t] : silence;
        float *y = t < look_ahead ? before_the_first : it->y[t - look_ahead];
        vo_deepfilter_process(filter, y, x, it->c[t < look_ahead ? 0 : t - look_ahead]);
    }
}

static void it_is_the_sum_that_defines_it(void) {
    material *it = fresh_material();
    for (uint32_t look_ahead = 0; look_ahead < ORDER; look_ahead++) {
        vo_deepfilter *filter;
        vo_deepfilter_config config = shape;
        config.look_ahead = look_ahead;
        CHECK(vo_deepfilter_new(&filter, &config, NULL) == VO_OK);
        for (int again = 0; again < 2; again++, vo_deepfilter_reset(filter)) {
            memset(it->y, 0, sizeof it->y);
            run(filter, it, look_ahead);
            CHECK(!wrong(it, look_ahead));
        }
        vo_deepfilter_free(filter);
    }
    free(it);
}

/* A frame early or late, a coefficient or an unfiltered bin that is off: all must be reported. */
static void faults_are_reported(void) {
    material *it = fresh_material();
    vo_deepfilter *filter;
    CHECK(vo_deepfilter_new(&filter, &shape, NULL) == VO_OK);
    run(filter, it, 2);
    CHECK(!wrong(it, 2));
    CHECK(wrong(it, 1) && wrong(it, 3));
    it->c[7][2 * 3 * ORDER + 1] += 2e-6f;
    it->x[7][2 * 3] = it->x[5][2 * 3] = 1;
    CHECK(wrong(it, 2));
    it->y[3][2 * FILTERED] += 1e-7f;
    CHECK(wrong(it, 2));
    vo_deepfilter_free(filter);
    free(it);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_deepfilter *filter;
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_deepfilter_new(&filter, &shape, &memory.allocator) == VO_OK) break;
        CHECK(!filter && memory.live == 0);
    }
    CHECK(memory.calls == 2);
    vo_deepfilter_free(filter);
    CHECK(memory.live == 0);
    vo_deepfilter_free(NULL);
    const vo_deepfilter_config bad[] = {
        {0, 0, 5, 2}, {96, 97, 5, 2}, {96, 96, 5, 5}, {96, 96, 0, 0}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_deepfilter_new(&filter, &bad[i], NULL) == VO_BAD_ARG && !filter);
}

int main(void) {
    it_is_the_sum_that_defines_it();
    faults_are_reported();
    new_survives_a_failing_allocator();
    return 0;
}
