# cython: language_level=3
"""A module of somebody else's, over the same declarations as the package's own."""

from libc.stdint cimport uint32_t

from vocana_dsp._native.libvocana cimport *


def ring_round_trip(uint32_t frames):
    """Write `frames` counter frames into a ring and read them back: their sum."""
    cdef vo_ring *ring
    cdef float sample
    cdef double total = 0
    cdef uint32_t i
    if vo_ring_new(&ring, frames, 1, NULL) != VO_OK:
        raise MemoryError
    for i in range(frames):
        sample = <float>i
        vo_ring_write(ring, &sample, 1)
    while vo_ring_read(ring, &sample, 1):
        total += sample
    vo_ring_free(ring)
    return total
