#define _GNU_SOURCE      /* gettid, pthread_setname_np */
#define _DARWIN_C_SOURCE /* pthread_threadid_np */
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "os/os.h"

uint64_t vo_clock_ns(void) {
    struct timespec now;
    VO_REALTIME_TRUST_BEGIN /* a vDSO read of the monotonic clock: no system call, no lock */
    clock_gettime(CLOCK_MONOTONIC, &now);
    VO_REALTIME_TRUST_END
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

vo_status vo_thread_start(vo_thread *thread, void *(*run)(void *), void *self) {
    /* Signals belong to the program's own threads, but for those of a crash of this one: blocked,
       they would end the process before its handler could tell where. */
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    sigset_t all, before;
    sigfillset(&all);
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) sigdelset(&all, crashes[i]);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t id;
    atomic_store_explicit(&thread->native, 0, memory_order_relaxed);
    int failed = pthread_create(&id, NULL, run, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) return VO_SYSTEM;
    thread->id = (uintptr_t)id;
    return VO_OK;
}

void vo_thread_enter(vo_thread *thread, const char *name) {
#ifdef __APPLE__
    pthread_setname_np(name);
#else
    pthread_setname_np(pthread_self(), name);
#endif
    atomic_store_explicit(&thread->native, vo_thread_self(), memory_order_release);
}

int64_t vo_thread_native(const vo_thread *thread) {
    return atomic_load_explicit(&thread->native, memory_order_acquire);
}

int64_t vo_thread_self(void) {
    VO_REALTIME_TRUST_BEGIN /* a system call that only reads, and never waits */
#ifdef __APPLE__
    uint64_t id = 0;
    pthread_threadid_np(NULL, &id);
#else
    pid_t id = gettid();
#endif
    VO_REALTIME_TRUST_END
    return (int64_t)id;
}

void vo_thread_join(vo_thread *thread) {
    pthread_join((pthread_t)thread->id, NULL);
}

void vo_thread_sleep(uint64_t ns) {
    struct timespec left = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
    nanosleep(&left, NULL);
}
