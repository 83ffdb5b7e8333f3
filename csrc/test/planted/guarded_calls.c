/* Calls that the guard must count exactly, and the same calls where it must not count them: outside
   a section, between the end and the renewed beginning of one, and on a thread without a section.
   The counts are those of guarded_calls.expected. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guard.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static void *volatile memory; /* volatile, so that no compiler removes the pair */

static void misbehave(void) {
    memory = malloc(100);
    free(memory);
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    nanosleep(&(struct timespec){0, 1000}, NULL);
}

static void *on_another_thread(void *unused) {
    for (int i = 0; i < 100; i++) misbehave();
    return unused;
}

int main(void) {
    misbehave();

    pthread_t thread;
    vo_guard_begin();
    misbehave();
    vo_guard_end();
    if (pthread_create(&thread, NULL, on_another_thread, NULL)) return 2;
    for (int i = 0; i < 10; i++) {
        vo_guard_begin();
        memory = calloc(1, 10);
        memory = realloc(memory, 1000);
        free(memory);
        vo_guard_end();
        misbehave();
        vo_guard_begin();
        usleep(1);
        vo_guard_end();
    }
    pthread_join(thread, NULL);

    /* A post outside any section leaves the next sections as they were. */
    vo_guard_end();
    vo_guard_begin();
    misbehave();
    vo_guard_begin();
    if (write(1, "", 0)) return 2;
    vo_guard_end();

    /* A child's calls belong to the same account. */
    pid_t child = fork();
    if (child == 0) {
        vo_guard_begin();
        misbehave();
        vo_guard_end();
        _exit(0);
    }
    return child < 0 || waitpid(child, NULL, 0) != child;
}
