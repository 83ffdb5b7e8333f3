#include "playout.h"

#include <string.h>

/* The loop that holds the fill: locked within 10 s at any clock that is off by 1000 ppm, and then
   so narrow that jitter does not move the pitch. */
#define WIDE_HZ 0.13
#define NARROW_HZ 0.016
#define SETTLE_S 5.0

/* Longest period that concealment repeats: that of the lowest voices. */
#define PERIOD_S 0.015

/* Breaker of the tap: a reader that comes back ends a rest, so its length hardly matters. */
enum { TRIPS_AFTER = 5, EVENTS = 64 };

static vo_status check(const vo_playout_config *c) {
    if (c->rate < 1000 || !c->block_frames) return VO_BAD_ARG;
    if (c->min_frames > c->start_frames || c->start_frames > c->max_frames) return VO_BAD_ARG;
    if (c->max_frames > c->capacity_frames / 2) return VO_BAD_ARG;
    if (!(c->most_ppm >= 0 && c->most_ppm <= 10000)) return VO_BAD_ARG;
    return VO_OK;
}

static vo_status make_control(vo_playout *p) {
    const vo_playout_config *c = &p->config;
    vo_target_config target = {.min_frames = c->min_frames,
                               .max_frames = c->max_frames,
                               .step_frames = c->block_frames,
                               .attack_frames = c->rate,
                               .hold_frames = 5 * (uint64_t)c->rate,
                               .memory_frames = c->calm_frames};
    vo_servo_config servo = {.rate = c->rate,
                             .wide_hz = WIDE_HZ,
                             .narrow_hz = NARROW_HZ,
                             .settle_s = SETTLE_S,
                             .loose_frames = c->block_frames,
                             .most = c->most_ppm * 1e-6};
    vo_status status = vo_target_init(&p->target, &target);
    p->target.frames = c->start_frames;
    return status ? status : vo_servo_init(&p->servo, &servo);
}

static vo_status make(vo_playout *p) {
    const vo_playout_config *c = &p->config;
    const vo_allocator *allocator = &p->allocator;
    vo_tap_config tap = {.channels = c->channels,
                         .policy = VO_SKIP,
                         .capacity_frames = c->capacity_frames,
                         .target_frames = c->max_frames,
                         .fade_frames = c->fade_frames,
                         .align_frames = c->align_frames,
                         .events = EVENTS,
                         .breaker = {TRIPS_AFTER, c->rate / 40, c->rate / 40 * 64}};
    uint32_t period = (uint32_t)(PERIOD_S * c->rate);
    vo_conceal_config conceal = {.channels = c->channels,
                                 .fade_frames = c->fade_frames,
                                 .period_frames =
                                     period / 2 > c->fade_frames ? period : 2 * c->fade_frames,
                                 .mute_frames = c->mute_frames};
    vo_status status;
    if ((status = make_control(p))) return status;
    if ((status = vo_drift_new(&p->drift, c->channels, allocator))) return status;
    if ((status = vo_conceal_new(&p->conceal, &conceal, allocator))) return status;
    if ((status = vo_tap_new(&p->tap, &tap, allocator))) return status;
    size_t run = c->channels * sizeof(float[VO_PLAYOUT_RUN]), hand;
    uint32_t in_hand = c->fade_frames > VO_PLAYOUT_RUN ? c->fade_frames : VO_PLAYOUT_RUN;
    if (!vo_size_mul(c->channels * sizeof(float), in_hand, &hand)) return VO_TOO_BIG;
    p->in = vo_alloc(allocator, hand, VO_CACHE_LINE);
    p->mute = vo_alloc(allocator, run, VO_CACHE_LINE);
    p->made = vo_alloc(allocator, 2 * run, VO_CACHE_LINE);
    return p->in && p->mute && p->made ? VO_OK : VO_NO_MEM;
}

vo_status vo_playout_new(vo_playout **out, const vo_playout_config *config,
                         const vo_allocator *allocator) {
    *out = NULL;
    vo_status status = check(config);
    if (status) return status;
    if (!allocator) allocator = vo_allocator_default();
    vo_playout *p = vo_alloc(allocator, sizeof *p, VO_CACHE_LINE);
    if (!p) return VO_NO_MEM;
    p->config = *config;
    p->allocator = *allocator;
    p->dry = true;
    p->needed = config->start_frames;
    p->stats.ratio = 1;
    p->stats.target = config->start_frames;
    status = make(p);
    if (status) {
        vo_playout_free(p);
        return status;
    }
    vo_playout_publish(p);
    *out = p;
    return VO_OK;
}

void vo_playout_free(vo_playout *p) {
    if (!p) return;
    vo_allocator allocator = p->allocator;
    vo_tap_free(p->tap);
    vo_drift_free(p->drift);
    vo_conceal_free(p->conceal);
    vo_release(&allocator, p->in);
    vo_release(&allocator, p->mute);
    vo_release(&allocator, p->made);
    vo_release(&allocator, p);
}

vo_tap *vo_playout_tap(vo_playout *p) {
    return p->tap;
}

void vo_playout_publish(vo_playout *p) {
    uint64_t words[VO_SNAPSHOT_WORDS];
    _Static_assert(sizeof p->stats <= sizeof words, "a snapshot holds them");
    memcpy(words, &p->stats, sizeof p->stats);
    vo_snapshot_publish(&p->published, words, sizeof p->stats / sizeof *words);
}

vo_playout_stats vo_playout_stats_now(const vo_playout *p) {
    vo_playout_stats stats;
    uint64_t words[VO_SNAPSHOT_WORDS];
    vo_snapshot_read(&p->published, words, sizeof stats / sizeof *words);
    memcpy(&stats, words, sizeof stats);
    return stats;
}
