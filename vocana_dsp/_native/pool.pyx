"""vo_pool with memory that NumPy arrays may outlive."""

cimport numpy as cnp
from libc.stdint cimport uint32_t, uint64_t

from vocana_dsp._native.block cimport view_of
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

cnp.import_array()

cdef enum:
    LINE = 64

# Stands in the cache line before every allocation: the pool is one owner, each array another, and
# the last one frees it. Changes only under the GIL.
ctypedef struct owners:
    Py_ssize_t count


cdef inline owners *owners_of(void *memory) noexcept nogil:
    return <owners *>(<char *>memory - LINE)


cdef void *allocate(void *self, size_t bytes, size_t align) noexcept nogil:
    cdef size_t whole
    if align > LINE or bytes > <size_t>-1 - LINE:
        return NULL
    whole = bytes + LINE
    cdef char *start = <char *>vo_alloc(NULL, whole, LINE)
    if start == NULL:
        return NULL
    (<owners *>start).count = 1
    return start + LINE


cdef void disown(void *self, void *memory) noexcept nogil:
    owners_of(memory).count -= 1
    if owners_of(memory).count == 0:
        vo_release(NULL, owners_of(memory))


cdef class Memory:
    """The base of an array over pool memory: one of its owners."""

    cdef float *data

    def __dealloc__(self):
        if self.data != NULL:
            disown(NULL, self.data)


cdef class Pool:
    """Equal buffers with handles. Any thread; every call is short and keeps the GIL.

    Sizes have been checked by the caller, as far as they must fit their C types.
    """

    cdef vo_pool *ptr
    cdef uint32_t frames, channels, high
    cdef uint64_t collected

    def __cinit__(self, uint32_t frames, uint32_t channels, uint32_t initial, uint32_t maximum):
        cdef vo_allocator allocator
        allocator.alloc = allocate
        allocator.free = disown
        allocator.self = NULL
        cdef vo_pool_config config
        config.frames = self.frames = frames
        config.channels = self.channels = channels
        config.initial = initial
        config.maximum = maximum
        config.sharing = VO_POOL_SHARED
        what = f"a pool of up to {maximum} buffers of {frames} frames and {channels} channels"
        check(vo_pool_new(&self.ptr, &config, &allocator), what)

    def __dealloc__(self):
        vo_pool_free(self.ptr)

    def acquire(self, uint32_t most_live, uint32_t keep):
        """Return (handle, array), or None when `most_live` are out or no more than `keep` free."""
        cdef vo_handle handle
        cdef vo_pool_stats s = vo_pool_stats_now(self.ptr)
        if s.live >= most_live or s.free <= keep or vo_pool_acquire(self.ptr, &handle) != VO_OK:
            return None
        self.high = max(self.high, s.live + 1)
        cdef Memory memory = Memory.__new__(Memory)
        cdef float *data = vo_pool_data(self.ptr, handle)
        owners_of(data).count += 1
        memory.data = data
        return handle, view_of(memory, data, self.frames, self.channels, True)

    def release(self, vo_handle handle, uint64_t now_ns, bint collected):
        """Take a buffer back, and count it if its owner was collected.

        PoolError when the handle is not live here.
        """
        check(vo_pool_release(self.ptr, handle, now_ns), "release of a pooled buffer")
        self.collected += collected

    def grow(self, uint32_t most_live, uint32_t keep):
        """Add a buffer for such an acquire: whether there was room for one."""
        cdef vo_pool_stats s = vo_pool_stats_now(self.ptr)
        if s.live >= most_live or s.live + s.free >= most_live + keep:
            return False
        cdef vo_status status = vo_pool_grow(self.ptr)
        if status == VO_EMPTY:
            return False
        check(status, "another buffer for a pool")
        return True

    def trim(self, uint64_t now_ns, uint64_t idle_ns, uint32_t keep):
        """Give up buffers that have been free for idle_ns, but for `keep`: how many.

        Arrays stay valid.
        """
        return vo_pool_trim(self.ptr, now_ns, idle_ns, keep)

    def take_high(self):
        """Return the most buffers that were out at a time since the last call."""
        cdef uint32_t high = self.high
        self.high = vo_pool_stats_now(self.ptr).live
        return high

    def stats(self):
        """Return (live, free, peak, acquired, reused, rejected, collected)."""
        cdef vo_pool_stats s = vo_pool_stats_now(self.ptr)
        return s.live, s.free, s.peak, s.acquired, s.reused, s.rejected, self.collected
