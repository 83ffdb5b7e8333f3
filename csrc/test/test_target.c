/* B17: a step in jitter at 48 kHz, arrivals of one block each and in order. The target reaches what
   99.9 % of the arrivals need within a second, comes back within 30 s, and does not flap. */
#include "vocana/target.h"

#include <math.h>
#include <string.h>

#include "check.h"

enum { RATE = 48000, MIN = 240, MAX = 9600, STEP = 48, SEEDS = 24 };

static const vo_target_config usual = {.min_frames = MIN,
                                       .max_frames = MAX,
                                       .step_frames = STEP,
                                       .attack_frames = RATE,
                                       .hold_frames = 5 * RATE,
                                       .memory_frames = 20 * RATE};

static vo_target fresh(void) {
    vo_target target;
    CHECK(vo_target_init(&target, &usual) == VO_OK);
    CHECK(target.frames == MIN);
    return target;
}

/* --- Sources that jitter ------------------------------------------------------ */

typedef struct source {
    uint64_t seed;
    uint32_t block;
    uint64_t frame; /* position after the last arrival */
    uint64_t now;   /* of the last arrival */
} source;

/* In (0, 1]. */
static double uniform(source *s) {
    s->seed = s->seed * 6364136223846793005 + 1442695040888963407;
    return ((double)(s->seed >> 11) + 1) / 0x1p53;
}

static double evenly(source *s) {
    return 1200 * uniform(s);
}

static double exponentially(source *s) {
    return -150 * log(uniform(s));
}

static double normally(source *s) {
    double radius = sqrt(-2 * log(uniform(s)));
    return 400 * fabs(radius * cos(6.283185307179586 * uniform(s)));
}

static double log_normally(source *s) {
    double radius = sqrt(-2 * log(uniform(s)));
    return 200 * exp(0.5 * radius * cos(6.283185307179586 * uniform(s)));
}

/* Prompt, but for one in fifty. */
static double rarely(source *s) {
    return uniform(s) < 0.02 ? 1500 + 100 * uniform(s) : 30 * uniform(s);
}

/* A stall of 30 ms five times in a second, whatever the block: all that it holds up comes at once.
 */
static double in_stalls(source *s) {
    uint64_t phase = s->frame % (RATE / 5);
    return (phase < 1440 ? 1440 - (double)phase : 0) + 20 * uniform(s);
}

static double calmly(source *s) {
    return 20 * uniform(s);
}

typedef double jitter(source *s);

static const struct shape {
    const char *name;
    jitter *jitter;
} shapes[] = {{"uniform", evenly},          {"exponential", exponentially}, {"normal", normally},
              {"log-normal", log_normally}, {"one in fifty", rarely},       {"stalls", in_stalls}};

enum { SHAPES = sizeof shapes / sizeof *shapes };

/* 300 arrivals a second or more: with fewer, a second may pass without one that tells. */
static const uint32_t blocks[] = {64, 128, 160};

enum { BLOCKS = sizeof blocks / sizeof *blocks };

