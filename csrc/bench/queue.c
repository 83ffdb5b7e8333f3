#include "queue.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "vocana/ring.h"

/* --- Ours ---------------------------------------------------------------- */

static void *page_alloc(void *self, size_t bytes, size_t align) {
    (void)self;
    (void)align; /* at most a page */
    return vo_bench_pages_new(bytes);
}

static void page_free(void *self, void *memory) {
    (void)self;
    free(memory);
}

static void *ring_make(uint32_t frames, uint32_t channels) {
    static const vo_allocator pages = {page_alloc, page_free, NULL};
    vo_ring *ring;
    return vo_ring_new(&ring, frames, channels, &pages) == VO_OK ? ring : NULL;
}

static uint32_t ring_push(void *queue, const float *frames, uint32_t n) {
    return vo_ring_write(queue, frames, n);
}

static uint32_t ring_pop(void *queue, float *frames, uint32_t n) {
    return vo_ring_read(queue, frames, n);
}

static void ring_destroy(void *queue) {
    vo_ring_free(queue);
}

const vo_bench_queue vo_bench_ours = {ring_make, ring_push, ring_pop, ring_destroy};

/* --- Ours with a planted fault -------------------------------------------- */

static uint32_t damaged_pop(void *queue, float *frames, uint32_t n) {
    uint32_t got = vo_ring_read(queue, frames, n);
    if (got && vo_ring_consumed(queue) / got % 1000 == 999) frames[0] += 1.0F;
    return got;
}

const vo_bench_queue vo_bench_damaged = {ring_make, ring_push, damaged_pop, ring_destroy};

/* --- Two halves ----------------------------------------------------------- */

/* full[h] tells whose half h is: 0 the writer's, 1 the reader's. Each store is a release that pairs
   with the other side's acquire. A half is handed over after exactly `half` floats. */
typedef struct halves {
    _Alignas(64) _Atomic uint32_t full[2][16];
    _Alignas(64) struct {
        size_t at;
        uint32_t half;
    } writer;
    _Alignas(64) struct {
        size_t at;
        uint32_t half;
    } reader;
    _Alignas(64) float *floats;
    size_t half;
    uint32_t channels;
} halves;

static void halves_destroy(void *queue) {
    halves *self = queue;
    if (self) free(self->floats);
    free(self);
}

static void *halves_make(uint32_t frames, uint32_t channels) {
    halves *self = aligned_alloc(64, sizeof *self);
    if (!self) return NULL;
    memset(self, 0, sizeof *self);
    self->floats = vo_bench_pages_new((size_t)frames * channels * sizeof(float));
    if (!self->floats) {
        free(self);
        return NULL;
    }
    self->half = (size_t)frames * channels / 2;
    self->channels = channels;
    return self;
}

static uint32_t halves_push(void *queue, const float *frames, uint32_t n) {
    halves *self = queue;
    size_t floats = (size_t)n * self->channels;
    uint32_t half = self->writer.half;
    if (!self->writer.at && atomic_load_explicit(&self->full[half][0], memory_order_acquire))
        return 0;
    memcpy(self->floats + half * self->half + self->writer.at, frames, floats * sizeof(float));
    self->writer.at += floats;
    if (self->writer.at >= self->half) {
        atomic_store_explicit(&self->full[half][0], 1, memory_order_release);
        self->writer.at = 0;
        self->writer.half = !half;
    }
    return n;
}

static uint32_t halves_pop(void *queue, float *frames, uint32_t n) {
    halves *self = queue;
    size_t floats = (size_t)n * self->channels;
    uint32_t half = self->reader.half;
    if (!self->reader.at && !atomic_load_explicit(&self->full[half][0], memory_order_acquire))
        return 0;
    memcpy(frames, self->floats + half * self->half + self->reader.at, floats * sizeof(float));
    self->reader.at += floats;
    if (self->reader.at >= self->half) {
        atomic_store_explicit(&self->full[half][0], 0, memory_order_release);
        self->reader.at = 0;
        self->reader.half = !half;
    }
    return n;
}

const vo_bench_queue vo_bench_halves = {halves_make, halves_push, halves_pop, halves_destroy};
