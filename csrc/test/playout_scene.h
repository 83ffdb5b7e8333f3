/* A source and a consumer with clocks of their own, on a virtual clock: the consumer's count of
   frames. 8 kHz, so that an hour is short. */
#ifndef PLAYOUT_SCENE_H
#define PLAYOUT_SCENE_H

#include <math.h>
#include <string.h>

#include "check.h"
#include "vocana/playout.h"

enum { RATE = 8000, BLOCK = 80, MIN = 80, START = 160, MAX = 1600, CAPACITY = 8000, MOST = 8000 };
enum { FADE = 40, ALIGN = 80, MUTE = 640, MINUTE = 60 * RATE };

static const vo_playout_config usual = {.rate = RATE,
                                        .channels = 1,
                                        .block_frames = BLOCK,
                                        .min_frames = MIN,
                                        .start_frames = START,
                                        .max_frames = MAX,
                                        .capacity_frames = CAPACITY,
                                        .calm_frames = MINUTE,
                                        .fade_frames = FADE,
                                        .align_frames = ALIGN,
                                        .mute_frames = MUTE,
                                        .most_ppm = 3000};

/* In (0, 1]. */
static inline double uniform(uint64_t *seed) {
    *seed = *seed * 6364136223846793005 + 1442695040888963407;
    return ((double)(*seed >> 11) + 1) / 0x1p53;
}

/* Frames of the consumer's clock by which the block that ends at `frame` is late. */
typedef double lateness(uint64_t frame, uint64_t *seed);

typedef struct scene {
    vo_playout *playout;
    vo_tap *tap;
    double ppm;     /* the source is faster by this */
    uint32_t block; /* that it writes */
    uint32_t pull;  /* that the consumer asks for */
    lateness *late; /* NULL: never */
    bool untimed;   /* the consumer does not know when a block came */
    uint64_t seed;
    uint64_t sent; /* frames of the source */
    uint64_t now;  /* frames of the consumer */
    double due, wrote_at;
} scene;

static inline scene scene_of(const vo_playout_config *config, double ppm) {
    scene s = {.ppm = ppm, .block = BLOCK, .pull = BLOCK, .seed = 1};
    CHECK(vo_playout_new(&s.playout, config, NULL) == VO_OK);
    s.tap = vo_playout_tap(s.playout);
    return s;
}

static inline vo_playout_stats stats_of(const scene *s) {
    vo_playout_stats stats = vo_playout_stats_now(s->playout);
    CHECK(stats.pulled == stats.played + stats.concealed + stats.silent);
    return stats;
}

/* When the next block comes: never before the one ahead of it. */
static inline double next_due(scene *s) {
    if (s->due > 0) return s->due;
    uint64_t end = s->sent + s->block;
    double due = (double)end / (1 + s->ppm * 1e-6) + (s->late ? s->late(end, &s->seed) : 0);
    s->due = due > s->wrote_at ? due : s->wrote_at;
    return s->due;
}

/* What has come by now; nothing does while the source is mute. */
static inline void arrive(scene *s, const float *frames) {
    while (next_due(s) <= (double)s->now) {
        vo_tap_write(s->tap, frames, s->block);
        s->sent += s->block;
        s->wrote_at = s->due;
        s->due = 0;
    }
}

static const float scene_silence[MOST];
static float scene_heard[MOST];

static inline vo_playout_block step(scene *s) {
    arrive(s, scene_silence);
    uint32_t since = s->untimed ? 0 : (uint32_t)((double)s->now - s->wrote_at);
    vo_playout_block block = vo_playout_pull(s->playout, scene_heard, s->pull, since);
    CHECK(block.played + block.concealed + block.silent == s->pull);
    s->now += s->pull;
    return block;
}

static inline void play_until(scene *s, uint64_t frame) {
    while (s->now < frame) step(s);
}

/* The source falls silent until `frame`; then all that it held back comes at once. */
static inline void freeze_until(scene *s, uint64_t frame) {
    double due = next_due(s);
    if (due < (double)frame) s->due = (double)frame;
    play_until(s, frame);
}

/* Every frame of the tap is somewhere. */
static inline void check_account(const scene *s) {
    vo_playout_stats p = stats_of(s);
    vo_tap_stats t = vo_tap_stats_now(s->tap);
    CHECK(t.captured == t.delivered + t.dropped + t.queued);
    CHECK(p.taken <= t.delivered && t.delivered - p.taken <= 256); /* in hand */
    CHECK(p.skipped + p.lost <= t.dropped);
    CHECK(fabs((double)p.played - (double)p.taken) <= 0.01 * (double)p.taken + 1);
}

#endif
