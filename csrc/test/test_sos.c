/* D1: a cascade beside a recursion in double, in blocks of any size; changes that are not heard. */
#include "vocana/sos.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "high_band.h"
#include "kernel_samples.h"

enum { RATE = 48000, FADE = RATE / 100, FRAMES = 8192 };

static vo_sos *fresh(const vo_biquad *sections, uint32_t count, uint32_t fade, uint32_t channels) {
    vo_sos *sos;
    CHECK(vo_sos_new(&sos, sections, count, fade, channels, NULL) == VO_OK);
    return sos;
}

/* --- Accuracy ------------------------------------------------------------------ */

/* Sample by sample in double, from the coefficients of z^-1 that the bilinear transform gives. */
static void reference(const vo_biquad *q, double *x, int n) {
    double a0 = 1 + q->g * (q->k + q->g), x1 = 0, x2 = 0, y1 = 0, y2 = 0;
    double a1 = 2 * (q->g * q->g - 1), a2 = 1 + q->g * (q->g - q->k);
    double b0 = q->n2 + q->g * (q->n1 + q->g * q->n0), b1 = 2 * (q->g * q->g * q->n0 - q->n2);
    double b2 = q->n2 + q->g * (q->g * q->n0 - q->n1);
    for (int i = 0; i < n; i++) {
        double y = (b0 * x[i] + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2) / a0;
        x2 = x1;
        x1 = x[i];
        y2 = y1;
        y1 = y;
        x[i] = y;
    }
}

/* Error of a cascade to the reference, in dB of what the reference puts out; detuned, as a control,
   by a part of g. */
static double error_db(const vo_biquad *sections, uint32_t count, double detuned) {
    static float y[FRAMES];
    static double x[FRAMES];
    vo_sos *sos = fresh(sections, count, FADE, 1);
    for (int i = 0; i < FRAMES; i++) x[i] = y[i] = random_sample();
    vo_sos_process(sos, (float *[]){y}, FRAMES);
    vo_sos_free(sos);
    for (uint32_t k = 0; k < count; k++) {
        vo_biquad q = sections[k];
        q.g *= 1 + detuned;
        reference(&q, x, FRAMES);
    }
    double error = 0, all = 0;
    for (int i = 0; i < FRAMES; i++) {
        error += (y[i] - x[i]) * (y[i] - x[i]);
        all += x[i] * x[i];
    }
    return 10 * log10(error / all);
}

static void every_cut_off_is_accurate(void) {
    const double hertz[] = {10, 20, 80, 440, 3000, 12000, 20000};
    double worst = -INFINITY;
    for (size_t i = 0; i < sizeof hertz / sizeof *hertz; i++)
        for (uint32_t order = 1; order <= VO_BUTTERWORTH_MOST_ORDER; order++)
            for (int high = 0; high < 2; high++) {
                vo_biquad sections[VO_BUTTERWORTH_MOST_ORDER / 2];
                uint32_t count =
                    vo_biquad_butterworth(sections, order, high, hertz[i] / RATE, sqrt(0.5));
                CHECK(count == (order + 1) / 2);
                worst = fmax(worst, error_db(sections, count, 0));
            }
    const double f = 100.0 / RATE;
    const vo_biquad one_each[] = {vo_biquad_peaking(f, 12, 3),  vo_biquad_low_shelf(f, -9, 1),
                                  vo_biquad_notch(f, 30),       vo_biquad_high_shelf(f, 6, 0.5),
                                  vo_biquad_high_pass(f, 0.7),  vo_biquad_peaking(f, -20, 9),
                                  vo_biquad_low_pass(0.4, 0.5), vo_biquad_peaking(0.3, 3, 1),
                                  vo_biquad_notch(0.2, 1),      vo_biquad_band_pass(0.01, 0.1)};
    for (uint32_t count = 1; count <= sizeof one_each / sizeof *one_each; count++)
        worst = fmax(worst, error_db(one_each, count, 0));
    printf("sos: error %.1f dB\n", worst);
    CHECK(worst <= -120);
    vo_biquad off = vo_biquad_low_pass(0.1, 0.7);
    CHECK(error_db(&off, 1, 0) <= -120 && error_db(&off, 1, 1e-5) > -120);
}

/* --- Blocks -------------------------------------------------------------------- */

/* Two channels in blocks of up to `most`, with three changes at frames 1000, 1100 (while the first
   is fading) and 4001. */
static void play(float (*x)[FRAMES], uint32_t sections, uint32_t most) {
    const uint32_t changes[] = {1000, 1100, 4001, FRAMES};
    vo_biquad q[VO_SOS_MOST_SECTIONS];
    for (uint32_t k = 0; k < sections; k++) q[k] = vo_biquad_peaking(0.01 * (k + 1), 3, 2);
    vo_sos *sos = fresh(q, sections, FADE, 2);
    uint32_t change = 0;
    for (uint32_t i = 0, n; i < FRAMES; i += n) {
        if (i == changes[change]) {
            for (uint32_t k = 0; k < sections; k++)
                q[k] = vo_biquad_peaking(0.02 * (k + 1), 5.0 - change, 2);
            vo_sos_set(sos, q);
            change++;
        }
        n = 1 + random_bits() % most;
        if (n > changes[change] - i) n = changes[change] - i;
        vo_sos_process(sos, (float *[]){x[0] + i, x[1] + i}, n);
    }
    vo_sos_free(sos);
}

