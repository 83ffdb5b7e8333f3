/* A tap beside a model of its timeline that knows nothing of rings, blocks or threads: it keeps
   each queued frame with its place and value, and decides frame by frame. After every call both
   must agree on every frame, every gap and every count. */
#include <string.h>

#include "check.h"
#include "tap.h"

enum { CHANNELS = 2, MOST_QUEUED = 4096, MOST_FADE = 64, MOST_BLOCK = 1024 };

typedef struct queued_frame {
    uint64_t at; /* on the timeline */
    float raw[CHANNELS], out[CHANNELS];
    bool after_gap;
    uint32_t cause;
} queued_frame;

typedef struct model {
    vo_tap_config config;
    vo_breaker breaker;
    queued_frame queue[MOST_QUEUED];
    uint32_t queued;
    uint64_t captured, delivered, writer_lost, skipped, overflows, next; /* next: to be read */
    uint64_t open, opened_at;                                            /* the gap */
    uint32_t open_cause;
    bool broken;
    float kept[MOST_FADE][CHANNELS], fading[MOST_FADE][CHANNELS];
    uint32_t kept_frames, fade_at, fade_length;
    bool pending;
    uint32_t pending_cause;
} model;

typedef struct pair {
    model *model;
    vo_tap *tap;
} pair;

/* Never zero, and different in each channel. */
static void signal_at(uint64_t at, float out[CHANNELS]) {
    for (uint32_t c = 0; c < CHANNELS; c++) out[c] = (float)(at % 65521 + 1 + c * 65536);
}

static void mix(float out[CHANNELS], const float *from, const float *to, uint32_t i, uint32_t n) {
    for (uint32_t c = 0; c < CHANNELS; c++) {
        float step = vo_crossfade_gain(i, n) * (from[c] - to[c]);
        out[c] = to[c] + step;
    }
}

/* --- The model's writer -------------------------------------------------- */

static void model_lose(model *m, const float *frame, uint32_t cause) {
    if (cause == VO_CAUSE_OVERFLOW && !(m->open && m->open_cause == VO_CAUSE_OVERFLOW))
        m->overflows++;
    if (!m->open) {
        m->opened_at = m->captured;
        m->open_cause = cause;
        m->broken = false;
        m->kept_frames = 0;
    } else if (cause == VO_CAUSE_OVERFLOW) {
        m->open_cause = cause;
    }
    if (!frame) m->broken = true;
    if (!m->broken && m->kept_frames < m->config.fade_frames)
        memcpy(m->kept[m->kept_frames++], frame, sizeof m->kept[0]);
    m->open++;
    m->writer_lost++;
    m->captured++;
}

static bool model_rests(model *m) {
    if (m->breaker.state == VO_BREAKER_CLOSED) return false;
    uint64_t half = m->config.capacity_frames / 2, target = m->config.target_frames;
    if (m->queued <= (target < half ? target : half)) vo_breaker_probe(&m->breaker, m->captured);
    return vo_breaker_poll(&m->breaker, m->captured) == VO_BREAKER_OPEN;
}

static void model_write(model *m, uint32_t n) {
    bool tried = false, full = false;
    uint64_t full_at = 0;
    for (; n; n--) {
        float x[CHANNELS];
        signal_at(m->captured, x);
        bool rests = !full && model_rests(m);
        if (!rests && !full) {
            tried = true;
            full = m->queued >= m->config.capacity_frames;
            full_at = m->captured;
        }
        bool lost = rests || full;
        queued_frame frame = {.at = m->captured, .after_gap = !lost && m->open};
        if (frame.after_gap) {
            frame.cause = m->open_cause;
            memcpy(m->fading, m->kept, sizeof m->fading);
            m->fade_at = 0;
            m->fade_length = m->kept_frames;
            m->open = 0;
        }
        memcpy(frame.raw, x, sizeof x);
        if (m->fade_at < m->fade_length) {
            mix(frame.raw, m->fading[m->fade_at], x, m->fade_at, m->fade_length);
            m->fade_at++;
        }
        memcpy(frame.out, frame.raw, sizeof x);
        if (lost) {
            model_lose(m, frame.raw, VO_CAUSE_OVERFLOW);
            continue;
        }
        m->queue[m->queued++] = frame;
        m->captured++;
    }
    if (tried && full) vo_breaker_failure(&m->breaker, full_at);
    if (tried && !full) vo_breaker_success(&m->breaker, m->captured);
}

/* --- The model's reader -------------------------------------------------- */

static void model_drop_front(model *m, uint32_t n) {
    m->queued -= n;
    memmove(m->queue, m->queue + n, m->queued * sizeof m->queue[0]);
}

