/* Memory of a model: objects are members of the test, so the C files' _new and _free compile but
   find nothing. */
#ifndef VOCANA_MODEL_MEMORY_HPP
#define VOCANA_MODEL_MEMORY_HPP

#define VOCANA_ALLOC_H /* in the place of vocana/alloc.h */

struct vo_allocator {};

static bool vo_size_mul(size_t a, size_t b, size_t *out) {
    *out = a * b;
    return true;
}

static const vo_allocator *vo_allocator_default() {
    static const vo_allocator none = {};
    return &none;
}

static void *vo_alloc(const vo_allocator *, size_t, size_t) {
    return NULL;
}
static void vo_release(const vo_allocator *, void *) {}

#endif
