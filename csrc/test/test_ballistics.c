/* E2: a needle follows in time, however often it is asked to. */
#include "vocana/ballistics.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "check.h"

enum { RATE = 48000 };

/* Half a second up, then down for the rest; the needle at the end of each tenth. */
static void curve(uint32_t calls_a_second, double *out) {
    vo_ballistics needle;
    vo_ballistics_init(&needle, 50, 300, RATE);
    for (uint32_t call = 1; call <= 2 * calls_a_second; call++) {
        double target = call <= calls_a_second / 2 ? 1 : 0.25;
        vo_ballistics_step(&needle, target, (double)RATE / calls_a_second);
        if (call % (calls_a_second / 10) == 0) out[call / (calls_a_second / 10) - 1] = needle.value;
    }
}

static void the_same_at_10_and_at_100_calls_a_second(void) {
    const uint32_t rates[] = {100, 480, 48000};
    double ten[20], more[20];
    curve(10, ten);
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        curve(rates[r], more);
        for (int i = 0; i < 20; i++) CHECK(fabs(ten[i] - more[i]) < 1e-12);
    }
    CHECK(fabs(ten[0] - (1 - exp(-2))) < 1e-12); /* 100 ms of 50 */
    CHECK(fabs(ten[7] - (0.25 + (ten[4] - 0.25) * exp(-1))) < 1e-12);
}

/* Negative control: a fixed factor a call is another needle at another rate of calls. */
static void a_factor_a_call_is_not_the_same(void) {
    double slow = 1, fast = 1;
    for (int i = 0; i < 10; i++) slow *= 0.9;
    for (int i = 0; i < 100; i++) fast *= 0.9;
    CHECK(fabs(slow - fast) > 0.3);
}

static void no_time_is_at_once(void) {
    vo_ballistics needle;
    vo_ballistics_init(&needle, 0, 100, RATE);
    CHECK(vo_ballistics_step(&needle, 0.5, 1) == 0.5);
    CHECK(vo_ballistics_step(&needle, 0.5, 1000) == 0.5);
    double after = vo_ballistics_step(&needle, 0, RATE / 10);
    CHECK(fabs(after - 0.5 * exp(-1)) < 1e-12);
    vo_ballistics_init(&needle, 100, 0, RATE);
    vo_ballistics_step(&needle, 1, RATE);
    CHECK(vo_ballistics_step(&needle, 0, 1) == 0);
    CHECK(vo_ballistics_step(&needle, 1, 0) == 0);
}

int main(void) {
    the_same_at_10_and_at_100_calls_a_second();
    a_factor_a_call_is_not_the_same();
    no_time_is_at_once();
    return 0;
}
