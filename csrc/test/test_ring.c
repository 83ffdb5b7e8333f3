/* Every length at every offset, positions, spans, sizes that cannot be, and a third thread. */
#include "vocana/ring.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"

enum { CAPACITY = 8, CHANNELS = 3, MOST = 4 * CAPACITY };

static vo_ring *ring_of(uint64_t frames, uint32_t channels) {
    vo_ring *ring;
    CHECK(vo_ring_new(&ring, frames, channels, NULL) == VO_OK);
    return ring;
}

/* Frame n of the signal: (n, n + 0.25, n + 0.5). */
static void make_signal(float *out, uint64_t first, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t c = 0; c < CHANNELS; c++)
            out[i * CHANNELS + c] = (float)(first + i) + 0.25f * (float)c;
}

static bool is_signal(const float *in, uint64_t first, uint32_t n) {
    float expected[MOST * CHANNELS];
    CHECK(n <= MOST);
    make_signal(expected, first, n);
    return !n || !memcmp(in, expected, (size_t)n * CHANNELS * sizeof(float));
}

/* A3 */
static void rounds_up_to_a_power_of_two(void) {
    const uint64_t table[][2] = {{1, 1},     {2, 2},     {3, 4},      {5, 8},
                                 {500, 512}, {512, 512}, {513, 1024}, {65537, 131072}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        vo_ring *ring = ring_of(table[i][0], 2);
        CHECK(vo_ring_capacity(ring) == table[i][1]);
        CHECK(vo_ring_writable(ring) == table[i][1] && vo_ring_readable(ring) == 0);
        CHECK(vo_ring_channels(ring) == 2);
        CHECK((uintptr_t)vo_ring_storage(ring) % 64 == 0);
        vo_ring_free(ring);
    }
    vo_ring_free(NULL);
}

/* --- A11: n in 0 .. 4 * capacity at every offset, over every fill ------------ */

typedef uint32_t writes(vo_ring *ring, const float *frames, uint32_t n);
typedef uint32_t reads(vo_ring *ring, float *frames, uint32_t n);

static uint32_t put_in_place(vo_ring *ring, const float *frames, uint32_t n) {
    vo_spans room = vo_ring_acquire(ring, n);
    uint32_t got = room.first_frames + room.second_frames;
    CHECK(!room.first == !room.first_frames && !room.second == !room.second_frames);
    CHECK(!room.second || room.second == vo_ring_storage(ring));
    if (room.first_frames) memcpy(room.first, frames, room.first_frames * CHANNELS * sizeof(float));
    if (room.second_frames)
        memcpy(room.second, frames + room.first_frames * CHANNELS,
               room.second_frames * CHANNELS * sizeof(float));
    CHECK(vo_ring_commit(ring, CAPACITY + 1) == 0);
    CHECK(vo_ring_commit(ring, got) == got);
    return got;
}

static uint32_t get_in_place(vo_ring *ring, float *frames, uint32_t n) {
    vo_spans queued = vo_ring_peek(ring, n);
    uint32_t got = queued.first_frames + queued.second_frames;
    CHECK(!queued.first == !queued.first_frames && !queued.second == !queued.second_frames);
    if (queued.first_frames)
        memcpy(frames, queued.first, queued.first_frames * CHANNELS * sizeof(float));
    if (queued.second_frames)
        memcpy(frames + queued.first_frames * CHANNELS, queued.second,
               queued.second_frames * CHANNELS * sizeof(float));
    CHECK(vo_ring_consume(ring, got) == got);
    return got;
}

static uint32_t get_in_two_copies(vo_ring *ring, float *frames, uint32_t n) {
    uint32_t half = n / 2;
    uint32_t got = vo_ring_copy(ring, 0, frames, half);
    got += vo_ring_copy(ring, half, frames + (size_t)half * CHANNELS, n - half);
    CHECK(vo_ring_copy(ring, CAPACITY, frames, 0) == 0);
    CHECK(vo_ring_copy(ring, UINT32_MAX, frames, UINT32_MAX) == 0);
    return vo_ring_consume(ring, got);
}

