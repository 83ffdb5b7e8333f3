#include "vocana/ring.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#define MAX_FRAMES ((uint64_t)1 << 31)

/* Kept out of the caller, so that the way without it needs no registers for it. */
#ifdef __GNUC__
#    define RARE __attribute__((noinline, cold))
#else
#    define RARE
#endif

/* head and tail count frames for ever; only their difference means anything, so full and empty
   stay distinct. head's release pairs with the reader's acquire (frames are there before they are
   counted), tail's release with the writer's acquire (frames are done with before they are given
   back). Each published count stands alone on its line; each side keeps its own count and its last
   view of the other's on a line that only it touches. */
struct vo_ring {
    _Alignas(VO_CACHE_LINE) _Atomic uint64_t head;

    _Alignas(VO_CACHE_LINE) _Atomic uint64_t tail;

    _Alignas(VO_CACHE_LINE) struct {
        uint64_t head, tail_seen;
    } writer;

    _Alignas(VO_CACHE_LINE) struct {
        uint64_t tail, head_seen;
    } reader;

    /* Never changes after _new. */
    _Alignas(VO_CACHE_LINE) float *frames;
    uint64_t mask;
    uint32_t capacity;
    uint32_t channels;
    vo_allocator allocator;
};

_Static_assert(offsetof(struct vo_ring, head) / VO_CACHE_LINE !=
                   offsetof(struct vo_ring, tail) / VO_CACHE_LINE,
               "the published counts share a cache line"); /* A7 */
_Static_assert(offsetof(struct vo_ring, writer) / VO_CACHE_LINE !=
                   offsetof(struct vo_ring, reader) / VO_CACHE_LINE,
               "the two sides share a cache line");

vo_status vo_ring_new(vo_ring **out, uint64_t frames, uint32_t channels,
                      const vo_allocator *allocator) {
    *out = NULL;
    if (!frames || !channels) return VO_BAD_ARG;
    if (frames > MAX_FRAMES) return VO_TOO_BIG;
    uint64_t capacity = 1;
    while (capacity < frames) capacity *= 2;
    size_t bytes;
    bool fits = vo_size_mul((size_t)capacity, channels, &bytes);
    fits &= vo_size_mul(bytes, sizeof(float), &bytes);
    if (!fits) return VO_TOO_BIG;

    if (!allocator) allocator = vo_allocator_default();
    vo_ring *ring = vo_alloc(allocator, sizeof *ring, VO_CACHE_LINE);
    if (!ring) return VO_NO_MEM;
    ring->allocator = *allocator;
    ring->frames = vo_alloc(allocator, bytes, VO_CACHE_LINE);
    if (!ring->frames) {
        vo_ring_free(ring);
        return VO_NO_MEM;
    }
    atomic_init(&ring->head, 0);
    atomic_init(&ring->tail, 0);
    ring->mask = capacity - 1;
    ring->capacity = (uint32_t)capacity;
    ring->channels = channels;
    *out = ring;
    return VO_OK;
}

void vo_ring_free(vo_ring *ring) {
    if (!ring) return;
    vo_allocator allocator = ring->allocator;
    vo_release(&allocator, ring->frames);
    vo_release(&allocator, ring);
}

/* The n frames at `position` (n <= capacity), as the one or two pieces that hold them. */
static inline vo_spans spans_at(const vo_ring *ring, uint64_t position, uint32_t n) {
    uint64_t start = position & ring->mask;
    uint64_t until_end = ring->capacity - start;
    vo_spans spans = {0};
    spans.first_frames = n < until_end ? n : (uint32_t)until_end;
    spans.second_frames = n - spans.first_frames;
    if (spans.first_frames) spans.first = ring->frames + start * ring->channels;
    if (spans.second_frames) spans.second = ring->frames;
    return spans;
}

static inline size_t bytes_of(const vo_ring *ring, uint32_t n) {
    return (size_t)n * ring->channels * sizeof(float);
}

/* --- Writer -------------------------------------------------------------- */

/* Room for n frames; the shared tail is read only when the last view of it does not do. */
static inline uint32_t room_for(vo_ring *ring, uint32_t n) {
    uint64_t room = ring->capacity - (ring->writer.head - ring->writer.tail_seen);
    if (room < n) {
        /* acquire: pairs with the release in vo_ring_consume */
        ring->writer.tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
        room = ring->capacity - (ring->writer.head - ring->writer.tail_seen);
    }
    return room < n ? (uint32_t)room : n;
}

static inline void publish(vo_ring *ring, uint32_t n) {
    ring->writer.head += n;
    /* release: pairs with the acquire in queued_for */
    atomic_store_explicit(&ring->head, ring->writer.head, memory_order_release);
}