/* Frames from the front, or from index `from`, up to the next gap. */
static uint32_t model_run(const model *m, uint32_t from) {
    uint32_t i = from + 1;
    while (i < m->queued && !m->queue[i].after_gap) i++;
    return i - from;
}

static uint32_t model_skip(model *m) {
    uint64_t high = m->config.high_water_frames, target = m->config.target_frames;
    if (m->config.policy != VO_SKIP || m->queued <= target) return 0;
    bool full = m->queued >= m->config.capacity_frames;
    if (!full && (!high || m->queued <= high)) return 0;
    uint32_t jump = m->queued - (uint32_t)target, length = 0;
    if (target) {
        length = m->config.fade_frames;
        if (model_run(m, 0) < length) length = model_run(m, 0);
        if (model_run(m, jump) < length) length = model_run(m, jump);
    }
    float old[MOST_FADE][CHANNELS];
    for (uint32_t i = 0; i < length; i++) memcpy(old[i], m->queue[i].out, sizeof old[i]);
    for (uint32_t i = 0; i < m->queued; i++)
        memcpy(m->queue[i].out, m->queue[i].raw, sizeof m->queue[i].out);
    for (uint32_t i = 0; i < length; i++)
        mix(m->queue[jump + i].out, old[i], m->queue[jump + i].raw, i, length);
    if (!m->pending) m->pending_cause = VO_CAUSE_SKIP;
    m->pending = true;
    m->skipped += jump;
    model_drop_front(m, jump);
    if (m->queued) m->queue[0].after_gap = false; /* part of the jump */
    return jump;
}

static void meet(model *m) {
    if (!m->queued || !m->queue[0].after_gap) return;
    if (!m->pending) m->pending_cause = m->queue[0].cause;
    m->pending = true;
    m->queue[0].after_gap = false;
}

/* --- Both ---------------------------------------------------------------- */

static void agree(pair *p) {
    const model *m = p->model;
    vo_tap_stats stats = vo_tap_stats_now(p->tap);
    CHECK(stats.captured == stats.delivered + stats.dropped + stats.queued); /* B16 */
    CHECK(stats.queued <= m->config.capacity_frames);
    CHECK(stats.captured == m->captured && stats.delivered == m->delivered);
    CHECK(stats.dropped == m->writer_lost + m->skipped && stats.queued == m->queued);
    CHECK(stats.overflows == m->overflows && stats.trips == m->breaker.trips);
    CHECK(stats.breaker == (uint32_t)m->breaker.state);
    CHECK(stats.open_gap.frames == m->open);
    if (m->open) CHECK(stats.open_gap.frame == m->opened_at);
    if (m->open) CHECK(stats.open_gap.cause == m->open_cause);
    CHECK(vo_tap_room(p->tap) == m->config.capacity_frames - m->queued);
}

static void write_both(pair *p, uint32_t n) {
    static float frames[MOST_BLOCK][CHANNELS];
    for (uint32_t i = 0; i < n; i++) signal_at(p->model->captured + i, frames[i]);
    vo_tap_write(p->tap, frames[0], n);
    model_write(p->model, n);
    agree(p);
}

static void lose_both(pair *p, uint32_t n, vo_cause cause) {
    vo_tap_lose(p->tap, n, cause);
    for (uint32_t i = 0; i < n; i++) model_lose(p->model, NULL, cause);
    agree(p);
}

static void compare_front(model *m, float (*frames)[CHANNELS], uint32_t n) {
    for (uint32_t i = 0; i < n; i++) CHECK(!memcmp(frames[i], m->queue[i].out, sizeof frames[i]));
    if (n) m->next = m->queue[n - 1].at + 1;
    m->delivered += n;
    model_drop_front(m, n);
}

static void read_both(pair *p, uint32_t n) {
    static float frames[MOST_BLOCK][CHANNELS];
    model *m = p->model;
    meet(m);
    uint32_t jump = model_skip(m), expected = 0;
    if (m->queued) expected = model_run(m, 0) < n ? model_run(m, 0) : n;
    vo_tap_block block = vo_tap_read(p->tap, frames[0], n);
    CHECK(block.frames == expected && block.skipped == jump);
    if (expected) {
        CHECK(block.frame == m->queue[0].at && block.gap == block.frame - m->next);
        CHECK((block.gap > 0) == m->pending);
        if (block.gap) CHECK(block.cause == m->pending_cause);
        m->pending = false;
    }
    compare_front(m, frames, expected);
    agree(p);
}

