#define _POSIX_C_SOURCE 200809L /* clock_gettime, pthread_sigmask */
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