static void every_offset_and_length(writes *put, reads *get) {
    for (uint32_t offset = 0; offset < CAPACITY; offset++) {
        for (uint32_t fill = 0; fill <= CAPACITY; fill++) {
            for (uint32_t n = 0; n <= MOST; n++) {
                vo_ring *ring = ring_of(CAPACITY, CHANNELS);
                float *in = malloc((n + 1) * CHANNELS * sizeof(float));
                float *out = malloc((n + CAPACITY) * CHANNELS * sizeof(float));
                CHECK(in && out);
                for (uint32_t i = 0; i < offset; i++) {
                    float frame[CHANNELS] = {0};
                    CHECK(vo_ring_write(ring, frame, 1) == 1 && vo_ring_read(ring, frame, 1) == 1);
                }
                float before[CAPACITY * CHANNELS];
                make_signal(before, 0, fill);
                CHECK(vo_ring_write(ring, before, fill) == fill);

                uint32_t room = CAPACITY - fill, fits = n < room ? n : room;
                make_signal(in, fill, n);
                CHECK(put(ring, in, n) == fits);
                CHECK(vo_ring_fill(ring) == fill + fits);
                CHECK(vo_ring_readable(ring) == fill + fits);
                CHECK(vo_ring_writable(ring) == room - fits);

                uint32_t queued = fill + fits, first = n < queued ? n : queued;
                CHECK(get(ring, out, n) == first && is_signal(out, 0, first));
                CHECK(get(ring, out, CAPACITY) == queued - first);
                CHECK(is_signal(out, first, queued - first));
                CHECK(vo_ring_fill(ring) == 0 && vo_ring_writable(ring) == CAPACITY);
                CHECK(vo_ring_written(ring) == offset + queued);
                CHECK(vo_ring_consumed(ring) == offset + queued);
                free(in);
                free(out);
                vo_ring_free(ring);
            }
        }
    }
}

/* Nothing acquired is seen before commit, nothing peeked leaves before consume. */
static void publishes_only_what_is_committed(void) {
    vo_ring *ring = ring_of(CAPACITY, CHANNELS);
    float frames[CAPACITY * CHANNELS];
    vo_spans room = vo_ring_acquire(ring, UINT32_MAX);
    CHECK(room.first_frames == CAPACITY && room.first == vo_ring_storage(ring));
    make_signal(room.first, 0, CAPACITY);
    CHECK(vo_ring_fill(ring) == 0 && vo_ring_read(ring, frames, CAPACITY) == 0);
    CHECK(vo_ring_commit(ring, 0) == 0 && vo_ring_commit(ring, CAPACITY + 1) == 0);
    CHECK(vo_ring_commit(ring, UINT32_MAX) == 0 && vo_ring_fill(ring) == 0);
    CHECK(vo_ring_commit(ring, 3) == 3 && vo_ring_commit(ring, CAPACITY - 2) == 0);
    CHECK(vo_ring_commit(ring, CAPACITY - 3) == CAPACITY - 3);
    vo_spans queued = vo_ring_peek(ring, UINT32_MAX);
    CHECK(queued.first == room.first && is_signal(queued.first, 0, CAPACITY));
    CHECK(vo_ring_fill(ring) == CAPACITY && vo_ring_writable(ring) == 0);
    CHECK(vo_ring_consume(ring, 0) == 0 && vo_ring_consume(ring, UINT32_MAX) == CAPACITY);
    CHECK(vo_ring_consume(ring, 1) == 0);
    vo_ring_free(ring);
}

/* Positions do not wrap with 32 bits: 2^32 frames and more go through without a copy. */
static void counts_in_64_bits(void) {
    enum { BIG = 1 << 20 };
    vo_ring *ring = ring_of(BIG, 1);
    uint64_t total = ((uint64_t)1 << 33) + 12345, done = 0;
    while (done < total) {
        uint32_t n = total - done < BIG - 7 ? (uint32_t)(total - done) : BIG - 7;
        vo_spans room = vo_ring_acquire(ring, n);
        CHECK(room.first_frames + room.second_frames == n);
        room.first[0] = (float)(done >> 16);
        CHECK(vo_ring_commit(ring, n) == n && vo_ring_fill(ring) == n);
        CHECK(vo_ring_peek(ring, n).first[0] == (float)(done >> 16));
        CHECK(vo_ring_consume(ring, n) == n);
        done += n;
        CHECK(vo_ring_written(ring) == done && vo_ring_consumed(ring) == done);
    }
    vo_ring_free(ring);
}

/* --- Threads ----------------------------------------------------------------- */

typedef struct traffic {
    vo_ring *ring;
    uint64_t frames;
    _Atomic bool done;
    uint64_t looks;
} traffic;

