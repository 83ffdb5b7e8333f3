"""vo_mel: banks of triangular filters, and a stream through one."""

cimport numpy as cnp
from libc.stdint cimport UINT32_MAX, uint32_t, uint64_t

from vocana_dsp._native.block cimport BLOCK_IN, frames_of, whole
from vocana_dsp._native.busy cimport enter
from vocana_dsp._native.framer cimport Framer, rows_of
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

cnp.import_array()

cdef dict SCALES = {"slaney": VO_MEL_SLANEY, "htk": VO_MEL_HTK}
cdef dict LOGS = {
    None: VO_MEL_LINEAR, "db": VO_MEL_DB, "log10": VO_MEL_LOG10, "ln": VO_MEL_LN
}


cdef vo_mel_config config_of(
    rate, n_fft, bands, double f_min_hz, double f_max_hz, str scale, bint equal_area,
    bint from_magnitude, log, float floor
) except *:
    """Return a bank's config; whoever calls has checked the names."""
    cdef vo_mel_config config
    config.rate = <uint32_t>whole("rate", rate, 1, UINT32_MAX)
    config.n_fft = <uint32_t>whole("n_fft", n_fft, 2, UINT32_MAX)
    config.bands = <uint32_t>whole("n_mels", bands, 1, UINT32_MAX)
    config.f_min_hz, config.f_max_hz = f_min_hz, f_max_hz
    config.scale = SCALES[scale]
    config.equal_area, config.from_magnitude = equal_area, from_magnitude
    config.log, config.floor = LOGS[log], floor
    return config


cdef vo_mel *bank_of(vo_mel_config config) except NULL:
    cdef vo_mel *mel = NULL
    check(
        vo_mel_new(&mel, &config, NULL),
        f"{config.bands} mel bands from {config.f_min_hz} to {config.f_max_hz} Hz",
        f"0 <= f_min_hz < f_max_hz <= {config.rate / 2} Hz and a floor of 1e-30 or more",
    )
    return mel


def weights(rate, n_fft, bands, f_min_hz, f_max_hz, scale, equal_area):
    """Return the filters of a bank, (bands, n_fft / 2 + 1) float32."""
    cdef vo_mel_config config = config_of(
        rate, n_fft, bands, f_min_hz, f_max_hz, scale, equal_area, False, None, 0
    )
    cdef vo_mel *mel = bank_of(config)
    cdef cnp.ndarray out
    try:
        out = rows_of(config.bands, config.n_fft // 2 + 1)
        vo_mel_weights(mel, <float *>cnp.PyArray_DATA(out))
    finally:
        vo_mel_free(mel)
    return out


cdef class MelStream(Framer):
    """Samples in, mel bands of the frames that they complete out."""

    cdef vo_mel *mel

    def __cinit__(
        self, const float[::1] window not None, hop, bint center, rate, bands, f_min_hz, f_max_hz,
        scale, equal_area, from_magnitude, log, floor
    ):
        self.frame(window, hop, center)
        cdef vo_mel_config config = config_of(
            rate, window.shape[0], bands, f_min_hz, f_max_hz, scale, equal_area, from_magnitude,
            log, floor
        )
        self.mel = bank_of(config)

    def __dealloc__(self):
        vo_mel_free(self.mel)

    def process(self, x, uint32_t silence=0):
        """Take samples, (n,) float32, and silence behind them; return (frames, bands) float32."""
        cdef uint32_t n
        cdef const float *first = frames_of(x, 1, BLOCK_IN, &n)
        return self.take(first, n, silence)

    def silence(self, uint32_t n):
        """Take n samples of silence; return (frames, bands) float32."""
        return self.take(NULL, 0, n)

    def reset(self):
        """Be as new."""
        enter(&self.busy)
        vo_framer_reset(self.framer)
        self.busy = False

    cdef cnp.ndarray take(self, const float *x, uint64_t n, uint64_t silence):
        enter(&self.busy)
        cdef cnp.ndarray out
        cdef float *rows
        cdef uint32_t bands = vo_mel_bands(self.mel)
        try:
            out = rows_of(vo_framer_ready(self.framer, n + silence), bands)
            rows = <float *>cnp.PyArray_DATA(out)
            with nogil:
                rows += vo_mel_process(self.mel, self.framer, rows, x, n) * bands
                vo_mel_process(self.mel, self.framer, rows, NULL, silence)
        finally:
            self.busy = False
        return out
