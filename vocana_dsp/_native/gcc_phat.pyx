"""vo_gcc_phat: by how much one signal comes later than another."""

cimport numpy as cnp
from libc.stdint cimport uint32_t

from vocana_dsp._native.block cimport BLOCK_IN, frames_of
from vocana_dsp._native.busy cimport enter
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

cnp.import_array()

MOST_FRAMES = VO_GCC_PHAT_MOST_FRAMES


cdef class GccPhat:
    """One vo_gcc_phat; see vocana_dsp.features.delay.DelayMeter."""

    cdef vo_gcc_phat *ptr
    cdef bint busy

    def __cinit__(self, uint32_t piece_frames, uint32_t max_delay_frames, double memory_frames):
        cdef vo_gcc_phat_config config
        config.piece_frames = piece_frames
        config.max_delay_frames = max_delay_frames
        config.memory_frames = memory_frames
        what = f"pieces of {piece_frames} frames and delays of up to {max_delay_frames}"
        check(vo_gcc_phat_new(&self.ptr, &config, NULL), what)

    def __dealloc__(self):
        vo_gcc_phat_free(self.ptr)

    def process(self, first, second):
        """Compare as many frames as both have."""
        cdef uint32_t n, m
        cdef const float *a = frames_of(first, 1, BLOCK_IN, &n)
        cdef const float *b = frames_of(second, 1, BLOCK_IN, &m)
        enter(&self.busy)
        with nogil:
            vo_gcc_phat_process(self.ptr, a, b, 1, min(n, m))
        self.busy = False

    def reset(self):
        """Start over."""
        enter(&self.busy)
        vo_gcc_phat_reset(self.ptr)
        self.busy = False

    def read(self):
        """Return (frames, confidence)."""
        cdef vo_gcc_phat_delay found
        enter(&self.busy)
        with nogil:
            found = vo_gcc_phat_now(self.ptr)
        self.busy = False
        return found.frames, found.confidence