/* The next block: on time plus jitter, and never before the one ahead of it. */
static void next(source *s, jitter *by) {
    s->frame += s->block;
    uint64_t due = s->frame + (uint64_t)by(s);
    if (due > s->now) s->now = due;
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* What 99.9 % of a long run of arrivals need. */
static uint32_t needed(jitter *by, uint32_t block) {
    enum { N = 100000 };
    static uint32_t lateness[N];
    source s = {.seed = 99, .block = block};
    for (int i = 0; i < N; i++) {
        next(&s, by);
        lateness[i] = (uint32_t)(s.now - s.frame);
    }
    qsort(lateness, N, sizeof *lateness, ascending);
    return lateness[N - N / 1000];
}

/* --- B17: a step in jitter ------------------------------------------------------- */

typedef uint32_t follow(void *self, uint64_t now, uint64_t frame);

static uint32_t follow_target(void *self, uint64_t now, uint64_t frame) {
    return vo_target_arrival(self, now, frame);
}

/* The planted fault: 1.25 times the latest of the last second, up and down, at once. */
typedef struct nervous {
    uint32_t latest[2];
    uint64_t second;
} nervous;

static uint32_t follow_nervously(void *self, uint64_t now, uint64_t frame) {
    nervous *n = self;
    uint64_t second = now / RATE;
    uint32_t late = (uint32_t)(now - frame);
    if (second > n->second) n->latest[second % 2] = 0;
    n->second = second;
    if (late > n->latest[second % 2]) n->latest[second % 2] = late;
    uint32_t most = n->latest[0] > n->latest[1] ? n->latest[0] : n->latest[1];
    uint32_t wanted = (most * 5 / 4 + STEP - 1) / STEP * STEP;
    return wanted < MIN ? MIN : wanted;
}

typedef struct outcome {
    double reached_s;  /* from the step to the p99.9, or infinity */
    double returned_s; /* from calm to the least target, for good */
    bool flapped;      /* two changes within 5 s, from a second after the step on */
    uint32_t settled;  /* the target at the end of the jitter */
    uint32_t latest;   /* the greatest lateness in the jitter */
} outcome;

enum { STEP_S = 30, CALM_S = 90, END_S = 150 };

static outcome run(follow *by, void *self, jitter *shape, uint32_t block, uint64_t seed,
                   uint32_t p999) {
    source s = {.seed = seed, .block = block};
    outcome o = {.reached_s = INFINITY, .returned_s = INFINITY};
    uint32_t target = MIN;
    uint64_t changed_at = 0;
    while (s.frame < (uint64_t)END_S * RATE) {
        bool jitters = s.frame >= (uint64_t)STEP_S * RATE && s.frame < (uint64_t)CALM_S * RATE;
        next(&s, jitters ? shape : calmly);
        uint32_t was = target;
        target = by(self, s.now, s.frame);
        CHECK(target >= MIN && target <= MAX);
        double time = (double)s.now / (int)RATE;
        if (target != was) {
            bool steady = changed_at > (STEP_S + 1) * (uint64_t)RATE;
            if (steady && s.now - changed_at < 5 * RATE) o.flapped = true;
            changed_at = s.now;
        }
        if (jitters) {
            if (target >= p999 && time - (int)STEP_S < o.reached_s)
                o.reached_s = time - (int)STEP_S;
            if (s.now - s.frame > o.latest) o.latest = (uint32_t)(s.now - s.frame);
            o.settled = target;
        } else if (time > (int)CALM_S) {
            if (target != MIN)
                o.returned_s = INFINITY;
            else if (isinf(o.returned_s))
                o.returned_s = time - (int)CALM_S;
        } else {
            CHECK(target == MIN);
        }
    }
    return o;
}

static void a_step_is_met_and_forgotten(void) {
    for (int i = 0; i < SHAPES; i++)
        for (int b = 0; b < BLOCKS; b++) {
            uint32_t p999 = needed(shapes[i].jitter, blocks[b]);
            double reached = 0, returned = 0, most = 0;
            CHECK(p999 > 3 * MIN && p999 < MAX / 2);
            for (uint64_t seed = 1; seed <= SEEDS; seed++) {
                vo_target target = fresh();
                outcome o = run(follow_target, &target, shapes[i].jitter, blocks[b], seed, p999);
                reached = fmax(reached, o.reached_s);
                returned = fmax(returned, o.returned_s);
                most = fmax(most, (double)o.settled / o.latest);
                CHECK(o.reached_s < 1);
                CHECK(o.returned_s < 30);
                CHECK(!o.flapped);
            }
            printf("target: %s, %u: p99.9 %u reached in %.2f s, back in %.1f s, %.2f x latest\n",
                   shapes[i].name, blocks[b], p999, reached, returned, most);
            CHECK(most < 2.2);
        }
}

/* Negative controls: one that flaps, and one that may not go where it must. */
static void the_checks_report_what_they_must(void) {
    for (int i = 0; i < SHAPES; i++) {
        nervous n = {{0}, 0};
        uint32_t p999 = needed(shapes[i].jitter, 128);
        bool varies = shapes[i].jitter != in_stalls; /* whose latest is always the same */
        CHECK(run(follow_nervously, &n, shapes[i].jitter, 128, 1, p999).flapped == varies);
        vo_target_config low = usual, slow = usual;
        low.max_frames = p999 - 1;
        slow.memory_frames = 40 * RATE;
        vo_target target;
        CHECK(vo_target_init(&target, &low) == VO_OK);
        CHECK(run(follow_target, &target, shapes[i].jitter, 128, 1, p999).reached_s > 1);
        CHECK(vo_target_init(&target, &slow) == VO_OK);
        CHECK(run(follow_target, &target, shapes[i].jitter, 128, 1, p999).returned_s > 30);
    }
}

/* --- Rule by rule ------------------------------------------------------------------ */

/* Blocks of 480 frames, in order. */
typedef struct stream {
    vo_target target;
    uint64_t frame, now;
} stream;

static uint32_t be_late(stream *s, uint64_t lateness) {
    s->frame += 480;
    if (s->frame + lateness > s->now) s->now = s->frame + lateness;
    return vo_target_arrival(&s->target, s->now, s->frame);
}

static void be_calm(stream *s, uint64_t frames) {
    for (uint64_t end = s->frame + frames; s->frame < end;) be_late(s, 0);
}

static stream calm_for_a_second(void) {
    stream s = {.target = fresh()};
    be_calm(&s, RATE);
    CHECK(s.target.frames == MIN && s.target.changes == 0);
    return s;
}

static void every_rule_of_raising(void) {
    const struct row {
        uint32_t first, second; /* lateness, one block apart */
        uint32_t after_first, after_second;
    } rows[] = {
        {0, 0, 240, 240},
        {240, 240, 240, 240}, /* not later than the target */
        {241, 0, 528, 528},   /* 482, in steps of 48 */
        {264, 264, 528, 528},
        {265, 0, 576, 576},
        {300, 301, 624, 624},
        {300, 320, 624, 672}, /* an attack follows the latest */
        {300, 500, 624, 1008},
        {4800, 4801, 9600, 9600}, /* and stops at the bound */
        {100000, 99900, 9600, 9600},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        stream s = calm_for_a_second();
        CHECK(be_late(&s, rows[i].first) == rows[i].after_first);
        CHECK(be_late(&s, rows[i].second) == rows[i].after_second);
        CHECK(s.target.frames == rows[i].after_second);
    }
    /* When the attack is over, what is not later than the target no longer raises it. */
    stream s = calm_for_a_second();
    CHECK(be_late(&s, 300) == 624);
    be_calm(&s, RATE - 960);
    CHECK(be_late(&s, 350) == 720);
    be_calm(&s, 480);
    CHECK(be_late(&s, 719) == 720);
    be_calm(&s, 960);
    CHECK(be_late(&s, 721) == 1488);
}

static void every_rule_of_lowering(void) {
    stream s = calm_for_a_second();
    CHECK(be_late(&s, 1000) == 2016);
    /* Something later than the half comes every 10 s: nothing changes. */
    for (int i = 0; i < 10; i++) {
        be_calm(&s, 10 * RATE);
        CHECK(be_late(&s, 1009) == 2016);
    }
    CHECK(s.target.changes == 1);
    /* Then only less than that: 1.5 times the latest, when the memory has passed, and no sooner. */
    uint64_t last = s.now;
    while (s.target.frames == 2016) {
        be_calm(&s, RATE / 2);
        be_late(&s, 400);
        CHECK(s.now - last < 23 * RATE);
    }
    CHECK(s.target.frames == 624 && s.now - last >= 20 * RATE);
    /* And then nothing: the least. */
    last = s.now;
    while (s.target.frames == 624) {
        be_calm(&s, 480);
        CHECK(s.now - last < 23 * RATE);
    }
    CHECK(s.target.frames == MIN && s.now - last >= 20 * RATE);
    be_calm(&s, 100 * RATE);
    CHECK(s.target.changes == 3);
}

/* First what an attack had put on top goes; what leaves the memory soon after waits for the hold.
 */
static void a_change_is_held(void) {
    const uint32_t frames[] = {6000, 336, MIN};
    stream s = calm_for_a_second();
    CHECK(be_late(&s, 4000) == 8016);
    uint64_t last = s.now;
    be_calm(&s, 5 * RATE);
    be_late(&s, 200);
    for (int i = 0; i < 3; i++) {
        for (uint32_t was = s.target.frames; s.target.frames == was;) be_calm(&s, 480);
        CHECK(s.target.frames == frames[i]);
        CHECK(i ? s.now - last == 5 * RATE : s.now - last >= 20 * RATE);
        last = s.now;
    }
}

/* One step for each time that nothing was there, however often that is found, up to the bound; down
   only when the memory has passed without one. */
static void an_underrun_raises_it_by_a_step(void) { /* fault 8 */
    vo_target target = fresh();
    CHECK(vo_target_underrun(&target, 5) == MIN); /* nothing has come yet */
    stream s = calm_for_a_second();
    CHECK(vo_target_underrun(&s.target, s.now + 300) == 288);
    CHECK(vo_target_underrun(&s.target, s.now + 400) == 288);
    CHECK(be_late(&s, 500) == 1008); /* now it is seen how late that was */
    CHECK(vo_target_underrun(&s.target, s.now + 100) == 1056);
    for (uint32_t more = 1104; more < MAX + 10 * STEP; more += STEP) {
        be_late(&s, 0);
        CHECK(vo_target_underrun(&s.target, s.now) == (more < MAX ? more : MAX));
    }
    uint64_t last = s.now, changes = s.target.changes;
    while (s.target.frames == MAX) be_late(&s, 0);
    CHECK(s.now - last >= 20 * RATE && s.now - last < 23 * RATE);
    CHECK(s.target.frames == MIN && s.target.changes == changes + 1);
}

/* A source that is slower or faster by 100 ppm does not count as late, nor does one whose timeline
   began somewhere else, nor one that was away for a minute. */
static void drift_and_outages_are_no_jitter(void) {
    const int ppm[] = {-100, 0, 100};
    const uint64_t starts[] = {0, 1000000, UINT64_MAX - RATE};
    for (size_t i = 0; i < sizeof ppm / sizeof *ppm; i++)
        for (size_t k = 0; k < sizeof starts / sizeof *starts; k++) {
            vo_target target = fresh();
            int64_t n = 0;
            for (; n < 300 * RATE; n += 128)
                vo_target_arrival(&target,
                                  (uint64_t)(1000 * RATE + n + n / 1000000 * ppm[i] +
                                             n % 1000000 * ppm[i] / 1000000),
                                  starts[k] + (uint64_t)n);
            CHECK(target.changes == 0);
            vo_target_arrival(&target, (uint64_t)(1060 * RATE + n + n / 10000), starts[k]);
            CHECK(target.changes == 0);
        }
}

static void a_bad_config_is_refused(void) {
    vo_target target;
    const vo_target_config bad[] = {{2, 1, 1, 1, 1, 8}, {1, 2, 0, 1, 1, 8}, {1, 2, 1, 1, 1, 7}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_target_init(&target, &bad[i]) == VO_BAD_ARG);
    const vo_target_config huge = {0, UINT32_MAX, UINT32_MAX, 0, 0, 8};
    CHECK(vo_target_init(&target, &huge) == VO_OK);
    CHECK(vo_target_arrival(&target, 10, 10) == 0);
    CHECK(vo_target_arrival(&target, 11, 10) == UINT32_MAX);
}

int main(void) {
    a_step_is_met_and_forgotten();
    the_checks_report_what_they_must();
    every_rule_of_raising();
    every_rule_of_lowering();
    a_change_is_held();
    an_underrun_raises_it_by_a_step();
    drift_and_outages_are_no_jitter();
    a_bad_config_is_refused();
    return 0;
}
