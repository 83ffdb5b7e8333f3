#include "vocana/ledger.h"

#include <stdatomic.h>

/* head and tail count records for ever. head's release pairs with the reader's acquire. The ring's
   own release comes after it, so whoever sees a frame sees every record that stands before it. */
struct vo_ledger {
    _Alignas(VO_CACHE_LINE) _Atomic uint64_t head;
    _Alignas(VO_CACHE_LINE) _Atomic uint64_t tail;
    _Alignas(VO_CACHE_LINE) vo_gap *slots;
    uint64_t mask;
    vo_allocator allocator;
};

vo_status vo_ledger_new(vo_ledger **out, uint32_t capacity, const vo_allocator *allocator) {
    *out = NULL;
    if (!capacity || capacity > (1u << 30)) return VO_BAD_ARG;
    uint64_t rounded = 1;
    while (rounded < capacity) rounded *= 2;
    if (!allocator) allocator = vo_allocator_default();
    vo_ledger *ledger = vo_alloc(allocator, sizeof *ledger, VO_CACHE_LINE);
    if (!ledger) return VO_NO_MEM;
    ledger->allocator = *allocator;
    ledger->mask = rounded - 1;
    ledger->slots = vo_alloc(allocator, (size_t)rounded * sizeof(vo_gap), VO_CACHE_LINE);
    if (!ledger->slots) {
        vo_ledger_free(ledger);
        return VO_NO_MEM;
    }
    *out = ledger;
    return VO_OK;
}

void vo_ledger_free(vo_ledger *ledger) {
    if (!ledger) return;
    vo_allocator allocator = ledger->allocator;
    vo_release(&allocator, ledger->slots);
    vo_release(&allocator, ledger);
}

bool vo_ledger_full(vo_ledger *ledger) {
    uint64_t head = atomic_load_explicit(&ledger->head, memory_order_relaxed);
    /* acquire: the slot's last reader is done with it */
    return head - atomic_load_explicit(&ledger->tail, memory_order_acquire) > ledger->mask;
}

bool vo_ledger_push(vo_ledger *ledger, const vo_gap *gap) {
    if (vo_ledger_full(ledger)) return false;
    uint64_t head = atomic_load_explicit(&ledger->head, memory_order_relaxed);
    ledger->slots[head & ledger->mask] = *gap;
    /* release: pairs with the acquire in vo_ledger_peek */
    atomic_store_explicit(&ledger->head, head + 1, memory_order_release);
    return true;
}

const vo_gap *vo_ledger_peek(vo_ledger *ledger, uint32_t ahead) {
    uint64_t tail = atomic_load_explicit(&ledger->tail, memory_order_relaxed);
    uint64_t head = atomic_load_explicit(&ledger->head, memory_order_acquire);
    return head - tail > ahead ? &ledger->slots[(tail + ahead) & ledger->mask] : NULL;
}

void vo_ledger_pop(vo_ledger *ledger) {
    uint64_t tail = atomic_load_explicit(&ledger->tail, memory_order_relaxed);
    /* release: pairs with the acquire in vo_ledger_full */
    atomic_store_explicit(&ledger->tail, tail + 1, memory_order_release);
}

const char *vo_cause_text(uint32_t cause) {
    switch ((vo_cause)cause) {
#define X(name, text)                                                                              \
    case VO_CAUSE_##name:                                                                          \
        return text;
        VO_CAUSE_MAP(X)
#undef X
    }
    return "unknown";
}