/* Never skips, never crosses a gap, delivers nothing that does not follow the last frame. */
static void read_on_both(pair *p, uint32_t n) {
    static float frames[MOST_BLOCK][CHANNELS];
    model *m = p->model;
    bool gap = m->pending || (m->queued && m->queue[0].after_gap);
    CHECK(vo_tap_at_gap(p->tap) == gap);
    uint32_t expected = 0;
    if (m->queued && !gap) expected = model_run(m, 0) < n ? model_run(m, 0) : n;
    if (expected) CHECK(m->queue[0].at == m->next);
    CHECK(vo_tap_read_on(p->tap, frames[0], n) == expected);
    compare_front(m, frames, expected);
    agree(p);
}

static pair begin(const vo_tap_config *config) {
    static model m;
    memset(&m, 0, sizeof m);
    m.config = *config;
    pair p = {.model = &m};
    CHECK(vo_breaker_init(&m.breaker, &config->breaker) == VO_OK);
    CHECK(vo_tap_new(&p.tap, config, NULL) == VO_OK);
    agree(&p);
    return p;
}

static const vo_breaker_config breakers[] = {
    {1000, 1, 1}, /* does not trip within a test */
    {1, 3, 24},
    {2, 5, 5},
};

/* Capacity 1 .. 8, every write of 0 .. 12 frames after every read of 0 .. 12 frames after every
   write, all policies, with and without a breaker that trips. */
static void every_small_schedule_is_exact(void) {
    for (uint32_t capacity = 1; capacity <= 8; capacity++)
        for (uint32_t policy = VO_DROP_NEWEST; policy <= VO_FAIL; policy++)
            for (uint32_t kind = 0; kind < 3; kind++) {
                vo_tap_config config = {.channels = CHANNELS,
                                        .policy = (vo_overflow_policy)policy,
                                        .capacity_frames = capacity,
                                        .target_frames = capacity * kind / 3,
                                        .high_water_frames = kind == 1 ? capacity / 2 : 0,
                                        .fade_frames = kind * 2,
                                        .events = 16,
                                        .breaker = breakers[kind]};
                pair p = begin(&config);
                for (uint32_t a = 0; a <= 12; a++)
                    for (uint32_t b = 0; b <= 12; b++)
                        for (uint32_t c = 0; c <= 12; c++)
                            for (uint32_t d = 0; d <= 12; d += 3) {
                                write_both(&p, a);
                                read_both(&p, b);
                                write_both(&p, c);
                                read_both(&p, d);
                            }
                vo_tap_free(p.tap);
            }
}

static uint32_t random_below(uint64_t *state, uint32_t n) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % n;
}

/* Long schedules of everything that can happen, with stuck and hasty readers in turn. */
static void long_schedules_are_exact(void) {
    uint64_t overflows = 0, skipped = 0, trips = 0, delivered = 0;
    for (uint64_t seed = 0; seed < 300; seed++) {
        uint64_t state = seed * 77 + 5;
        uint32_t capacity = 1 + random_below(&state, seed % 2 ? 40 : 1500);
        uint32_t target = random_below(&state, capacity);
        uint32_t high =
            random_below(&state, 2) ? target + random_below(&state, capacity - target) : 0;
        vo_tap_config config = {
            .channels = CHANNELS,
            .policy = (vo_overflow_policy)(seed % 3),
            .capacity_frames = capacity,
            .target_frames = target,
            .high_water_frames = high,
            .fade_frames = random_below(&state, MOST_FADE + 1),
            .events = 4,
            .breaker = {1 + random_below(&state, 6), 1 + random_below(&state, 200), 3000}};
        pair p = begin(&config);
        uint32_t most = capacity < 300 ? 2 * capacity : 600;
        for (uint32_t step = 0; step < 3000; step++) {
            uint32_t mood = step / 300 % 3; /* even, stuck, hasty */
            uint32_t what = random_below(&state, 40);
            if (what == 0) lose_both(&p, 1 + random_below(&state, 50), VO_CAUSE_DEVICE);
            if (what == 1) lose_both(&p, random_below(&state, 20), VO_CAUSE_REJECTED);
            if (what < 20) write_both(&p, random_below(&state, most));
            if (what >= 20 && what < 25) read_on_both(&p, random_below(&state, most));
            if (what >= 20 && (mood != 1 || what == 39))
                read_both(&p, random_below(&state, mood == 2 ? MOST_BLOCK : most));
        }
        overflows += p.model->overflows;
        skipped += p.model->skipped;
        trips += p.model->breaker.trips;
        delivered += p.model->delivered;
        vo_tap_free(p.tap);
    }
    /* The schedules do reach what they are for. */
    CHECK(overflows > 10000 && skipped > 100000 && trips > 1000 && delivered > 10000000);
}

int main(void) {
    every_small_schedule_is_exact();
    long_schedules_are_exact();
    return 0;
}
