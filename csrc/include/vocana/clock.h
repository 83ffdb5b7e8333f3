/* Time, as a table that can be replaced: what a test wants to pass, passes. */
#ifndef VOCANA_CLOCK_H
#define VOCANA_CLOCK_H

#include <stdint.h>

#include "attributes.h"

VO_BEGIN_DECLS

typedef struct vo_clock {
    /* Monotonic nanoseconds: never back, and not while the machine sleeps. */
    uint64_t (*now_ns)(void *self);
    /* Nanoseconds since 1970, UTC: for people only, since it can jump. */
    int64_t (*wall_ns)(void *self);
    void *self;
} vo_clock;

/* --- Any thread -------------------------------------------------------- */

const vo_clock *vo_clock_default(void) VO_REALTIME;

VO_END_DECLS

#endif
