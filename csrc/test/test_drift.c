/* B19: every output is the input at the position that integers give, at rest, on a ramp and after a
   million frames; a position that drifts as floats do must be reported. */
#include "vocana/drift.h"

#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"
#include "kernel_samples.h"

#define PI 3.14159265358979323846

enum { BLOCK = 480, MOST = BLOCK * 2 };

static vo_drift *fresh(uint32_t channels) {
    vo_drift *drift;
    CHECK(vo_drift_new(&drift, channels, NULL) == VO_OK);
    return drift;
}

static void set(vo_drift *drift, double ratio) {
    CHECK(vo_drift_set_ratio(drift, ratio) == VO_OK);
    CHECK(vo_drift_ratio(drift) == ratio);
}

/* --- The positions, by definition --------------------------------------------- */

/* Counted in 2^-62 of a frame, apart in frames and rest. */
typedef struct account {
    uint64_t frames, rest, step, target;
    int64_t slope;
    uint32_t left;
} account;

static uint64_t step_of(double ratio) {
    return (uint64_t)llrint(ldexp(1 / ratio, 62));
}

static void aim(account *a, double ratio) {
    a->target = step_of(ratio);
    a->slope = ((int64_t)a->target - (int64_t)a->step) / VO_DRIFT_RAMP_FRAMES;
    a->left = VO_DRIFT_RAMP_FRAMES;
}

static void advance(account *a) {
    if (a->left && --a->left)
        a->step += (uint64_t)a->slope;
    else
        a->step = a->target;
    uint64_t sum = a->rest + a->step;
    a->frames += sum >> 62;
    a->rest = sum & ((1ull << 62) - 1);
}

/* The tone at a frame and a rest; cycles are reduced before they become a float. */
static double tone_at(uint64_t frames, double rest, double cycles_a_frame) {
    double whole = fmod((double)frames * cycles_a_frame, 1);
    return 0.5 * sin(2 * PI * (whole + (rest - VO_DRIFT_LATENCY_FRAMES) * cycles_a_frame));
}

/* --- Tones -------------------------------------------------------------------- */

typedef struct journey {
    double cycles; /* a frame */
    const double *ratios;
    uint32_t count;
    uint32_t every; /* blocks between one ratio and the next */
    uint32_t blocks;
} journey;

/* What is not the tone at the accounted positions, in dB of the tone. A lossy account rounds them
   as a float would. */
static double travel(const journey *j, bool lossy) {
    static float in[BLOCK], out[MOST];
    vo_drift *drift = fresh(1);
    account a = {.step = step_of(1), .target = step_of(1)};
    double yy = 0, yt = 0, tt = 0;
    for (uint32_t block = 0; block < j->blocks; block++) {
        if (block % j->every == 0) {
            double ratio = j->ratios[block / j->every % j->count];
            if (ratio != vo_drift_ratio(drift)) aim(&a, ratio);
            set(drift, ratio);
        }
        uint64_t from = (uint64_t)block * BLOCK;
        for (uint32_t i = 0; i < BLOCK; i++)
            in[i] = (float)tone_at(from + i + VO_DRIFT_LATENCY_FRAMES, 0, j->cycles);
        uint64_t made = vo_drift_process(drift, out, MOST, in, BLOCK);
        CHECK(made <= vo_drift_max_output(BLOCK));
        for (uint64_t k = 0; k < made; k++, advance(&a)) {
            CHECK(a.frames < from + BLOCK || lossy);
            if (lossy) a.rest &= ~((1ull << 39) - 1);
            if (a.frames < 2 * VO_DRIFT_LATENCY_FRAMES) continue;
            double tone = tone_at(a.frames, ldexp((double)a.rest, -62), j->cycles);
            double y = (double)out[k];
            yy += y * y, yt += y * tone, tt += tone * tone;
        }
        CHECK(a.frames >= from + BLOCK || lossy);
    }
    vo_drift_free(drift);
    CHECK(fabs(20 * log10(yt / tt)) < 0.01);
    return 10 * log10(fabs(yy - yt * yt / tt) / tt + 1e-30);
}

static void test_positions(void) {
    const double slow[] = {1.000123}, least[] = {0.99}, most[] = {1.01}, same[] = {1};
    const double swing[] = {1.001, 0.999, 1.0003}, wide[] = {1.01, 0.99};
    const journey journeys[] = {
        {1.0 / 48, slow, 1, 1, 2500}, {0.4, least, 1, 1, 100},  {0.44, most, 1, 1, 100},
        {0.2, same, 1, 1, 100},       {0.1, swing, 3, 1, 200},  {0.3, wide, 2, 2, 200},
        {0.0001, swing, 3, 1, 2500},  {0.44, swing, 3, 3, 200},
    };
    for (size_t i = 0; i < sizeof journeys / sizeof *journeys; i++)
        CHECK(travel(&journeys[i], false) < -110);
    CHECK(travel(&journeys[0], true) > -80);
}

