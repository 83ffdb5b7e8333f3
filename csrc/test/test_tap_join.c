/* What is heard at the joins: after a loss the lost piece fades out while the new one fades in;
   after a skip the old one does. No other frame is touched. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "vocana/crossfade.h"
#include "vocana/tap.h"

enum { MOST = 48000 };

static vo_tap *open_tap(uint32_t channels, vo_overflow_policy policy, uint64_t capacity,
                        uint64_t target, uint32_t fade, uint32_t align) {
    vo_tap_config config = {.channels = channels,
                            .policy = policy,
                            .capacity_frames = capacity,
                            .target_frames = target,
                            .fade_frames = fade,
                            .align_frames = align,
                            .events = 64,
                            .breaker = {1000000, 1, 1}};
    vo_tap *tap;
    CHECK(vo_tap_new(&tap, &config, NULL) == VO_OK);
    return tap;
}

/* A signal without a pattern that a wrong frame could match by chance; full scale. */
static float noise(uint64_t frame, uint32_t channel) {
    uint64_t x = (frame * 8 + channel + 1) * 0x9E3779B97F4A7C15u;
    x ^= x >> 29;
    x *= 0xBF58476D1CE4E5B9u;
    return (float)((double)(x >> 40) * 0x1p-23 - 1.0);
}

static void write_noise(vo_tap *tap, uint32_t channels, uint32_t n) {
    static float frames[MOST];
    uint64_t at = vo_tap_stats_now(tap).captured;
    CHECK(n * channels <= MOST);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t c = 0; c < channels; c++) frames[i * channels + c] = noise(at + i, c);
    vo_tap_write(tap, frames, n);
}

static float mixed(float from, float to, uint32_t i, uint32_t length) {
    float step = vo_crossfade_gain(i, length) * (from - to);
    return to + step;
}

/* B4: the join is as long as was asked for, in frames, or as the loss when that was shorter; the
   blocks that carry it may have any size. */
static void a_join_mixes_what_was_lost_into_what_follows(void) {
    const uint32_t fade = 240, capacity = 1000;
    const uint32_t losses[] = {1, 2, 100, 239, 240, 241, 5000};
    const uint32_t blocks[] = {1, 7, 64, 239, 240, 400};
    for (uint32_t channels = 1; channels <= 3; channels++)
        for (size_t l = 0; l < sizeof losses / sizeof *losses; l++)
            for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
                vo_tap *tap = open_tap(channels, VO_DROP_NEWEST, capacity, 0, fade, 0);
                static float frames[MOST];
                for (uint32_t left = losses[l] + capacity; left;) {
                    uint32_t n = left < blocks[b] ? left : blocks[b];
                    write_noise(tap, channels, n);
                    left -= n;
                }
                vo_tap_block block = vo_tap_read(tap, frames, capacity);
                CHECK(block.frames == capacity);
                for (uint32_t i = 0; i < capacity; i++) /* up to the loss nothing is touched */
                    CHECK(frames[(size_t)i * channels] == noise(i, 0));
                while (vo_tap_stats_now(tap).queued < 500) write_noise(tap, channels, blocks[b]);
                block = vo_tap_read(tap, frames, 500);
                CHECK(block.frames == 500 && block.gap == losses[l]);
                CHECK(block.cause == VO_CAUSE_OVERFLOW && block.frame == capacity + losses[l]);
                uint32_t length = losses[l] < fade ? losses[l] : fade;
                for (uint32_t i = 0; i < 500; i++)
                    for (uint32_t c = 0; c < channels; c++) {
                        float to = noise(block.frame + i, c);
                        float heard = frames[i * channels + c];
                        float from = noise(capacity + i, c);
                        CHECK(heard == (i < length ? mixed(from, to, i, length) : to));
                    }
                vo_tap_free(tap);
            }
}

/* The ring fills up again at frame 10 of a join of 40: what is lost then is the rest of that join,
   so the second join begins where the first would have gone on. */
