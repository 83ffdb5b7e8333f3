"""Channels of interleaved frames as the C meters take them."""

from libc.stdint cimport uint32_t

cdef enum:
    MOST_CHANNELS = 64


cdef inline void rows_of(const float **rows, const float *frames, uint32_t channels) noexcept:
    """Sample i of channel c is rows[c][i * channels]."""
    cdef uint32_t c
    for c in range(channels):
        rows[c] = frames + c
