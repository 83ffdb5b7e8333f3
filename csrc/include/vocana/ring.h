/* A single-producer single-consumer ring of float32 frames.

   One thread writes, one thread reads; neither ever waits for the other. Frames move whole, so
   channels cannot skew. Positions count frames for ever. */
#ifndef VOCANA_RING_H
#define VOCANA_RING_H

#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_ring vo_ring;

/* Up to two pieces of the ring's own memory, in order; a piece without frames is {0}. */
typedef struct vo_spans {
    float *first;
    float *second;
    uint32_t first_frames;
    uint32_t second_frames;
} vo_spans;

/* --- Setup thread ------------------------------------------------------- */

/* Capacity is frames rounded up to a power of two, at most 2^31. BAD_ARG for zero frames or
   channels, TOO_BIG beyond what an address can hold, NO_MEM. */
VO_NODISCARD vo_status vo_ring_new(vo_ring **out, uint64_t frames, uint32_t channels,
                                   const vo_allocator *allocator);
void vo_ring_free(vo_ring *ring);

/* --- Writer thread only ------------------------------------------------- */

/* Frames written: n, or fewer when the ring is nearly full. */
uint32_t vo_ring_write(vo_ring *ring, const float *frames, uint32_t n) VO_REALTIME;

/* Room for up to n frames to fill in place; nothing is seen by the reader before commit. */
vo_spans vo_ring_acquire(vo_ring *ring, uint32_t n) VO_REALTIME;

/* Publish the first n acquired frames; n beyond the room there is publishes nothing.
   Returns the frames published. */
uint32_t vo_ring_commit(vo_ring *ring, uint32_t n) VO_REALTIME;

/* Frames that can be written now. */
uint32_t vo_ring_writable(vo_ring *ring) VO_REALTIME;

/* Position of the next frame to be written. */
uint64_t vo_ring_written(const vo_ring *ring) VO_REALTIME;

/* --- Reader thread only ------------------------------------------------- */

/* Frames read: n, or fewer when the ring holds fewer. */
uint32_t vo_ring_read(vo_ring *ring, float *frames, uint32_t n) VO_REALTIME;

/* Up to n queued frames in place; they stay queued until consume. */
vo_spans vo_ring_peek(vo_ring *ring, uint32_t n) VO_REALTIME;

/* Up to n frames that stand `ahead` frames behind the next one, copied and left queued. */
uint32_t vo_ring_copy(vo_ring *ring, uint32_t ahead, float *frames, uint32_t n) VO_REALTIME;

/* Release up to n queued frames to the writer. Returns the frames released. */
uint32_t vo_ring_consume(vo_ring *ring, uint32_t n) VO_REALTIME;

/* Frames that can be read now. */
uint32_t vo_ring_readable(vo_ring *ring) VO_REALTIME;

/* Position of the next frame to be read. */
uint64_t vo_ring_consumed(const vo_ring *ring) VO_REALTIME;

/* --- Any thread -------------------------------------------------------- */

uint32_t vo_ring_capacity(const vo_ring *ring) VO_REALTIME;
uint32_t vo_ring_channels(const vo_ring *ring) VO_REALTIME;

/* Frames queued at some moment during the call: never below zero, never beyond capacity. */
uint32_t vo_ring_fill(const vo_ring *ring) VO_REALTIME;

/* Start of the storage (64-byte aligned), for proofs that nothing was copied. */
const float *vo_ring_storage(const vo_ring *ring) VO_REALTIME;

VO_END_DECLS

#endif
