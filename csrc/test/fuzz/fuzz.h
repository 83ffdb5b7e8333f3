/* What the fuzz targets share: a check, an allocator for one execution, scalar kernels. */
#ifndef FUZZ_H
#define FUZZ_H

#include <sanitizer/asan_interface.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"
#include "vocana/alloc.h"

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The linker puts this in the place of vo_kernels_select, whose cpuid is microseconds in a virtual
   machine. */
vo_kernels __wrap_vo_kernels_select(void);

vo_kernels __wrap_vo_kernels_select(void) {
    return vo_kernels_scalar();
}

/* --- Memory ------------------------------------------------------------------ */

/* Blocks in a row with poisoned bytes between them, given back all at once: far cheaper than
   malloc, and every overrun is still seen. */
enum { ARENA_BYTES = 1 << 20, ARENA_GAP_BYTES = 64 };

typedef struct arena {
    vo_allocator allocator; /* its self points at this struct */
    uint64_t used, live, most_bytes;
    _Alignas(64) char memory[ARENA_BYTES + 4 * ARENA_GAP_BYTES];
} arena;

static inline void *arena_alloc(void *self, size_t bytes, size_t align) {
    arena *a = self;
    REQUIRE(align <= 64);
    if (bytes > a->most_bytes || a->used > a->most_bytes - bytes) return NULL;
    char *block = a->memory + a->used;
    __asan_unpoison_memory_region(block, bytes);
    memset(block, 0, bytes);
    a->used += (bytes + ARENA_GAP_BYTES + 63) / 64 * 64;
    a->live++;
    return block;
}

static inline void arena_free(void *self, void *memory) {
    arena *a = self;
    REQUIRE((char *)memory >= a->memory && (char *)memory < a->memory + a->used);
    a->live--;
}

/* Empty, for at most so many bytes. */
static inline vo_allocator *arena_begin(arena *a, uint64_t most_bytes) {
    uint64_t touched = a->allocator.self ? a->used : ARENA_BYTES;
    __asan_poison_memory_region(a->memory, touched + ARENA_GAP_BYTES);
    a->allocator = (vo_allocator){arena_alloc, arena_free, a};
    a->used = a->live = 0;
    a->most_bytes = most_bytes < ARENA_BYTES ? most_bytes : ARENA_BYTES;
    return &a->allocator;
}

#endif
