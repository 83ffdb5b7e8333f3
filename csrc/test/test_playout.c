/* Always as many frames as were asked for, an account that is exact, and one concealment for each
   loss. */
#include "failing_alloc.h"
#include "playout_scene.h"

/* --- The account ------------------------------------------------------------------- */

/* Any sizes of blocks and pulls, with losses of every kind between them. */
static void every_frame_is_accounted_for(void) {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        scene s = scene_of(&usual, 0);
        s.seed = seed;
        for (int i = 0; i < 3000; i++) {
            double what = uniform(&s.seed);
            uint32_t n = (uint32_t)(uniform(&s.seed) * (what < 0.01 ? 3000 : 160));
            if (what > 0.98)
                vo_tap_lose(s.tap, n, what > 0.99 ? VO_CAUSE_DEVICE : VO_CAUSE_REJECTED);
            else if (what < 0.95)
                vo_tap_write(s.tap, scene_silence, n);
            n = (uint32_t)(uniform(&s.seed) * 160);
            vo_playout_block block = vo_playout_pull(s.playout, scene_heard, n, 0);
            CHECK(block.played + block.concealed + block.silent == n);
            check_account(&s);
        }
        vo_playout_free(s.playout);
    }
}

/* Without a correction the resampler gives one frame for each. */
static void what_was_taken_was_played(void) {
    vo_playout_config rigid = usual;
    rigid.most_ppm = 0;
    scene s = scene_of(&rigid, 0);
    play_until(&s, 10 * RATE);
    vo_playout_stats p = stats_of(&s);
    CHECK(p.played == p.taken && p.ratio == 1 && p.concealed == 0);
    CHECK(p.played + p.silent == 10 * RATE && p.silent <= START + 2 * BLOCK);
    vo_playout_free(s.playout);
}

/* The frame that a block tells is the one that is heard first. */
static void the_timeline_is_the_source_s(void) {
    vo_playout_config rigid = usual;
    rigid.most_ppm = 0;
    scene s = scene_of(&rigid, 0);
    float block[BLOCK], heard[BLOCK];
    uint64_t sent = 0;
    for (int i = 0; i < 400; i++) {
        for (uint32_t k = 0; k < BLOCK; k++) block[k] = (float)sin(0.05 * (double)(sent + k));
        if (i == 200) { /* the device loses a block: the timeline goes on behind it */
            vo_tap_lose(s.tap, BLOCK, VO_CAUSE_DEVICE);
        } else {
            vo_tap_write(s.tap, block, BLOCK);
        }
        sent += BLOCK;
        vo_playout_block b = vo_playout_pull(s.playout, heard, BLOCK, 0);
        bool calm = b.played == BLOCK && b.frame > 4 * BLOCK && (i < 200 || i > 220);
        for (uint32_t k = 0; calm && k < BLOCK; k++)
            CHECK(fabs(heard[k] - sin(0.05 * (double)(b.frame + k))) < 2e-3);
        if (calm) CHECK(b.frame + START + 2 * BLOCK + 64 >= sent);
        CHECK(vo_playout_stats_now(s.playout).frame >= b.frame);
    }
    CHECK(stats_of(&s).concealments == 1 && stats_of(&s).lost == BLOCK);
    vo_playout_free(s.playout);
}

/* --- Losses --------------------------------------------------------------------- */

/* fault 4: N gaps make N concealments, whatever made them; each dies away within 80 ms. */
static void as_many_concealments_as_losses(void) {
    const uint32_t lengths[] = {1, 10, BLOCK, 3 * BLOCK, 10 * BLOCK, 100 * BLOCK};
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++)
        for (int late = 0; late <= 1; late++) {
            enum { LOSSES = 19 };
            scene s = scene_of(&usual, 0);
            uint32_t losses = 0;
            for (int i = 0; i < LOSSES; i++) {
                play_until(&s, s.now + 8 * RATE);
                uint64_t level = stats_of(&s).queued;
                if (late && lengths[l] <= level + BLOCK) continue; /* the fill bridges it */
                losses++;
                if (late) {
                    freeze_until(&s, s.now + lengths[l] + BLOCK);
                } else {
                    vo_tap_lose(s.tap, lengths[l], i % 2 ? VO_CAUSE_DEVICE : VO_CAUSE_REJECTED);
                    s.sent += lengths[l];
                    s.due = 0;
                }
            }
            play_until(&s, s.now + 8 * RATE);
            vo_playout_stats p = stats_of(&s);
            CHECK(p.concealments == losses);
            CHECK(p.underruns <= losses && (!late || p.underruns == losses));
            CHECK(late || p.lost == (uint64_t)LOSSES * lengths[l]);
            check_account(&s);
            vo_playout_free(s.playout);
        }
}