RARE static void copy_in_around(const vo_ring *ring, const float *frames, uint32_t n) {
    vo_spans to = spans_at(ring, ring->writer.head, n);
    memcpy(to.first, frames, bytes_of(ring, to.first_frames));
    memcpy(to.second, frames + (size_t)to.first_frames * ring->channels,
           bytes_of(ring, to.second_frames));
}

uint32_t vo_ring_write(vo_ring *ring, const float *frames, uint32_t n) {
    n = room_for(ring, n);
    if (!n) return 0;
    uint64_t start = ring->writer.head & ring->mask;
    if (start + n <= ring->capacity)
        memcpy(ring->frames + start * ring->channels, frames, bytes_of(ring, n));
    else
        copy_in_around(ring, frames, n);
    publish(ring, n);
    return n;
}

vo_spans vo_ring_acquire(vo_ring *ring, uint32_t n) {
    return spans_at(ring, ring->writer.head, room_for(ring, n));
}

uint32_t vo_ring_commit(vo_ring *ring, uint32_t n) {
    if (!n || room_for(ring, n) < n) return 0;
    publish(ring, n);
    return n;
}

uint32_t vo_ring_writable(vo_ring *ring) {
    return room_for(ring, ring->capacity);
}

uint64_t vo_ring_written(const vo_ring *ring) {
    return ring->writer.head;
}

/* --- Reader -------------------------------------------------------------- */

/* Up to n queued frames; the shared head is read only when the last view of it does not do. */
static inline uint32_t queued_for(vo_ring *ring, uint64_t n) {
    uint64_t queued = ring->reader.head_seen - ring->reader.tail;
    if (queued < n) {
        /* acquire: pairs with the release in publish */
        ring->reader.head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
        queued = ring->reader.head_seen - ring->reader.tail;
    }
    return queued < n ? (uint32_t)queued : (uint32_t)n;
}

static inline void give_back(vo_ring *ring, uint32_t n) {
    ring->reader.tail += n;
    /* release: pairs with the acquire in room_for */
    atomic_store_explicit(&ring->tail, ring->reader.tail, memory_order_release);
}

static inline void copy_out(const vo_ring *ring, vo_spans from, float *frames) {
    memcpy(frames, from.first, bytes_of(ring, from.first_frames));
    if (from.second_frames)
        memcpy(frames + (size_t)from.first_frames * ring->channels, from.second,
               bytes_of(ring, from.second_frames));
}

RARE static void copy_out_around(const vo_ring *ring, float *frames, uint32_t n) {
    copy_out(ring, spans_at(ring, ring->reader.tail, n), frames);
}

uint32_t vo_ring_read(vo_ring *ring, float *frames, uint32_t n) {
    n = queued_for(ring, n);
    if (!n) return 0;
    uint64_t start = ring->reader.tail & ring->mask;
    if (start + n <= ring->capacity)
        memcpy(frames, ring->frames + start * ring->channels, bytes_of(ring, n));
    else
        copy_out_around(ring, frames, n);
    give_back(ring, n);
    return n;
}

vo_spans vo_ring_peek(vo_ring *ring, uint32_t n) {
    return spans_at(ring, ring->reader.tail, queued_for(ring, n));
}

uint32_t vo_ring_copy(vo_ring *ring, uint32_t ahead, float *frames, uint32_t n) {
    uint32_t queued = queued_for(ring, (uint64_t)ahead + n);
    if (queued <= ahead) return 0;
    n = queued - ahead < n ? queued - ahead : n;
    copy_out(ring, spans_at(ring, ring->reader.tail + ahead, n), frames);
    return n;
}

uint32_t vo_ring_consume(vo_ring *ring, uint32_t n) {
    n = queued_for(ring, n);
    if (n) give_back(ring, n);
    return n;
}

uint32_t vo_ring_readable(vo_ring *ring) {
    return queued_for(ring, ring->capacity);
}

uint64_t vo_ring_consumed(const vo_ring *ring) {
    return ring->reader.tail;
}

/* --- Anyone -------------------------------------------------------------- */

uint32_t vo_ring_capacity(const vo_ring *ring) {
    return ring->capacity;
}

uint32_t vo_ring_channels(const vo_ring *ring) {
    return ring->channels;
}

uint32_t vo_ring_fill(const vo_ring *ring) {
    /* tail first: head is then at least as late, so the difference cannot fall below zero; it can
       exceed the capacity when both moved in between, and is cut to it. */
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
    uint64_t fill = head - tail;
    return fill < ring->capacity ? (uint32_t)fill : ring->capacity;
}

const float *vo_ring_storage(const vo_ring *ring) {
    return ring->frames;
}
