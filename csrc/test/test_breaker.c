/* The breaker's truth table, with the frame time passed in. 48 kHz: 25 ms are 1200 frames. */
#include "vocana/breaker.h"

#include "check.h"

static const vo_breaker_config seed = {
    .trips_after = 5, .rest_frames = 1200, .max_rest_frames = 76800};

static vo_breaker fresh(void) {
    vo_breaker breaker;
    CHECK(vo_breaker_init(&breaker, &seed) == VO_OK);
    return breaker;
}

static void trip(vo_breaker *breaker, uint64_t now) {
    for (int i = 0; i < 5; i++) vo_breaker_failure(breaker, now);
}

/* B7 */
static void four_failures_leave_it_closed_and_the_fifth_opens_it(void) {
    vo_breaker breaker = fresh();
    for (uint64_t now = 100; now < 500; now += 100) {
        vo_breaker_failure(&breaker, now);
        CHECK(vo_breaker_poll(&breaker, now) == VO_BREAKER_CLOSED);
    }
    vo_breaker_failure(&breaker, 500);
    CHECK(vo_breaker_poll(&breaker, 500) == VO_BREAKER_OPEN);
    CHECK(breaker.trips == 1);
}

/* B8 */
static void it_is_half_open_exactly_1200_frames_later(void) {
    vo_breaker breaker = fresh();
    trip(&breaker, 777);
    CHECK(vo_breaker_poll(&breaker, 777 + 1199) == VO_BREAKER_OPEN);
    CHECK(vo_breaker_poll(&breaker, 777 + 1200) == VO_BREAKER_HALF_OPEN);
}

/* B10 */
static void a_success_clears_the_count(void) {
    vo_breaker breaker = fresh();
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 4; i++) vo_breaker_failure(&breaker, (uint64_t)round);
        vo_breaker_success(&breaker, (uint64_t)round);
        CHECK(breaker.failures == 0);
    }
    CHECK(breaker.trips == 0);
}

/* B18 */
static void rests_double_up_to_the_cap(void) {
    vo_breaker breaker = fresh();
    uint64_t now = 1000000, expected = 1200;
    trip(&breaker, now);
    for (int round = 0; round < 10; round++) {
        CHECK(breaker.rest == expected);
        CHECK(vo_breaker_poll(&breaker, now + expected - 1) == VO_BREAKER_OPEN);
        now += expected;
        CHECK(vo_breaker_poll(&breaker, now) == VO_BREAKER_HALF_OPEN);
        vo_breaker_failure(&breaker, now);
        expected = expected * 2 < seed.max_rest_frames ? expected * 2 : seed.max_rest_frames;
    }
    CHECK(breaker.trips == 11);
}

static void a_success_while_half_open_closes_it(void) {
    vo_breaker breaker = fresh();
    trip(&breaker, 0);
    vo_breaker_success(&breaker, 600); /* told too early: ignored */
    CHECK(vo_breaker_poll(&breaker, 600) == VO_BREAKER_OPEN);
    vo_breaker_success(&breaker, 1200);
    CHECK(vo_breaker_poll(&breaker, 1200) == VO_BREAKER_CLOSED);
}

static void a_new_trip_soon_after_closing_rests_longer_and_a_late_one_does_not(void) {
    vo_breaker breaker = fresh();
    trip(&breaker, 0);
    vo_breaker_success(&breaker, 1200);
    trip(&breaker, 1200 + 76799);
    CHECK(breaker.rest == 2400);
    vo_breaker_success(&breaker, breaker.reopens_at);
    trip(&breaker, breaker.closed_at + 76800);
    CHECK(breaker.rest == 1200);
}

/* B12 */
static void reset_closes_it_and_keeps_the_lifetime_count(void) {
    vo_breaker breaker = fresh();
    trip(&breaker, 0);
    vo_breaker_reset(&breaker);
    CHECK(breaker.state == VO_BREAKER_CLOSED && breaker.failures == 0 && breaker.rest == 0);
    CHECK(breaker.trips == 1);
    trip(&breaker, 10);
    CHECK(breaker.rest == 1200);
}

static void a_probe_ends_a_rest_and_only_a_rest(void) {
    vo_breaker breaker = fresh();
    vo_breaker_probe(&breaker, 1);
    CHECK(breaker.state == VO_BREAKER_CLOSED);
    trip(&breaker, 10);
    vo_breaker_probe(&breaker, 20);
    CHECK(vo_breaker_poll(&breaker, 20) == VO_BREAKER_HALF_OPEN);
}

static void a_bad_config_is_refused(void) {
    vo_breaker breaker;
    const vo_breaker_config bad[] = {{0, 1200, 1200}, {5, 0, 1200}, {5, 1200, 1199}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(vo_breaker_init(&breaker, &bad[i]) == VO_BAD_ARG);
}

/* Every sequence of eight calls out of {success, failure, wait a rest, probe}: no state that the
   diagram does not have, never OPEN past its end, trips only grow. B11: any instance is the same.
 */
static void every_short_history_stays_on_the_diagram(void) {
    const vo_breaker_config tight = {.trips_after = 2, .rest_frames = 3, .max_rest_frames = 12};
    for (unsigned history = 0; history < 65536; history++) {
        vo_breaker breaker;
        CHECK(vo_breaker_init(&breaker, &tight) == VO_OK);
        uint64_t now = 0, trips = 0;
        for (unsigned step = 0; step < 8; step++, now++) {
            vo_breaker_state before = vo_breaker_poll(&breaker, now);
            unsigned what = history >> (2 * step) & 3;
            if (what == 0) vo_breaker_success(&breaker, now);
            if (what == 1) vo_breaker_failure(&breaker, now);
            if (what == 2) now += 3;
            if (what == 3) vo_breaker_probe(&breaker, now);
            vo_breaker_state after = breaker.state;
            if (what == 0 && before == VO_BREAKER_HALF_OPEN) CHECK(after == VO_BREAKER_CLOSED);
            if (what == 1 && before == VO_BREAKER_HALF_OPEN) CHECK(after == VO_BREAKER_OPEN);
            if (before == VO_BREAKER_CLOSED) CHECK(after != VO_BREAKER_HALF_OPEN);
            if (what <= 1 && before == VO_BREAKER_OPEN) CHECK(after == VO_BREAKER_OPEN);
            CHECK(after != VO_BREAKER_OPEN || breaker.reopens_at <= now + 12);
            CHECK(breaker.trips >= trips && breaker.rest <= 12);
            trips = breaker.trips;
        }
    }
}

int main(void) {
    four_failures_leave_it_closed_and_the_fifth_opens_it();
    it_is_half_open_exactly_1200_frames_later();
    a_success_clears_the_count();
    rests_double_up_to_the_cap();
    a_success_while_half_open_closes_it();
    a_new_trip_soon_after_closing_rests_longer_and_a_late_one_does_not();
    reset_closes_it_and_keeps_the_lifetime_count();
    a_probe_ends_a_rest_and_only_a_rest();
    a_bad_config_is_refused();
    every_short_history_stays_on_the_diagram();
    return 0;
}
