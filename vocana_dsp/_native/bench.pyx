"""The timed runs of csrc/bench: one call is one short run of one contender."""

cimport cython
from libc.stddef cimport size_t
from libc.stdint cimport uint32_t, uintptr_t

from vocana_dsp._native.libvocana cimport VO_POOL_PAIR, VO_POOL_SHARED, vo_pool_config

import ctypes


cdef extern from "measure.h" nogil:
    ctypedef struct vo_bench_queue:
        pass
    ctypedef struct vo_bench_shape:
        uint32_t capacity
        uint32_t channels
        uint32_t block
        uint32_t layout
    ctypedef struct vo_bench_cpus:
        int writer
        int reader
    ctypedef enum vo_bench_status:
        VO_BENCH_OK
        VO_BENCH_NO_MEM
        VO_BENCH_REFUSED
        VO_BENCH_CORRUPT
    const vo_bench_queue vo_bench_ours
    const vo_bench_queue vo_bench_halves
    const vo_bench_queue vo_bench_damaged
    vo_bench_status vo_bench_one_thread(
        const vo_bench_queue *, const vo_bench_shape *, uint32_t, double *)
    vo_bench_status vo_bench_two_memcpy(const vo_bench_shape *, uint32_t, double *)
    vo_bench_status vo_bench_bulk(
        const vo_bench_queue *, const vo_bench_shape *, vo_bench_cpus, uint32_t, double *)
    vo_bench_status vo_bench_ping_pong(
        const vo_bench_queue *, const vo_bench_shape *, vo_bench_cpus, uint32_t, double *)
    vo_bench_status vo_bench_bounce(vo_bench_cpus, uint32_t, double *)
    vo_bench_status vo_bench_pool(const vo_pool_config *, uint32_t, double *)
    vo_bench_status vo_bench_malloc(size_t, uint32_t, double *)


class BenchError(RuntimeError):
    """A timed run went wrong, so its time means nothing."""


cdef double timed(vo_bench_status status, double value) except? -1:
    if status == VO_BENCH_NO_MEM:
        raise MemoryError("no memory for a timed run, or no such queue")
    if status == VO_BENCH_REFUSED:
        raise BenchError("a queue or a pool took less than it had room for, or no thread started")
    if status == VO_BENCH_CORRUPT:
        raise BenchError("a block came out of the queue other than it went in")
    return value


cdef class Queue:
    """A queue of float32 frames that can be timed: a table of four C functions."""

    cdef const vo_bench_queue *table
    cdef object library  # keeps the table's code loaded

    @staticmethod
    def ours():
        """Return vo_ring."""
        cdef Queue queue = Queue.__new__(Queue)
        queue.table = &vo_bench_ours
        return queue

    @staticmethod
    def halves():
        """Return two halves that change hands when full or empty: one handover for many blocks."""
        cdef Queue queue = Queue.__new__(Queue)
        queue.table = &vo_bench_halves
        return queue

    @staticmethod
    def damaged():
        """Return vo_ring with one wrong sample in 1000 blocks, which every run must report."""
        cdef Queue queue = Queue.__new__(Queue)
        queue.table = &vo_bench_damaged
        return queue

    @staticmethod
    def load(path):
        """Return the queue of the shared library at path, which exports `vo_bench_peer`."""
        cdef Queue queue = Queue.__new__(Queue)
        queue.library = ctypes.CDLL(str(path))
        table = ctypes.c_char.in_dll(queue.library, "vo_bench_peer")
        queue.table = <const vo_bench_queue *><uintptr_t>ctypes.addressof(table)
        return queue

    def one_thread(self, tuple shape, uint32_t rounds):
        """Return ns of one push and one pop of a block.

        shape: (capacity, channels, block, layout) as in csrc/bench/measure.h.
        """
        cdef vo_bench_shape form = vo_bench_shape(shape[0], shape[1], shape[2], shape[3])
        cdef double ns = 0
        cdef vo_bench_status status
        with nogil:
            status = vo_bench_one_thread(self.table, &form, rounds, &ns)
        return timed(status, ns)

    def bulk(self, tuple shape, tuple cpus, uint32_t blocks):
        """Return the 10**9 bytes a second that cross from one thread to another."""
        cdef vo_bench_shape form = vo_bench_shape(shape[0], shape[1], shape[2], shape[3])
        cdef vo_bench_cpus where = vo_bench_cpus(cpus[0], cpus[1])
        cdef double gb_per_s = 0
        cdef vo_bench_status status
        with nogil:
            status = vo_bench_bulk(self.table, &form, where, blocks, &gb_per_s)
        return timed(status, gb_per_s)

    def ping_pong(self, tuple shape, tuple cpus, uint32_t rounds):
        """Return ns for one way of a block there and back; not for `halves`."""
        if self.table == &vo_bench_halves:
            raise ValueError("two halves keep a block that does not fill one: no ping-pong")
        cdef vo_bench_shape form = vo_bench_shape(shape[0], shape[1], shape[2], shape[3])
        cdef vo_bench_cpus where = vo_bench_cpus(cpus[0], cpus[1])
        cdef double ns = 0
        cdef vo_bench_status status
        with nogil:
            status = vo_bench_ping_pong(self.table, &form, where, rounds, &ns)
        return timed(status, ns)


def two_memcpy(tuple shape, uint32_t rounds):
    """Return ns of a block copied into memory of the queue's size and out again."""
    cdef vo_bench_shape form = vo_bench_shape(shape[0], shape[1], shape[2], shape[3])
    cdef double ns = 0
    cdef vo_bench_status status
    with nogil:
        status = vo_bench_two_memcpy(&form, rounds, &ns)
    return timed(status, ns)


def bounce(tuple cpus, uint32_t rounds):
    """Return ns for one way of a cache line that two processors hand to each other."""
    cdef double ns = 0
    cdef vo_bench_status status
    cdef vo_bench_cpus where = vo_bench_cpus(cpus[0], cpus[1])
    with nogil:
        status = vo_bench_bounce(where, rounds, &ns)
    return timed(status, ns)


def pool(uint32_t frames, uint32_t channels, bint shared, uint32_t rounds):
    """Return ns of one acquire and one release of a buffer by one thread."""
    cdef vo_pool_config config
    cdef double ns = 0
    cdef vo_bench_status status
    config.frames = frames
    config.channels = channels
    config.initial = config.maximum = 16
    config.sharing = VO_POOL_SHARED if shared else VO_POOL_PAIR
    with nogil:
        status = vo_bench_pool(&config, rounds, &ns)
    return timed(status, ns)


def malloc(size_t size, uint32_t rounds):
    """Return ns of one malloc and one free of size bytes."""
    cdef double ns = 0
    cdef vo_bench_status status
    with nogil:
        status = vo_bench_malloc(size, rounds, &ns)
    return timed(status, ns)


cdef class Nothing:
    """An object whose one method does nothing: the price of a call from Python."""

    @cython.binding(False)
    @cython.always_allow_keywords(False)
    def take(self, block):
        """Return None."""
