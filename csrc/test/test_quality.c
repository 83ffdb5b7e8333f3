/* I14: figures of known signals. I12: a flag for what is wrong, and none for what is not. */
#include "vocana/quality.h"

#include <string.h>

#include "check.h"
#include "meter_signals.h"

enum { RATE = 48000, FRAMES = 2 * RATE, CHANNELS = 2 };

static float x[CHANNELS][FRAMES];
static const float *const rows[] = {x[0], x[1]};

static vo_quality *fresh(void) {
    const vo_quality_limits limits = vo_quality_limits_default();
    vo_quality *quality;
    CHECK(vo_quality_new(&quality, RATE, CHANNELS, &limits, NULL) == VO_OK);
    return quality;
}

static vo_quality_figures of(uint32_t channel) {
    vo_quality *quality = fresh();
    vo_quality_process(quality, rows, 1, FRAMES);
    vo_quality_figures found = vo_quality_now(quality, channel);
    vo_quality_free(quality);
    return found;
}

static void both(double cycles_per_frame, double level_db) {
    memset(x, 0, sizeof x);
    for (int c = 0; c < CHANNELS; c++) add_tone(x[c], 1, FRAMES, cycles_per_frame, level_db);
}

/* --- I14 ------------------------------------------------------------------- */

static void expect(const vo_quality_figures *found, double peak_db, double rms_db, double floor_db,
                   double within) {
    CHECK(fabs(db(found->peak) - peak_db) < within);
    CHECK(fabs(db(found->rms) - rms_db) < within);
    CHECK(fabs(db(found->noise_floor) - floor_db) < within);
}

static void figures_of_known_signals(void) {
    vo_quality_figures found;
    both(1000.0 / RATE, -20); /* a sine: crest 3.01 dB, no quieter moment */
    found = of(0);
    expect(&found, -20, -23.0103, -23.0103, 0.001);
    CHECK(found.frames == FRAMES && found.clipped == 0 && fabs(found.mean) < 1e-9);

    for (int i = 0; i < FRAMES; i++) x[0][i] = i / 24 % 2 ? 0.5f : -0.5f; /* a square: crest 0 */
    found = of(0);
    expect(&found, -6.0206, -6.0206, -6.0206, 0.001);

    both(1000.0 / RATE, -20); /* a tenth of it and more at -60 dB: the floor */
    for (int i = 0; i < FRAMES / 4; i++) x[0][i] *= 0.01f;
    found = of(0);
    expect(&found, -20, -23.0103 + 10 * log10(0.75), -63.0103, 0.01);

    for (int i = 0; i < FRAMES; i++) x[0][i] = i % 48 < 12 ? 1 : 0.1f; /* clipped in 12 of 48 */
    found = of(0);
    CHECK(found.clipped == FRAMES / 4);
    CHECK(fabs(found.mean - (0.25 + 0.075)) < 1e-6);
}

/* --- Flags, each with a signal that must not have it -------------------------- */

static bool flagged(uint32_t channel, uint32_t flag) {
    return of(channel).flags & flag;
}

static void silence(void) {
    both(1000.0 / RATE, -78); /* an RMS of -81 */
    CHECK(flagged(0, VO_QUALITY_SILENT) && flagged(1, VO_QUALITY_SILENT));
    both(1000.0 / RATE, -76); /* of -79 */
    CHECK(!flagged(0, VO_QUALITY_SILENT));
    for (int i = 0; i < FRAMES; i++) x[0][i] = 0.01f; /* nothing is heard of a constant */
    CHECK(flagged(0, VO_QUALITY_SILENT));
}

static void dc(void) {
    both(1000.0 / RATE, -20);
    for (int i = 0; i < FRAMES; i++) x[0][i] += 0.1f;
    for (int i = 0; i < FRAMES; i++) x[1][i] += 0.019f;
    CHECK(of(0).flags == VO_QUALITY_DC && of(1).flags == 0);
    for (int i = 0; i < FRAMES; i++) x[1][i] -= 0.04f;
    CHECK(flagged(1, VO_QUALITY_DC));
}

static void flatness(void) {
    both(1000.0 / RATE, -20);
    for (int i = 0; i < FRAMES; i++) x[0][i] = 0.3f;
    CHECK(of(0).flags == (VO_QUALITY_FLAT | VO_QUALITY_DC | VO_QUALITY_SILENT));
    x[0][FRAMES - 1] = 0.3001f; /* it moves */
    CHECK(!flagged(0, VO_QUALITY_FLAT));
    memset(x[0], 0, sizeof x[0]);
    CHECK(flagged(0, VO_QUALITY_FLAT) && flagged(0, VO_QUALITY_SILENT));
}

