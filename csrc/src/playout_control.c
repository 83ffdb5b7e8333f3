/* How much is to be queued, and how the fill gets there. */
#include "playout.h"

/* The aim goes to another target this slowly: frames a frame. */
#define GLIDE 1.5e-3

uint64_t vo_playout_fill(vo_playout *p) {
    return vo_tap_queued(p->tap) + p->in_frames - p->in_at + p->made_frames - p->made_at;
}

/* Tell the target how late frames are, on the consumer's clock. Nothing is told of a pull without
   new frames until some come: then it was late, or so late that no target could have helped. */
static void measure(vo_playout *p) {
    uint64_t now = p->stats.pulled, newest = vo_tap_newest(p->tap);
    if (newest == p->newest) {
        p->last_pull = now;
        return;
    }
    if (p->last_pull && p->started && p->run <= p->config.max_frames)
        vo_target_arrival(&p->target, p->last_pull, (uint64_t)p->arrived);
    p->arrived += (double)(newest - p->newest) * (1 + p->servo.correction);
    vo_target_arrival(&p->target, now, (uint64_t)p->arrived);
    p->newest = newest;
    p->last_pull = 0;
}

void vo_playout_look(vo_playout *p, uint32_t n, uint32_t since_frames) {
    p->stats.pulled += n;
    p->since = since_frames < p->config.max_frames ? since_frames : p->config.max_frames;
    measure(p);
    /* What is late may be later still: no more of it is relied upon than a pull, and it is no
       reason to jump over what came in time. */
    uint64_t soon = p->since < n ? p->since : n;
    uint64_t besides = vo_playout_fill(p) - vo_tap_queued(p->tap) + soon;
    uint64_t keep = p->target.frames + n + p->config.align_frames;
    keep = keep > besides ? keep - besides : 0;
    uint64_t high = keep;
    bool late = p->last_pull;
    if (p->playing && late)
        high = p->config.capacity_frames;
    else if (p->playing && !p->trim)
        high = (uint64_t)p->aim + n + p->config.max_frames;
    vo_tap_steer(p->tap, keep, high);
}

/* Whether the fill was above the aim by more than a block for two quarters of a second. */
static void watch_level(vo_playout *p, double level) {
    if (level < p->lowest[0]) p->lowest[0] = level;
    if (p->stats.pulled < p->quarter_ends) return;
    double lowest = p->lowest[0] < p->lowest[1] ? p->lowest[0] : p->lowest[1];
    p->trim = lowest > p->aim + p->config.block_frames;
    p->lowest[1] = p->lowest[0];
    p->lowest[0] = level;
    p->quarter_ends = p->stats.pulled + p->config.rate / 4;
}

/* Where the fill is now is where the aim begins, but no more than a block off the target. */
static void settle(vo_playout *p, double level) {
    double most = (double)p->target.frames + p->config.block_frames;
    p->aim = level < most ? level : most;
    p->moved = p->trim = false;
    p->lowest[0] = p->lowest[1] = level;
    p->quarter_ends = p->stats.pulled + p->config.rate / 4;
    vo_servo_resume(&p->servo);
}

/* Moves the aim towards the target; returns how far. */
static double glide(vo_playout *p, uint32_t n) {
    double far = p->target.frames - p->aim, most = GLIDE * n;
    double step = far > most ? most : far < -most ? -most : far;
    p->aim += step;
    return step;
}

void vo_playout_steer(vo_playout *p, uint32_t n) {
    p->stats.queued = vo_playout_fill(p);
    p->stats.target = p->target.frames;
    p->stats.changes = p->target.changes;
    if (!p->playing) return;
    double level = (double)(p->stats.queued + p->since);
    if (p->moved) settle(p, level);
    watch_level(p, level);
    double most = p->config.most_ppm * 1e-6, moves = most > 0 ? glide(p, n) / n : 0;
    double change = vo_servo_update(&p->servo, level - p->aim, n) + moves;
    change = change > most ? most : change < -most ? -most : change;
    p->stats.level = p->aim + p->servo.smooth[1];
    p->stats.ratio = 1 + change;
    vo_status status = vo_drift_set_ratio(p->drift, p->stats.ratio);
    (void)status; /* within the range, by the bound on most_ppm */
}
