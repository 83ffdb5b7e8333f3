"""vo_loudness and vo_truepeak: EBU R 128, and what lies between the samples."""

cimport numpy as cnp
from libc.stdint cimport uint32_t

from vocana_dsp._native.block cimport BLOCK_IN, frames_of
from vocana_dsp._native.busy cimport enter
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.rows cimport MOST_CHANNELS, rows_of
from vocana_dsp._native.status cimport check

cnp.import_array()

LEAST_RATE = VO_LOUDNESS_LEAST_RATE


cdef class Loudness:
    """One vo_loudness; see vocana_dsp.features.loudness.LoudnessMeter."""

    cdef vo_loudness *ptr
    cdef uint32_t channels
    cdef bint busy

    def __cinit__(self, uint32_t rate, uint32_t channels, tuple weights, bint true_peak):
        cdef double[MOST_CHANNELS] given
        cdef vo_loudness_config config
        cdef uint32_t c
        config.rate = rate
        config.channels = channels
        config.weights = NULL if weights is None else given
        config.true_peak = true_peak
        if weights is not None:
            for c in range(min(channels, <uint32_t>MOST_CHANNELS)):
                given[c] = weights[c]
        check(vo_loudness_new(&self.ptr, &config, NULL), f"loudness of {channels} channels")
        self.channels = channels

    def __dealloc__(self):
        vo_loudness_free(self.ptr)

    def process(self, block):
        """Measure (frames, channels) float32."""
        cdef uint32_t n
        cdef const float *rows[MOST_CHANNELS]
        rows_of(rows, frames_of(block, self.channels, BLOCK_IN, &n), self.channels)
        enter(&self.busy)
        with nogil:
            vo_loudness_process(self.ptr, rows, self.channels, n)
        self.busy = False

    def reset(self):
        """Start over."""
        enter(&self.busy)
        vo_loudness_reset(self.ptr)
        self.busy = False

    def read(self):
        """Return (momentary, short-term, integrated, range, greatest of both, true peak)."""
        enter(&self.busy)
        cdef vo_loudness_reading r = vo_loudness_now(self.ptr)
        self.busy = False
        return (
            r.momentary, r.short_term, r.integrated, r.range, r.max_momentary, r.max_short_term,
            r.true_peak_db,
        )


cdef class TruePeak:
    """One vo_truepeak; see vocana_dsp.features.loudness.true_peak_db."""

    cdef vo_truepeak *ptr
    cdef uint32_t channels
    cdef bint busy

    def __cinit__(self, uint32_t rate, uint32_t channels):
        check(vo_truepeak_new(&self.ptr, rate, channels, NULL), f"peaks of {channels} channels")
        self.channels = channels

    def __dealloc__(self):
        vo_truepeak_free(self.ptr)

    def process(self, const float[:, ::1] rows not None, float least):
        """Return the greatest magnitude in (channels, frames), or `least` when that is greater."""
        cdef uint32_t c
        cdef uint32_t n = <uint32_t>rows.shape[1]
        if rows.shape[0] != self.channels or not n:
            return least
        enter(&self.busy)
        with nogil:
            for c in range(self.channels):
                least = vo_truepeak_process(self.ptr, c, NULL, &rows[c, 0], n, least)
        self.busy = False
        return least
