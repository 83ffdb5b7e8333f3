/* Gains that sum to one, mixes in pieces, and a search that finds the lag that fits. */
#include "vocana/crossfade.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"

enum { MOST = 4000 };

static vo_crossfade *open_crossfade(uint32_t fade, uint32_t align, uint32_t channels) {
    vo_crossfade *crossfade;
    CHECK(vo_crossfade_new(&crossfade, fade, align, channels, NULL) == VO_OK);
    CHECK(vo_crossfade_frames(crossfade) == fade);
    CHECK(vo_crossfade_align_frames(crossfade) == align);
    return crossfade;
}

static float noise(uint64_t i) {
    uint64_t x = (i + 1) * 0x9E3779B97F4A7C15u;
    x ^= x >> 29;
    x *= 0xBF58476D1CE4E5B9u;
    return (float)((double)(x >> 40) * 0x1p-23 - 1.0);
}

/* B5: the law itself, and that what one side loses the other gains. */
static void gains_fall_from_one_to_nothing_and_mirror(void) {
    const uint32_t lengths[] = {1, 2, 3, 80, 240, 480, 4800};
    const double half_pi = 1.57079632679489661923;
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        uint32_t n = lengths[l];
        float before = 1;
        for (uint32_t i = 0; i < n; i++) {
            float gain = vo_crossfade_gain(i, n);
            double x = half_pi * (i + 1.0) / (n + 1.0);
            CHECK(fabs(gain - cos(x) * cos(x)) < 1e-7 && gain < before && gain > 0);
            CHECK(fabsf(gain + vo_crossfade_gain(n - 1 - i, n) - 1) < 1e-6f);
            before = gain;
        }
    }
    CHECK(fabsf(vo_crossfade_gain(0, 1) - 0.5f) < 1e-7f);
}

/* Any piece of any join, also one that is shorter than usual, also onto its own input. */
static void a_mix_in_pieces_is_the_mix(void) {
    static float from[MOST], to[MOST], out[MOST];
    for (uint32_t channels = 1; channels <= 3; channels++)
        for (uint32_t length = 1; length <= 240; length += length < 5 ? 1 : 47)
            for (uint32_t piece = 1; piece <= length; piece += 1 + length / 5)
                for (int onto = 0; onto < 3; onto++) {
                    vo_crossfade *crossfade = open_crossfade(240, 0, channels);
                    uint32_t samples = length * channels;
                    for (uint32_t i = 0; i < samples; i++) from[i] = noise(i);
                    for (uint32_t i = 0; i < samples; i++) to[i] = noise(i + MOST);
                    float *into = onto == 0 ? out : onto == 1 ? from : to;
                    for (uint32_t i = 0; i < length; i += piece) {
                        uint32_t n = length - i < piece ? length - i : piece, at = i * channels;
                        vo_crossfade_mix(crossfade, into + at, from + at, to + at, i, n, length);
                    }
                    for (uint32_t i = 0; i < samples; i++) {
                        float a = noise(i), b = noise(i + MOST);
                        float step = vo_crossfade_gain(i / channels, length) * (a - b);
                        CHECK(into[i] == b + step);
                    }
                    vo_crossfade_free(crossfade);
                }
}

/* B6 */
static void a_constant_stays_exactly_that(void) {
    static float ones[MOST], out[MOST];
    for (uint32_t i = 0; i < MOST; i++) ones[i] = 1;
    vo_crossfade *crossfade = open_crossfade(240, 0, 2);
    for (uint32_t length = 1; length <= 240; length++) {
        vo_crossfade_mix(crossfade, out, ones, ones, 0, length, length);
        CHECK(!memcmp(out, ones, length * 2 * sizeof *out));
    }
    vo_crossfade_free(crossfade);
}

