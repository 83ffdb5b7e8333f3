/* B11: one breaker for every use. The whole truth table on three instances of different policy, one
   after the other and interleaved. */
#include <stdbool.h>

#include "check.h"
#include "vocana/breaker.h"

typedef struct instance {
    const char *name;
    vo_breaker_config policy;
} instance;

/* Frames at 48 kHz, 16 kHz, and of nothing in particular: the smallest that may be. */
static const instance instances[] = {
    {"overflow of a ring", {.trips_after = 5, .rest_frames = 1200, .max_rest_frames = 76800}},
    {"failures of a model", {.trips_after = 3, .rest_frames = 8000, .max_rest_frames = 100000}},
    {"timeouts of a stage", {.trips_after = 1, .rest_frames = 1, .max_rest_frames = 1}},
};

enum { INSTANCES = sizeof instances / sizeof *instances };

static const uint64_t START = 1000000;

static vo_breaker fresh(const vo_breaker_config *policy) {
    vo_breaker breaker;
    CHECK(vo_breaker_init(&breaker, policy) == VO_OK);
    return breaker;
}

static void trip(vo_breaker *breaker, uint64_t now) {
    for (uint32_t i = 0; i < breaker->config.trips_after; i++) vo_breaker_failure(breaker, now);
    CHECK(breaker->state == VO_BREAKER_OPEN);
}

static uint64_t twice(const vo_breaker_config *policy, uint64_t rest) {
    return rest * 2 < policy->max_rest_frames ? rest * 2 : policy->max_rest_frames;
}

/* --- The table, for any policy --------------------------------------------- */

static void it_opens_at_its_own_count(const vo_breaker_config *p) {
    vo_breaker breaker = fresh(p);
    for (uint32_t i = 0; i < p->trips_after; i++) {
        CHECK(vo_breaker_poll(&breaker, START + i) == VO_BREAKER_CLOSED && breaker.trips == 0);
        vo_breaker_failure(&breaker, START + i);
    }
    CHECK(vo_breaker_poll(&breaker, START + p->trips_after - 1) == VO_BREAKER_OPEN);
    CHECK(breaker.trips == 1);
}

static void a_success_clears_the_count(const vo_breaker_config *p) {
    vo_breaker breaker = fresh(p);
    for (uint64_t now = START; now < START + 50; now++) {
        for (uint32_t i = 1; i < p->trips_after; i++) vo_breaker_failure(&breaker, now);
        CHECK(breaker.failures == p->trips_after - 1);
        vo_breaker_success(&breaker, now);
        CHECK(breaker.failures == 0);
    }
    CHECK(breaker.trips == 0 && breaker.state == VO_BREAKER_CLOSED);
}

static void it_rests_its_own_time(const vo_breaker_config *p) {
    vo_breaker breaker = fresh(p);
    trip(&breaker, START);
    vo_breaker_success(&breaker, START + p->rest_frames - 1); /* told while open: ignored */
    vo_breaker_failure(&breaker, START + p->rest_frames - 1);
    CHECK(vo_breaker_poll(&breaker, START + p->rest_frames - 1) == VO_BREAKER_OPEN);
    CHECK(vo_breaker_poll(&breaker, START + p->rest_frames) == VO_BREAKER_HALF_OPEN);
    CHECK(breaker.trips == 1);
}

static void half_open_a_success_closes_it(const vo_breaker_config *p) {
    vo_breaker breaker = fresh(p);
    trip(&breaker, START);
    CHECK(vo_breaker_poll(&breaker, START + p->rest_frames) == VO_BREAKER_HALF_OPEN);
    vo_breaker_success(&breaker, START + p->rest_frames);
    CHECK(vo_breaker_poll(&breaker, START + p->rest_frames) == VO_BREAKER_CLOSED);
    CHECK(breaker.failures == 0);
}

static void
half_open_one_failure_opens_it_for_twice_as_long_up_to_the_cap(const vo_breaker_config *p) {
    vo_breaker breaker = fresh(p);
    uint64_t now = START, rest = p->rest_frames;
    trip(&breaker, now);
    for (int round = 0; round < 12; round++) {
        CHECK(breaker.rest == rest);
        CHECK(vo_breaker_poll(&breaker, now + rest - 1) == VO_BREAKER_OPEN);
        now += rest;
        CHECK(vo_breaker_poll(&breaker, now) == VO_BREAKER_HALF_OPEN);
        vo_breaker_failure(&breaker, now);
        CHECK(breaker.state == VO_BREAKER_OPEN);
        rest = twice(p, rest);
    }
    CHECK(breaker.rest == p->max_rest_frames && breaker.trips == 13);
}

