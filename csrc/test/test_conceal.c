/* fault 4: what stopped goes on as it was, dies away, and what comes back joins it. */
#include "vocana/conceal.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"

#define PI 3.14159265358979323846

enum { FADE = 240, PERIOD = 720, MUTE = 3840, HEARD = 4000, MOST = 8000 };

static const vo_conceal_config usual = {
    .channels = 1, .fade_frames = FADE, .period_frames = PERIOD, .mute_frames = MUTE};

static vo_conceal *fresh(uint32_t channels) {
    vo_conceal_config config = usual;
    config.channels = channels;
    vo_conceal *conceal;
    CHECK(vo_conceal_new(&conceal, &config, NULL) == VO_OK);
    return conceal;
}

static float tone(double hz, int64_t frame) {
    return (float)(0.5 * sin(2 * PI * hz / 48000 * (double)frame + 0.3));
}

/* HEARD frames of a tone, in pieces of `cut`, and then nothing. */
static vo_conceal *stopped_tone(double hz, uint32_t cut) {
    vo_conceal *conceal = fresh(1);
    float frames[HEARD];
    for (int i = 0; i < HEARD; i++) frames[i] = tone(hz, i);
    for (uint32_t at = 0; at < HEARD; at += cut)
        vo_conceal_hear(conceal, frames + at, at + cut < HEARD ? cut : HEARD - at);
    vo_conceal_begin(conceal);
    return conceal;
}

/* --- Going on --------------------------------------------------------------------- */

/* A tone of any pitch goes on as it was, quieter and quieter, whatever the cuts of either side. */
static void a_tone_goes_on(void) {
    const double pitches[] = {70, 100, 123.4, 440, 1000, 2999};
    const uint32_t cuts[] = {1, 37, 480, HEARD};
    for (size_t i = 0; i < sizeof pitches / sizeof *pitches; i++)
        for (size_t k = 0; k < sizeof cuts / sizeof *cuts; k++) {
            vo_conceal *conceal = stopped_tone(pitches[i], cuts[k]);
            float out[MOST];
            for (uint32_t at = 0; at < MOST; at += cuts[k])
                vo_conceal_read(conceal, out + at, at + cuts[k] < MOST ? cuts[k] : MOST - at);
            for (int n = 0; n < 480; n++)
                CHECK(fabsf(out[n] - tone(pitches[i], HEARD + n)) < 0.09f);
            double steepest = 2 * PI * pitches[i] / 48000 * 0.5 + 0.005;
            CHECK(fabs(out[0] - tone(pitches[i], HEARD - 1)) < steepest);
            for (int n = 1; n < MOST; n++) CHECK(fabs(out[n] - out[n - 1]) < steepest);
            for (int n = MUTE; n < MOST; n++) CHECK(out[n] == 0);
            vo_conceal_free(conceal);
        }
}

/* Where nothing repeats it goes on as loud as it was, and nowhere louder. */
static void noise_goes_on_without_a_burst(void) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        vo_conceal *conceal = fresh(2);
        float frames[2 * HEARD], out[2 * MOST];
        uint64_t random = seed;
        for (int i = 0; i < 2 * HEARD; i++) {
            random = random * 6364136223846793005 + 1442695040888963407;
            frames[i] = (float)((double)(random >> 40) * 0x1p-24 - 0.5);
        }
        vo_conceal_hear(conceal, frames, HEARD);
        vo_conceal_begin(conceal);
        vo_conceal_read(conceal, out, MOST);
        double before = 0, after = 0;
        for (int i = 0; i < 960; i++) {
            before += frames[2 * HEARD - 960 + i] * frames[2 * HEARD - 960 + i];
            after += out[i] * out[i];
        }
        CHECK(after < 1.3 * before && after > 0.6 * before);
        for (int i = 0; i < 2 * MOST; i++) CHECK(fabsf(out[i]) <= 0.5f);
        vo_conceal_free(conceal);
    }
}

