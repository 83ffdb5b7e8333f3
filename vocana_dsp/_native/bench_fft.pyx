"""Loops for the bench of transforms: the time of one call in C, ours and a peer's."""

from libc.stdint cimport int64_t, uint32_t, uintptr_t

from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

cdef extern from "time.h" nogil:
    cdef struct timespec:
        int64_t tv_sec
        int64_t tv_nsec

    int clock_gettime(int clock, timespec *now)
    int CLOCK_MONOTONIC

# What FFT libraries want at most: four addresses.
ctypedef void (*peer)(uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d) noexcept nogil


cdef double now_ns() noexcept nogil:
    cdef timespec now
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1e9 + now.tv_nsec


def forward_ns(const float[::1] x not None, float[::1] spectrum not None, uint32_t calls):
    """Return the nanoseconds of one vo_fft_forward of x into spectrum, len(x) + 2 floats."""
    cdef vo_fft *fft
    cdef uint32_t n = <uint32_t>x.shape[0]
    if spectrum.shape[0] < n + 2:
        raise ValueError(f"spectrum has {spectrum.shape[0]} floats, expected {n + 2}")
    check(vo_fft_new(&fft, n, True, NULL), f"a transform of {n}")
    cdef double start
    with nogil:
        vo_fft_forward(fft, &spectrum[0], &x[0])
        start = now_ns()
        for _ in range(calls):
            vo_fft_forward(fft, &spectrum[0], &x[0])
        start = now_ns() - start
    vo_fft_free(fft)
    return start / calls


def peer_ns(uintptr_t function, tuple addresses not None, uint32_t calls):
    """Return the nanoseconds of one call of a C function of one to four addresses."""
    cdef uintptr_t[4] given = [0, 0, 0, 0]
    for i, address in enumerate(addresses):
        given[i] = address
    cdef peer call = <peer>function
    cdef double start
    with nogil:
        call(given[0], given[1], given[2], given[3])
        start = now_ns()
        for _ in range(calls):
            call(given[0], given[1], given[2], given[3])
        start = now_ns() - start
    return start / calls