static void imbalance(void) {
    both(1000.0 / RATE, -20);
    for (int i = 0; i < FRAMES; i++) x[1][i] *= 0.25f; /* 12.04 dB */
    CHECK(of(0).flags == 0 && of(1).flags == VO_QUALITY_IMBALANCE);
    for (int i = 0; i < FRAMES; i++) x[1][i] *= 1.02f;
    CHECK(of(1).flags == 0);
    memset(x[1], 0, sizeof x[1]);
    CHECK(flagged(1, VO_QUALITY_IMBALANCE));
    memset(x, 0, sizeof x); /* both silent: no imbalance */
    CHECK(!flagged(0, VO_QUALITY_IMBALANCE) && !flagged(1, VO_QUALITY_IMBALANCE));
}

static void clipping(void) {
    both(1000.0 / RATE, 0); /* touches full scale, with a sample at a time */
    CHECK(of(0).flags == 0);
    both(1000.0 / RATE, 3);
    for (int i = 0; i < FRAMES; i++) x[0][i] = fmaxf(-1, fminf(1, x[0][i]));
    CHECK(of(0).flags == VO_QUALITY_CLIPPED);
    both(1000.0 / RATE, -6);
    x[0][479] = x[0][480] = 1; /* two, across a hop */
    CHECK(of(0).clipped == 0);
    x[0][478] = -1; /* three */
    CHECK(of(0).clipped == 3 && flagged(0, VO_QUALITY_CLIPPED));
}

static void invalid(void) {
    both(1000.0 / RATE, -20);
    x[0][7] = NAN;
    x[0][9] = -INFINITY;
    x[0][11] = 11;
    CHECK(of(0).invalid == 3 && of(0).flags == VO_QUALITY_INVALID);
    CHECK(of(1).invalid == 0 && of(1).flags == 0);
}

/* --- Streams ------------------------------------------------------------------ */

static void cuts_make_no_difference(void) {
    uint32_t seed = 4;
    for (int i = 0; i < FRAMES; i++) x[0][i] = fmaxf(-1, fminf(1, 1.4f * noise(&seed)));
    for (int i = 0; i < FRAMES; i++) x[1][i] = i < 1000 ? 0.001f : noise(&seed);
    for (uint32_t frames = 1; frames < FRAMES; frames = frames * 5 + 3) {
        vo_quality *whole = fresh(), *cut = fresh();
        vo_quality_process(whole, rows, 1, frames);
        for (uint32_t at = 0, n; at < frames; at += n) {
            const float *const from[] = {x[0] + at, x[1] + at};
            n = random_cut(&seed, frames - at);
            vo_quality_process(cut, from, 1, n);
        }
        for (uint32_t c = 0; c < CHANNELS; c++) {
            vo_quality_figures a = vo_quality_now(whole, c), b = vo_quality_now(cut, c);
            CHECK(a.frames == frames && a.clipped == b.clipped && a.flags == b.flags);
            CHECK(a.peak == b.peak && a.rms == b.rms && a.mean == b.mean);
            CHECK(a.noise_floor == b.noise_floor && a.rms > 0);
        }
        vo_quality_free(whole);
        vo_quality_free(cut);
    }
}

static void nothing_has_no_flags(void) {
    vo_quality *quality = fresh();
    vo_quality_process(quality, rows, 1, 100);
    CHECK(vo_quality_now(quality, 0).frames == 100);
    CHECK(vo_quality_now(quality, CHANNELS).frames == 0);
    vo_quality_reset(quality);
    vo_quality_figures found = vo_quality_now(quality, 0);
    CHECK(found.frames == 0 && found.flags == 0 && found.peak == 0 && found.rms == 0);
    vo_quality_free(quality);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_quality *quality;
    vo_quality_limits limits = vo_quality_limits_default();
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_quality_new(&quality, RATE, 2, &limits, &memory.allocator) == VO_OK) break;
        CHECK(!quality && memory.failures == 1 && memory.live == 0);
    }
    vo_quality_free(quality);
    CHECK(memory.live == 0);
    vo_quality_free(NULL);
    vo_quality_limits bad[] = {limits, limits, limits, limits, limits, limits};
    bad[0].silent_db = NAN;
    bad[1].dc = -1;
    bad[2].flat = NAN;
    bad[3].imbalance_db = 0;
    bad[4].clip = 0;
    bad[5].clip_run = 0;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_quality_new(&quality, RATE, 2, &bad[i], NULL) == VO_BAD_ARG && !quality);
    CHECK(vo_quality_new(&quality, 10, 2, &limits, NULL) == VO_BAD_ARG);
}

int main(void) {
    figures_of_known_signals();
    silence();
    dc();
    flatness();
    imbalance();
    clipping();
    invalid();
    cuts_make_no_difference();
    nothing_has_no_flags();
    new_survives_a_failing_allocator();
    return 0;
}
