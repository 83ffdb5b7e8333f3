"""vo_spectral: a stream in, numbers that describe its frames out."""

cimport numpy as cnp
from libc.stdint cimport UINT32_MAX, uint32_t, uint64_t

from vocana_dsp._native.block cimport BLOCK_IN, frames_of, whole
from vocana_dsp._native.busy cimport enter
from vocana_dsp._native.framer cimport Framer, rows_of
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

cnp.import_array()

FEATURES = VO_SPECTRAL_FEATURES
MOST_OCTAVES = VO_SPECTRAL_MOST_OCTAVES


cdef class SpectralStream(Framer):
    """Samples in, one row for each frame that they complete out."""

    cdef vo_spectral *spectral

    def __cinit__(
        self, const float[::1] window not None, hop, bint center, rate, double rolloff, octaves,
        double contrast_hz
    ):
        self.frame(window, hop, center)
        cdef vo_spectral_config config
        cdef Py_ssize_t i
        config.rate = <uint32_t>whole("rate", rate, 1, UINT32_MAX)
        config.n_fft = <uint32_t>window.shape[0]
        config.window_energy = 0
        for i in range(window.shape[0]):
            config.window_energy += <double>window[i] * window[i]
        config.rolloff = rolloff
        config.octaves = <uint32_t>whole("contrast_octaves", octaves, 0, UINT32_MAX)
        config.contrast_hz = contrast_hz
        check(
            vo_spectral_new(&self.spectral, &config, NULL),
            f"rolloff {rolloff}, {octaves} octaves of contrast above {contrast_hz} Hz at {rate} Hz",
            "rolloff within 0..1, octaves that end below half of the rate, a window that is not 0",
        )

    def __dealloc__(self):
        vo_spectral_free(self.spectral)

    def process(self, x):
        """Take samples, (n,) float32; return (frames, width) float32."""
        cdef uint32_t n
        cdef const float *first = frames_of(x, 1, BLOCK_IN, &n)
        return self.take(first, n, False)

    def silence(self, uint32_t n):
        """Take n samples of silence; return (frames, width) float32."""
        return self.take(NULL, n, False)

    def crossings(self, x, uint32_t silence):
        """Take samples, and silence behind them; return crossings per second, (frames,) float32."""
        cdef uint32_t n
        cdef const float *first = frames_of(x, 1, BLOCK_IN, &n)
        before, after = self.take(first, n, True), self.take(NULL, silence, True)
        return before[:, 0], after[:, 0]

    def reset(self):
        """Be as new."""
        enter(&self.busy)
        vo_framer_reset(self.framer)
        vo_spectral_reset(self.spectral)
        self.busy = False

    cdef cnp.ndarray take(self, const float *x, uint64_t n, bint crossings):
        enter(&self.busy)
        cdef cnp.ndarray out
        cdef float *rows
        try:
            out = rows_of(
                vo_framer_ready(self.framer, n),
                1 if crossings else vo_spectral_width(self.spectral),
            )
            rows = <float *>cnp.PyArray_DATA(out)
            with nogil:
                if crossings:
                    vo_spectral_crossings(self.spectral, self.framer, rows, x, n)
                else:
                    vo_spectral_process(self.spectral, self.framer, rows, x, n)
        finally:
            self.busy = False
        return out
