/* D13: strengths that repeat, at every tempo and rate of values, also in noise. */
#include "vocana/tempo.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "kernel_samples.h"

enum { MOST = 20000 };

static float strengths[MOST];

static vo_tempo *fresh(double values_per_s, double memory_s) {
    vo_tempo *tempo;
    CHECK(vo_tempo_new(&tempo, values_per_s, memory_s, NULL) == VO_OK);
    return tempo;
}

/* Beats from second 0.3 on, each a small hill of two values' width, on noise. */
static uint64_t beats(double bpm, double values_per_s, double seconds, float noise) {
    uint64_t n = (uint64_t)(seconds * values_per_s);
    CHECK(n <= MOST);
    for (uint64_t i = 0; i < n; i++) strengths[i] = noise * fabsf(random_sample());
    for (double at = 0.3 * values_per_s; at < (double)n; at += 60 / bpm * values_per_s)
        for (int64_t i = (int64_t)at - 2; i <= (int64_t)at + 3; i++)
            if (i >= 0 && (uint64_t)i < n)
                strengths[i] += (float)(10 * fmax(0, 1 - fabs((double)i - at) / 2));
    return n;
}

static bool within(double found, double wanted, double share) {
    return fabs(found - wanted) <= share * wanted;
}

static void beats_are_counted(void) {
    const double rates[] = {43.066, 86.13, 93.75, 200};
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++)
        for (double bpm = 40; bpm <= 240; bpm += 2.5)
            for (int noisy = 0; noisy < 2; noisy++) {
                uint64_t n = beats(bpm, rates[r], 20, noisy ? 2 : 0);
                vo_tempo *tempo = fresh(rates[r], INFINITY);
                vo_tempo_push(tempo, strengths, n);
                vo_tempo_estimate found = vo_tempo_now(tempo);
                if (!within(found.bpm, bpm, 0.02))
                    fprintf(stderr, "%.1f BPM at %.1f: %.2f\n", bpm, rates[r], found.bpm);
                CHECK(within(found.bpm, bpm, 0.02));
                CHECK(found.confidence > (noisy ? 0.2 : 0.5) && found.confidence <= 1);
                vo_tempo_free(tempo);
            }
}

/* Twice, half and a constant 120 must not pass for what they are not. */
static void the_check_says_no(void) {
    CHECK(!within(120, 100, 0.02) && !within(200, 100, 0.02) && !within(50, 100, 0.02));
}

static void what_does_not_repeat_has_no_tempo(void) {
    vo_tempo *tempo = fresh(93.75, INFINITY);
    CHECK(vo_tempo_now(tempo).bpm == 0);
    memset(strengths, 0, sizeof strengths);
    vo_tempo_push(tempo, strengths, 1000);
    CHECK(vo_tempo_now(tempo).bpm == 0 && vo_tempo_now(tempo).confidence == 0);
    for (int i = 0; i < 1000; i++) strengths[i] = 1;
    vo_tempo_reset(tempo);
    vo_tempo_push(tempo, strengths, 1000);
    CHECK(vo_tempo_now(tempo).bpm == 0 && vo_tempo_now(tempo).confidence == 0);
    vo_tempo_reset(tempo);
    strengths[0] = 5; /* one beat is no tempo */
    vo_tempo_push(tempo, strengths, 1);
    CHECK(vo_tempo_now(tempo).bpm == 0);
    vo_tempo_free(tempo);
}

/* What repeats ever so little is how a steady sound meets the frames, also after its beginning. */
static void what_hardly_repeats_has_no_tempo(void) {
    for (int loud = 0; loud < 2; loud++) {
        vo_tempo *tempo = fresh(93.75, INFINITY);
        for (int i = 0; i < 1000; i++) strengths[i] = (loud ? 1 : 0.05f) * sinf(0.2f * (float)i);
        strengths[0] = 10;
        vo_tempo_push(tempo, strengths, 1000);
        vo_tempo_estimate found = vo_tempo_now(tempo);
        CHECK((found.bpm > 0) == loud && (found.confidence > 0) == loud);
        vo_tempo_free(tempo);
    }
}

