/* Counter frames through a ring with one writing and one reading thread, in random blocks of
   1 .. capacity frames: every frame must arrive once, in order, with its own value.

   usage: stress_ring [frames] [least overlap]

   Overlap is the share of transfers (calls that moved frames) during which the other thread was
   inside a call, or began or ended one. Two threads that merely take turns on one processor come
   near 0, because a side that is alone fills or drains the ring once and then moves nothing.

   exit: 0, 1 after a mismatch, 3 when the overlap stayed below the least one */
#define _GNU_SOURCE
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "guard.h"
#include "vocana/ring.h"

enum { COUNTER_MASK = (1 << 24) - 1, LARGEST = 1 << 14, SPINS_BEFORE_YIELD = 256 };

/* Small rings meet the wrap and both ends all the time, large ones move long spans. */
static const struct {
    uint32_t capacity;
    uint32_t channels;
    double share; /* of all frames */
} rings[] = {{2, 1, 0.005}, {64, 2, 0.045}, {1024, 1, 0.45}, {LARGEST, 1, 0.5}};

/* One thread's end. moves is odd while the thread is inside a call on the ring; it stands alone on
   its line and is relaxed, so that it orders nothing that the ring itself does not order. */
typedef struct side {
    _Alignas(VO_CACHE_LINE) _Atomic uint64_t moves;
    _Alignas(VO_CACHE_LINE) vo_ring *ring;
    struct side *other;
    pthread_barrier_t *start;
    uint64_t frames;
    uint64_t random;
    uint64_t calls, transfers, overlapped, mismatches;
    float *block;
} side;

