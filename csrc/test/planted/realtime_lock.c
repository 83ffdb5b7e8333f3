/* Must be rejected: a lock, one call below the real-time function. */
#include <pthread.h>

#include "vocana/attributes.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void take(void) {
    pthread_mutex_lock(&mutex);
}

void planted_lock(void) VO_REALTIME;

void planted_lock(void) {
    take();
}
