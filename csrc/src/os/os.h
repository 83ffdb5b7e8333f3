/* What the engine needs of an operating system; one implementation file per system. */
#ifndef VOCANA_OS_H
#define VOCANA_OS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vocana/status.h"

/* --- Clock --------------------------------------------------------------- */

/* Monotonic nanoseconds. */
uint64_t vo_clock_ns(void) VO_REALTIME;

/* --- Thread -------------------------------------------------------------- */

typedef struct vo_thread {
    uintptr_t id;
    _Atomic int64_t native;
} vo_thread;

VO_NODISCARD vo_status vo_thread_start(vo_thread *thread, void *(*run)(void *), void *self);

/* First of all in the thread: names it, in at most 15 bytes, for who looks at the process. */
void vo_thread_enter(vo_thread *thread, const char *name);

/* The number by which the system schedules it; 0 before it has entered. */
int64_t vo_thread_native(const vo_thread *thread) VO_REALTIME;

/* The same of the thread that calls: once in a thread's life, since it may be a system call. */
int64_t vo_thread_self(void) VO_REALTIME;

/* Wait for a thread that has told by itself that it is about to end. */
void vo_thread_join(vo_thread *thread);

void vo_thread_sleep(uint64_t ns);

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

/* --- Pipe: bytes to or from another process -------------------------------- */

/* Make it non-blocking; SYSTEM when it is no open descriptor. */
VO_NODISCARD vo_status vo_pipe_prepare(int descriptor);

enum { VO_PIPE_GONE = -1 };

/* Bytes moved. When none can be now: waits until some may or somebody posts, takes the post, and
   returns 0. VO_PIPE_GONE when the other end has gone, or the descriptor is none. */
int64_t vo_pipe_read(int descriptor, void *bytes, size_t n, const vo_wake *nudge);
int64_t vo_pipe_write(int descriptor, const void *bytes, size_t n, const vo_wake *nudge);

#endif