static void blocks_make_no_difference(void) {
    static float in[2][FRAMES], whole[2][FRAMES], cut[2][FRAMES];
    for (int i = 0; i < FRAMES; i++) {
        in[0][i] = random_sample();
        in[1][i] = i < FRAMES / 2 ? 0 : -0.0f;
    }
    for (uint32_t sections = 1; sections <= VO_SOS_MOST_SECTIONS; sections += 3) {
        memcpy(whole, in, sizeof in);
        play(whole, sections, FRAMES);
        const uint32_t most[] = {1, 3, 16, 17, 64, 600};
        for (size_t b = 0; b < sizeof most / sizeof *most; b++) {
            memcpy(cut, in, sizeof in);
            play(cut, sections, most[b]);
            CHECK(memcmp(cut, whole, sizeof cut) == 0);
        }
        for (int i = 0; i < FRAMES; i++) CHECK(whole[1][i] == 0);
    }
}

/* --- Changes ------------------------------------------------------------------- */

typedef struct change {
    const char *what;
    vo_biquad from, to;
    double hertz; /* of the tone; 0: a constant */
} change;

static double change_db(const change *c, uint32_t fade, uint32_t at) {
    static float x[FRAMES];
    for (int i = 0; i < FRAMES; i++) x[i] = (float)(0.5 * cos(2 * PI * c->hertz * i / RATE));
    vo_sos *sos = fresh(&c->from, 1, fade, 1);
    vo_sos_process(sos, (float *[]){x}, at);
    vo_sos_set(sos, &c->to);
    vo_sos_process(sos, (float *[]){x + at}, FRAMES - at);
    vo_sos_free(sos);
    return high_band_db(x + FRAMES / 4, 3 * FRAMES / 4, RATE); /* when the start has rung out */
}

static void changes_are_not_heard(void) {
    const double hz = 1.0 / RATE;
    const change changes[] = {
        {"high-pass up", vo_biquad_high_pass(80 * hz, 0.7), vo_biquad_high_pass(2000 * hz, 0.7),
         440},
        {"high-pass down", vo_biquad_high_pass(2000 * hz, 0.7), vo_biquad_high_pass(20 * hz, 0.7),
         440},
        {"low-pass up", vo_biquad_low_pass(200 * hz, 0.7), vo_biquad_low_pass(15000 * hz, 0.7),
         440},
        {"low-pass down", vo_biquad_low_pass(15000 * hz, 4), vo_biquad_low_pass(100 * hz, 4), 100},
        {"peak", vo_biquad_peaking(440 * hz, -20, 1), vo_biquad_peaking(440 * hz, 20, 1), 440},
        {"notch", vo_biquad_notch(440 * hz, 5), vo_biquad_notch(1000 * hz, 5), 440},
        {"low shelf", vo_biquad_low_shelf(500 * hz, -20, 1), vo_biquad_low_shelf(500 * hz, 20, 1),
         100},
        {"high shelf", vo_biquad_high_shelf(500 * hz, 9, 1), vo_biquad_high_shelf(500 * hz, -9, 1),
         1000},
        {"constant", vo_biquad_low_shelf(500 * hz, -12, 1), vo_biquad_low_shelf(500 * hz, 12, 1),
         0},
    };
    double loudest = -INFINITY, hardest = -INFINITY;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        for (uint32_t at = 4000; at < 4004; at++) {
            double db = change_db(&changes[i], FADE, at);
            loudest = fmax(loudest, db);
            hardest = fmax(hardest, change_db(&changes[i], 0, at));
        }
    printf("sos: changes %.1f dB, hard ones up to %.1f dB\n", loudest, hardest);
    CHECK(loudest < -60);
    CHECK(hardest > -60);
}

/* New coefficients in every block: nothing grows. */
static void sweeps_are_stable(void) {
    static float x[FRAMES];
    double most = 0;
    for (uint32_t fade = 0; fade <= FADE; fade += FADE / 8) {
        vo_biquad q = vo_biquad_low_pass(0.01, 20);
        vo_sos *sos = fresh(&q, 1, fade, 1);
        for (int round = 0; round < 8; round++) {
            for (int i = 0; i < FRAMES; i++) x[i] = random_sample();
            for (uint32_t i = 0, n; i < FRAMES; i += n) {
                q = vo_biquad_low_pass(pow(10, -4 + 3.6 * (random_sample() + 1) / 2), 20);
                vo_sos_set(sos, &q);
                n = FRAMES - i < 37 ? FRAMES - i : 37;
                vo_sos_process(sos, (float *[]){x + i}, n);
            }
            for (int i = 0; i < FRAMES; i++) most = fmax(most, fabs((double)x[i]));
        }
        vo_sos_free(sos);
    }
    printf("sos: sweeps up to %.1f\n", most);
    CHECK(most < 40);
}

