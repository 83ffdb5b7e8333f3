#include "link.h"

vo_status vo_link_end_open(vo_link_end *end, int descriptor) {
    end->descriptor = descriptor;
    vo_status status = vo_pipe_prepare(descriptor);
    if (!status) status = vo_wake_open(&end->nudge);
    end->nudge_is_open = !status;
    if (!status) status = vo_wake_open(&end->ended);
    end->ended_is_open = !status;
    return status;
}

void vo_link_end_close(vo_link_end *end) {
    if (end->nudge_is_open) vo_wake_close(&end->nudge);
    if (end->ended_is_open) vo_wake_close(&end->ended);
}

vo_status vo_link_end_start(vo_link_end *end, void *(*run)(void *), void *self) {
    if (vo_link_end_state(end) != VO_LINK_IDLE) return VO_BAD_ARG;
    atomic_store_explicit(&end->state, VO_LINK_RUNNING, memory_order_release);
    vo_status status = vo_thread_start(&end->thread, run, self);
    end->started = !status;
    if (status) atomic_store_explicit(&end->state, VO_LINK_IDLE, memory_order_release);
    return status;
}

void vo_link_end_tell(vo_link_end *end, vo_link_state state) {
    atomic_store_explicit(&end->state, state, memory_order_release);
    vo_wake_post(&end->ended);
}

void vo_link_end_join(vo_link_end *end, int64_t timeout_ns) {
    if (!end->started) return;
    uint64_t deadline = vo_clock_ns() + (uint64_t)(timeout_ns > 0 ? timeout_ns : 0);
    while (vo_link_end_state(end) == VO_LINK_RUNNING) {
        uint64_t now = vo_clock_ns();
        if (now >= deadline) {
            atomic_store_explicit(&end->cut, true, memory_order_release);
            vo_wake_post(&end->nudge);
            break;
        }
        vo_wake_wait(&end->ended, (int64_t)(deadline - now));
    }
    vo_thread_join(&end->thread); /* it never blocks but where a nudge wakes it */
    end->started = false;
}

/* --- Any thread ---------------------------------------------------------- */

bool vo_link_end_cut(const vo_link_end *end) {
    return atomic_load_explicit(&end->cut, memory_order_acquire);
}

vo_link_state vo_link_end_state(const vo_link_end *end) {
    return (vo_link_state)atomic_load_explicit(&end->state, memory_order_acquire);
}

vo_link_stats vo_link_end_stats(const vo_link_end *end) {
    return (vo_link_stats){atomic_load_explicit(&end->packets, memory_order_relaxed),
                           atomic_load_explicit(&end->frames, memory_order_relaxed),
                           atomic_load_explicit(&end->lost, memory_order_relaxed)};
}

static void add(_Atomic uint64_t *count, uint64_t n) VO_REALTIME;

static void add(_Atomic uint64_t *count, uint64_t n) {
    uint64_t before = atomic_load_explicit(count, memory_order_relaxed);
    atomic_store_explicit(count, before + n, memory_order_relaxed);
}

void vo_link_end_count(vo_link_end *end, uint64_t frames, uint64_t lost) {
    add(&end->frames, frames);
    add(&end->lost, lost);
    add(&end->packets, 1);
}
