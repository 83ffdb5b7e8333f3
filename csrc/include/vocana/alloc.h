/* Where memory comes from. Every _new takes an allocator; NULL means the default. */
#ifndef VOCANA_ALLOC_H
#define VOCANA_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

#include "attributes.h"

VO_BEGIN_DECLS

/* alloc returns zeroed memory at a multiple of align (a power of two), or NULL. */
typedef struct vo_allocator {
    void *(*alloc)(void *self, size_t bytes, size_t align);
    void (*free)(void *self, void *memory);
    void *self;
} vo_allocator;

/* --- Setup thread: may block, never real-time --------------------------- */

const vo_allocator *vo_allocator_default(void);

/* Zeroed memory from allocator, or from the default when it is NULL. */
VO_NODISCARD void *vo_alloc(const vo_allocator *allocator, size_t bytes, size_t align);
void vo_release(const vo_allocator *allocator, void *memory);

/* --- Any thread -------------------------------------------------------- */

/* True and *out = a * b when that fits a size_t with room for padding to spare. */
VO_NODISCARD bool vo_size_mul(size_t a, size_t b, size_t *out) VO_REALTIME;

VO_END_DECLS

#endif
