"""The timed runs of csrc/bench/samples: kernels of ours and of others, in turn."""

from libc.stddef cimport size_t
from libc.stdint cimport uint32_t, uintptr_t

import ctypes


cdef extern from "samples/samples.h" nogil:
    ctypedef struct vo_bench_samples:
        void (*level)(const float *x, size_t n, float *peak, double *energy) noexcept
        void (*fade)(
            float *out, const float *source, const float *to, const float *gain, size_t n) noexcept
    ctypedef enum vo_bench_work:
        VO_BENCH_WORKS
    ctypedef enum vo_bench_pass:
        VO_BENCH_PASSES
    enum:
        VO_BENCH_MOST_SAMPLES
    vo_bench_samples vo_bench_our_samples()
    double vo_bench_time_samples(
        const vo_bench_samples *table, vo_bench_work work, size_t n, uint32_t calls)
    double vo_bench_time_pass(
        vo_bench_pass which, const float *x, size_t n, uint32_t calls)
    double vo_bench_time_memcpy(size_t n, uint32_t calls)


#: What can be timed, in the order of csrc/bench/samples/samples.h.
WORKS = (
    "gain", "mix", "interleave", "deinterleave", "from_int16", "to_int16", "level", "fade"
)
assert len(WORKS) == VO_BENCH_WORKS

#: What blocks with denormals go through, in the order of the same file.
PASSES = ("classify", "flush", "sanitise", "gain")
assert len(PASSES) == VO_BENCH_PASSES


cdef class Samples:
    """Kernels that can be timed: a table of C functions."""

    cdef vo_bench_samples table
    cdef object library  # keeps the table's code loaded

    @staticmethod
    def ours():
        """Return the kernels of this processor."""
        cdef Samples samples = Samples.__new__(Samples)
        samples.table = vo_bench_our_samples()
        return samples

    @staticmethod
    def load(path):
        """Return the kernels of the shared library at path, which exports `vo_bench_peer`."""
        cdef Samples samples = Samples.__new__(Samples)
        samples.library = ctypes.CDLL(str(path))
        table = ctypes.c_char.in_dll(samples.library, "vo_bench_peer")
        samples.table = (<const vo_bench_samples *><uintptr_t>ctypes.addressof(table))[0]
        return samples

    def time(self, str work, size_t n, uint32_t calls):
        """Return ns a sample of calls with n samples each; below 0 for what it does not have."""
        if n % 2 or n > VO_BENCH_MOST_SAMPLES:
            raise ValueError(f"{n} samples: an even number of {VO_BENCH_MOST_SAMPLES} at most")
        cdef vo_bench_work which = <vo_bench_work><int>WORKS.index(work)
        cdef double ns
        with nogil:
            ns = vo_bench_time_samples(&self.table, which, n, calls)
        return ns

    # --- What ours answers, to know how right it is ---

    def level(self, const float[::1] x not None):
        """Return (peak, sum of squares)."""
        cdef float peak
        cdef double energy
        self.table.level(&x[0], x.shape[0], &peak, &energy)
        return peak, energy

    def fade(
        self,
        float[::1] out not None,
        const float[::1] source not None,
        const float[::1] to not None,
        const float[::1] gain not None,
    ):
        """Fill out, of the size of all, with to + gain * (source - to)."""
        self.table.fade(&out[0], &source[0], &to[0], &gain[0], out.shape[0])


def passed(str name, const float[::1] x not None, uint32_t calls):
    """Return ns a sample of calls of one of PASSES with x."""
    if x.shape[0] > VO_BENCH_MOST_SAMPLES:
        raise ValueError(f"{x.shape[0]} samples: {VO_BENCH_MOST_SAMPLES} at most")
    cdef vo_bench_pass which = <vo_bench_pass><int>PASSES.index(name)
    cdef double ns
    with nogil:
        ns = vo_bench_time_pass(which, &x[0], x.shape[0], calls)
    return ns


def memcpy(size_t n, uint32_t calls):
    """Return ns a sample of copying n float32."""
    cdef double ns
    with nogil:
        ns = vo_bench_time_memcpy(n, calls)
    return ns