static uint64_t random_u64(uint64_t *state) {
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

static uint64_t begin_call(side *me) {
    uint64_t seen = atomic_load_explicit(&me->other->moves, memory_order_relaxed);
    atomic_fetch_add_explicit(&me->moves, 1, memory_order_relaxed);
    vo_guard_begin();
    return seen;
}

static void end_call(side *me, uint64_t seen, uint32_t moved) {
    vo_guard_end();
    atomic_fetch_add_explicit(&me->moves, 1, memory_order_relaxed);
    me->calls++;
    if (!moved) return;
    uint64_t now = atomic_load_explicit(&me->other->moves, memory_order_relaxed);
    me->transfers++;
    me->overlapped += now != seen || now & 1;
}

static void wait_a_little(uint32_t *spins, uint32_t moved) {
    if (moved)
        *spins = 0;
    else if (++*spins % SPINS_BEFORE_YIELD == 0)
        sched_yield();
}

/* Frame i of the stream, in every channel. */
static void fill(float *out, uint64_t i, uint32_t n, uint32_t channels) {
    for (uint32_t k = 0; k < n; k++)
        for (uint32_t c = 0; c < channels; c++)
            out[k * channels + c] = (float)((i + k) & COUNTER_MASK);
}

static uint64_t count_wrong(const float *frames, uint64_t i, uint32_t n, uint32_t channels) {
    uint32_t wrong = 0;
    for (uint32_t k = 0; k < n; k++)
        for (uint32_t c = 0; c < channels; c++)
            wrong += frames[k * channels + c] != (float)((i + k) & COUNTER_MASK);
    return wrong;
}

static uint32_t block_size(side *me, uint64_t left) {
    uint64_t n = 1 + random_u64(&me->random) % vo_ring_capacity(me->ring);
    return (uint32_t)(n < left ? n : left);
}

static void *write_all(void *self) {
    side *me = self;
    uint32_t channels = vo_ring_channels(me->ring), spins = 0;
    pthread_barrier_wait(me->start);
    for (uint64_t done = 0; done < me->frames;) {
        uint32_t n = block_size(me, me->frames - done), moved;
        uint64_t seen;
        if (me->random >> 63) {
            fill(me->block, done, n, channels);
            seen = begin_call(me);
            moved = vo_ring_write(me->ring, me->block, n);
        } else {
            seen = begin_call(me);
            vo_spans to = vo_ring_acquire(me->ring, n);
            fill(to.first, done, to.first_frames, channels);
            fill(to.second, done + to.first_frames, to.second_frames, channels);
            moved = vo_ring_commit(me->ring, to.first_frames + to.second_frames);
        }
        end_call(me, seen, moved);
        done += moved;
        wait_a_little(&spins, moved);
    }
    return NULL;
}

static void *read_all(void *self) {
    side *me = self;
    uint32_t channels = vo_ring_channels(me->ring), spins = 0;
    pthread_barrier_wait(me->start);
    for (uint64_t done = 0; done < me->frames;) {
        uint32_t n = block_size(me, me->frames - done), moved;
        uint64_t seen = begin_call(me);
        if (me->random >> 63) {
            moved = vo_ring_read(me->ring, me->block, n);
            end_call(me, seen, moved);
            me->mismatches += count_wrong(me->block, done, moved, channels);
        } else {
            vo_spans from = vo_ring_peek(me->ring, n);
            me->mismatches += count_wrong(from.first, done, from.first_frames, channels);
            me->mismatches +=
                count_wrong(from.second, done + from.first_frames, from.second_frames, channels);
            moved = vo_ring_consume(me->ring, from.first_frames + from.second_frames);
            end_call(me, seen, moved);
        }
        done += moved;
        wait_a_little(&spins, moved);
    }
    return NULL;
}

static void run(uint32_t capacity, uint32_t channels, uint64_t frames, side *writer, side *reader) {
    vo_ring *ring;
    CHECK(vo_ring_new(&ring, capacity, channels, NULL) == VO_OK);
    /* One frame in: threads that only fill and drain the ring in turns meet the wrap as well. */
    CHECK(vo_ring_write(ring, writer->block, 1) == 1 && vo_ring_read(ring, reader->block, 1) == 1);
    pthread_barrier_t start;
    CHECK(!pthread_barrier_init(&start, NULL, 2));
    writer->ring = reader->ring = ring;
    writer->start = reader->start = &start;
    writer->frames = reader->frames = frames;
    pthread_t threads[2];
    CHECK(!pthread_create(&threads[0], NULL, write_all, writer));
    CHECK(!pthread_create(&threads[1], NULL, read_all, reader));
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    CHECK(vo_ring_readable(ring) == 0);
    pthread_barrier_destroy(&start);
    vo_ring_free(ring);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
    double frames = argc > 1 ? strtod(argv[1], NULL) : 1e9;
    double least_overlap = argc > 2 ? strtod(argv[2], NULL) : 0;
    static float blocks[2][LARGEST * 2];
    static side writer, reader;
    writer.other = &reader, writer.random = 0x9E3779B97F4A7C15u, writer.block = blocks[0];
    reader.other = &writer, reader.random = 0xD1B54A32D192ED03u, reader.block = blocks[1];

    double started = seconds();
    uint64_t moved = 0;
    for (size_t i = 0; i < sizeof rings / sizeof *rings; i++) {
        uint64_t part = (uint64_t)(frames * rings[i].share);
        run(rings[i].capacity, rings[i].channels, part, &writer, &reader);
        moved += part;
    }
    double overlap = (double)(writer.overlapped + reader.overlapped) /
                     (double)(writer.transfers + reader.transfers);
    printf("stress_ring: %" PRIu64 " frames, %" PRIu64 " mismatches, %" PRIu64
           " transfers in %" PRIu64 " calls, overlap %.2f, %.1f s\n",
           moved, reader.mismatches, writer.transfers + reader.transfers,
           writer.calls + reader.calls, overlap, seconds() - started);
    if (overlap < least_overlap) fprintf(stderr, "overlap is below %.2f\n", least_overlap);
    if (reader.mismatches) return 1;
    return overlap < least_overlap ? 3 : 0;
}
