"""vo_onset: how strongly something begins."""

cimport numpy as cnp
from libc.stdint cimport UINT32_MAX, uint32_t

from vocana_dsp._native.block cimport BLOCK_IN, frames_of, whole
from vocana_dsp._native.busy cimport enter
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

cnp.import_array()


cdef class OnsetStream:
    """Samples in, one strength for each hop out."""

    cdef vo_onset *ptr
    cdef bint busy

    def __cinit__(
        self,
        const float[::1] window not None,
        hop,
        rate,
        bands,
        double f_min_hz,
        double f_max_hz,
        float range_db,
    ):
        cdef vo_mel_config bank
        bank.rate = <uint32_t>whole("rate", rate, 1, UINT32_MAX)
        bank.n_fft = <uint32_t>window.shape[0]
        bank.bands = <uint32_t>whole("n_mels", bands, 1, UINT32_MAX)
        bank.f_min_hz, bank.f_max_hz = f_min_hz, f_max_hz
        bank.scale, bank.log = VO_MEL_SLANEY, VO_MEL_DB
        bank.equal_area, bank.from_magnitude = True, False
        bank.floor = 0
        cdef uint32_t step = <uint32_t>whole("hop", hop, 1, UINT32_MAX)
        check(
            vo_onset_new(&self.ptr, &bank, step, range_db, &window[0], NULL),
            f"onsets with n_fft {bank.n_fft}, hop {hop}, {bands} bands to {f_max_hz} Hz",
            f"an even n_fft with no other factors than 2, 3 and 5, and f_max_hz <= {rate / 2}",
        )

    def __dealloc__(self):
        vo_onset_free(self.ptr)

    def process(self, x):
        """Take samples, (n,) float32; return (values,) float32."""
        cdef uint32_t n
        cdef const float *first = frames_of(x, 1, BLOCK_IN, &n)
        enter(&self.busy)
        cdef cnp.npy_intp[1] shape
        cdef cnp.ndarray out
        cdef float *values
        try:
            shape[0] = vo_onset_ready(self.ptr, n)
            out = cnp.PyArray_SimpleNew(1, shape, cnp.NPY_FLOAT32)
            values = <float *>cnp.PyArray_DATA(out)
            with nogil:
                vo_onset_process(self.ptr, values, first, n)
        finally:
            self.busy = False
        return out

    def reset(self):
        """Be as new."""
        enter(&self.busy)
        vo_onset_reset(self.ptr)
        self.busy = False
