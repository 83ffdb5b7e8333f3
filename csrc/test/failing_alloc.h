/* An allocator that fails when it is told to and knows what it has given out.

   failing_alloc memory;
   for (uint64_t k = 1;; k++) {
       failing_alloc_init(&memory, k, false);
       if (vo_ring_new(&ring, 8, 1, &memory.allocator) == VO_OK) break;
       CHECK(memory.live == 0);
   } */
#ifndef FAILING_ALLOC_H
#define FAILING_ALLOC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "vocana/alloc.h"

typedef struct failing_alloc {
    vo_allocator allocator;    /* its self points at this struct: pass it by address */
    uint64_t fail_at;          /* this call fails, counted from 1; 0: none does */
    bool from_then_on;         /* and so does every later one */
    _Atomic uint64_t calls;    /* of alloc */
    _Atomic uint64_t failures; /* of these */
    _Atomic int64_t live;      /* blocks given out and not freed yet */
    _Atomic uint64_t bytes;    /* asked for in all */
} failing_alloc;

void failing_alloc_init(failing_alloc *memory, uint64_t fail_at, bool from_then_on);

#endif
