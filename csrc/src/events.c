#include "vocana/events.h"

#include <stdatomic.h>
#include <stdbool.h>

/* head and tail count events for ever; head's release pairs with the reader's acquire, tail's
   with the writer's. */
struct vo_events {
    _Alignas(VO_CACHE_LINE) _Atomic uint64_t head;
    _Atomic uint64_t dropped;
    uint64_t seq; /* writer only */
    _Alignas(VO_CACHE_LINE) _Atomic uint64_t tail;
    _Alignas(VO_CACHE_LINE) vo_event *slots;
    uint64_t mask;
    vo_allocator allocator;
};

vo_status vo_events_new(vo_events **out, uint32_t capacity, const vo_allocator *allocator) {
    *out = NULL;
    if (!capacity || capacity > (1u << 30)) return VO_BAD_ARG;
    uint64_t rounded = 1;
    while (rounded < capacity) rounded *= 2;
    if (!allocator) allocator = vo_allocator_default();
    vo_events *events = vo_alloc(allocator, sizeof *events, VO_CACHE_LINE);
    if (!events) return VO_NO_MEM;
    events->allocator = *allocator;
    events->mask = rounded - 1;
    events->slots = vo_alloc(allocator, (size_t)rounded * sizeof(vo_event), VO_CACHE_LINE);
    if (!events->slots) {
        vo_events_free(events);
        return VO_NO_MEM;
    }
    *out = events;
    return VO_OK;
}

void vo_events_free(vo_events *events) {
    if (!events) return;
    vo_allocator allocator = events->allocator;
    vo_release(&allocator, events->slots);
    vo_release(&allocator, events);
}

void vo_events_push(vo_events *events, vo_event_kind kind, uint64_t frame, uint64_t value) {
    uint64_t seq = events->seq++;
    uint64_t head = atomic_load_explicit(&events->head, memory_order_relaxed);
    /* acquire: the slot's last reader is done with it */
    uint64_t tail = atomic_load_explicit(&events->tail, memory_order_acquire);
    if (head - tail > events->mask) {
        uint64_t dropped = atomic_load_explicit(&events->dropped, memory_order_relaxed);
        atomic_store_explicit(&events->dropped, dropped + 1, memory_order_relaxed);
        return;
    }
    events->slots[head & events->mask] =
        (vo_event){.seq = seq, .frame = frame, .value = value, .kind = (uint32_t)kind};
    /* release: pairs with the acquire in vo_events_pop */
    atomic_store_explicit(&events->head, head + 1, memory_order_release);
}

uint32_t vo_events_pop(vo_events *events, vo_event *out, uint32_t n) {
    uint64_t tail = atomic_load_explicit(&events->tail, memory_order_relaxed);
    uint64_t head = atomic_load_explicit(&events->head, memory_order_acquire);
    uint32_t popped = 0;
    for (; popped < n && tail != head; popped++, tail++)
        out[popped] = events->slots[tail & events->mask];
    /* release: pairs with the acquire in vo_events_push */
    if (popped) atomic_store_explicit(&events->tail, tail, memory_order_release);
    return popped;
}

uint64_t vo_events_dropped(const vo_events *events) {
    return atomic_load_explicit(&events->dropped, memory_order_relaxed);
}

const char *vo_event_text(uint32_t kind) {
    switch ((vo_event_kind)kind) {
#define X(name, text, value)                                                                       \
    case VO_EVENT_##name:                                                                          \
        return text;
        VO_EVENT_MAP(X)
#undef X
    }
    return "unknown";
}
