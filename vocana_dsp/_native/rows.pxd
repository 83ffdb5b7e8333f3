"""Channels of interleaved frames as the C meters take them, and one caller at a time."""

from libc.stdint cimport uint32_t

cdef enum:
    MOST_CHANNELS = 64

cdef int refuse_second() except -1


cdef inline void rows_of(const float **rows, const float *frames, uint32_t channels) noexcept:
    """Sample i of channel c is rows[c][i * channels]."""
    cdef uint32_t c
    for c in range(channels):
        rows[c] = frames + c


cdef inline int enter(bint *busy) except -1:
    """Take a meter, whose calls let other threads run, for one call."""
    if busy[0]:
        return refuse_second()
    busy[0] = True
    return 0
