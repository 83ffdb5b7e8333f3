#include "vocana/target.h"

enum { KEPT = VO_TARGET_PERIODS + 1 };

static uint64_t period_frames(const vo_target *target) {
    return target->config.memory_frames / VO_TARGET_PERIODS;
}

/* A target that holds `frames`: whole steps, within the bounds. */
static uint32_t fit(const vo_target *target, uint64_t frames) {
    const vo_target_config *config = &target->config;
    uint64_t steps = (frames + config->step_frames - 1) / config->step_frames;
    frames = steps * config->step_frames;
    if (frames < config->min_frames) return config->min_frames;
    return frames < config->max_frames ? (uint32_t)frames : config->max_frames;
}

vo_status vo_target_init(vo_target *target, const vo_target_config *config) {
    if (config->max_frames < config->min_frames || !config->step_frames ||
        config->memory_frames < VO_TARGET_PERIODS)
        return VO_BAD_ARG;
    *target = (vo_target){.config = *config, .frames = config->min_frames};
    return VO_OK;
}

static vo_target_period *period_at(vo_target *target, uint64_t number) {
    return &target->periods[number % KEPT];
}

/* Make the period of frame now the current one and forget those that are too old. */
static void advance(vo_target *target, uint64_t now) {
    uint64_t number = now / period_frames(target);
    for (uint64_t i = 0; i < KEPT && target->period < number - i; i++)
        *period_at(target, number - i) = (vo_target_period){0};
    target->period = number;
}

static void change(vo_target *target, uint64_t now, uint32_t frames) {
    target->frames = frames;
    target->changed_at = now;
    target->changes++;
}

static void raise_for(vo_target *target, uint64_t now, uint32_t lateness) {
    vo_target_period *current = period_at(target, target->period);
    if (lateness > current->latest) current->latest = lateness;
    if (now >= target->attack_ends) {
        if (lateness <= target->frames) return;
        target->attack_ends = now + target->config.attack_frames;
    }
    uint32_t wanted = fit(target, (uint64_t)lateness * 2);
    if (wanted <= target->frames) return;
    change(target, now, wanted);
    target->raised_at = now;
}

static void lower(vo_target *target, uint64_t now) {
    if (now < target->raised_at + target->config.memory_frames ||
        now < target->changed_at + target->config.hold_frames)
        return;
    uint32_t latest = 0;
    for (int i = 0; i < KEPT; i++)
        if (target->periods[i].latest > latest) latest = target->periods[i].latest;
    if (latest > target->frames / 2) return;
    uint32_t wanted = fit(target, ((uint64_t)latest * 3 + 1) / 2);
    if (wanted < target->frames) change(target, now, wanted);
}

/* How late an arrival is that took `took`, after it is counted among the current period's. */
static uint32_t lateness_of(vo_target *target, uint64_t took) {
    vo_target_period *current = period_at(target, target->period);
    const vo_target_period *before = period_at(target, target->period + KEPT - 1);
    if (!current->arrived || (int64_t)(took - current->promptest) < 0) current->promptest = took;
    current->arrived = true;
    int64_t late = (int64_t)(took - current->promptest);
    if (before->arrived && (int64_t)(took - before->promptest) > late)
        late = (int64_t)(took - before->promptest);
    return late < target->config.max_frames ? (uint32_t)late : target->config.max_frames;
}

uint32_t vo_target_arrival(vo_target *target, uint64_t now, uint64_t frame) {
    if (!target->measuring) {
        target->period = now / period_frames(target);
        target->changed_at = target->raised_at = now;
        target->measuring = true;
    }
    target->starved = false;
    advance(target, now);
    raise_for(target, now, lateness_of(target, now - frame));
    lower(target, now);
    return target->frames;
}

uint32_t vo_target_underrun(vo_target *target, uint64_t now) {
    if (!target->measuring || target->starved) return target->frames;
    target->starved = true;
    advance(target, now);
    uint32_t was = target->frames, more = fit(target, (uint64_t)was + target->config.step_frames);
    vo_target_period *current = period_at(target, target->period);
    if (current->latest < more) current->latest = more;
    if (more > was) change(target, now, more);
    target->raised_at = now;
    return more;
}