static void
a_new_trip_soon_after_closing_rests_longer_and_a_late_one_does_not(const vo_breaker_config *p) {
    vo_breaker breaker = fresh(p);
    trip(&breaker, START);
    vo_breaker_success(&breaker, breaker.reopens_at);
    trip(&breaker, breaker.closed_at + p->max_rest_frames - 1);
    CHECK(breaker.rest == twice(p, p->rest_frames));
    vo_breaker_success(&breaker, breaker.reopens_at);
    trip(&breaker, breaker.closed_at + p->max_rest_frames);
    CHECK(breaker.rest == p->rest_frames);
}

static void a_probe_ends_a_rest(const vo_breaker_config *p) {
    vo_breaker breaker = fresh(p);
    vo_breaker_probe(&breaker, START);
    CHECK(breaker.state == VO_BREAKER_CLOSED);
    trip(&breaker, START);
    vo_breaker_probe(&breaker, START);
    CHECK(vo_breaker_poll(&breaker, START) == VO_BREAKER_HALF_OPEN);
}

static void a_reset_closes_it_and_keeps_the_lifetime_count(const vo_breaker_config *p) {
    vo_breaker breaker = fresh(p);
    trip(&breaker, START);
    vo_breaker_reset(&breaker);
    CHECK(vo_breaker_poll(&breaker, START) == VO_BREAKER_CLOSED);
    CHECK(breaker.failures == 0 && breaker.trips == 1);
    trip(&breaker, START);
    CHECK(breaker.rest == p->rest_frames && breaker.trips == 2);
}

typedef void row(const vo_breaker_config *policy);
static row *const table[] = {
    it_opens_at_its_own_count,
    a_success_clears_the_count,
    it_rests_its_own_time,
    half_open_a_success_closes_it,
    half_open_one_failure_opens_it_for_twice_as_long_up_to_the_cap,
    a_new_trip_soon_after_closing_rests_longer_and_a_late_one_does_not,
    a_probe_ends_a_rest,
    a_reset_closes_it_and_keeps_the_lifetime_count,
};

/* --- Side by side ----------------------------------------------------------- */

static uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

static void act(vo_breaker *breaker, uint32_t what, uint64_t now) {
    switch (what) {
    case 0:
        (void)vo_breaker_poll(breaker, now);
        break;
    case 1:
        vo_breaker_success(breaker, now);
        break;
    case 2:
        vo_breaker_probe(breaker, now);
        break;
    case 3:
        vo_breaker_reset(breaker);
        break;
    default:
        vo_breaker_failure(breaker, now);
        break;
    }
}

static bool equal(const vo_breaker *a, const vo_breaker *b) {
    return a->state == b->state && a->failures == b->failures && a->rest == b->rest &&
           a->reopens_at == b->reopens_at && a->closed_at == b->closed_at && a->trips == b->trips;
}

/* The same history, told to one breaker alone and to one among others, has the same outcome; on
   instances of different policy it has not. */
static void they_do_not_touch_each_other(void) {
    enum { STEPS = 20000 };
    vo_breaker together[INSTANCES];
    for (int i = 0; i < INSTANCES; i++) together[i] = fresh(&instances[i].policy);
    uint32_t seeds[INSTANCES];
    for (int i = 0; i < INSTANCES; i++) seeds[i] = 7;
    for (uint64_t now = 0; now < STEPS; now++)
        for (int i = 0; i < INSTANCES; i++) act(&together[i], next_random(&seeds[i]) % 24, now);
    for (int i = 0; i < INSTANCES; i++) {
        vo_breaker alone = fresh(&instances[i].policy);
        uint32_t seed = 7;
        for (uint64_t now = 0; now < STEPS; now++) act(&alone, next_random(&seed) % 24, now);
        CHECK(equal(&alone, &together[i]) && alone.trips > 0);
        for (int other = 0; other < i; other++) CHECK(!equal(&together[other], &together[i]));
    }
}

int main(void) {
    for (int i = 0; i < INSTANCES; i++) {
        for (size_t k = 0; k < sizeof table / sizeof *table; k++) table[k](&instances[i].policy);
        printf("%s: %zu rows\n", instances[i].name, sizeof table / sizeof *table);
    }
    they_do_not_touch_each_other();
    return 0;
}
