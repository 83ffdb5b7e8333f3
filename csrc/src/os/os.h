/* What the engine needs of an operating system; one implementation file per system. */
#ifndef VOCANA_OS_H
#define VOCANA_OS_H

#include <stdbool.h>
#include <stdint.h>

#include "vocana/status.h"

/* --- Clock --------------------------------------------------------------- */

/* Monotonic nanoseconds. */
uint64_t vo_clock_ns(void) VO_REALTIME;

/* --- Thread -------------------------------------------------------------- */

typedef struct vo_thread {
    uintptr_t id;
} vo_thread;

VO_NODISCARD vo_status vo_thread_start(vo_thread *thread, void *(*run)(void *), void *self);

/* Wait for a thread that has told by itself that it is about to end. */
void vo_thread_join(vo_thread *thread);

/* --- Wake: one post that wakes one sleeper -------------------------------- */

typedef struct vo_wake {
    int readable; /* descriptor that polls readable after a post */
    int writable;
} vo_wake;

VO_NODISCARD vo_status vo_wake_open(vo_wake *wake);
void vo_wake_close(vo_wake *wake);

/* Never blocks; posts that nobody took yet become one. */
void vo_wake_post(const vo_wake *wake) VO_REALTIME;

/* OK after a post, TIMED_OUT, or INTERRUPTED. Takes the post. */
vo_status vo_wake_wait(const vo_wake *wake, int64_t timeout_ns);

/* Take a pending post, if any. */
void vo_wake_drain(const vo_wake *wake);

#endif
