/* Two channels that are the same, opposite, unrelated, or in part the same. */
#include "vocana/correlation.h"

#include "check.h"
#include "meter_signals.h"

enum { RATE = 48000, FRAMES = 5 * RATE };

static float left[FRAMES], right[FRAMES];

static vo_correlation *fed(uint32_t frames) {
    vo_correlation *it;
    const float *const x[] = {left, right};
    CHECK(vo_correlation_new(&it, RATE, 300, NULL) == VO_OK);
    vo_correlation_process(it, x, 1, frames);
    return it;
}

static void expect(double wanted, double within) {
    vo_correlation *it = fed(FRAMES);
    CHECK(fabs(vo_correlation_now(it) - wanted) <= within);
    CHECK(fabs(vo_correlation_whole(it) - wanted) <= within);
    vo_correlation_free(it);
}

static void known_pairs(void) {
    uint32_t seed = 1;
    for (int i = 0; i < FRAMES; i++) left[i] = right[i] = noise(&seed);
    expect(1, 1e-12);
    for (int i = 0; i < FRAMES; i++) right[i] = -0.25f * left[i];
    expect(-1, 1e-12);
    for (int i = 0; i < FRAMES; i++) right[i] = noise(&seed);
    expect(0, 0.02);
    for (int i = 0; i < FRAMES; i++) right[i] = left[i] + noise(&seed);
    expect(sqrt(0.5), 0.02);
    for (int i = 0; i < FRAMES; i++) right[i] = 0;
    expect(0, 0);
    for (int i = 0; i < FRAMES; i++) left[i] = right[i] = 1e-20f;
    expect(1, 1e-12);
    for (int i = 0; i < FRAMES; i++) { /* 60 degrees apart */
        left[i] = (float)sin(2 * PI * i / 48);
        right[i] = (float)sin(2 * PI * (i + 8) / 48);
    }
    expect(0.5, 1e-6);
}

/* The needle forgets, the whole does not. */
static void now_and_whole_differ(void) {
    uint32_t seed = 2;
    for (int i = 0; i < FRAMES; i++) {
        left[i] = noise(&seed);
        right[i] = i < FRAMES / 2 ? -left[i] : left[i];
    }
    vo_correlation *it = fed(FRAMES);
    CHECK(vo_correlation_now(it) > 0.999 && fabs(vo_correlation_whole(it)) < 0.02);
    vo_correlation_reset(it);
    CHECK(vo_correlation_now(it) == 0 && vo_correlation_whole(it) == 0);
    vo_correlation_free(it);
}

static void cuts_make_no_difference(void) {
    uint32_t seed = 3;
    for (int i = 0; i < FRAMES; i++) right[i] = left[i] + 0.3f * noise(&seed);
    for (uint32_t frames = 1; frames < FRAMES; frames = frames * 7 + 1) {
        vo_correlation *whole = fed(frames), *cut = fed(0);
        for (uint32_t at = 0, n; at < frames; at += n) {
            const float *const x[] = {left + at, right + at};
            n = random_cut(&seed, frames - at);
            vo_correlation_process(cut, x, 1, n);
        }
        CHECK(vo_correlation_now(whole) == vo_correlation_now(cut));
        CHECK(vo_correlation_whole(whole) == vo_correlation_whole(cut));
        CHECK(vo_correlation_whole(whole) > 0.9); /* also of less than a hop */
        vo_correlation_free(whole);
        vo_correlation_free(cut);
    }
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_correlation *it;
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_correlation_new(&it, RATE, 300, &memory.allocator) == VO_OK) break;
        CHECK(!it && memory.failures == 1 && memory.live == 0);
    }
    vo_correlation_free(it);
    CHECK(memory.live == 0);
    vo_correlation_free(NULL);
    CHECK(vo_correlation_new(&it, RATE, -1, NULL) == VO_BAD_ARG && !it);
    CHECK(vo_correlation_new(&it, RATE, NAN, NULL) == VO_BAD_ARG);
    CHECK(vo_correlation_new(&it, 50, 300, NULL) == VO_BAD_ARG);
}

int main(void) {
    known_pairs();
    now_and_whole_differ();
    cuts_make_no_difference();
    new_survives_a_failing_allocator();
    return 0;
}
