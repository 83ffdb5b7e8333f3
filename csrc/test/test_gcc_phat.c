/* D16: a known delay is found within a sample at 10 dB of signal to noise, either way. */
#include "vocana/gcc_phat.h"

#include <string.h>

#include "check.h"
#include "meter_signals.h"

enum { RATE = 48000, FRAMES = RATE, MOST = 480, PIECE = 4096 };

static const vo_gcc_phat_config plain = {PIECE, MOST, 0};
static float source[FRAMES + 2 * MOST], first[FRAMES], second[FRAMES];

static vo_gcc_phat *fresh(const vo_gcc_phat_config *config) {
    vo_gcc_phat *it;
    CHECK(vo_gcc_phat_new(&it, config, NULL) == VO_OK);
    return it;
}

/* White, or with a slope of -6 dB an octave like most of what sounds. */
static void make(int delay, double noise_db, bool coloured, uint32_t seed) {
    double square = 0;
    float last = 0;
    for (int i = 0; i < FRAMES + 2 * MOST; i++) {
        last = coloured ? 0.95f * last + 0.2f * noise(&seed) : 0.5f * noise(&seed);
        source[i] = last;
        square += (double)last * (double)last;
    }
    float amount = (float)(sqrt(3 * square / (FRAMES + 2 * MOST)) * from_db(noise_db));
    for (int i = 0; i < FRAMES; i++) {
        first[i] = source[i + MOST] + amount * noise(&seed);
        second[i] = source[i + MOST - delay] + amount * noise(&seed);
    }
}

static vo_gcc_phat_delay found(uint32_t frames) {
    vo_gcc_phat *it = fresh(&plain);
    vo_gcc_phat_process(it, first, second, 1, frames);
    vo_gcc_phat_delay delay = vo_gcc_phat_now(it);
    vo_gcc_phat_free(it);
    return delay;
}

static void known_delays(void) {
    const int delays[] = {0, 1, -1, 7, -33, 100, -257, 479, -480};
    double worst = 0, least = 1;
    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++)
        for (uint32_t seed = 1; seed <= 6; seed++) {
            make(delays[i], -10, seed % 2, seed);
            vo_gcc_phat_delay delay = found(FRAMES);
            worst = fmax(worst, fabs(delay.frames - delays[i]));
            least = fmin(least, delay.confidence);
        }
    printf("gcc_phat: at 10 dB within %.3f frames, confidence %.2f or more\n", worst, least);
    CHECK(worst <= 1);
    CHECK(least > 0.1);
}

/* Without noise every frequency agrees; half a frame lies between two. */
static void confidence(void) {
    make(123, -200, false, 3);
    CHECK(found(FRAMES).confidence > 0.95 && fabs(found(FRAMES).frames - 123) < 0.01);
    uint32_t seed = 4;
    for (int i = 0; i < FRAMES; i++) second[i] = noise(&seed); /* unrelated */
    CHECK(found(FRAMES).confidence < 0.1);
}

static void nothing_to_compare(void) {
    vo_gcc_phat *it = fresh(&plain);
    make(5, -200, false, 1);
    vo_gcc_phat_process(it, first, second, 1, PIECE - 1);
    CHECK(vo_gcc_phat_now(it).frames == 0 && vo_gcc_phat_now(it).confidence == 0);
    vo_gcc_phat_process(it, first + PIECE - 1, second + PIECE - 1, 1, 1);
    CHECK(fabs(vo_gcc_phat_now(it).frames - 5) < 0.1);
    vo_gcc_phat_reset(it);
    memset(second, 0, sizeof second);
    vo_gcc_phat_process(it, first, second, 1, FRAMES);
    CHECK(vo_gcc_phat_now(it).frames == 0 && vo_gcc_phat_now(it).confidence == 0);
    make(5, -200, false, 1);
    second[100] = NAN;
    first[99] = INFINITY;
    vo_gcc_phat_process(it, first, second, 1, FRAMES);
    CHECK(fabs(vo_gcc_phat_now(it).frames - 5) < 0.1);
    vo_gcc_phat_free(it);
}

static void cuts_and_strides_make_no_difference(void) {
    static float woven[2 * FRAMES];
    uint32_t seed = 8;
    make(-77, -10, true, 5);
    for (int i = 0; i < FRAMES; i++) {
        woven[2 * i] = first[i];
        woven[2 * i + 1] = second[i];
    }
    vo_gcc_phat *cut = fresh(&plain);
    for (uint32_t at = 0, n; at < FRAMES; at += n) {
        n = random_cut(&seed, FRAMES - at);
        vo_gcc_phat_process(cut, woven + 2 * at, woven + 2 * at + 1, 2, n);
        if (n % 8 == 0) (void)vo_gcc_phat_now(cut); /* looking changes nothing */
    }
    vo_gcc_phat_delay a = found(FRAMES), b = vo_gcc_phat_now(cut);
    CHECK(a.frames == b.frames && a.confidence == b.confidence);
    vo_gcc_phat_free(cut);
}

/* With a memory of a tenth of a second the delay of half a second ago is forgotten. */
static void a_delay_that_moves(void) {
    vo_gcc_phat_config forgetful = plain;
    forgetful.memory_frames = RATE / 10.0;
    vo_gcc_phat *it = fresh(&forgetful), *whole = fresh(&plain);
    make(40, -20, false, 1);
    vo_gcc_phat_process(it, first, second, 1, FRAMES);
    vo_gcc_phat_process(whole, first, second, 1, FRAMES);
    make(90, -20, false, 2);
    vo_gcc_phat_process(it, first, second, 1, FRAMES / 2);
    vo_gcc_phat_process(whole, first, second, 1, FRAMES / 2);
    CHECK(fabs(vo_gcc_phat_now(it).frames - 90) < 0.1);
    CHECK(fabs(vo_gcc_phat_now(whole).frames - 40) < 0.1);
    vo_gcc_phat_free(it);
    vo_gcc_phat_free(whole);
}

static void new_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_gcc_phat *it;
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        if (vo_gcc_phat_new(&it, &plain, &memory.allocator) == VO_OK) break;
        CHECK(!it && memory.failures == 1 && memory.live == 0);
    }
    vo_gcc_phat_free(it);
    CHECK(memory.live == 0);
    vo_gcc_phat_free(NULL);
    const vo_gcc_phat_config bad[] = {{15, 3, 0},      {PIECE, PIECE, 0},     {1u << 23, 3, 0},
                                      {PIECE, 10, -1}, {PIECE, 10, INFINITY}, {PIECE, 10, NAN}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_gcc_phat_new(&it, &bad[i], NULL) == VO_BAD_ARG && !it);
}

int main(void) {
    known_delays();
    confidence();
    nothing_to_compare();
    cuts_and_strides_make_no_difference();
    a_delay_that_moves();
    new_survives_a_failing_allocator();
    return 0;
}
