#include "vocana/sim.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "os/os.h"

/* How often it looks for room on the lockstep clock. */
#define ROOM_POLL_NS 50000u

struct vo_sim {
    vo_sim_config config;
    vo_capture *capture;
    vo_allocator allocator;
    vo_sim_fault *faults;
    float *block;

    vo_thread thread;
    vo_wake ended, nudge; /* told by the device's thread; told to it when it should stop */
    bool ended_is_open, nudge_is_open, started;
    _Atomic bool stopping, running;

    /* The device's thread only. */
    uint64_t frame; /* of the timeline, next to come */
    uint64_t lost;  /* frames lost since the last callback */
    uint32_t next_fault;
    double begins_ns; /* when that frame begins, in real time */
    double due_ns, ns_per_frame;
    uint64_t jitter_until, silent_until, random;
    double jitter_ns;
    const uint32_t *sizes;
    uint32_t size_index;
};

static bool bad_fault(const vo_sim_fault *fault) {
    if (fault->kind == VO_SIM_BLOCKS) {
        if (!fault->sizes[0]) return true;
        for (int i = 0; i < VO_SIM_BLOCK_SIZES; i++)
            if (fault->sizes[i] > VO_SIM_MAX_BLOCK) return true;
    }
    return fault->kind > VO_SIM_BLOCKS || !isfinite(fault->amount) ||
           (fault->kind == VO_SIM_DRIFT && fault->amount <= -1e6) ||
           (fault->kind == VO_SIM_JITTER && fault->amount < 0);
}

static vo_status check(const vo_sim_config *config) {
    if (!config->rate || !config->channels || !config->block_frames || !config->signal.read ||
        config->block_frames > VO_SIM_MAX_BLOCK || config->pace > VO_SIM_FLATOUT)
        return VO_BAD_ARG;
    for (uint32_t i = 0; i < config->fault_count; i++)
        if (bad_fault(&config->faults[i]) ||
            (i && config->faults[i].frame < config->faults[i - 1].frame))
            return VO_BAD_ARG;
    return VO_OK;
}

vo_status vo_sim_new(vo_sim **out, const vo_sim_config *config, vo_capture *capture,
                     const vo_allocator *allocator) {
    *out = NULL;
    vo_status status = check(config);
    if (status) return status;
    size_t block_bytes, fault_bytes;
    if (!vo_size_mul(config->channels, VO_SIM_MAX_BLOCK * sizeof(float), &block_bytes) ||
        !vo_size_mul(config->fault_count, sizeof(vo_sim_fault), &fault_bytes))
        return VO_TOO_BIG;
    if (!allocator) allocator = vo_allocator_default();
    vo_sim *sim = vo_alloc(allocator, sizeof *sim, VO_CACHE_LINE);
    if (!sim) return VO_NO_MEM;
    sim->config = *config;
    sim->capture = capture;
    sim->allocator = *allocator;
    sim->random = config->seed * 2 + 1;
    sim->ns_per_frame = 1e9 / config->rate;
    sim->frame = config->first;
    sim->lost = config->lost;
    sim->block = vo_alloc(allocator, block_bytes, VO_CACHE_LINE);
    sim->faults = vo_alloc(allocator, fault_bytes + 1, VO_CACHE_LINE);
    if (!sim->block || !sim->faults) {
        vo_sim_free(sim);
        return VO_NO_MEM;
    }
    if (fault_bytes) memcpy(sim->faults, config->faults, fault_bytes);
    status = vo_wake_open(&sim->ended);
    sim->ended_is_open = !status;
    if (!status) status = vo_wake_open(&sim->nudge);
    sim->nudge_is_open = !status;
    if (status) {
        vo_sim_free(sim);
        return status;
    }
    *out = sim;
    return VO_OK;
}

