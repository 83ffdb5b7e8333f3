/* Some counters, published together by one thread and read together by any.

   Two copies take turns. turn's release publishes the copy that was just written, and pairs with
   the reader's acquire; each word's release pairs with the acquire that reads it, so a reader that
   meets a word of the turn after next also sees that the turn has moved, and tries again. */
#ifndef VOCANA_SNAPSHOT_H
#define VOCANA_SNAPSHOT_H

#include <stdatomic.h>
#include <stdint.h>

#include "vocana/attributes.h"

enum { VO_SNAPSHOT_WORDS = 24 };

typedef struct vo_snapshot {
    _Atomic uint64_t turn;
    _Atomic uint64_t words[2][VO_SNAPSHOT_WORDS];
} vo_snapshot;

/* One thread. */
static inline void vo_snapshot_publish(vo_snapshot *snapshot, const uint64_t *words, unsigned n) {
    uint64_t turn = atomic_load_explicit(&snapshot->turn, memory_order_relaxed) + 1;
    for (unsigned i = 0; i < n; i++)
        atomic_store_explicit(&snapshot->words[turn & 1][i], words[i], memory_order_release);
    atomic_store_explicit(&snapshot->turn, turn, memory_order_release);
}

/* Any thread. Tries again while the writer publishes faster than n words can be read. */
static inline void vo_snapshot_read(const vo_snapshot *snapshot, uint64_t *words, unsigned n) {
    uint64_t before, after;
    do {
        before = atomic_load_explicit(&snapshot->turn, memory_order_acquire);
        for (unsigned i = 0; i < n; i++)
            words[i] = atomic_load_explicit(&snapshot->words[before & 1][i], memory_order_acquire);
        after = atomic_load_explicit(&snapshot->turn, memory_order_relaxed);
    } while (before != after);
}

#endif
