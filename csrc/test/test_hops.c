/* Hundredths of a second that lie where they lie in the stream, and E5: what counts as 0 in them.
 */
#include "hops.h"

#include <float.h>
#include <string.h>

#include "check.h"
#include "meter_signals.h"

static vo_hops fresh(uint32_t rate, uint32_t channels) {
    vo_hops hops;
    CHECK(vo_hops_init(&hops, rate, channels, NULL) == VO_OK);
    return hops;
}

/* A second has 100 hops at every rate, and none is a frame longer than another by more than one. */
static void a_second_has_a_hundred(void) {
    const uint32_t rates[] = {100, 101, 199, 8000, 11025, 22050, 44100, 48000, 192000, 768000};
    const float rest[64] = {0}, *const x[1] = {rest};
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        vo_hops hops = fresh(rates[r], 1);
        uint64_t frames = 0;
        for (int hop = 0; hop < 300; hop++) {
            CHECK(hops.frames - rates[r] / 100 <= 1 && hops.frames <= hops.row_frames);
            while (!vo_hops_full(&hops)) frames += vo_hops_take(&hops, x, 1, 0, 64);
            vo_hops_next(&hops);
        }
        CHECK(frames == 3 * (uint64_t)rates[r]);
        vo_hops_release(&hops, NULL);
    }
}

enum { RATE = 22050, FRAMES = RATE };

/* All hops of a signal, one after the other: channel by channel in each. */
static uint32_t cut_up(const float *const *x, size_t stride, uint32_t channels, uint32_t seed,
                       float *out) {
    vo_hops hops = fresh(RATE, channels);
    uint32_t found = 0;
    for (uint32_t at = 0, n; at < FRAMES; at += n) {
        n = random_cut(&seed, FRAMES - at);
        for (uint32_t done = 0; done < n;) {
            done += vo_hops_take(&hops, x, stride, at + done, n - done);
            if (!vo_hops_full(&hops)) continue;
            for (uint32_t c = 0; c < channels; c++, found += hops.frames)
                memcpy(out + found, vo_hops_row(&hops, c), hops.frames * sizeof *out);
            vo_hops_next(&hops);
        }
    }
    vo_hops_release(&hops, NULL);
    return found;
}

static void cuts_and_strides_make_no_difference(void) {
    enum { CHANNELS = 3 };
    static float woven[FRAMES * CHANNELS], apart[CHANNELS][FRAMES];
    static float a[FRAMES * CHANNELS], b[FRAMES * CHANNELS];
    uint32_t seed = 5;
    for (int i = 0; i < FRAMES * CHANNELS; i++) woven[i] = noise(&seed);
    for (int i = 0; i < FRAMES * CHANNELS; i++) apart[i % CHANNELS][i / CHANNELS] = woven[i];
    const float *const planar[] = {apart[0], apart[1], apart[2]};
    const float *const frames[] = {woven, woven + 1, woven + 2};
    CHECK(cut_up(planar, 1, CHANNELS, 1, a) == FRAMES * CHANNELS);
    CHECK(cut_up(frames, CHANNELS, CHANNELS, 2, b) == FRAMES * CHANNELS);
    CHECK(memcmp(a, b, sizeof a) == 0);
    const float *const some[] = {woven + 2, woven}; /* two of three, in another order */
    CHECK(cut_up(some, CHANNELS, 2, 3, b) == FRAMES * 2);
    CHECK(b[0] == woven[2] && b[220] == woven[0]);
}

/* --- E5 -------------------------------------------------------------------- */

static void what_no_converter_delivers_is_0(void) {
    const struct row {
        float given, taken;
    } rows[] = {{0, 0},         {-0.0f, 0},        {0.5f, 0.5f},      {-1, -1},
                {10, 10},       {-10, -10},        {10.000001f, 0},   {-FLT_MAX, 0},
                {NAN, 0},       {-NAN, 0},         {INFINITY, 0},     {-INFINITY, 0},
                {0x1p-149f, 0}, {-0x1.8p-127f, 0}, {FLT_MIN, FLT_MIN}};
    enum { ROWS = sizeof rows / sizeof *rows, REFUSED = 8 };
    float given[ROWS], clean[ROWS] = {0};
    const float *const x[2] = {clean, given};
    for (int i = 0; i < ROWS; i++) given[i] = rows[i].given;
    vo_hops hops = fresh(48000, 2);
    CHECK(vo_hops_take(&hops, x, 1, 0, ROWS) == ROWS);
    for (int i = 0; i < ROWS; i++) CHECK(vo_hops_row(&hops, 1)[i] == rows[i].taken);
    CHECK(hops.refused[0] == 0 && hops.refused[1] == REFUSED);
    vo_hops_reset(&hops);
    CHECK(hops.refused[1] == 0 && hops.filled == 0);
    vo_hops_release(&hops, NULL);
}

/* --- Memory ------------------------------------------------------------------ */

static void init_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_hops hops;
    for (uint64_t k = 1;; k++) {
        failing_alloc_init(&memory, k, false);
        vo_status status = vo_hops_init(&hops, 48000, 2, &memory.allocator);
        vo_hops_release(&hops, &memory.allocator);
        CHECK(memory.live == 0);
        if (status == VO_OK) break;
        CHECK(status == VO_NO_MEM && memory.failures == 1);
    }
    const uint32_t bad[][2] = {{99, 1}, {0, 1}, {48000, 0}, {48000, 65}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_hops_init(&hops, bad[i][0], bad[i][1], NULL) == VO_BAD_ARG);
}

int main(void) {
    a_second_has_a_hundred();
    cuts_and_strides_make_no_difference();
    what_no_converter_delivers_is_0();
    init_survives_a_failing_allocator();
    return 0;
}