/* Nothing was ever heard: silence. */
static void nothing_goes_on_as_silence(void) {
    vo_conceal *conceal = fresh(1);
    float out[MOST];
    vo_conceal_read(conceal, out, MOST);
    for (int i = 0; i < MOST; i++) CHECK(out[i] == 0);
    vo_conceal_free(conceal);
}

/* --- Coming back ------------------------------------------------------------------ */

/* The tone comes back at any phase: a little later it fits. */
static void what_comes_back_is_aligned(void) {
    for (int phase = 0; phase < 480; phase += 7) {
        vo_conceal *conceal = stopped_tone(100, 480);
        float out[480], sound[FADE], wait[PERIOD];
        vo_conceal_read(conceal, out, 480);
        for (int i = 0; i < FADE; i++) sound[i] = tone(100, HEARD + 480 + phase + i);
        CHECK(vo_conceal_align(conceal, sound, FADE, UINT32_MAX / 2) <= PERIOD + 1);
        uint32_t lag = vo_conceal_align(conceal, sound, FADE, PERIOD);
        CHECK(abs((int)lag % 480 - phase) <= 12 || abs((int)lag % 480 - phase) >= 468);
        vo_conceal_read(conceal, wait, lag);
        vo_conceal_join(conceal, sound, FADE);
        double before = lag ? wait[lag - 1] : out[479];
        for (int i = 0; i < FADE; i++) {
            CHECK(fabs(sound[i] - before) < 0.012);
            before = sound[i];
        }
        vo_conceal_free(conceal);
    }
}

/* Into silence there is nothing to align, and the sound fades in. */
static void silence_is_joined_at_once(void) {
    vo_conceal *conceal = stopped_tone(440, 480);
    float out[MOST], sound[FADE];
    vo_conceal_read(conceal, out, MOST);
    for (int i = 0; i < FADE; i++) sound[i] = 1;
    CHECK(vo_conceal_align(conceal, sound, FADE, PERIOD) == 0);
    vo_conceal_join(conceal, sound, FADE);
    for (int i = 1; i < FADE; i++) CHECK(sound[i] > sound[i - 1]);
    CHECK(sound[0] < 1e-3f && sound[FADE - 1] > 0.999f);
    vo_conceal_free(conceal);
}

/* --- Setup ---------------------------------------------------------------------- */

static void bad_configs_are_refused(void) {
    const vo_conceal_config bad[] = {{0, FADE, PERIOD, MUTE},
                                     {1, 0, PERIOD, MUTE},
                                     {1, FADE, 2 * FADE - 1, MUTE},
                                     {1, FADE, PERIOD, 0}};
    vo_conceal *conceal;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        conceal = (vo_conceal *)&bad;
        CHECK(vo_conceal_new(&conceal, &bad[i], NULL) == VO_BAD_ARG && !conceal);
    }
    const vo_conceal_config huge = {UINT32_MAX, 1, UINT32_MAX, 1};
    CHECK(vo_conceal_new(&conceal, &huge, NULL) == VO_TOO_BIG && !conceal);
    vo_conceal_free(NULL);
}

static void no_memory_is_an_error_and_leaks_nothing(void) {
    for (int from_then_on = 0; from_then_on <= 1; from_then_on++)
        for (uint64_t k = 1;; k++) {
            failing_alloc memory;
            failing_alloc_init(&memory, k, from_then_on);
            vo_conceal *conceal;
            vo_status status = vo_conceal_new(&conceal, &usual, &memory.allocator);
            if (status == VO_OK) vo_conceal_free(conceal);
            CHECK(memory.live == 0);
            if (!memory.failures) break;
            CHECK(status == VO_NO_MEM && !conceal);
        }
}

int main(void) {
    a_tone_goes_on();
    noise_goes_on_without_a_burst();
    nothing_goes_on_as_silence();
    what_comes_back_is_aligned();
    silence_is_joined_at_once();
    bad_configs_are_refused();
    no_memory_is_an_error_and_leaks_nothing();
    return 0;
}