static void *produce(void *argument) {
    traffic *t = argument;
    float block[MOST * CHANNELS];
    for (uint64_t sent = 0; sent < t->frames;) {
        uint32_t n = (uint32_t)(sent * 2654435761u >> 7) % MOST + 1;
        if (n > t->frames - sent) n = (uint32_t)(t->frames - sent);
        make_signal(block, sent % (1 << 20), n);
        uint32_t put = vo_ring_write(t->ring, block, n);
        if (!put) sched_yield();
        sent += put;
    }
    return NULL;
}

/* fill() from a thread that has no part in it: never beyond the capacity. */
static void *look(void *argument) {
    traffic *t = argument;
    while (!t->done) {
        CHECK(vo_ring_fill(t->ring) <= vo_ring_capacity(t->ring));
        t->looks++;
        sched_yield();
    }
    return NULL;
}

static void two_threads_and_a_watcher(uint64_t frames) {
    traffic t = {.ring = ring_of(64, CHANNELS), .frames = frames};
    pthread_t producer, watcher;
    float block[MOST * CHANNELS];
    CHECK(!pthread_create(&producer, NULL, produce, &t));
    CHECK(!pthread_create(&watcher, NULL, look, &t));
    for (uint64_t got = 0; got < frames;) {
        uint32_t n = vo_ring_read(t.ring, block, (uint32_t)(got % MOST) + 1);
        if (!n) sched_yield();
        for (uint32_t i = 0; i < n; i++) {
            float first = block[i * CHANNELS];
            CHECK((uint64_t)first % (1 << 20) == (got + i) % (1 << 20));
            CHECK(block[i * CHANNELS + CHANNELS - 1] == first + 0.25f * (CHANNELS - 1));
        }
        got += n;
    }
    t.done = true;
    CHECK(!pthread_join(producer, NULL) && !pthread_join(watcher, NULL));
    CHECK(t.looks > 0 && vo_ring_fill(t.ring) == 0);
    vo_ring_free(t.ring);
}

/* --- Memory: B14 ------------------------------------------------------------- */

static void refuses_sizes_without_an_allocation(void) {
    const struct {
        uint64_t frames;
        uint32_t channels;
        vo_status status;
    } table[] = {
        {0, 1, VO_BAD_ARG},
        {1, 0, VO_BAD_ARG},
        {0, 0, VO_BAD_ARG},
        {((uint64_t)1 << 31) + 1, 1, VO_TOO_BIG},
        {(uint64_t)1 << 62, 1, VO_TOO_BIG},
        {((uint64_t)1 << 62) + 1, 2, VO_TOO_BIG},
        {(uint64_t)1 << 63, 1, VO_TOO_BIG},
        {UINT64_MAX, UINT32_MAX, VO_TOO_BIG},
        {(uint64_t)1 << 31, UINT32_MAX, VO_TOO_BIG}, /* 2^65 bytes */
        {(uint64_t)1 << 31, (uint32_t)1 << 30, VO_TOO_BIG},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        failing_alloc memory;
        failing_alloc_init(&memory, 0, false);
        vo_ring *ring;
        CHECK(vo_ring_new(&ring, table[i].frames, table[i].channels, &memory.allocator) ==
              table[i].status);
        CHECK(ring == NULL && memory.calls == 0);
    }
}

/* What can be named but not had is NO_MEM, and nothing leaks. */
static void survives_without_memory(void) {
    for (uint64_t k = 1; k <= 2; k++) {
        failing_alloc memory;
        failing_alloc_init(&memory, k, true);
        vo_ring *ring;
        CHECK(vo_ring_new(&ring, (uint64_t)1 << 31, 1 << 28, &memory.allocator) == VO_NO_MEM);
        CHECK(ring == NULL && memory.live == 0 && memory.calls == k);
    }
}

int main(int count, char **arguments) {
    uint64_t frames = count > 1 ? strtoull(arguments[1], NULL, 10) : 20000000;
    rounds_up_to_a_power_of_two();
    every_offset_and_length(vo_ring_write, vo_ring_read);
    every_offset_and_length(put_in_place, get_in_place);
    every_offset_and_length(vo_ring_write, get_in_two_copies);
    publishes_only_what_is_committed();
    counts_in_64_bits();
    refuses_sizes_without_an_allocation();
    survives_without_memory();
    two_threads_and_a_watcher(frames);
    return 0;
}