/* Beats on the edges, each a little off: the tempo stays where it was looked for. */
static void the_tempo_is_in_its_range(void) {
    for (int run = 0; run < 200; run++) {
        double step = 93.75 * 60 / (run % 2 ? 241.5 : 39.7);
        memset(strengths, 0, sizeof strengths);
        for (double at = 30; at < MOST - 9; at += step)
            strengths[(uint32_t)(at + run / 50 * (double)random_sample())] = 10;
        vo_tempo *tempo = fresh(93.75, INFINITY);
        vo_tempo_push(tempo, strengths, 4000);
        double bpm = vo_tempo_now(tempo).bpm;
        CHECK(bpm == 0 || (bpm >= VO_TEMPO_LEAST_BPM && bpm <= VO_TEMPO_MOST_BPM));
        vo_tempo_free(tempo);
    }
}

static void what_is_long_past_is_forgotten(void) {
    vo_tempo *tempo = fresh(93.75, 8);
    vo_tempo_push(tempo, strengths, beats(150, 93.75, 60, 1));
    CHECK(within(vo_tempo_now(tempo).bpm, 150, 0.02));
    vo_tempo_push(tempo, strengths, beats(87, 93.75, 60, 1));
    CHECK(within(vo_tempo_now(tempo).bpm, 87, 0.02));
    vo_tempo_free(tempo);
}

/* However few values there are, a tempo is one that beats can have, and is found once it can be. */
static void few_values_make_no_wild_guess(void) {
    const double tempi[] = {40, 90, 240};
    for (size_t b = 0; b < sizeof tempi / sizeof *tempi; b++)
        for (int noisy = 0; noisy < 2; noisy++) {
            uint64_t n = beats(tempi[b], 50, 12, noisy ? 20 : 0);
            vo_tempo *tempo = fresh(50, noisy ? 1 : INFINITY);
            for (uint64_t i = 0; i < n; i++) {
                vo_tempo_push(tempo, strengths + i, 1);
                vo_tempo_estimate found = vo_tempo_now(tempo);
                CHECK(found.bpm == 0 || (found.bpm >= 40 && found.bpm <= 240));
                CHECK(found.confidence >= 0 && found.confidence <= 1);
            }
            if (!noisy) CHECK(within(vo_tempo_now(tempo).bpm, tempi[b], 0.02));
            vo_tempo_free(tempo);
        }
}

static void cuts_make_no_difference(void) {
    uint64_t n = beats(111, 93.75, 30, 1);
    vo_tempo *whole = fresh(93.75, 8), *cut = fresh(93.75, 8);
    vo_tempo_push(whole, strengths, n);
    for (uint64_t at = 0, step; at < n; at += step) {
        step = random_bits() % 50;
        if (step > n - at) step = n - at;
        vo_tempo_push(cut, strengths + at, step);
    }
    vo_tempo_estimate a = vo_tempo_now(whole), b = vo_tempo_now(cut);
    CHECK(a.bpm == b.bpm && a.confidence == b.confidence);
    vo_tempo_free(whole);
    vo_tempo_free(cut);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_tempo *tempo;
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_tempo_new(&tempo, 100, 8, &memory.allocator) == VO_OK) break;
        CHECK(!tempo && memory.live == 0);
    }
    CHECK(memory.calls == 2);
    vo_tempo_free(tempo);
    CHECK(memory.live == 0);
    vo_tempo_free(NULL);
    const double bad[][2] = {{7, 8}, {NAN, 8}, {10001, 8}, {100, 0}, {100, -1}, {100, NAN}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_tempo_new(&tempo, bad[i][0], bad[i][1], NULL) == VO_BAD_ARG && !tempo);
}

int main(void) {
    beats_are_counted();
    the_check_says_no();
    what_does_not_repeat_has_no_tempo();
    what_hardly_repeats_has_no_tempo();
    the_tempo_is_in_its_range();
    what_is_long_past_is_forgotten();
    few_values_make_no_wild_guess();
    cuts_make_no_difference();
    new_survives_a_failing_allocator();
    return 0;
}