static void a_loss_in_the_middle_of_a_join_goes_on_from_it(void) {
    const uint32_t fade = 40, capacity = 100;
    for (uint32_t in_pieces = 0; in_pieces < 2; in_pieces++) {
        vo_tap *tap = open_tap(1, VO_DROP_NEWEST, capacity, 0, fade, 0);
        float frames[200], first[200];
        write_noise(tap, 1, 160); /* frames 100 .. 159 are lost */
        CHECK(vo_tap_read(tap, frames, 10).frames == 10);
        if (in_pieces)
            for (int i = 0; i < 120; i++) write_noise(tap, 1, 1);
        else
            write_noise(tap, 1, 120); /* 160 .. 169 are queued, 170 .. 279 are lost */
        CHECK(vo_tap_read(tap, frames, 200).frames == 90);
        vo_tap_block block = vo_tap_read(tap, frames, 200);
        CHECK(block.frames == 10 && block.frame == 160 && block.gap == 60);
        for (uint32_t i = 0; i < fade; i++)
            first[i] = mixed(noise(100 + i, 0), noise(160 + i, 0), i, fade);
        CHECK(!memcmp(frames, first, 10 * sizeof *frames));
        for (uint32_t i = fade; i < 100; i++) first[i] = noise(160 + i, 0);
        write_noise(tap, 1, 100);
        block = vo_tap_read(tap, frames, 200);
        CHECK(block.frames == 100 && block.frame == 280 && block.gap == 110);
        for (uint32_t i = 0; i < 100; i++) {
            float to = noise(280 + i, 0);
            CHECK(frames[i] == (i < fade ? mixed(first[10 + i], to, i, fade) : to));
        }
        vo_tap_free(tap);
    }
}

/* Nobody saw what the device lost: there is nothing to fade out, and a join stops there. */
static void a_loss_that_nobody_saw_is_a_hard_cut(void) {
    vo_tap *tap = open_tap(1, VO_DROP_NEWEST, 100, 0, 40, 0);
    float frames[200];
    write_noise(tap, 1, 110); /* ten seen, then the rest of the gap unseen */
    vo_tap_lose(tap, 500, VO_CAUSE_DEVICE);
    CHECK(vo_tap_read(tap, frames, 200).frames == 100);
    write_noise(tap, 1, 50);
    vo_tap_block block = vo_tap_read(tap, frames, 200);
    CHECK(block.frames == 50 && block.gap == 510 && block.cause == VO_CAUSE_OVERFLOW);
    for (uint32_t i = 0; i < 50; i++) {
        float to = noise(610 + i, 0);
        CHECK(frames[i] == (i < 10 ? mixed(noise(100 + i, 0), to, i, 10) : to));
    }
    vo_tap_lose(tap, 3, VO_CAUSE_REJECTED);
    write_noise(tap, 1, 50);
    block = vo_tap_read(tap, frames, 200);
    CHECK(block.frames == 50 && block.gap == 3 && block.cause == VO_CAUSE_REJECTED);
    for (uint32_t i = 0; i < 50; i++) CHECK(frames[i] == noise(663 + i, 0));
    vo_tap_free(tap);
}

/* A join in progress that a device's loss cuts does not go on behind it. */
static void a_join_ends_where_the_device_loses_frames(void) {
    vo_tap *tap = open_tap(1, VO_DROP_NEWEST, 100, 0, 40, 0);
    float frames[200];
    write_noise(tap, 1, 160);
    CHECK(vo_tap_read(tap, frames, 200).frames == 100);
    write_noise(tap, 1, 10);
    vo_tap_lose(tap, 30, VO_CAUSE_DEVICE);
    write_noise(tap, 1, 50);
    CHECK(vo_tap_read(tap, frames, 200).frames == 10);
    vo_tap_block block = vo_tap_read(tap, frames, 200);
    CHECK(block.frames == 50 && block.frame == 200 && block.gap == 30);
    for (uint32_t i = 0; i < 50; i++) CHECK(frames[i] == noise(200 + i, 0));
    vo_tap_free(tap);
}

/* B6: repeated overflow, skips and shortened joins never change the gain. */
static void a_constant_stays_exactly_that(void) {
    const float levels[] = {1.0f, -0.7f, 0.333333343f};
    static float block[600], frames[3000];
    for (size_t l = 0; l < sizeof levels / sizeof *levels; l++)
        for (uint32_t policy = VO_DROP_NEWEST; policy <= VO_FAIL; policy++) {
            vo_tap *tap = open_tap(1, (vo_overflow_policy)policy, 2000, 500, 240, 720);
            for (size_t i = 0; i < 600; i++) block[i] = levels[l];
            uint64_t heard = 0;
            for (uint32_t round = 0; round < 2000; round++) {
                vo_tap_write(tap, block, round % 600);
                uint32_t n = vo_tap_read(tap, frames, round * 7 % 400).frames;
                for (uint32_t i = 0; i < n; i++) CHECK(frames[i] == levels[l]);
                heard += n;
            }
            CHECK(heard > 100000 && vo_tap_stats_now(tap).overflows > 100);
            vo_tap_free(tap);
        }
}

