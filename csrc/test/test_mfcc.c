/* Cepstra beside their definition in double. */
#include "vocana/mfcc.h"

#include <math.h>

#include "check.h"
#include "failing_alloc.h"
#include "kernel_samples.h"

#define PI 3.14159265358979323846

enum { FRAMES = 3, MOST = 128 };

static const struct shape {
    uint32_t bands, count;
    double lifter;
} shapes[] = {{1, 1, 0},     {40, 13, 0},   {40, 13, 22}, {40, 40, 0},
              {128, 20, 40}, {80, 16, 0.5}, {80, 17, 0},  {128, 128, 0}};

static void cepstra_are_cosine_transforms(void) {
    static float logs[FRAMES * MOST], out[FRAMES * MOST + 1];
    for (size_t i = 0; i < FRAMES * MOST; i++) logs[i] = 100 * random_sample();
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        const struct shape *it = &shapes[s];
        vo_mfcc *mfcc;
        CHECK(vo_mfcc_new(&mfcc, it->bands, it->count, it->lifter, NULL) == VO_OK);
        out[FRAMES * it->count] = 12345;
        vo_mfcc_apply(mfcc, out, logs, FRAMES);
        CHECK(out[FRAMES * it->count] == 12345);
        for (uint32_t t = 0; t < FRAMES; t++)
            for (uint32_t k = 0; k < it->count; k++) {
                double sum = 0, lift = 1;
                for (uint32_t b = 0; b < it->bands; b++)
                    sum += (double)logs[t * it->bands + b] * cos(PI * k * (b + 0.5) / it->bands);
                if (it->lifter > 0) lift += it->lifter / 2 * sin(PI * (k + 1) / it->lifter);
                double wanted = lift * sum * sqrt((k ? 2.0 : 1.0) / it->bands);
                double bound = 1e-5 * (fabs(lift) + 1) * 100 * sqrt(it->bands);
                CHECK(fabs(out[t * it->count + k] - wanted) <= bound);
            }
        vo_mfcc_free(mfcc);
    }
}

static void bad_shapes_are_refused(void) {
    const struct shape bad[] = {{40, 0, 0},   {0, 0, 0},     {40, 41, 0},
                                {40, 13, -1}, {40, 13, NAN}, {40, 13, INFINITY}};
    vo_mfcc *mfcc;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_mfcc_new(&mfcc, bad[i].bands, bad[i].count, bad[i].lifter, NULL) == VO_BAD_ARG &&
              !mfcc);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_mfcc *mfcc;
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_mfcc_new(&mfcc, 40, 13, 0, &memory.allocator) == VO_OK) break;
        CHECK(!mfcc && memory.live == 0);
    }
    CHECK(memory.calls == 2);
    vo_mfcc_free(mfcc);
    CHECK(memory.live == 0);
    vo_mfcc_free(NULL);
}

int main(void) {
    cepstra_are_cosine_transforms();
    bad_shapes_are_refused();
    new_survives_a_failing_allocator();
    return 0;
}
