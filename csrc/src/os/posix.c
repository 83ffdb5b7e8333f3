#define _GNU_SOURCE /* clock_nanosleep, pthread */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "os/os.h"

uint64_t vo_clock_ns(void) {
    struct timespec now;
    VO_REALTIME_TRUST_BEGIN /* a vDSO read of the monotonic clock: no system call, no lock */
        clock_gettime(CLOCK_MONOTONIC, &now);
    VO_REALTIME_TRUST_END
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void vo_clock_sleep_until(uint64_t deadline_ns) {
#ifdef __APPLE__
    for (uint64_t now = vo_clock_ns(); now < deadline_ns; now = vo_clock_ns()) {
        uint64_t left = deadline_ns - now;
        struct timespec rest = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
        nanosleep(&rest, NULL);
    }
#else
    struct timespec deadline = {(time_t)(deadline_ns / 1000000000u),
                                (long)(deadline_ns % 1000000000u)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) == EINTR) {
    }
#endif
}

vo_status vo_thread_start(vo_thread *thread, void *(*run)(void *), void *self) {
    /* Signals belong to the program's own threads. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t id;
    int failed = pthread_create(&id, NULL, run, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) return VO_SYSTEM;
    thread->id = (uintptr_t)id;
    return VO_OK;
}

void vo_thread_join(vo_thread *thread) {
    pthread_join((pthread_t)thread->id, NULL);
}

vo_status vo_wake_wait(const vo_wake *wake, int64_t timeout_ns) {
    struct pollfd fd = {.fd = wake->readable, .events = POLLIN};
    int64_t timeout_ms = (timeout_ns + 999999) / 1000000;
    int ready = poll(&fd, 1, timeout_ms > 1000000 ? 1000000 : (int)timeout_ms);
    if (ready < 0) return errno == EINTR ? VO_INTERRUPTED : VO_SYSTEM;
    if (!ready) return VO_TIMED_OUT;
    vo_wake_drain(wake);
    return VO_OK;
}
