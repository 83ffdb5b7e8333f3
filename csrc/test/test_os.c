/* What the engine needs of the operating system. */
#define _GNU_SOURCE /* usleep, pthread_getname_np */
#include "os/os.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"

#define HOUR_NS ((int64_t)3600 * 1000000000)

static void the_clock_never_goes_back(void) {
    uint64_t first = vo_clock_ns(), last = first;
    for (int i = 0; i < 100000; i++) {
        uint64_t now = vo_clock_ns();
        CHECK(now >= last);
        last = now;
    }
    CHECK(last > first);
    usleep(2000);
    CHECK(vo_clock_ns() - last >= 2000000);
}

static bool polls_readable(const vo_wake *wake) {
    struct pollfd fd = {.fd = wake->readable, .events = POLLIN};
    return poll(&fd, 1, 0) == 1;
}

static void posts_that_nobody_took_become_one(void) {
    vo_wake wake;
    CHECK(vo_wake_open(&wake) == VO_OK && !polls_readable(&wake));
    CHECK(vo_wake_wait(&wake, 0) == VO_TIMED_OUT && vo_wake_wait(&wake, -1) == VO_TIMED_OUT);
    for (int i = 0; i < 100000; i++) vo_wake_post(&wake); /* never blocks */
    CHECK(polls_readable(&wake) && vo_wake_wait(&wake, HOUR_NS) == VO_OK);
    CHECK(!polls_readable(&wake) && vo_wake_wait(&wake, 1000) == VO_TIMED_OUT);
    vo_wake_post(&wake);
    vo_wake_drain(&wake);
    vo_wake_drain(&wake); /* nothing there is fine */
    CHECK(!polls_readable(&wake));
    vo_wake_close(&wake);
}

static void a_wait_lasts_as_long_as_it_says(void) {
    vo_wake wake;
    CHECK(vo_wake_open(&wake) == VO_OK);
    uint64_t began = vo_clock_ns();
    CHECK(vo_wake_wait(&wake, 3000000) == VO_TIMED_OUT);
    CHECK(vo_clock_ns() - began >= 3000000);
    vo_wake_close(&wake);
}

static void no_descriptor_is_told(void) {
    struct rlimit before, none;
    CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    none = before;
    none.rlim_cur = 0;
    CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
    vo_wake wake;
    CHECK(vo_wake_open(&wake) == VO_SYSTEM);
    CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
}

static void *post_in_a_while(void *self) {
    usleep(2000);
    vo_wake_post(self);
    return self;
}

static void a_post_wakes_a_sleeper(void) {
    vo_wake wake;
    CHECK(vo_wake_open(&wake) == VO_OK);
    for (int i = 0; i < 20; i++) {
        vo_thread thread;
        CHECK(vo_thread_start(&thread, post_in_a_while, &wake) == VO_OK);
        CHECK(vo_wake_wait(&wake, HOUR_NS) == VO_OK);
        vo_thread_join(&thread);
        CHECK(!polls_readable(&wake));
    }
    vo_wake_close(&wake);
}

/* --- Signals ------------------------------------------------------------- */

static pthread_t waiting_thread;
static _Atomic int handled;
static _Atomic bool answered;

static void handle(int number) {
    (void)number;
    handled++;
}

static void *interrupt(void *self) {
    (void)self;
    while (!answered) {
        pthread_kill(waiting_thread, SIGUSR1);
        usleep(1000);
    }
    return NULL;
}

static void a_signal_interrupts_a_wait(void) {
    struct sigaction action = {0};
    action.sa_handler = handle;
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    vo_wake wake;
    vo_thread thread;
    CHECK(vo_wake_open(&wake) == VO_OK);
    waiting_thread = pthread_self();
    CHECK(vo_thread_start(&thread, interrupt, NULL) == VO_OK);
    vo_status status = vo_wake_wait(&wake, HOUR_NS);
    answered = true;
    vo_thread_join(&thread);
    CHECK(status == VO_INTERRUPTED && handled > 0);
    vo_wake_close(&wake);
}

static void a_bad_descriptor_is_told(void) {
    vo_wake closed;
    CHECK(vo_wake_open(&closed) == VO_OK);
    vo_wake_close(&closed);
    vo_wake_post(&closed); /* harmless */
    struct rlimit before, none;
    CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    none = before;
    none.rlim_cur = 0; /* poll refuses more descriptors than there may be */
    CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
    CHECK(vo_wake_wait(&closed, HOUR_NS) == VO_SYSTEM);
    CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
}

static _Atomic bool masked;

static void *look_at_mask(void *self) {
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    masked = sigismember(&now, SIGINT) && sigismember(&now, SIGTERM) && sigismember(&now, SIGALRM);
    masked = masked && !sigismember(&now, SIGSEGV) && !sigismember(&now, SIGBUS);
    return self;
}

/* Signals belong to the program's own threads, and its mask is as it was. Of a crash its handler
   is told: faults 46. */
static void a_thread_takes_no_signals(void) {
    sigset_t mine, after;
    sigemptyset(&mine);
    sigaddset(&mine, SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &mine, NULL);
    vo_thread thread;
    CHECK(vo_thread_start(&thread, look_at_mask, NULL) == VO_OK);
    vo_thread_join(&thread);
    CHECK(masked);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    CHECK(sigismember(&after, SIGUSR2) && !sigismember(&after, SIGINT));
}

/* --- Names --------------------------------------------------------------- */

typedef struct named {
    vo_thread thread;
    vo_wake entered, leave;
    int64_t self;
} named;

static void *enter(void *self) {
    named *named = self;
    vo_thread_enter(&named->thread, "vo-test");
    named->self = vo_thread_self();
    vo_wake_post(&named->entered);
    vo_wake_wait(&named->leave, HOUR_NS);
    return NULL;
}

/* G7, H7: a program finds the threads of the library by name and by number. */
static void a_thread_is_known_by_name_and_number(void) {
    named named = {0};
    char name[16];
    CHECK(vo_wake_open(&named.entered) == VO_OK && vo_wake_open(&named.leave) == VO_OK);
    CHECK(vo_thread_native(&named.thread) == 0);
    CHECK(vo_thread_start(&named.thread, enter, &named) == VO_OK);
    CHECK(vo_wake_wait(&named.entered, HOUR_NS) == VO_OK);
    CHECK(vo_thread_native(&named.thread) == named.self && named.self > 0);
    CHECK(named.self != vo_thread_self());
    CHECK(pthread_getname_np((pthread_t)named.thread.id, name, sizeof name) == 0);
    CHECK(strcmp(name, "vo-test") == 0);
    vo_wake_post(&named.leave);
    vo_thread_join(&named.thread);
    vo_wake_close(&named.entered);
    vo_wake_close(&named.leave);
}

int main(void) {
    the_clock_never_goes_back();
    posts_that_nobody_took_become_one();
    a_wait_lasts_as_long_as_it_says();
    no_descriptor_is_told();
    a_post_wakes_a_sleeper();
    a_signal_interrupts_a_wait();
    a_bad_descriptor_is_told();
    a_thread_takes_no_signals();
    a_thread_is_known_by_name_and_number();
    return 0;
}
