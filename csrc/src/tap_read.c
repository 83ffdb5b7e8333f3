/* The reader's side of a tap: deliver what is queued, up to the next gap, and skip when asked to.
 */
#include <string.h>

#include "tap.h"

/* Ledger records are read after the ring's count of frames: whoever sees a frame then sees every
   record that stands before it. */

static void add_to_pending(vo_tap_reader *r, uint64_t frame, uint64_t frames, uint32_t cause) {
    if (!r->pending.frames) r->pending = (vo_gap){.frame = frame, .cause = cause};
    r->pending.frames += frames;
}

/* Take the records that stand right before the next frame. */
static void meet_gaps(vo_tap *tap) {
    vo_tap_reader *r = &tap->reader;
    const vo_gap *gap;
    while ((gap = vo_ledger_peek(tap->ledger, 0)) && gap->at == r->consumed) {
        add_to_pending(r, gap->frame, gap->frames, gap->cause);
        r->lost += gap->frames;
        vo_ledger_pop(tap->ledger);
    }
}

/* The join of a skip that jumps over `jump` frames: at most `length` old frames from the read
   position, mixed with the best fitting new ones out of `span`. Returns how much further to go. */
static uint32_t make_join(vo_tap *tap, uint32_t jump, uint32_t length, uint64_t span) {
    vo_tap_reader *r = &tap->reader;
    size_t channels = tap->config.channels;
    uint32_t align = (uint32_t)vo_min_u64(tap->config.align_frames, span - length);

    vo_ring_copy(tap->ring, 0, r->old, length);
    uint32_t still_joining = (uint32_t)vo_min_u64(length, r->join_length - r->join_at);
    memcpy(r->old, r->join + r->join_at * channels, still_joining * channels * sizeof(float));
    vo_ring_copy(tap->ring, jump, r->candidates, length + align);

    uint32_t further = vo_crossfade_align(tap->crossfade, r->old, r->candidates, length, align);
    vo_crossfade_mix(tap->crossfade, r->join, r->old, r->candidates + further * channels, 0, length,
                     length);
    r->join_at = 0;
    r->join_length = length;
    return further;
}

/* How many of `fill` frames to jump over, so that the target fill is left when there is more than
   the high water mark. Makes the join and takes the gaps on the way; the ring is left alone. */
static uint64_t skip(vo_tap *tap, uint64_t fill) {
    vo_tap_reader *r = &tap->reader;
    const vo_tap_config *config = &tap->config;
    uint64_t high = r->high_water;
    if (fill < config->capacity_frames && (!high || fill <= high)) return 0;

    uint64_t jump = fill - r->target;
    uint64_t old_span = fill, new_span = r->target, lost = 0;
    uint32_t passed = 0;
    const vo_gap *gap;
    while ((gap = vo_ledger_peek(tap->ledger, passed)) && gap->at - r->consumed <= jump) {
        if (!passed) old_span = gap->at - r->consumed;
        lost += gap->frames;
        passed++;
    }
    if (gap) {
        if (!passed) old_span = vo_min_u64(old_span, gap->at - r->consumed);
        new_span = vo_min_u64(new_span, gap->at - r->consumed - jump);
    }
    uint32_t length = (uint32_t)vo_min_u64(config->fade_frames, vo_min_u64(old_span, new_span));
    jump += make_join(tap, (uint32_t)jump, length, new_span);

    add_to_pending(r, r->consumed + r->lost, jump + lost, VO_CAUSE_SKIP);
    while (passed--) vo_ledger_pop(tap->ledger);
    r->lost += lost;
    r->skipped += jump;
    return jump;
}

/* Give `n` frames back to the writer. They are counted as read before it can use their room, so
   that no account ever shows more queued than there is room for. */
static void give_back(vo_tap *tap, uint64_t n) {
    vo_tap_reader *r = &tap->reader;
    r->consumed += n;
    uint64_t words[VO_TAP_READER_WORDS] = {
        [VO_TAP_CONSUMED] = r->consumed,
        [VO_TAP_DELIVERED] = r->delivered,
        [VO_TAP_SKIPPED] = r->skipped,
    };
    vo_snapshot_publish(&tap->consumed, words, VO_TAP_READER_WORDS);
    vo_ring_consume(tap->ring, (uint32_t)n);
}

/* Copy out up to n of `queued` frames that stand `jump` frames ahead, up to the next gap, and give
   back all up to there. */
static uint32_t deliver(vo_tap *tap, float *frames, uint32_t n, uint64_t queued, uint64_t jump) {
    vo_tap_reader *r = &tap->reader;
    size_t channels = tap->config.channels;
    uint64_t start = r->consumed + jump, run = vo_min_u64(n, queued - jump);
    const vo_gap *next = vo_ledger_peek(tap->ledger, 0);
    if (next) run = vo_min_u64(run, next->at - start);
    if (run) {
        vo_ring_copy(tap->ring, (uint32_t)jump, frames, (uint32_t)run);
        uint32_t joined = (uint32_t)vo_min_u64(run, r->join_length - r->join_at);
        memcpy(frames, r->join + r->join_at * channels, joined * channels * sizeof(float));
        r->join_at += joined;
        r->delivered += run;
    }
    if (jump + run) give_back(tap, jump + run);
    return (uint32_t)run;
}

vo_tap_block vo_tap_read(vo_tap *tap, float *frames, uint32_t n) {
    vo_tap_reader *r = &tap->reader;
    uint64_t queued = vo_ring_readable(tap->ring);
    meet_gaps(tap);
    uint64_t jump = tap->config.policy == VO_SKIP ? skip(tap, queued) : 0;
    vo_tap_block block = {.frame = r->consumed + jump + r->lost, .skipped = jump};
    block.frames = deliver(tap, frames, n, queued, jump);
    if (block.frames) {
        block.gap = r->pending.frames;
        block.cause = r->pending.cause;
        r->pending = (vo_gap){0};
    }
    return block;
}

uint32_t vo_tap_read_on(vo_tap *tap, float *frames, uint32_t n) {
    uint64_t queued = vo_ring_readable(tap->ring);
    return vo_tap_at_gap(tap) ? 0 : deliver(tap, frames, n, queued, 0);
}

void vo_tap_steer(vo_tap *tap, uint64_t target_frames, uint64_t high_water_frames) {
    vo_tap_reader *r = &tap->reader;
    r->target = vo_min_u64(target_frames, tap->config.capacity_frames - 1);
    r->high_water = high_water_frames > r->target ? high_water_frames : r->target;
}

uint64_t vo_tap_queued(vo_tap *tap) {
    return vo_ring_readable(tap->ring);
}

uint64_t vo_tap_newest(vo_tap *tap) {
    const vo_tap_reader *r = &tap->reader;
    uint64_t frame = r->consumed + vo_ring_readable(tap->ring) + r->lost;
    const vo_gap *gap;
    for (uint32_t i = 0; (gap = vo_ledger_peek(tap->ledger, i)); i++) frame += gap->frames;
    return frame;
}

bool vo_tap_next_gap(vo_tap *tap, uint32_t ahead, vo_gap *out) {
    if (tap->reader.pending.frames) {
        if (!ahead) {
            *out = tap->reader.pending;
            return true;
        }
        ahead--;
    }
    const vo_gap *gap = vo_ledger_peek(tap->ledger, ahead);
    if (gap) *out = *gap;
    return gap != NULL;
}

bool vo_tap_at_gap(vo_tap *tap) {
    const vo_gap *gap = vo_ledger_peek(tap->ledger, 0);
    return tap->reader.pending.frames || (gap && gap->at == tap->reader.consumed);
}
