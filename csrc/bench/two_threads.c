#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include "blocks.h"
#include "measure.h"
#include "os/os.h"
#include "pin.h"

/* Both threads run on threads of their own, so the caller's processors stay as they are. */
typedef struct race {
    const vo_bench_queue *queue;
    vo_bench_shape shape;
    vo_bench_cpus cpus;
    uint32_t rounds;
    void *forth, *back; /* queues */
    vo_bench_blocks writer, reader;

    /* Counts the threads that are ready; both start when it is 2. Release and acquire. */
    _Alignas(64) _Atomic uint32_t ready;
    _Alignas(64) _Atomic uint32_t failed; /* first vo_bench_status that is not OK; both give up */
    _Alignas(64) _Atomic uint32_t ball;   /* odd: the reader's turn */
    _Alignas(64) uint64_t started, ended; /* ns; each written by one thread before it ends */
} race;

/* A thread that waits for long lets others have the processor. */
static inline void relax(uint32_t *spins) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
    if (++*spins % 65536 == 0) sched_yield();
}

static void wait_for_both(race *race, int cpu) {
    vo_bench_pin(cpu);
    atomic_fetch_add_explicit(&race->ready, 1, memory_order_acq_rel);
    uint32_t spins = 0;
    while (atomic_load_explicit(&race->ready, memory_order_acquire) < 2) relax(&spins);
}

static void fail(race *race, vo_bench_status status) {
    atomic_store_explicit(&race->failed, (uint32_t)status, memory_order_release);
}

static inline bool failed(const race *race) {
    return atomic_load_explicit(&race->failed, memory_order_relaxed) != VO_BENCH_OK;
}

/* True when the whole block went in; waits for room. */
static inline bool push_all(race *race, void *queue, float *block, uint32_t number) {
    vo_bench_stamp(block, &race->shape, number);
    uint32_t spins = 0, n = race->shape.block, pushed;
    while (!(pushed = race->queue->push(queue, block, n))) {
        relax(&spins);
        if (failed(race)) return false;
    }
    if (pushed != n) fail(race, VO_BENCH_REFUSED);
    return pushed == n;
}

/* True when the expected block came out whole; waits for it. */
static inline bool pop_all(race *race, void *queue, float *block, uint32_t number) {
    uint32_t spins = 0, n = race->shape.block, popped;
    while (!(popped = race->queue->pop(queue, block, n))) {
        relax(&spins);
        if (failed(race)) return false;
    }
    if (popped != n)
        fail(race, VO_BENCH_REFUSED);
    else if (!vo_bench_stamped(block, &race->shape, number))
        fail(race, VO_BENCH_CORRUPT);
    else
        return true;
    return false;
}

static void *bulk_writer(void *self) {
    race *race = self;
    wait_for_both(race, race->cpus.writer);
    race->started = vo_clock_ns();
    for (uint32_t i = 0; i < race->rounds; i++)
        if (!push_all(race, race->forth, race->writer.in, i)) break;
    return NULL;
}

static void *bulk_reader(void *self) {
    race *race = self;
    wait_for_both(race, race->cpus.reader);
    for (uint32_t i = 0; i < race->rounds; i++)
        if (!pop_all(race, race->forth, race->reader.out, i)) break;
    race->ended = vo_clock_ns();
    return NULL;
}

static void *ping(void *self) {
    race *race = self;
    wait_for_both(race, race->cpus.writer);
    race->started = vo_clock_ns();
    for (uint32_t i = 0; i < race->rounds; i++)
        if (!push_all(race, race->forth, race->writer.in, i) ||
            !pop_all(race, race->back, race->writer.out, i))
            break;
    race->ended = vo_clock_ns();
    return NULL;
}

static void *pong(void *self) {
    race *race = self;
    wait_for_both(race, race->cpus.reader);
    for (uint32_t i = 0; i < race->rounds; i++)
        if (!pop_all(race, race->forth, race->reader.out, i) ||
            !push_all(race, race->back, race->reader.in, i))
            break;
    return NULL;
}

static void *serve(void *self) {
    race *race = self;
    wait_for_both(race, race->cpus.writer);
    race->started = vo_clock_ns();
    for (uint32_t i = 0; i < race->rounds; i++) {
        atomic_store_explicit(&race->ball, 2 * i + 1, memory_order_release);
        uint32_t spins = 0;
        while (atomic_load_explicit(&race->ball, memory_order_acquire) != 2 * i + 2) relax(&spins);
    }
    race->ended = vo_clock_ns();
    return NULL;
}

