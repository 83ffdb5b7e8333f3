#include "vocana/outlets.h"

#include "os/os.h"
#include "tap.h"

/* How often it is looked whether the writing thread has come out of a write. */
#define POLL_NS 50000

struct vo_outlets {
    vo_allocator allocator;
    uint32_t channels;

    /* writes is odd while the writing thread is inside a call. It changes that, then looks at the
       taps; whoever takes a tap away does so, then looks at writes. All four are seq_cst, so either
       the writing thread finds the tap gone, or the other one finds it inside. */
    _Alignas(VO_CACHE_LINE) _Atomic(vo_tap *) taps[VO_OUTLETS];
    _Alignas(VO_CACHE_LINE) _Atomic uint64_t writes;
    _Atomic uint64_t position;

    /* The end is set, then told to the taps; a tap is attached, then looks at the end: both are
       seq_cst, and the one that exchanges `told` first tells it. */
    _Atomic bool ended;
    _Atomic bool told[VO_OUTLETS];
};

/* --- Setup --------------------------------------------------------------- */

vo_status vo_outlets_new(vo_outlets **out, uint32_t channels, const vo_allocator *allocator) {
    *out = NULL;
    if (!channels) return VO_BAD_ARG;
    if (!allocator) allocator = vo_allocator_default();
    vo_outlets *outlets = vo_alloc(allocator, sizeof *outlets, VO_CACHE_LINE);
    if (!outlets) return VO_NO_MEM;
    outlets->allocator = *allocator;
    outlets->channels = channels;
    *out = outlets;
    return VO_OK;
}

void vo_outlets_free(vo_outlets *outlets) {
    if (!outlets) return;
    vo_allocator allocator = outlets->allocator;
    vo_release(&allocator, outlets);
}

/* --- Control ------------------------------------------------------------- */

/* The slot in which a tap, or NULL, stands; VO_OUTLETS when there is none. */
static uint32_t slot_of(const vo_outlets *outlets, const vo_tap *tap) {
    uint32_t slot = 0;
    while (slot < VO_OUTLETS &&
           atomic_load_explicit(&outlets->taps[slot], memory_order_relaxed) != tap)
        slot++;
    return slot;
}

static void tell_end(vo_outlets *outlets, uint32_t slot, vo_tap *tap) VO_REALTIME {
    if (!atomic_exchange_explicit(&outlets->told[slot], true, memory_order_acq_rel))
        vo_tap_end(tap);
}

vo_status vo_outlets_attach(vo_outlets *outlets, vo_tap *tap) {
    if (tap->config.channels != outlets->channels) return VO_BAD_ARG;
    if (slot_of(outlets, tap) < VO_OUTLETS) return VO_BAD_ARG;
    uint32_t slot = slot_of(outlets, NULL);
    if (slot == VO_OUTLETS) return VO_EMPTY;
    atomic_store_explicit(&tap->first, VO_OUTLETS_NOTHING, memory_order_relaxed);
    atomic_store_explicit(&outlets->told[slot], false, memory_order_relaxed);
    atomic_store_explicit(&outlets->taps[slot], tap, memory_order_seq_cst);
    if (atomic_load_explicit(&outlets->ended, memory_order_seq_cst)) tell_end(outlets, slot, tap);
    return VO_OK;
}

vo_status vo_outlets_detach(vo_outlets *outlets, vo_tap *tap, int64_t timeout_ns) {
    uint32_t slot = slot_of(outlets, tap);
    if (slot == VO_OUTLETS) return VO_BAD_ARG;
    atomic_store_explicit(&outlets->taps[slot], NULL, memory_order_seq_cst);
    uint64_t inside = atomic_load_explicit(&outlets->writes, memory_order_seq_cst);
    if (inside % 2 == 0) return VO_OK;
    uint64_t deadline = vo_clock_ns() + (uint64_t)timeout_ns;
    while (atomic_load_explicit(&outlets->writes, memory_order_acquire) == inside) {
        if (vo_clock_ns() >= deadline) return VO_TIMED_OUT;
        vo_thread_sleep(POLL_NS);
    }
    return VO_OK;
}

/* --- The writing thread -------------------------------------------------- */

static void enter(vo_outlets *outlets) VO_REALTIME {
    atomic_fetch_add_explicit(&outlets->writes, 1, memory_order_seq_cst);
}