/* Beyond the stopband's edge nothing comes through, at either end of the range. */
static void test_stopband(void) {
    static float in[48000], out[50000];
    const double ratios[] = {0.99, 1, 1.01};
    for (int r = 0; r < 3; r++)
        for (int step = 0; step < 8; step++) {
            vo_drift *drift = fresh(1);
            set(drift, ratios[r]);
            vo_drift_reset(drift);
            double cycles = 0.4925 + 0.0075 * step / 8, energy = 0;
            for (int i = 0; i < 48000; i++) in[i] = (float)sin(2 * PI * fmod(cycles * i, 1));
            uint64_t made = vo_drift_process(drift, out, 50000, in, 48000);
            for (uint64_t k = 200; k < made; k++) energy += (double)out[k] * (double)out[k];
            CHECK(10 * log10(energy / (double)made / 0.5 + 1e-30) < -110);
            vo_drift_free(drift);
        }
}

/* --- Cuts --------------------------------------------------------------------- */

static void test_cuts(void) {
    enum { CHANNELS = 2, FRAMES = 6000 };
    static float in[FRAMES * CHANNELS], whole[2 * FRAMES * CHANNELS], cut[2 * FRAMES * CHANNELS];
    for (int round = 0; round < 8; round++) {
        vo_drift *drift = fresh(CHANNELS);
        for (size_t i = 0; i < FRAMES * CHANNELS; i++) in[i] = random_sample();
        set(drift, 1.01 - round * 0.0025);
        uint64_t all = vo_drift_process(drift, whole, 2 * FRAMES, in, FRAMES);
        set(drift, 1);
        vo_drift_reset(drift);
        set(drift, 1.01 - round * 0.0025);
        uint64_t at = 0, made = 0;
        while (at < FRAMES) {
            uint64_t n = random_bits() % (round % 2 ? 5 : 2000);
            if (n > FRAMES - at) n = FRAMES - at;
            uint64_t room = vo_drift_max_output(n);
            made += vo_drift_process(drift, cut + made * CHANNELS, room, in + at * CHANNELS, n);
            at += n;
        }
        CHECK(made == all);
        CHECK(memcmp(whole, cut, made * CHANNELS * sizeof *cut) == 0);
        vo_drift_free(drift);
    }
}

/* Frames without room are lost, and what comes later is where it was. */
static void test_no_room(void) {
    static float in[2000], all[2100], some[2100];
    for (size_t i = 0; i < 2000; i++) in[i] = random_sample();
    vo_drift *drift = fresh(1);
    uint64_t made = vo_drift_process(drift, all, 2100, in, 2000);
    CHECK(made == 2000);
    vo_drift_reset(drift);
    some[10] = 12345;
    CHECK(vo_drift_process(drift, some, 10, in, 1000) == 10);
    CHECK(some[10] == 12345);
    CHECK(vo_drift_process(drift, some + 1000, 1100, in + 1000, 1000) == 1000);
    CHECK(memcmp(some, all, 10 * sizeof *all) == 0);
    CHECK(memcmp(some + 1000, all + 1000, 1000 * sizeof *all) == 0);
    CHECK(vo_drift_process(drift, some, 10, in, 0) == 0);
    vo_drift_free(drift);
}

/* --- Threads -------------------------------------------------------------------- */

static void *steer(void *drift) {
    for (int i = 0; i < 20000; i++) set(drift, 1 + (i % 21 - 10) * 0.001);
    return NULL;
}

static void test_threads(void) {
    static float in[BLOCK], out[MOST];
    vo_drift *drift = fresh(1);
    for (uint32_t i = 0; i < BLOCK; i++) in[i] = (float)sin(2 * PI * i / BLOCK * 10);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, steer, drift) == 0);
    float before = 0;
    for (int block = 0; block < 500; block++) {
        uint64_t made = vo_drift_process(drift, out, MOST, in, BLOCK);
        for (uint64_t k = 0; k < made; k++) {
            CHECK(fabsf(out[k] - before) < 0.14f); /* 2 pi / 48, and 1 % */
            before = out[k];
        }
    }
    CHECK(pthread_join(thread, NULL) == 0);
    vo_drift_free(drift);
}

/* --- Setup ---------------------------------------------------------------------- */

static void test_bad_arguments(void) {
    vo_drift *drift = (vo_drift *)&drift;
    CHECK(vo_drift_new(&drift, 0, NULL) == VO_BAD_ARG && !drift);
    CHECK(vo_drift_new(&drift, VO_DRIFT_MOST_CHANNELS + 1, NULL) == VO_BAD_ARG);
    drift = fresh(1);
    const double bad[] = {0, -1, 0.9899, 1.0101, NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(vo_drift_set_ratio(drift, bad[i]) == VO_BAD_ARG);
        CHECK(vo_drift_ratio(drift) == 1);
    }
    vo_drift_free(drift);
    vo_drift_free(NULL);
}

static void test_memory(void) {
    failing_alloc memory;
    vo_drift *drift;
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        vo_status status = vo_drift_new(&drift, 2, &memory.allocator);
        if (status == VO_OK) {
            vo_drift_free(drift);
            CHECK(k == 4 && memory.live == 0);
            return;
        }
        CHECK(status == VO_NO_MEM && !drift && memory.live == 0);
    }
}

int main(void) {
    test_positions();
    test_stopband();
    test_cuts();
    test_no_room();
    test_threads();
    test_bad_arguments();
    test_memory();
    return 0;
}