void vo_sim_free(vo_sim *sim) {
    if (!sim) return;
    vo_allocator allocator = sim->allocator;
    if (sim->ended_is_open) vo_wake_close(&sim->ended);
    if (sim->nudge_is_open) vo_wake_close(&sim->nudge);
    vo_release(&allocator, sim->block);
    vo_release(&allocator, sim->faults);
    vo_release(&allocator, sim);
}

/* --- The device's thread ------------------------------------------------- */

static bool stopping(vo_sim *sim) {
    return atomic_load_explicit(&sim->stopping, memory_order_acquire);
}

static void sleep_until(vo_sim *sim, double due_ns) {
    while (!stopping(sim)) {
        double left = due_ns - (double)vo_clock_ns();
        if (left <= 0) return;
        vo_wake_wait(&sim->nudge, (int64_t)(left < 1e15 ? left : 1e15));
    }
}

/* 0 <= result < 1, xorshift64*. */
static double random_unit(vo_sim *sim) {
    sim->random ^= sim->random >> 12;
    sim->random ^= sim->random << 25;
    sim->random ^= sim->random >> 27;
    return (double)((sim->random * 0x2545F4914F6CDD1Du) >> 11) * 0x1p-53;
}

static uint64_t until(uint64_t frame, uint64_t frames) {
    return frames && frame <= UINT64_MAX - frames ? frame + frames : UINT64_MAX;
}

/* Act out a fault that is due. False when the device is gone. */
static bool act(vo_sim *sim, const vo_sim_fault *fault) {
    switch (fault->kind) {
    case VO_SIM_JITTER:
        sim->jitter_ns = fault->amount;
        sim->jitter_until = until(sim->frame, fault->frames);
        return true;
    case VO_SIM_STALL:
        if (fault->amount != 0) { /* what it heard meanwhile is lost */
            uint64_t left = sim->config.frames > sim->frame ? sim->config.frames - sim->frame : 0;
            uint64_t frames = fault->frames < left ? fault->frames : left;
            sim->lost += frames;
            sim->frame += frames;
            sim->due_ns += (double)fault->frames * sim->ns_per_frame;
            sim->begins_ns = sim->due_ns;
        } else if (sim->config.pace == VO_SIM_REALTIME) { /* it comes late, in a burst */
            sleep_until(sim, sim->due_ns + (double)fault->frames * sim->ns_per_frame);
        }
        return true;
    case VO_SIM_UNPLUG:
        return false;
    case VO_SIM_SILENCE:
        sim->silent_until = until(sim->frame, fault->frames);
        return true;
    case VO_SIM_DRIFT:
        sim->ns_per_frame = 1e9 / (sim->config.rate * (1.0 + fault->amount * 1e-6));
        return true;
    case VO_SIM_BLOCKS:
        sim->sizes = fault->sizes;
        sim->size_index = 0;
        return true;
    }
    return true;
}

/* The size of the next block: in turn, cut at the end of the source, at the next fault and at the
   end of a silence, so that each acts on exactly its frames; on the lockstep clock also cut to what
   every ring can hold. */
static uint32_t next_size(vo_sim *sim) {
    uint64_t n = sim->config.block_frames;
    if (sim->sizes) {
        if (sim->size_index == VO_SIM_BLOCK_SIZES || !sim->sizes[sim->size_index])
            sim->size_index = 0;
        n = sim->sizes[sim->size_index++];
    }
    uint64_t left = sim->config.frames > sim->frame ? sim->config.frames - sim->frame : 0;
    if (left < n) n = left;
    if (sim->frame < sim->silent_until && sim->silent_until - sim->frame < n)
        n = sim->silent_until - sim->frame;
    if (sim->config.pace == VO_SIM_LOCKSTEP) {
        uint64_t capacity = vo_outlets_capacity(vo_capture_outlets(sim->capture));
        if (capacity < n) n = capacity;
    }
    if (sim->next_fault < sim->config.fault_count) {
        uint64_t clear = sim->faults[sim->next_fault].frame - sim->frame;
        if (clear < n) n = clear;
    }
    return (uint32_t)n;
}

