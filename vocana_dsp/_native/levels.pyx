"""vo_levels: RMS, peak and held peak of each channel as a meter shows them."""

cimport numpy as cnp
from libc.stdint cimport uint32_t

from vocana_dsp._native.block cimport BLOCK_IN, frames_of
from vocana_dsp._native.busy cimport enter
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.rows cimport MOST_CHANNELS, rows_of
from vocana_dsp._native.status cimport check

cnp.import_array()


cdef class Levels:
    """One vo_levels; see vocana_dsp.features.levels.LevelMeter."""

    cdef vo_levels *ptr
    cdef uint32_t channels
    cdef bint busy

    def __cinit__(
        self, uint32_t rate, uint32_t channels,
        double rms_ms, double attack_ms, double release_ms, double hold_ms,
    ):
        cdef vo_levels_config config
        config.rate = rate
        config.channels = channels
        config.rms_ms = rms_ms
        config.attack_ms = attack_ms
        config.release_ms = release_ms
        config.hold_ms = hold_ms
        check(vo_levels_new(&self.ptr, &config, NULL), f"levels of {channels} channels")
        self.channels = channels

    def __dealloc__(self):
        vo_levels_free(self.ptr)

    def process(self, block):
        """Measure (frames, channels) float32."""
        cdef uint32_t n
        cdef const float *rows[MOST_CHANNELS]
        rows_of(rows, frames_of(block, self.channels, BLOCK_IN, &n), self.channels)
        enter(&self.busy)
        with nogil:
            vo_levels_process(self.ptr, rows, self.channels, n)
        self.busy = False

    def reset(self):
        """Start over."""
        enter(&self.busy)
        vo_levels_reset(self.ptr)
        self.busy = False

    def read(self):
        """Return [(peak, rms, held)] of each channel."""
        cdef vo_channel_levels found
        cdef uint32_t c
        levels = []
        enter(&self.busy)
        for c in range(self.channels):
            found = vo_levels_now(self.ptr, c)
            levels.append((found.peak, found.rms, found.held))
        self.busy = False
        return levels