static void the_lag_that_fits_is_found(void) {
    static float candidates[2 * MOST], old[2 * MOST];
    const uint32_t n = 240, align = 720;
    for (uint32_t channels = 1; channels <= 2; channels++) {
        vo_crossfade *crossfade = open_crossfade(n, align, channels);
        for (uint32_t i = 0; i < (n + align) * channels; i++) candidates[i] = noise(i);
        for (uint32_t lag = 0; lag <= align; lag += 71) {
            for (uint32_t i = 0; i < n * channels; i++) /* the same piece, softer */
                old[i] = 0.3f * candidates[lag * channels + i] + 0.01f * noise(i + 99999);
            CHECK(vo_crossfade_align(crossfade, old, candidates, n, align) == lag);
            CHECK(vo_crossfade_align(crossfade, old, candidates, n, lag) == lag);
            if (lag) CHECK(vo_crossfade_align(crossfade, old, candidates, n, lag - 1) == 0);
        }
        vo_crossfade_free(crossfade);
    }
}

/* Nothing fits, or one side is silence: the join stays where it is. */
static void what_does_not_fit_is_not_moved(void) {
    static float candidates[MOST], old[MOST];
    vo_crossfade *crossfade = open_crossfade(240, 720, 1);
    for (uint32_t i = 0; i < 960; i++) candidates[i] = noise(i);
    for (uint32_t i = 0; i < 240; i++) old[i] = noise(i + 5000);
    CHECK(vo_crossfade_align(crossfade, old, candidates, 240, 720) == 0); /* unrelated */
    for (uint32_t i = 0; i < 240; i++) old[i] = -candidates[100 + i];
    CHECK(vo_crossfade_align(crossfade, old, candidates, 240, 150) == 0); /* upside down */
    for (uint32_t i = 0; i < 240; i++) old[i] = candidates[100 + i];
    CHECK(vo_crossfade_align(crossfade, old, candidates, 240, 150) == 100);
    for (uint32_t i = 0; i < 240; i++) old[i] *= 1e-4f; /* below -80 dBFS */
    CHECK(vo_crossfade_align(crossfade, old, candidates, 240, 150) == 0);
    for (uint32_t i = 0; i < 240; i++) old[i] *= 1e4f;
    for (uint32_t i = 0; i < 960; i++) candidates[i] *= 1e-4f;
    CHECK(vo_crossfade_align(crossfade, old, candidates, 240, 150) == 0);
    for (uint32_t i = 0; i < 960; i++) candidates[i] = i == 480 ? NAN : INFINITY;
    CHECK(vo_crossfade_align(crossfade, old, candidates, 240, 720) == 0);
    for (uint32_t i = 0; i < 240; i++) old[i] = NAN;
    CHECK(vo_crossfade_align(crossfade, old, candidates, 240, 720) == 0);
    CHECK(vo_crossfade_align(crossfade, old, candidates, 0, 720) == 0);
    vo_crossfade_free(crossfade);
}

/* Fault row 39, B14. */
static void failures_are_told_and_leak_nothing(void) {
    for (int from_then_on = 0; from_then_on < 2; from_then_on++)
        for (uint64_t k = 1; k <= 3; k++) {
            failing_alloc memory;
            failing_alloc_init(&memory, k, from_then_on);
            vo_crossfade *crossfade = (vo_crossfade *)&memory;
            vo_status status =
                vo_crossfade_new(&crossfade, k == 3 ? 0 : 240, 0, 2, &memory.allocator);
            CHECK(status == (k < 3 ? VO_NO_MEM : VO_OK) && (crossfade != NULL) == (k == 3));
            vo_crossfade_free(crossfade);
            CHECK(memory.live == 0);
        }
    const struct {
        uint32_t fade, channels;
        vo_status status;
    } bad[] = {{240, 0, VO_BAD_ARG},
               {UINT32_MAX, UINT32_MAX, VO_TOO_BIG},
               {1u << 30, UINT32_MAX, VO_TOO_BIG},
               {1u << 31, 1u << 30, VO_TOO_BIG}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        failing_alloc memory;
        failing_alloc_init(&memory, 0, false);
        vo_crossfade *crossfade = (vo_crossfade *)&memory;
        CHECK(vo_crossfade_new(&crossfade, bad[i].fade, 0, bad[i].channels, &memory.allocator) ==
              bad[i].status);
        CHECK(!crossfade && memory.calls == 0);
    }
}

int main(void) {
    gains_fall_from_one_to_nothing_and_mirror();
    a_mix_in_pieces_is_the_mix();
    a_constant_stays_exactly_that();
    the_lag_that_fits_is_found();
    what_does_not_fit_is_not_moved();
    failures_are_told_and_leak_nothing();
    return 0;
}