static void leave(vo_outlets *outlets) VO_REALTIME {
    /* release: pairs with the loads in vo_outlets_detach, whose caller may free the tap */
    uint64_t writes = atomic_load_explicit(&outlets->writes, memory_order_relaxed);
    atomic_store_explicit(&outlets->writes, writes + 1, memory_order_release);
}

static vo_tap *look(vo_outlets *outlets, uint32_t slot) VO_REALTIME {
    vo_tap *tap = atomic_load_explicit(&outlets->taps[slot], memory_order_seq_cst);
    if (tap && atomic_load_explicit(&tap->first, memory_order_relaxed) == VO_OUTLETS_NOTHING)
        atomic_store_explicit(&tap->first, vo_outlets_position(outlets), memory_order_relaxed);
    return tap;
}

static void advance(vo_outlets *outlets, uint64_t n) VO_REALTIME {
    atomic_store_explicit(&outlets->position, vo_outlets_position(outlets) + n,
                          memory_order_release);
}

void vo_outlets_write(vo_outlets *outlets, const float *frames, uint32_t n) {
    enter(outlets);
    for (uint32_t slot = 0; slot < VO_OUTLETS; slot++) {
        vo_tap *tap = look(outlets, slot);
        if (tap) vo_tap_write(tap, frames, n);
    }
    advance(outlets, n);
    leave(outlets);
}

void vo_outlets_lose(vo_outlets *outlets, uint64_t n, vo_cause cause) {
    enter(outlets);
    for (uint32_t slot = 0; slot < VO_OUTLETS; slot++) {
        vo_tap *tap = look(outlets, slot);
        if (tap) vo_tap_lose(tap, n, cause);
    }
    advance(outlets, n);
    leave(outlets);
}

void vo_outlets_tell(vo_outlets *outlets, vo_event_kind kind, uint64_t frame, uint64_t value) {
    enter(outlets);
    for (uint32_t slot = 0; slot < VO_OUTLETS; slot++) {
        vo_tap *tap = look(outlets, slot);
        if (!tap) continue;
        uint64_t first = atomic_load_explicit(&tap->first, memory_order_relaxed);
        vo_events_push(vo_tap_events(tap), kind, frame > first ? frame - first : 0, value);
    }
    leave(outlets);
}

void vo_outlets_end(vo_outlets *outlets) {
    enter(outlets);
    atomic_store_explicit(&outlets->ended, true, memory_order_seq_cst);
    for (uint32_t slot = 0; slot < VO_OUTLETS; slot++) {
        vo_tap *tap = look(outlets, slot);
        if (tap) tell_end(outlets, slot, tap);
    }
    leave(outlets);
}

uint64_t vo_outlets_room(vo_outlets *outlets) {
    uint64_t least = UINT64_MAX;
    enter(outlets);
    for (uint32_t slot = 0; slot < VO_OUTLETS; slot++) {
        vo_tap *tap = look(outlets, slot);
        if (tap) least = vo_min_u64(least, vo_tap_room(tap));
    }
    leave(outlets);
    return least;
}

uint64_t vo_outlets_capacity(vo_outlets *outlets) {
    uint64_t least = UINT64_MAX;
    enter(outlets);
    for (uint32_t slot = 0; slot < VO_OUTLETS; slot++) {
        vo_tap *tap = look(outlets, slot);
        if (tap) least = vo_min_u64(least, vo_tap_capacity(tap));
    }
    leave(outlets);
    return least;
}

/* --- Any thread ---------------------------------------------------------- */

uint32_t vo_outlets_channels(const vo_outlets *outlets) {
    return outlets->channels;
}

uint64_t vo_outlets_first(const vo_outlets *outlets, const vo_tap *tap) {
    if (slot_of(outlets, tap) == VO_OUTLETS) return VO_OUTLETS_NOTHING;
    return atomic_load_explicit(&tap->first, memory_order_relaxed);
}

uint64_t vo_outlets_position(const vo_outlets *outlets) {
    return atomic_load_explicit(&outlets->position, memory_order_acquire);
}

bool vo_outlets_ended(const vo_outlets *outlets) {
    return atomic_load_explicit(&outlets->ended, memory_order_acquire);
}
