/* vo_pcm: the kernels by their public names, and fragments beside what audioop gave on Python 3.11.
 */
#include "vocana/pcm.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"

static vo_pcm *pcm;

/* Faults row 32. */
static void every_int16_and_int24_comes_back(void) {
    enum { RUN = 4096 };
    static float x[RUN];
    static int16_t halves[RUN], halves_back[RUN];
    static uint8_t thirds[3 * RUN], thirds_back[3 * RUN];
    for (int32_t first = INT16_MIN; first <= INT16_MAX; first += RUN) {
        for (int32_t i = 0; i < RUN; i++) halves[i] = (int16_t)(first + i);
        vo_pcm_from_int16(pcm, x, halves, RUN);
        vo_pcm_to_int16(pcm, halves_back, x, RUN);
        CHECK(memcmp(halves, halves_back, sizeof halves) == 0);
    }
    for (int32_t first = -(1 << 23); first < 1 << 23; first += RUN) {
        for (int32_t i = 0; i < RUN; i++)
            for (int b = 0; b < 3; b++)
                thirds[3 * i + b] = (uint8_t)((uint32_t)(first + i) >> 8 * b);
        vo_pcm_from_int24(pcm, x, thirds, RUN);
        vo_pcm_to_int24(pcm, thirds_back, x, RUN);
        CHECK(memcmp(thirds, thirds_back, sizeof thirds) == 0);
    }
}

static void floats_are_rounded_and_saturate(void) {
    const float x[] = {0, 1, -1, 2, -2, NAN, INFINITY, -INFINITY, 0x1p-16f, 0x3p-16f, -0x1p-16f};
    const int16_t expected[] = {0,         INT16_MAX, INT16_MIN, INT16_MAX, INT16_MIN, 0,
                                INT16_MAX, INT16_MIN, 0,         2,         0};
    enum { N = sizeof x / sizeof *x };
    int16_t halves[N];
    int32_t words[N];
    vo_pcm_to_int16(pcm, halves, x, N);
    CHECK(memcmp(halves, expected, sizeof expected) == 0);
    vo_pcm_to_int32(pcm, words, x, N);
    CHECK(words[1] == INT32_MAX && words[2] == INT32_MIN && words[5] == 0 && words[8] == 1 << 15);
}

static void arrays(void) {
    float x[] = {1, 2, 3, 4}, y[] = {1, 1, 1, 1}, left[2], right[2], back[4];
    float *const rows[] = {left, right};
    vo_pcm_gain(pcm, x, x, 0.5f, 4);
    CHECK(x[0] == 0.5f && x[3] == 2);
    vo_pcm_mix(pcm, y, x, 2, 4);
    CHECK(y[0] == 2 && y[3] == 5);
    vo_pcm_deinterleave(pcm, rows, x, 2, 2);
    CHECK(left[1] == 1.5f && right[0] == 1);
    vo_pcm_interleave(pcm, back, rows, 2, 2);
    CHECK(memcmp(back, x, sizeof x) == 0);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_pcm *made;
    uint64_t k = 1;
    for (;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_pcm_new(&made, &memory.allocator) == VO_OK) break;
        CHECK(!made && memory.live == 0);
    }
    CHECK(k == 2);
    vo_pcm_free(made);
    CHECK(memory.live == 0);
    vo_pcm_free(NULL);
}

int main(void) {
    CHECK(vo_pcm_new(&pcm, NULL) == VO_OK);
    every_int16_and_int24_comes_back();
    floats_are_rounded_and_saturate();
    arrays();
    vo_pcm_free(pcm);
    new_survives_a_failing_allocator();
    puts("pcm: every int16 and int24 comes back");
    return 0;
}
