/* A level that a difference of clocks fills, at many differences and steps of time: it is held, and
   what is learned is the difference. */
#include "vocana/servo.h"

#include <math.h>
#include <stdbool.h>

#include "check.h"

enum { RATE = 48000 };

static const vo_servo_config usual = {.rate = RATE,
                                      .wide_hz = 0.13,
                                      .narrow_hz = 0.016,
                                      .settle_s = 5,
                                      .loose_frames = 480,
                                      .most = 3e-3};

typedef struct plant {
    vo_servo servo;
    double level; /* above the aim, frames */
    double drift; /* frames of the source too many, a frame */
} plant;

static plant plant_of(const vo_servo_config *config, double drift) {
    plant p = {.drift = drift};
    CHECK(vo_servo_init(&p.servo, config) == VO_OK);
    return p;
}

/* n frames pass, then the servo sees the level and a disturbance. */
static double pass(plant *p, uint32_t n, double disturbed) {
    p->level += (p->drift + p->servo.correction) * n;
    return vo_servo_update(&p->servo, p->level + disturbed, n);
}

/* Frames off after 10 s and later, at the farthest. */
static double hold(plant *p, uint32_t n, double seconds) {
    double farthest = 0;
    for (double t = 0; t < seconds; t += (double)n / (int)RATE) {
        double correction = pass(p, n, 0);
        CHECK(fabs(correction) <= p->servo.config.most);
        if (t > 10) farthest = fmax(farthest, fabs(p->level));
    }
    return farthest;
}

/* fault 15: locked within 10 s, to 20 frames and 30 ppm. */
static void it_learns_the_difference_of_the_clocks(void) {
    const double ppm[] = {1000, -1000, 100, -10, 0};
    const uint32_t steps[] = {32, 480, 4800};
    for (size_t i = 0; i < sizeof ppm / sizeof *ppm; i++)
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            plant p = plant_of(&usual, ppm[i] * 1e-6);
            hold(&p, steps[k], 10);
            CHECK(fabs(p.servo.correction + ppm[i] * 1e-6) < 30e-6);
            CHECK(hold(&p, steps[k], 120) < 20);
            CHECK(fabs(p.servo.learned + ppm[i] * 1e-6) < 1e-6);
            CHECK(fabs(p.level) < 1);
        }
}

/* Even a step a second is held: no loop is faster than its updates. */
static void slow_updates_are_stable(void) {
    plant p = plant_of(&usual, 500e-6);
    hold(&p, RATE, 600);
    CHECK(fabs(p.level) < 100 && fabs(p.servo.learned + 500e-6) < 20e-6);
}

/* What is far off comes back at the most that is allowed, without overshoot from what was learned
   on the way. */
static void a_long_way_does_not_wind_it_up(void) {
    plant p = plant_of(&usual, 0);
    p.level = 4000;
    double lowest = 0;
    for (int i = 0; i < 100 * 100; i++) {
        pass(&p, 480, 0);
        lowest = fmin(lowest, p.level);
    }
    CHECK(lowest > -200 && fabs(p.level) < 1);
}

/* Jitter moves the ratio by less than can be heard, once the loop is narrow. */
static void jitter_does_not_move_the_pitch(void) {
    plant p = plant_of(&usual, 300e-6);
    uint64_t seed = 1;
    double farthest = 0;
    for (int i = 0; i < 100 * 120; i++) {
        seed = seed * 6364136223846793005 + 1442695040888963407;
        double correction = pass(&p, 480, 480 * ((double)(seed >> 11) / 0x1p53 - 0.5));
        if (i > 100 * 30) farthest = fmax(farthest, fabs(correction + 300e-6));
    }
    printf("servo: jitter of a block moves the ratio by %.0f ppm\n", farthest * 1e6);
    CHECK(farthest < 100e-6);
}

/* A clock that changes takes it out of its narrow band, and it locks again. */
static void a_change_makes_it_wide(void) {
    plant p = plant_of(&usual, 0);
    hold(&p, 480, 60);
    CHECK(p.servo.bandwidth_hz < 0.02);
    p.level += 1500;
    bool wide = false;
    for (int i = 0; i < 1000; i++) {
        pass(&p, 480, 0);
        wide = wide || p.servo.bandwidth_hz == usual.wide_hz;
    }
    CHECK(wide);
    vo_servo_resume(&p.servo);
    CHECK(p.servo.bandwidth_hz == usual.wide_hz && p.servo.smooth[1] == 0);
}

/* The control: one that may not correct does nothing, and the level runs away. */
static void one_that_may_not_correct_never_steers(void) {
    vo_servo_config rigid = usual;
    rigid.most = 0;
    plant p = plant_of(&rigid, 100e-6);
    CHECK(hold(&p, 480, 600) > 2000);
    CHECK(p.servo.correction == 0);
}

/* An update without time changes nothing, and what is learned stays a number. */
static void no_time_changes_nothing(void) {
    plant p = plant_of(&usual, 100e-6);
    hold(&p, 480, 60);
    vo_servo before = p.servo;
    CHECK(vo_servo_update(&p.servo, 1000, 0) == before.correction);
    CHECK(p.servo.learned == before.learned && p.servo.smooth[1] == before.smooth[1]);
}

static void bad_configs_are_refused(void) {
    vo_servo_config bad[7];
    for (int i = 0; i < 7; i++) bad[i] = usual;
    bad[0].rate = 0;
    bad[1].narrow_hz = 0;
    bad[2].narrow_hz = 1;
    bad[3].settle_s = 0;
    bad[4].loose_frames = NAN;
    bad[5].most = -1e-9;
    bad[6].wide_hz = NAN;
    vo_servo servo;
    for (int i = 0; i < 7; i++) CHECK(vo_servo_init(&servo, &bad[i]) == VO_BAD_ARG);
}

int main(void) {
    it_learns_the_difference_of_the_clocks();
    slow_updates_are_stable();
    a_long_way_does_not_wind_it_up();
    jitter_does_not_move_the_pitch();
    a_change_makes_it_wide();
    one_that_may_not_correct_never_steers();
    no_time_changes_nothing();
    bad_configs_are_refused();
    return 0;
}