/* A source that stood still tells of it afterwards: that time has passed. And none is waited for
   longer than the most that is queued, whatever it says to have lost. */
static void a_loss_is_heard_once_and_not_for_ever(void) {
    scene s = scene_of(&usual, 0);
    play_until(&s, 8 * RATE);
    s.due = INFINITY;
    play_until(&s, s.now + 10 * BLOCK);
    vo_tap_lose(s.tap, 10 * BLOCK, VO_CAUSE_DEVICE);
    s.sent += 10 * BLOCK;
    s.due = 0;
    play_until(&s, s.now + 8 * RATE);
    CHECK(stats_of(&s).concealments == 1 && stats_of(&s).longest <= 12 * BLOCK);
    vo_tap_lose(s.tap, MINUTE, VO_CAUSE_DEVICE);
    play_until(&s, s.now + 8 * RATE);
    CHECK(stats_of(&s).concealments == 2 && stats_of(&s).longest <= MAX + 2 * BLOCK);
    vo_playout_free(s.playout);
}

/* In a tone what comes back waits for its phase: still one concealment for each loss, and no step.
 */
static void a_tone_comes_back_in_phase(void) {
    enum { LOSSES = 19 };
    scene s = scene_of(&usual, 0);
    float block[BLOCK], before = 0;
    for (int i = 0; i < 100 * (LOSSES + 1); i++) {
        for (uint32_t k = 0; k < BLOCK; k++)
            block[k] = 0.5f * (float)sin(0.1 * (double)(s.sent + k));
        if (i % 100 == 99 && i < 100 * LOSSES)
            vo_tap_lose(s.tap, BLOCK, VO_CAUSE_DEVICE);
        else
            vo_tap_write(s.tap, block, BLOCK);
        s.sent += BLOCK - (i % 100 == 99) * (uint32_t)(i / 100); /* back at another phase */
        vo_playout_pull(s.playout, scene_heard, BLOCK, 0);
        for (uint32_t k = 0; i > 20 && k < BLOCK; before = scene_heard[k++])
            CHECK(fabsf(scene_heard[k] - before) < 0.056f);
        before = scene_heard[BLOCK - 1];
    }
    CHECK(stats_of(&s).concealments == LOSSES && stats_of(&s).underruns == 0);
    vo_playout_free(s.playout);
}

/* One that is longer than the queue gives what there is and then what is made up. */
static void a_pull_longer_than_the_queue_runs_dry(void) {
    scene s = scene_of(&usual, 0);
    static float much[2 * CAPACITY];
    for (int i = 0; i < 10; i++) {
        for (int k = 0; k < 2 * CAPACITY / BLOCK; k++) vo_tap_write(s.tap, scene_silence, BLOCK);
        vo_playout_block b = vo_playout_pull(s.playout, much, 2 * CAPACITY, 0);
        CHECK(b.played + b.concealed + b.silent == 2 * CAPACITY && b.played + 1 >= CAPACITY);
    }
    check_account(&s);
    vo_playout_free(s.playout);
}

