/* A pool of equal, 64-byte aligned buffers that are asked for once and used again.

   A handle names a slot and its generation, so a double release, a stale handle and a handle of
   another pool are errors that change nothing. */
#ifndef VOCANA_POOL_H
#define VOCANA_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_pool vo_pool;

typedef uint64_t vo_handle;
#define VO_NO_HANDLE ((vo_handle)0)

typedef enum vo_pool_sharing {
    /* One thread acquires, one thread (the same or another) releases: buffers come back through
       a single-producer single-consumer ring, without a locked instruction. */
    VO_POOL_PAIR,
    /* Any number of threads acquire and release, through a tagged free list. */
    VO_POOL_SHARED,
} vo_pool_sharing;

typedef struct vo_pool_config {
    uint32_t frames;   /* of one buffer */
    uint32_t channels; /* interleaved float32 */
    uint32_t initial;  /* buffers made at once */
    uint32_t maximum;  /* buffers that may ever exist at a time */
    vo_pool_sharing sharing;
} vo_pool_config;

typedef struct vo_pool_stats {
    uint64_t acquired; /* successful acquires */
    uint64_t reused;   /* of these, served by a buffer that had been used before */
    uint64_t missed;   /* acquires that found nothing free */
    uint64_t rejected; /* releases of a bad handle */
    uint32_t live;     /* handed out now */
    uint32_t free;     /* waiting now */
    uint32_t peak;     /* most ever live */
    uint32_t maximum;
} vo_pool_stats;

/* --- Setup thread ------------------------------------------------------- */

VO_NODISCARD vo_status vo_pool_new(vo_pool **out, const vo_pool_config *config,
                                   const vo_allocator *allocator);
/* Frees every buffer, handed out or not. */
void vo_pool_free(vo_pool *pool);

/* --- Control thread: allocates or frees, never the audio thread ---------- */

/* Add one buffer. EMPTY at the maximum, NO_MEM. A PAIR pool: the acquiring thread only. */
VO_NODISCARD vo_status vo_pool_grow(vo_pool *pool);

/* Free buffers that have been free for at least idle_ns at the time now_ns, as long as more than
   `keep` are free; those in use are never touched. Returns how many. A PAIR pool: the acquiring
   thread only. */
uint32_t vo_pool_trim(vo_pool *pool, uint64_t now_ns, uint64_t idle_ns, uint32_t keep);

/* --- Acquiring thread ---------------------------------------------------- */

/* OK with *out, or EMPTY. */
VO_NODISCARD vo_status vo_pool_acquire(vo_pool *pool, vo_handle *out) VO_REALTIME;

/* --- Releasing thread ---------------------------------------------------- */

/* OK, or BAD_HANDLE with nothing changed. now_ns is kept for vo_pool_trim. */
VO_NODISCARD vo_status vo_pool_release(vo_pool *pool, vo_handle handle,
                                       uint64_t now_ns) VO_REALTIME;

/* --- Any thread -------------------------------------------------------- */

/* The buffer (frames * channels floats), or NULL when the handle is not live. */
float *vo_pool_data(const vo_pool *pool, vo_handle handle) VO_REALTIME;
vo_pool_stats vo_pool_stats_now(const vo_pool *pool) VO_REALTIME;

VO_END_DECLS

#endif
