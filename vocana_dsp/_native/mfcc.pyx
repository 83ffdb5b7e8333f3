"""vo_mfcc: cepstra of log-mel bands."""

cimport numpy as cnp
from libc.stdint cimport UINT32_MAX, uint32_t, uint64_t

from vocana_dsp._native.block cimport whole
from vocana_dsp._native.framer cimport rows_of
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

cnp.import_array()


cdef class Cepstra:
    """The cosine transform of `bands` log-mel bands, cut to `count` and liftered."""

    cdef vo_mfcc *ptr
    cdef uint32_t bands, count

    def __cinit__(self, bands, count, double lifter):
        self.bands = <uint32_t>whole("n_mels", bands, 1, UINT32_MAX)
        self.count = <uint32_t>whole("n_mfcc", count, 1, UINT32_MAX)
        check(
            vo_mfcc_new(&self.ptr, self.bands, self.count, lifter, NULL),
            f"{count} coefficients of {bands} bands, lifter {lifter}",
            f"n_mfcc from 1 to {bands}, and a lifter of 0 or more",
        )

    def __dealloc__(self):
        vo_mfcc_free(self.ptr)

    def apply(self, const float[:, ::1] logs not None):
        """Return (frames, count) float32 from (frames, bands) float32; any thread."""
        if logs.shape[1] != self.bands:
            raise ValueError(f"{logs.shape[1]} bands, expected {self.bands}")
        cdef uint64_t frames = logs.shape[0]
        cdef const float *first = &logs[0, 0] if frames else NULL
        cdef cnp.ndarray out = rows_of(frames, self.count)
        cdef float *rows = <float *>cnp.PyArray_DATA(out)
        with nogil:
            vo_mfcc_apply(self.ptr, rows, first, frames)
        return out
