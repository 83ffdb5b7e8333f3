"""vo_tempo: beats per minute of onset strengths."""

from libc.stdint cimport uint64_t

from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check


cdef class Beats:
    """Strengths in, at `values_per_s`; what was heard fades within `memory_s`."""

    cdef vo_tempo *ptr

    def __cinit__(self, double values_per_s, double memory_s):
        check(
            vo_tempo_new(&self.ptr, values_per_s, memory_s, NULL),
            f"a tempo from {values_per_s} values per second, with a memory of {memory_s} s",
            "8 to 10000 values per second, and a memory above 0 s",
            "choose the hop so that rate / hop is about 100",
        )

    def __dealloc__(self):
        vo_tempo_free(self.ptr)

    def push(self, const float[::1] strengths not None):
        """Take strengths, (n,) float32; about 0.3 us each, so the GIL is held."""
        cdef uint64_t n = strengths.shape[0]
        vo_tempo_push(self.ptr, &strengths[0] if n else NULL, n)

    def now(self):
        """Return (bpm, confidence)."""
        cdef vo_tempo_estimate found = vo_tempo_now(self.ptr)
        return found.bpm, found.confidence

    def reset(self):
        """Be as new."""
        vo_tempo_reset(self.ptr)