static void what_is_set_before_the_first_frame_needs_no_fade(void) {
    static float x[2][FRAMES];
    vo_biquad a = vo_biquad_high_pass(0.1, 1), b = vo_biquad_high_pass(0.2, 1);
    vo_sos *one = fresh(&a, 1, FADE, 1), *other = fresh(&b, 1, FADE, 1);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < FRAMES; i++) x[0][i] = x[1][i] = (float)sin(i);
        vo_sos_set(one, &b);
        vo_sos_process(one, (float *[]){x[0]}, FRAMES);
        vo_sos_process(other, (float *[]){x[1]}, FRAMES);
        CHECK(memcmp(x[0], x[1], sizeof x[0]) == 0);
        vo_sos_set(one, &a);
        vo_sos_process(one, (float *[]){x[0]}, round * FADE / 2 + 5); /* a fade that is forgotten */
        vo_sos_reset(one);
        vo_sos_reset(other);
    }
    vo_sos_free(one);
    vo_sos_free(other);
}

/* Silence after sound ends in zeros, and never in denormals. */
static void silence_ends_in_zeros(void) {
    static float x[FRAMES];
    vo_biquad q[] = {vo_biquad_high_pass(20.0 / RATE, 0.7), vo_biquad_peaking(0.2, 9, 3)};
    vo_sos *sos = fresh(q, 2, FADE, 1);
    bool zero = false;
    for (int round = 0; round < 60 && !zero; round++) {
        for (int i = 0; i < FRAMES; i++) x[i] = round ? 0 : random_sample();
        vo_sos_process(sos, (float *[]){x}, FRAMES);
        zero = true;
        for (int i = 0; i < FRAMES; i++) {
            CHECK(fpclassify(x[i]) != FP_SUBNORMAL);
            zero = zero && x[i] == 0;
        }
    }
    CHECK(zero);
    vo_sos_free(sos);
}

/* --- Rows and memory ------------------------------------------------------------ */

static void rows_are_checked(void) {
    vo_biquad q;
    const double good[][6] = {
        {1, 0, 0, 1, 0, 0}, {2, 1, 0.5, 2, -1, 0.5}, {0, 0, 0, 1, 0, 0}, {1, -1, 0, 1, -0.9987, 0}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(vo_biquad_from_row(&q, good[i]) == VO_OK);
    const double bad[][6] = {{1, 0, 0, 0, 0, 0},        {1, 0, 0, 1, -2, 1},  {1, 0, 0, 1, 0, 1},
                             {1, 0, 0, 1, -2.1, 1.1},   {1, 0, 0, 1, 0, -1},  {NAN, 0, 0, 1, 0, 0},
                             {1, INFINITY, 0, 1, 0, 0}, {1, 0, 0, 1, NAN, 0}, {1, 0, 0, NAN, 0, 0},
                             {1, 0, 0, 1, INFINITY, 0}, {1, 0, 0, 1, 0, NAN}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_biquad_from_row(&q, bad[i]) == VO_BAD_ARG);
    /* A row and what it is made into have the same impulse response. */
    double x[64] = {1}, y[64] = {1}, y1 = 0, y2 = 0;
    CHECK(vo_biquad_from_row(&q, good[1]) == VO_OK);
    reference(&q, x, 64);
    for (int i = 0; i < 64; i++) {
        y[i] = (i == 0) + (i == 1) * 0.5 + (i == 2) * 0.25 + 0.5 * y1 - 0.25 * y2;
        y2 = y1;
        y1 = y[i];
        CHECK(fabs(x[i] - y[i]) < 1e-14);
    }
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_sos *sos;
    vo_biquad q[VO_SOS_MOST_SECTIONS + 1];
    for (int i = 0; i <= VO_SOS_MOST_SECTIONS; i++) q[i] = vo_biquad_notch(0.1, 1);
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_sos_new(&sos, q, 5, FADE, 2, &memory.allocator) == VO_OK) break;
        CHECK(!sos && memory.failures == 1 && memory.live == 0);
    }
    CHECK(memory.calls == 3);
    float x[2][64] = {{0}};
    vo_sos_set(sos, q + 1);
    vo_sos_process(sos, (float *[]){x[0], x[1]}, 64);
    CHECK(memory.calls == 3);
    vo_sos_free(sos);
    CHECK(memory.live == 0);
    vo_sos_free(NULL);
    CHECK(vo_sos_new(&sos, q, 0, FADE, 1, NULL) == VO_BAD_ARG && !sos);
    CHECK(vo_sos_new(&sos, q, VO_SOS_MOST_SECTIONS + 1, FADE, 1, NULL) == VO_BAD_ARG && !sos);
    CHECK(vo_sos_new(&sos, q, 1, FADE, 0, NULL) == VO_BAD_ARG && !sos);
}

int main(void) {
    every_cut_off_is_accurate();
    blocks_make_no_difference();
    changes_are_not_heard();
    sweeps_are_stable();
    what_is_set_before_the_first_frame_needs_no_fade();
    silence_ends_in_zeros();
    rows_are_checked();
    new_survives_a_failing_allocator();
    return 0;
}