static void *receive(void *self) {
    race *race = self;
    wait_for_both(race, race->cpus.reader);
    for (uint32_t i = 0; i < race->rounds; i++) {
        uint32_t spins = 0;
        while (atomic_load_explicit(&race->ball, memory_order_acquire) != 2 * i + 1) relax(&spins);
        atomic_store_explicit(&race->ball, 2 * i + 2, memory_order_release);
    }
    return NULL;
}

/* Run both threads to their end; *ns = from the start of the first to the later end. */
static vo_bench_status run(race *race, void *(*one)(void *), void *(*other)(void *), double *ns) {
    vo_thread threads[2];
    if (vo_thread_start(&threads[0], one, race) != VO_OK) return VO_BENCH_REFUSED;
    if (vo_thread_start(&threads[1], other, race) != VO_OK) {
        fail(race, VO_BENCH_REFUSED);
        race->rounds = 0;
        atomic_fetch_add_explicit(&race->ready, 1, memory_order_acq_rel);
        vo_thread_join(&threads[0]);
        return VO_BENCH_REFUSED;
    }
    vo_thread_join(&threads[0]);
    vo_thread_join(&threads[1]);
    *ns = (double)(race->ended - race->started);
    return (vo_bench_status)atomic_load_explicit(&race->failed, memory_order_acquire);
}

static race *race_new(const vo_bench_queue *queue, const vo_bench_shape *shape, vo_bench_cpus cpus,
                      uint32_t rounds) {
    race *self = aligned_alloc(64, sizeof *self);
    if (!self) return NULL;
    *self = (race){.queue = queue, .shape = *shape, .cpus = cpus, .rounds = rounds};
    return self;
}

static vo_bench_status race_equip(race *self) {
    self->forth = self->queue->make(self->shape.capacity, self->shape.channels);
    self->back = self->queue->make(self->shape.capacity, self->shape.channels);
    bool complete = vo_bench_blocks_new(&self->writer, &self->shape);
    complete = vo_bench_blocks_new(&self->reader, &self->shape) && complete;
    complete = complete && self->forth && self->back;
    return complete ? VO_BENCH_OK : VO_BENCH_NO_MEM;
}

static void race_free(race *self) {
    if (self->forth) self->queue->destroy(self->forth);
    if (self->back) self->queue->destroy(self->back);
    free(self->writer.memory);
    free(self->reader.memory);
    free(self);
}

static vo_bench_status run_queue(const vo_bench_queue *queue, const vo_bench_shape *shape,
                                 vo_bench_cpus cpus, uint32_t rounds, void *(*one)(void *),
                                 void *(*other)(void *), double *ns) {
    race *race = race_new(queue, shape, cpus, rounds);
    if (!race) return VO_BENCH_NO_MEM;
    vo_bench_status status = race_equip(race);
    if (status == VO_BENCH_OK) status = run(race, one, other, ns);
    race_free(race);
    return status;
}

vo_bench_status vo_bench_bulk(const vo_bench_queue *queue, const vo_bench_shape *shape,
                              vo_bench_cpus cpus, uint32_t blocks, double *gb_per_s) {
    double ns = 0;
    uint32_t at_a_time = shape->capacity / shape->block;
    blocks = (blocks + at_a_time - 1) / at_a_time * at_a_time;
    vo_bench_status status = run_queue(queue, shape, cpus, blocks, bulk_writer, bulk_reader, &ns);
    double bytes = (double)blocks * shape->block * shape->channels * sizeof(float);
    *gb_per_s = ns > 0 ? bytes / ns : 0;
    return status;
}

vo_bench_status vo_bench_ping_pong(const vo_bench_queue *queue, const vo_bench_shape *shape,
                                   vo_bench_cpus cpus, uint32_t rounds, double *ns) {
    vo_bench_status status = run_queue(queue, shape, cpus, rounds, ping, pong, ns);
    *ns /= 2.0 * rounds;
    return status;
}

vo_bench_status vo_bench_bounce(vo_bench_cpus cpus, uint32_t rounds, double *ns) {
    race *race = race_new(NULL, &(vo_bench_shape){0}, cpus, rounds);
    if (!race) return VO_BENCH_NO_MEM;
    vo_bench_status status = run(race, serve, receive, ns);
    *ns /= 2.0 * rounds;
    free(race);
    return status;
}
