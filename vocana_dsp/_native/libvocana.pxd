"""The C API as Cython sees it; the only description of it outside csrc/include."""

from libc.stdint cimport int64_t, uint32_t, uint64_t

# --- status ---------------------------------------------------------------------------------------

cdef extern from "vocana/status.h" nogil:
    ctypedef enum vo_status:
        VO_OK
        VO_NO_MEM
        VO_BAD_ARG
        VO_TOO_BIG
        VO_EMPTY
        VO_BAD_HANDLE
        VO_TIMED_OUT
        VO_INTERRUPTED
        VO_SYSTEM

    const char *vo_status_text(vo_status status)

# --- alloc ----------------------------------------------------------------------------------------

cdef extern from "vocana/alloc.h" nogil:
    ctypedef struct vo_allocator:
        void *(*alloc)(void *self, size_t bytes, size_t align) noexcept nogil
        void (*free)(void *self, void *memory) noexcept nogil
        void *self

# --- simd -----------------------------------------------------------------------------------------

cdef extern from "vocana/simd.h" nogil:
    const char *vo_simd_name()

# --- ring -----------------------------------------------------------------------------------------

cdef extern from "vocana/ring.h" nogil:
    ctypedef struct vo_ring:
        pass

    ctypedef struct vo_spans:
        float *first
        float *second
        uint32_t first_frames
        uint32_t second_frames

    vo_status vo_ring_new(
        vo_ring **out, uint64_t frames, uint32_t channels, const vo_allocator *allocator
    )
    void vo_ring_free(vo_ring *ring)

    uint32_t vo_ring_write(vo_ring *ring, const float *frames, uint32_t n)
    vo_spans vo_ring_acquire(vo_ring *ring, uint32_t n)
    uint32_t vo_ring_commit(vo_ring *ring, uint32_t n)
    uint32_t vo_ring_writable(vo_ring *ring)
    uint64_t vo_ring_written(const vo_ring *ring)

    uint32_t vo_ring_read(vo_ring *ring, float *frames, uint32_t n)
    vo_spans vo_ring_peek(vo_ring *ring, uint32_t n)
    uint32_t vo_ring_copy(vo_ring *ring, uint32_t ahead, float *frames, uint32_t n)
    uint32_t vo_ring_consume(vo_ring *ring, uint32_t n)
    uint32_t vo_ring_readable(vo_ring *ring)
    uint64_t vo_ring_consumed(const vo_ring *ring)

    uint32_t vo_ring_capacity(const vo_ring *ring)
    uint32_t vo_ring_channels(const vo_ring *ring)
    uint32_t vo_ring_fill(const vo_ring *ring)
    const float *vo_ring_storage(const vo_ring *ring)

# --- pool -----------------------------------------------------------------------------------------

cdef extern from "vocana/pool.h" nogil:
    ctypedef struct vo_pool:
        pass

    ctypedef uint64_t vo_handle
    const vo_handle VO_NO_HANDLE

    ctypedef enum vo_pool_sharing:
        VO_POOL_PAIR
        VO_POOL_SHARED

    ctypedef struct vo_pool_config:
        uint32_t frames
        uint32_t channels
        uint32_t initial
        uint32_t maximum
        vo_pool_sharing sharing

    ctypedef struct vo_pool_stats:
        uint64_t acquired
        uint64_t reused
        uint64_t missed
        uint64_t rejected
        uint32_t live
        uint32_t free
        uint32_t peak
        uint32_t maximum

    vo_status vo_pool_new(
        vo_pool **out, const vo_pool_config *config, const vo_allocator *allocator
    )
    void vo_pool_free(vo_pool *pool)
    vo_status vo_pool_grow(vo_pool *pool)
    uint32_t vo_pool_trim(vo_pool *pool, uint64_t now_ns, uint64_t idle_ns)
    vo_status vo_pool_acquire(vo_pool *pool, vo_handle *out)
    vo_status vo_pool_release(vo_pool *pool, vo_handle handle, uint64_t now_ns)
    float *vo_pool_data(const vo_pool *pool, vo_handle handle)
    vo_pool_stats vo_pool_stats_now(const vo_pool *pool)
