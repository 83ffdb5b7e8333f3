/* Lets Relacy run the product's own C files: their atomics, their floats and their memcpy become
   Relacy's. Included before a C file that `adapt` (run.sh) has rewritten in one way: `_Atomic
   uint64_t x` reads `model_atomic x`. A model therefore cannot drift away from the code. */
#ifndef VOCANA_MODEL_HPP
#define VOCANA_MODEL_HPP

#include <relacy/relacy.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>

#include "vocana/attributes.h"

/* What the C files would include from the system. */
#define atomic_load_explicit(object, order) (object)->load(order, $)
#define atomic_store_explicit(object, value, order) (object)->store(value, order, $)
#define atomic_init(object, value) (object)->store(value, rl::mo_relaxed, $)
#define atomic_exchange_explicit(object, value, order)                                             \
    (object)->rmw(rl::rmw_type_t<rl::rmw_type_swap>(), value, order, $)
#define atomic_fetch_or_explicit(object, value, order)                                             \
    (object)->rmw(rl::rmw_type_t<rl::rmw_type_or>(), value, order, $)
#define memory_order_relaxed rl::mo_relaxed
#define memory_order_acquire rl::mo_acquire
#define memory_order_release rl::mo_release
#define memory_order_acq_rel rl::mo_acq_rel
#define memory_order_seq_cst rl::mo_seq_cst
#define _Alignas(bytes)
#define _Static_assert(condition, text) static_assert(true, text)

typedef rl::atomic<uint64_t> model_atomic;

/* A sample, or a plain word of a record: Relacy reports every race on it. */
struct model_word {
    rl::var<int> value;
    model_word() {}
    model_word(int x) { value($) = x; }
    operator int() const { return value($); }
    model_word &operator=(int x) {
        value($) = x;
        return *this;
    }
    model_word(const model_word &other) { value($) = (int)other; }
    model_word &operator=(const model_word &other) { return *this = (int)other; }
};

static inline void model_copy(model_word *to, const model_word *from, size_t bytes) {
    for (size_t i = 0; i < bytes / sizeof *to; i++) to[i] = (int)from[i];
}

#define float model_word
#define memcpy model_copy

#endif
