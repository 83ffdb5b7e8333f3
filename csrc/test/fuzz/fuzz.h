/* What the fuzz targets share: a check, an allocator for one execution. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vocana/alloc.h"

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- Memory ------------------------------------------------------------------ */

/* Blocks in a row with poisoned bytes between them, given back all at once: far cheaper than
   malloc, and every overrun is still seen. */
enum { ARENA_BYTES = 1 << 20, ARENA_GAP_BYTES = 64 };

typedef struct arena {
    vo_allocator allocator; /* its self points at this struct */
    uint64_t used, live, most_bytes;
    _Alignas(64) char memory[ARENA_BYTES + 4 * ARENA_GAP_BYTES];
} arena;

/* Empty, for at most so many bytes. */
vo_allocator *arena_begin(arena *a, uint64_t most_bytes);

#endif
