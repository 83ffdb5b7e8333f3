"""vo_fragment: what audioop did with whole samples of 1 to 4 bytes."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stddef cimport size_t
from libc.stdint cimport uint8_t, uint32_t

from vocana_dsp._native.libvocana cimport *


def rms(const uint8_t[::1] fragment not None, uint32_t width):
    """Return the root of the mean square, rounded down."""
    cdef size_t n = <size_t>fragment.shape[0] // width
    cdef uint32_t found
    with nogil:
        found = vo_fragment_rms(&fragment[0] if n else NULL, width, n)
    return found


def greatest(const uint8_t[::1] fragment not None, uint32_t width):
    """Return the greatest magnitude."""
    cdef size_t n = <size_t>fragment.shape[0] // width
    cdef uint32_t found
    with nogil:
        found = vo_fragment_max(&fragment[0] if n else NULL, width, n)
    return found


def lin2lin(const uint8_t[::1] fragment not None, uint32_t width, uint32_t new_width):
    """Return the fragment in samples of another width."""
    cdef size_t n = <size_t>fragment.shape[0] // width
    cdef bytes out = PyBytes_FromStringAndSize(NULL, n * new_width)
    cdef char *target = PyBytes_AS_STRING(out)
    with nogil:
        vo_fragment_lin2lin(target, new_width, &fragment[0] if n else NULL, width, n)
    return out


def tomono(const uint8_t[::1] fragment not None, uint32_t width, double left, double right):
    """Return one channel made of two."""
    cdef size_t n = <size_t>fragment.shape[0] // (2 * width)
    cdef bytes out = PyBytes_FromStringAndSize(NULL, n * width)
    cdef char *target = PyBytes_AS_STRING(out)
    with nogil:
        vo_fragment_tomono(target, &fragment[0] if n else NULL, width, left, right, n)
    return out
