/* The frames of a pull: from the tap, or made up where there are none, through the resampler. */
#include <string.h>

#include "playout.h"

static uint32_t least(uint64_t a, uint32_t b) {
    return a < b ? (uint32_t)a : b;
}

/* --- What is in hand ---------------------------------------------------------- */

/* Up to k frames out of the tap into the empty hand, with what was lost before them. */
static uint32_t take(vo_playout *p, uint32_t k) {
    vo_tap_block block = vo_tap_read(p->tap, p->in, k);
    if (block.skipped) {
        p->stats.skipped += block.skipped;
        p->stats.skips++;
        p->jumped += block.skipped;
        p->moved = true;
    }
    if (!block.frames) return 0;
    uint64_t lost = block.gap - p->jumped;
    p->jumped = 0;
    p->stats.lost += lost;
    p->next = block.frame;
    /* A full tap joins what it loses by itself, and no time has passed in which it would have been
       heard; what the device lost is a hole in time. */
    bool hole = lost && (block.cause == VO_CAUSE_DEVICE || block.cause == VO_CAUSE_REJECTED);
    if (hole && p->started && lost > p->run) p->hole = least(lost - p->run, p->config.max_frames);
    return block.frames;
}

/* Have up to k frames in hand, with no loss among them; returns how many there are. */
static uint32_t hold(vo_playout *p, uint32_t k) {
    size_t channels = p->config.channels;
    uint32_t have = p->in_frames - p->in_at;
    if (have >= k) return have;
    memmove(p->in, p->in + p->in_at * channels, have * channels * sizeof(float));
    if (have)
        have += vo_tap_read_on(p->tap, p->in + have * channels, k - have);
    else
        have = take(p, k);
    p->in_at = 0;
    p->in_frames = have;
    return have;
}

/* --- Concealment ---------------------------------------------------------------- */

/* A dry playout begins again with a block more than it had, whatever its target is by then: the
   wait is heard, and a longer way up is not. */
static void stop_playing(vo_playout *p, bool dry) {
    if (dry && !vo_tap_ended(p->tap)) p->needed = vo_target_underrun(&p->target, p->stats.pulled);
    vo_conceal_begin(p->conceal);
    p->playing = p->aligned = false;
    p->dry = dry;
    p->run = p->delay = 0;
}

/* Whether enough is there to begin again, with `wanted` frames of this pull still to come. */
static bool enough(vo_playout *p, uint32_t wanted) {
    uint64_t fill = vo_playout_fill(p), needed = p->needed + wanted;
    if (needed > p->config.capacity_frames) needed = p->config.capacity_frames;
    return !p->dry || fill >= needed || (fill && vo_tap_ended(p->tap));
}

static void count_run(vo_playout *p) {
    if (!p->started) return;
    p->stats.concealments++;
    p->stats.underruns += p->dry;
    p->stats.interruptions += p->run >= p->config.rate * 3 / 20;
    if (p->run > p->stats.longest) p->stats.longest = p->run;
}

/* Play again when enough is there, the hole is over, and the phase is right. */
static void try_to_play(vo_playout *p, uint32_t wanted) {
    if (p->hole || p->delay) return;
    if (!p->aligned) {
        if (!enough(p, wanted)) return;
        uint32_t n = hold(p, p->config.fade_frames);
        if (!n || p->hole) return;
        p->aligned = true;
        p->delay = vo_conceal_align(p->conceal, p->in + p->in_at * p->config.channels, n,
                                    p->config.align_frames);
        if (p->delay) return;
    }
    uint32_t n = least(hold(p, p->config.fade_frames), p->config.fade_frames);
    vo_conceal_join(p->conceal, p->in + p->in_at * p->config.channels, n);
    count_run(p);
    p->run = 0;
    p->started = p->playing = p->moved = true;
}

/* Frames of the source that is over are no fault: what was concealed is silence. */
static void end(vo_playout *p) {
    p->stats.concealed -= p->run;
    p->stats.silent += p->run;
    p->run = 0;
}

/* --- The resampler ----------------------------------------------------------------- */

static void resample(vo_playout *p, const float *frames, uint32_t k, vo_playout_kind kind) {
    p->made_at = 0;
    p->made_frames =
        vo_drift_process(p->drift, p->made, vo_drift_max_output(VO_PLAYOUT_RUN), frames, k);
    p->kind = kind;
}

static void play(vo_playout *p, uint32_t k) {
    const float *frames = p->in + p->in_at * p->config.channels;
    vo_conceal_hear(p->conceal, frames, k);
    p->in_at += k;
    p->next += k;
    p->stats.taken += k;
    resample(p, frames, k, VO_PLAYED);
}

static void make_up(vo_playout *p, uint32_t k) {
    uint64_t *left = p->hole ? &p->hole : &p->delay;
    bool over = p->dry && vo_tap_ended(p->tap) && !vo_playout_fill(p);
    if (over) end(p);
    if (*left) {
        k = least(*left, k);
        *left -= k;
    }
    vo_conceal_read(p->conceal, p->mute, k);
    resample(p, p->mute, k, p->started && !over ? VO_CONCEALED : VO_SILENT);
}

/* The next run of input, for `wanted` frames of output that are missing. */
static void feed(vo_playout *p, uint32_t wanted) {
    uint32_t k = least(wanted, VO_PLAYOUT_RUN), have = 0;
    if (!p->playing) try_to_play(p, wanted);
    if (p->playing) {
        have = hold(p, k);
        if (!have || p->hole) stop_playing(p, !have);
    }
    if (p->playing)
        play(p, least(have, k));
    else
        make_up(p, k);
}

/* --- A pull ------------------------------------------------------------------------- */

static uint64_t heard_next(const vo_playout *p) {
    uint64_t behind = VO_DRIFT_LATENCY_FRAMES + p->made_frames - p->made_at;
    return p->next > behind ? p->next - behind : 0;
}

static void book(vo_playout *p, vo_playout_block *block, uint32_t n) {
    uint32_t *of_block[] = {&block->played, &block->concealed, &block->silent};
    uint64_t *of_all[] = {&p->stats.played, &p->stats.concealed, &p->stats.silent};
    *of_block[p->kind] += n;
    *of_all[p->kind] += n;
    if (p->kind == VO_CONCEALED) p->run += n;
}

vo_playout_block vo_playout_pull(vo_playout *p, float *out, uint32_t n, uint32_t since_frames) {
    size_t channels = p->config.channels;
    vo_playout_block block = {.frame = heard_next(p)};
    uint64_t skipped = p->stats.skipped;
    vo_playout_look(p, n, since_frames);
    for (uint32_t done = 0; done < n;) {
        if (p->made_at == p->made_frames) feed(p, n - done);
        uint32_t run = least(p->made_frames - p->made_at, n - done);
        memcpy(out + done * channels, p->made + p->made_at * channels,
               run * channels * sizeof(float));
        p->made_at += run;
        done += run;
        book(p, &block, run);
    }
    if (n) vo_playout_steer(p, n);
    block.skipped = p->stats.skipped - skipped;
    p->stats.frame = heard_next(p);
    vo_playout_publish(p);
    return block;
}
