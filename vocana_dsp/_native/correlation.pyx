"""vo_correlation: how alike two channels are."""

cimport numpy as cnp
from libc.stdint cimport uint32_t

from vocana_dsp._native.block cimport BLOCK_IN, frames_of
from vocana_dsp._native.busy cimport enter
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.rows cimport rows_of
from vocana_dsp._native.status cimport check

cnp.import_array()


cdef class Correlation:
    """One vo_correlation; see vocana_dsp.features.levels.CorrelationMeter."""

    cdef vo_correlation *ptr
    cdef bint busy

    def __cinit__(self, uint32_t rate, double time_ms):
        check(vo_correlation_new(&self.ptr, rate, time_ms, NULL), "a correlation meter")

    def __dealloc__(self):
        vo_correlation_free(self.ptr)

    def process(self, block):
        """Measure (frames, 2) float32."""
        cdef uint32_t n
        cdef const float *rows[2]
        rows_of(rows, frames_of(block, 2, BLOCK_IN, &n), 2)
        enter(&self.busy)
        with nogil:
            vo_correlation_process(self.ptr, rows, 2, n)
        self.busy = False

    def reset(self):
        """Start over."""
        enter(&self.busy)
        vo_correlation_reset(self.ptr)
        self.busy = False

    def read(self):
        """Return (of late, of all since reset)."""
        enter(&self.busy)
        found = vo_correlation_now(self.ptr), vo_correlation_whole(self.ptr)
        self.busy = False
        return found
