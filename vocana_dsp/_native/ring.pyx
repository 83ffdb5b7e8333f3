"""vo_ring: frames from one thread to another, whole, with no lock and no wait."""

cimport cython
cimport numpy as cnp
from libc.stdint cimport UINT32_MAX, UINT64_MAX, uint32_t, uint64_t

from vocana_dsp._native.block cimport BLOCK_IN, BLOCK_OUT, frames_of, view_of, whole
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.owner cimport claim
from vocana_dsp._native.status cimport check

import sys

from vocana_dsp.errors import ConfigError

cnp.import_array()


cdef class RingBuffer:
    """RingBuffer(frames, channels=1)\n--\n
    A ring of float32 frames between one writing and one reading thread.

    Args:
        frames: how many frames it has to hold, 1 to 2**31; rounded up to a power of two.
        channels: samples in a frame, 1 or more.

    Raises:
        ConfigError: a size is not a whole number, below 1, or beyond what an address can hold.
            Nothing has been allocated.
        MemoryError: there is not enough memory.

    Blocks have the shape (n, channels), float32, C-contiguous; with one channel also (n,).
    `write`, `write_all`, `acquire` and `commit` belong to one thread, the writer; `read`,
    `read_into`, `peek` and `consume` to one thread, the reader, which may be the same. Everything
    else may be called from any thread. Neither side ever waits for the other. Under ``python -X
    dev`` a second writer or reader is reported.

    >>> import numpy as np
    >>> ring = RingBuffer(500, channels=2)
    >>> ring.capacity
    512
    >>> ring.write(np.ones((64, 2), np.float32))
    64
    >>> ring.read(100).shape
    (64, 2)
    """

    cdef vo_ring *ptr
    cdef readonly uint32_t capacity
    cdef readonly uint32_t channels
    cdef uint32_t acquired, peeked  # frames that may still be committed, consumed
    cdef bint guarded
    cdef unsigned long writer, reader  # thread that came first, 0 before; only when guarded

    def __cinit__(self, frames, channels=1):
        cdef uint64_t n = whole("frames", frames, 1, UINT64_MAX)
        cdef uint64_t width = whole("channels", channels, 1, UINT64_MAX)
        cdef vo_status status = VO_TOO_BIG
        if width <= UINT32_MAX:
            status = vo_ring_new(&self.ptr, n, <uint32_t>width, NULL)
        what = f"a ring of {frames} frames and {channels} channels"
        check(status, what, None, "hold as many frames as the reader may have to catch up with")
        self.capacity = vo_ring_capacity(self.ptr)
        self.channels = <uint32_t>width
        self.guarded = sys.flags.dev_mode

    def __dealloc__(self):
        vo_ring_free(self.ptr)

    def __repr__(self):
        return f"<RingBuffer({self.capacity}, channels={self.channels}), {self.readable} readable>"

    @property
    def readable(self):
        """Frames queued: exact for the reader as long as the writer rests, never negative."""
        return vo_ring_fill(self.ptr)

    @property
    def writable(self):
        """Frames for which there is room: exact for the writer as long as the reader rests."""
        return self.capacity - vo_ring_fill(self.ptr)

    # --- Writer thread ----------------------------------------------------------------------------

    @cython.binding(False)
    @cython.always_allow_keywords(False)
    def write(self, block, /):
        """Queue the frames of block that there is room for; return how many.

        block: (n, channels) float32, C-contiguous; an empty block writes 0 frames.
        Raises ConfigError when the block does not fit, TypeError when it is no array.
        """
        cdef uint32_t n
        cdef float *frames = frames_of(block, self.channels, BLOCK_IN, &n)
        claim(self.guarded, &self.writer, "writer")
        self.acquired = 0
        return vo_ring_write(self.ptr, frames, n)

    @cython.binding(False)
    @cython.always_allow_keywords(False)
    def write_all(self, block, /):
        """Queue block, as `write` does, or nothing if there is no room for all; return whether."""
        cdef uint32_t n
        cdef float *frames = frames_of(block, self.channels, BLOCK_IN, &n)
        claim(self.guarded, &self.writer, "writer")
        self.acquired = 0
        return vo_ring_writable(self.ptr) >= n and vo_ring_write(self.ptr, frames, n) == n

    def acquire(self, frames):
        """Return the room for up to `frames` frames as two writable arrays, for `commit`.

        Both are (n, channels) float32 over the ring's own memory, in order; the second is empty
        unless the room wraps around the end. What they hold is undefined, and what is written into
        them after `commit` may be heard. The next `acquire` or write takes the room back.
        """
        cdef uint32_t n = <uint32_t>whole("frames", frames, 0, UINT32_MAX)
        claim(self.guarded, &self.writer, "writer")
        cdef vo_spans spans = vo_ring_acquire(self.ptr, n)
        self.acquired = spans.first_frames + spans.second_frames
        return views_of(self, spans, True)

    def commit(self, frames):
        """Queue the first `frames` frames of what was acquired; the rest stays acquired.

        Raises ConfigError, and queues nothing, when that is more than was acquired.
        """
        cdef uint32_t n = <uint32_t>whole("frames", frames, 0, UINT32_MAX)
        claim(self.guarded, &self.writer, "writer")
        if n > self.acquired:
            raise beyond("commit", frames, self.acquired, "acquire")
        self.acquired -= vo_ring_commit(self.ptr, n)

    # --- Reader thread ----------------------------------------------------------------------------

    def read(self, frames):
        """Take up to `frames` frames as a new array (n, channels) float32.

        n is smaller than `frames` when fewer are queued, 0 when none is.
        """
        cdef uint32_t n = <uint32_t>whole("frames", frames, 0, UINT32_MAX)
        claim(self.guarded, &self.reader, "reader")
        self.peeked = 0
        cdef uint32_t queued = vo_ring_readable(self.ptr)
        cdef cnp.npy_intp[2] shape = [min(n, queued), self.channels]
        cdef cnp.ndarray out = cnp.PyArray_SimpleNew(2, shape, cnp.NPY_FLOAT32)
        vo_ring_read(self.ptr, <float *>cnp.PyArray_DATA(out), <uint32_t>shape[0])
        return out

    @cython.binding(False)
    @cython.always_allow_keywords(False)
    def read_into(self, out, /):
        """Take frames until out is full or none is queued; return how many.

        out: (n, channels) float32, C-contiguous, writable; frames beyond the count are untouched.
        Raises ConfigError when it does not fit, TypeError when it is no array.
        """
        cdef uint32_t n
        cdef float *frames = frames_of(out, self.channels, BLOCK_OUT, &n)
        claim(self.guarded, &self.reader, "reader")
        self.peeked = 0
        return vo_ring_read(self.ptr, frames, n)

    def peek(self, frames):
        """Return up to `frames` queued frames as two read-only arrays, for `consume`.

        Both are (n, channels) float32 over the ring's own memory, in order; the second is empty
        unless the frames wrap around the end. They are valid until they are consumed or read.
        """
        cdef uint32_t n = <uint32_t>whole("frames", frames, 0, UINT32_MAX)
        claim(self.guarded, &self.reader, "reader")
        cdef vo_spans spans = vo_ring_peek(self.ptr, n)
        self.peeked = spans.first_frames + spans.second_frames
        return views_of(self, spans, False)

    def consume(self, frames):
        """Give the first `frames` frames of what was peeked back to the writer.

        Raises ConfigError, and gives nothing back, when that is more than was peeked.
        """
        cdef uint32_t n = <uint32_t>whole("frames", frames, 0, UINT32_MAX)
        claim(self.guarded, &self.reader, "reader")
        if n > self.peeked:
            raise beyond("consume", frames, self.peeked, "peek")
        self.peeked -= vo_ring_consume(self.ptr, n)


cdef tuple views_of(RingBuffer ring, vo_spans spans, bint writable):
    cdef float *nothing = <float *>vo_ring_storage(ring.ptr)
    cdef float *first = spans.first if spans.first_frames else nothing
    cdef float *second = spans.second if spans.second_frames else nothing
    return (
        view_of(ring, first, spans.first_frames, ring.channels, writable),
        view_of(ring, second, spans.second_frames, ring.channels, writable),
    )


cdef object beyond(str verb, object frames, uint32_t most, str first):
    text = f"{verb} of {frames} frames, expected {most} at most"
    return ConfigError(text, hint=f"{first} before, and {verb} no more than that gave")
