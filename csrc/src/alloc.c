#include "vocana/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Room that a product must leave for headers and padding. */
#define HEADROOM ((size_t)1 << 16)

bool vo_size_mul(size_t a, size_t b, size_t *out) {
    return !__builtin_mul_overflow(a, b, out) && *out <= PTRDIFF_MAX - HEADROOM;
}

static void *default_alloc(void *self, size_t bytes, size_t align) {
    (void)self;
    if (align < sizeof(void *)) align = sizeof(void *);
    if (bytes > PTRDIFF_MAX - align) return NULL;
    size_t rounded = (bytes + align - 1) & ~(align - 1);
    void *memory = aligned_alloc(align, rounded ? rounded : align);
    if (memory) memset(memory, 0, rounded);
    return memory;
}

static void default_free(void *self, void *memory) {
    (void)self;
    free(memory);
}

const vo_allocator *vo_allocator_default(void) {
    static const vo_allocator allocator = {default_alloc, default_free, NULL};
    return &allocator;
}

void *vo_alloc(const vo_allocator *allocator, size_t bytes, size_t align) {
    if (!allocator) allocator = vo_allocator_default();
    return allocator->alloc(allocator->self, bytes, align);
}

void vo_release(const vo_allocator *allocator, void *memory) {
    if (!memory) return;
    if (!allocator) allocator = vo_allocator_default();
    allocator->free(allocator->self, memory);
}
