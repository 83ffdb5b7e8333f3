"""vo_quality: what may be wrong with a signal."""

cimport numpy as cnp
from libc.stdint cimport uint32_t

from vocana_dsp._native.block cimport BLOCK_IN, frames_of
from vocana_dsp._native.busy cimport enter
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.rows cimport MOST_CHANNELS, rows_of
from vocana_dsp._native.status cimport check

cnp.import_array()

FLAGS = {
    "silent": VO_QUALITY_SILENT,
    "dc": VO_QUALITY_DC,
    "flat": VO_QUALITY_FLAT,
    "imbalance": VO_QUALITY_IMBALANCE,
    "clipped": VO_QUALITY_CLIPPED,
    "invalid": VO_QUALITY_INVALID,
}


def default_limits():
    """Return (silent_db, dc, flat, imbalance_db, clip, clip_run)."""
    cdef vo_quality_limits limits = vo_quality_limits_default()
    return (
        limits.silent_db, limits.dc, limits.flat, limits.imbalance_db, limits.clip, limits.clip_run
    )


cdef class Quality:
    """One vo_quality; see vocana_dsp.features.quality.QualityMeter."""

    cdef vo_quality *ptr
    cdef uint32_t channels
    cdef bint busy

    def __cinit__(self, uint32_t rate, uint32_t channels, tuple limits):
        cdef vo_quality_limits of
        of.silent_db, of.dc, of.flat, of.imbalance_db, of.clip, of.clip_run = limits
        check(vo_quality_new(&self.ptr, rate, channels, &of, NULL), f"quality within {limits}")
        self.channels = channels

    def __dealloc__(self):
        vo_quality_free(self.ptr)

    def process(self, block):
        """Measure (frames, channels) float32."""
        cdef uint32_t n
        cdef const float *rows[MOST_CHANNELS]
        rows_of(rows, frames_of(block, self.channels, BLOCK_IN, &n), self.channels)
        enter(&self.busy)
        with nogil:
            vo_quality_process(self.ptr, rows, self.channels, n)
        self.busy = False

    def reset(self):
        """Start over."""
        enter(&self.busy)
        vo_quality_reset(self.ptr)
        self.busy = False

    def read(self):
        """Return [(frames, clipped, invalid, peak, rms, mean, noise floor, flags)]."""
        cdef vo_quality_figures f
        cdef uint32_t c
        found = []
        enter(&self.busy)
        for c in range(self.channels):
            f = vo_quality_now(self.ptr, c)
            found.append(
                (f.frames, f.clipped, f.invalid, f.peak, f.rms, f.mean, f.noise_floor, f.flags)
            )
        self.busy = False
        return found