/* --- Skips --------------------------------------------------------------- */

static void a_skip_mixes_the_old_into_the_new(void) {
    for (uint32_t piece = 1; piece <= 240; piece += piece < 10 ? 3 : 115) {
        vo_tap *tap = open_tap(2, VO_SKIP, 1000, 300, 240, 0);
        static float frames[2000];
        write_noise(tap, 2, 1000);
        for (uint32_t i = 0; i < 300;) {
            vo_tap_block block = vo_tap_read(tap, frames, piece);
            CHECK(block.frame == 700 + i && block.skipped == (i ? 0 : 700));
            CHECK(block.gap == block.skipped && block.frames > 0);
            if (!i) CHECK(block.cause == VO_CAUSE_SKIP);
            for (uint32_t k = 0; k < block.frames; k++, i++)
                for (uint32_t c = 0; c < 2; c++) {
                    float to = noise(700 + i, c);
                    CHECK(frames[2 * k + c] == (i < 240 ? mixed(noise(i, c), to, i, 240) : to));
                }
        }
        vo_tap_free(tap);
    }
}

/* A second skip while the join of the first is still being read goes on from what was heard. */
static void a_skip_in_the_middle_of_a_join_goes_on_from_it(void) {
    vo_tap *tap = open_tap(1, VO_SKIP, 1000, 300, 240, 0);
    static float frames[2000];
    write_noise(tap, 1, 1000);
    CHECK(vo_tap_read(tap, frames, 100).skipped == 700); /* to 700; 100 of 240 are heard */
    write_noise(tap, 1, 800);                            /* 1000 .. 1799: full */
    vo_tap_block block = vo_tap_read(tap, frames, 300);
    CHECK(block.skipped == 700 && block.frame == 1500 && block.frames == 300);
    for (uint32_t i = 0; i < 300; i++) {
        float old =
            i < 140 ? mixed(noise(100 + i, 0), noise(800 + i, 0), 100 + i, 240) : noise(800 + i, 0);
        float to = noise(1500 + i, 0);
        CHECK(frames[i] == (i < 240 ? mixed(old, to, i, 240) : to));
    }
    vo_tap_free(tap);
}

/* A tone whose period is 100 frames goes on in phase: the skip moves to where the old fits, and so
   the join is the tone itself. Negative control: without a search it is not. */
static void a_skip_of_a_tone_is_not_heard(void) {
    for (uint32_t align = 0; align <= 120; align += 120) {
        vo_tap *tap = open_tap(1, VO_SKIP, 4000, 1030, 240, align);
        static float tone[4000], frames[1000];
        for (uint32_t i = 0; i < 4000; i++) tone[i] = sinf(6.28318531f * (float)(i % 100) / 100.0f);
        vo_tap_write(tap, tone, 4000);
        vo_tap_block block = vo_tap_read(tap, frames, 1000);
        CHECK(block.gap == block.skipped && block.frame == block.skipped);
        CHECK(block.skipped == (align ? 3000 : 2970));
        float worst = 0;
        for (uint32_t i = 0; i < 1000; i++) worst = fmaxf(worst, fabsf(frames[i] - tone[i]));
        CHECK(align ? worst < 1e-5f : worst > 0.5f);
        vo_tap_free(tap);
    }
}

int main(void) {
    a_join_mixes_what_was_lost_into_what_follows();
    a_loss_in_the_middle_of_a_join_goes_on_from_it();
    a_loss_that_nobody_saw_is_a_hard_cut();
    a_join_ends_where_the_device_loses_frames();
    a_constant_stays_exactly_that();
    a_skip_mixes_the_old_into_the_new();
    a_skip_in_the_middle_of_a_join_goes_on_from_it();
    a_skip_of_a_tone_is_not_heard();
    return 0;
}