/* fault 5: interruptions are those of 150 ms or more, and the end of the source is none. */
static void what_counts_as_an_interruption(void) {
    scene s = scene_of(&usual, 0);
    play_until(&s, 10 * RATE);
    freeze_until(&s, s.now + RATE / 10);
    play_until(&s, s.now + 10 * RATE);
    vo_playout_stats p = stats_of(&s);
    CHECK(p.concealments == 1 && p.interruptions == 0 && p.longest < RATE * 3 / 20);
    freeze_until(&s, s.now + RATE / 2);
    play_until(&s, s.now + 10 * RATE);
    p = stats_of(&s);
    CHECK(p.concealments == 2 && p.interruptions == 1 && p.longest >= RATE * 3 / 20);

    uint64_t concealed = p.concealed;
    s.due = INFINITY; /* it stops, and only later says so */
    play_until(&s, s.now + RATE);
    CHECK(stats_of(&s).concealed > concealed);
    vo_tap_end(s.tap);
    step(&s);
    p = stats_of(&s);
    CHECK(p.concealed == concealed && p.concealments == 2 && p.interruptions == 1);
    play_until(&s, s.now + RATE);
    CHECK(stats_of(&s).concealed == concealed && stats_of(&s).silent > RATE);
    vo_playout_free(s.playout);
}

/* What is queued when the source ends is heard, though it is less than the target. */
static void the_end_is_heard(void) {
    scene s = scene_of(&usual, 0);
    CHECK(stats_of(&s).ratio == 1 && stats_of(&s).target == START);
    vo_tap_write(s.tap, scene_silence, 50);
    vo_tap_end(s.tap);
    vo_playout_block block = vo_playout_pull(s.playout, scene_heard, 200, 0);
    CHECK(block.played == 50 && block.silent == 150 && block.concealed == 0);
    CHECK(stats_of(&s).taken == 50 && stats_of(&s).target == START);
    vo_playout_free(s.playout);
}

/* --- Setup ---------------------------------------------------------------------- */

static void bad_configs_are_refused(void) {
    vo_playout_config bad[14];
    for (size_t i = 0; i < 14; i++) bad[i] = usual;
    bad[0].rate = 999;
    bad[1].channels = 0;
    bad[2].channels = 1025;
    bad[3].block_frames = 0;
    bad[4].min_frames = START + 1;
    bad[5].start_frames = MAX + 1;
    bad[6].max_frames = CAPACITY / 2 + 1;
    bad[7].calm_frames = 7;
    bad[8].fade_frames = 0;
    bad[9].fade_frames = UINT32_MAX / 4;
    bad[10].mute_frames = 0;
    bad[11].most_ppm = -1;
    bad[12].most_ppm = 10001;
    bad[13].most_ppm = NAN;
    for (size_t i = 0; i < 14; i++) {
        vo_playout *playout = (vo_playout *)&bad;
        CHECK(vo_playout_new(&playout, &bad[i], NULL) == (i == 9 ? VO_TOO_BIG : VO_BAD_ARG));
        CHECK(!playout);
    }
    vo_playout_free(NULL);
}

static void no_memory_is_an_error_and_leaks_nothing(void) {
    for (int from_then_on = 0; from_then_on <= 1; from_then_on++)
        for (uint64_t k = 1;; k++) {
            failing_alloc memory;
            failing_alloc_init(&memory, k, from_then_on);
            vo_playout *playout;
            vo_status status = vo_playout_new(&playout, &usual, &memory.allocator);
            if (!memory.failures) {
                CHECK(status == VO_OK && k > 10);
                for (int i = 0; i < 100; i++) { /* B20: a pull asks for nothing */
                    vo_tap_write(vo_playout_tap(playout), scene_silence, BLOCK);
                    vo_playout_pull(playout, scene_heard, BLOCK, 0);
                }
                CHECK(memory.calls == k - 1);
                vo_playout_free(playout);
                CHECK(memory.live == 0);
                break;
            }
            CHECK(status == VO_NO_MEM && !playout && memory.live == 0);
        }
}

int main(void) {
    every_frame_is_accounted_for();
    what_was_taken_was_played();
    the_timeline_is_the_source_s();
    as_many_concealments_as_losses();
    a_loss_is_heard_once_and_not_for_ever();
    a_tone_comes_back_in_phase();
    a_pull_longer_than_the_queue_runs_dry();
    what_counts_as_an_interruption();
    the_end_is_heard();
    bad_configs_are_refused();
    no_memory_is_an_error_and_leaks_nothing();
    return 0;
}
