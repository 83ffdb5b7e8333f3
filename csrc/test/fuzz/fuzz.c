#include "fuzz.h"

#include <sanitizer/asan_interface.h>

#include "kernels/kernels.h"

/* The linker puts this in the place of vo_kernels_select, whose cpuid is microseconds in a virtual
   machine. */
vo_kernels __wrap_vo_kernels_select(void);

vo_kernels __wrap_vo_kernels_select(void) {
    return vo_kernels_scalar();
}

static void *arena_alloc(void *self, size_t bytes, size_t align) {
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

static void arena_free(void *self, void *memory) {
    arena *a = self;
    REQUIRE((char *)memory >= a->memory && (char *)memory < a->memory + a->used);
    a->live--;
}

vo_allocator *arena_begin(arena *a, uint64_t most_bytes) {
    uint64_t touched = a->allocator.self ? a->used : ARENA_BYTES;
    __asan_poison_memory_region(a->memory, touched + ARENA_GAP_BYTES);
    a->allocator = (vo_allocator){arena_alloc, arena_free, a};
    a->used = a->live = 0;
    a->most_bytes = most_bytes < ARENA_BYTES ? most_bytes : ARENA_BYTES;
    return &a->allocator;
}