static void wait_turn(vo_sim *sim, uint32_t n) {
    if (sim->config.pace == VO_SIM_REALTIME) {
        sim->due_ns += n * sim->ns_per_frame;
        double late = sim->frame < sim->jitter_until ? random_unit(sim) * sim->jitter_ns : 0;
        sleep_until(sim, sim->due_ns + late);
    } else if (sim->config.pace == VO_SIM_LOCKSTEP) {
        vo_outlets *outlets = vo_capture_outlets(sim->capture);
        uint64_t capacity = vo_outlets_capacity(outlets), need = n < capacity ? n : capacity;
        while (vo_outlets_room(outlets) < need && !stopping(sim))
            sleep_until(sim, (double)(vo_clock_ns() + ROOM_POLL_NS));
    }
}

/* Until the source ends (true) or the device is gone or told to stop (false). */
static bool play(vo_sim *sim) {
    while (!stopping(sim)) {
        while (sim->next_fault < sim->config.fault_count &&
               sim->faults[sim->next_fault].frame <= sim->frame)
            if (!act(sim, &sim->faults[sim->next_fault++])) return false;
        uint32_t n = next_size(sim);
        if (!n) { /* also what it lost last */
            if (sim->lost) vo_capture_process(sim->capture, sim->block, 0, sim->lost, 2);
            return true;
        }
        wait_turn(sim, n);
        if (stopping(sim)) return false;
        uint32_t got = sim->config.signal.read(sim->config.signal.self, sim->frame, sim->block, n);
        if (sim->frame < sim->silent_until)
            memset(sim->block, 0, (size_t)got * sim->config.channels * sizeof(float));
        /* A device that lost frames says so with a flag, as a real one does. */
        if (got) vo_capture_process(sim->capture, sim->block, got, sim->lost, sim->lost ? 2 : 0);
        sim->lost = 0;
        sim->frame += got;
        sim->begins_ns = sim->due_ns;
        if (got < n) return true;
    }
    return false;
}

static void *run(void *self) {
    vo_sim *sim = self;
    vo_thread_enter(&sim->thread, "vo-sim");
    sim->due_ns = sim->begins_ns = (double)vo_clock_ns();
    if (play(sim)) vo_capture_end(sim->capture, false);
    atomic_store_explicit(&sim->running, false, memory_order_release);
    vo_wake_post(&sim->ended);
    return NULL;
}

/* --- Control ------------------------------------------------------------- */

vo_status vo_sim_start(vo_sim *sim) {
    if (sim->started || stopping(sim)) return VO_BAD_ARG;
    atomic_store_explicit(&sim->running, true, memory_order_release);
    vo_status status = vo_thread_start(&sim->thread, run, sim);
    if (status) atomic_store_explicit(&sim->running, false, memory_order_release);
    sim->started = !status;
    return status;
}

vo_status vo_sim_stop(vo_sim *sim, int64_t timeout_ns) {
    if (!sim->started) return VO_OK;
    atomic_store_explicit(&sim->stopping, true, memory_order_release);
    vo_wake_post(&sim->nudge);
    uint64_t deadline = vo_clock_ns() + (uint64_t)timeout_ns;
    while (vo_sim_active(sim)) {
        uint64_t now = vo_clock_ns();
        if (now >= deadline) return VO_TIMED_OUT;
        vo_wake_wait(&sim->ended, (int64_t)(deadline - now));
    }
    vo_thread_join(&sim->thread);
    sim->started = false;
    return VO_OK;
}

bool vo_sim_active(const vo_sim *sim) {
    return atomic_load_explicit(&sim->running, memory_order_acquire);
}

uint64_t vo_sim_place(const vo_sim *sim) {
    if (sim->config.pace != VO_SIM_REALTIME) return sim->frame;
    double since = ((double)vo_clock_ns() - sim->begins_ns) / sim->ns_per_frame;
    return sim->frame + (uint64_t)(since > 0 ? since + 0.5 : 0);
}
