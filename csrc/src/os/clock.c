#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "vocana/clock.h"

#include <time.h>

#include "os/os.h"

static uint64_t monotonic_ns(void *self) {
    (void)self;
    return vo_clock_ns();
}

static int64_t utc_ns(void *self) {
    (void)self;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static const vo_clock of_the_system = {monotonic_ns, utc_ns, NULL};

const vo_clock *vo_clock_default(void) {
    return &of_the_system;
}
