"""vo_stft and vo_istft: spectra of a stream and back, one channel."""

cimport numpy as cnp
from libc.stdint cimport uint32_t, uint64_t

from vocana_dsp._native.busy cimport enter
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

import numpy as np

cnp.import_array()

# Samples of a call below which the GIL is kept: about a microsecond of work.
cdef enum:
    SHORT = 4096


def overlap(const float[::1] window not None, uint32_t hop):
    """Return the least sum of squares at a hop by the greatest; see stft.h."""
    return vo_stft_overlap(&window[0], <uint32_t>window.shape[0], hop)


def least_overlap():
    """Return what `overlap` must be above for an inverse to exist."""
    return VO_STFT_LEAST_OVERLAP


cdef cnp.ndarray array_of(Py_ssize_t rows, Py_ssize_t columns, int kind):
    cdef cnp.npy_intp[2] shape = [rows, columns]
    return cnp.PyArray_SimpleNew(2, shape, kind)


cdef class Stft:
    """Samples in, whatever their number; the spectra out that they complete.

    window: n_fft factors; before: zeros that stand before the first sample. One thread at a time.
    """

    cdef vo_stft *ptr
    cdef readonly uint32_t bins
    cdef bint busy

    def __cinit__(self, const float[::1] window not None, uint32_t hop, uint32_t before):
        cdef uint32_t n_fft = <uint32_t>window.shape[0]
        cdef vo_stft_config config = [&window[0], n_fft, hop, before]
        check(vo_stft_new(&self.ptr, &config, NULL), f"an STFT of {n_fft} at a hop of {hop}")
        self.bins = n_fft // 2 + 1

    def __dealloc__(self):
        vo_stft_free(self.ptr)

    def process(self, const float[::1] x not None, Py_ssize_t after=0):
        """Return the frames that x and `after` zeros complete, (frames, bins) complex64."""
        cdef uint64_t n = <uint64_t>x.shape[0], zeros = <uint64_t>after
        cdef const float[::1] silence = np.zeros(after, np.float32) if after else None
        enter(&self.busy)
        try:
            return self.take(&x[0] if n else NULL, n, &silence[0] if zeros else NULL, zeros)
        finally:
            self.busy = False

    cdef cnp.ndarray take(
        self, const float *samples, uint64_t n, const float *silence, uint64_t zeros
    ):
        cdef uint64_t frames = vo_stft_ready(self.ptr, n + zeros)
        cdef cnp.ndarray out = array_of(<Py_ssize_t>frames, self.bins, cnp.NPY_COMPLEX64)
        cdef float *spectra = <float *>cnp.PyArray_DATA(out)
        if n < SHORT and not zeros:
            vo_stft_process(self.ptr, spectra, samples, n)
            return out
        with nogil:
            frames = vo_stft_process(self.ptr, spectra, samples, n)
            if zeros:
                spectra += 2 * frames * self.bins
                vo_stft_process(self.ptr, spectra, silence, zeros)
        return out

    def reset(self):
        """Start again, as new."""
        enter(&self.busy)
        vo_stft_reset(self.ptr)
        self.busy = False


cdef class Istft:
    """Spectra in, hop samples out for each. One thread at a time."""

    cdef vo_istft *ptr
    cdef readonly uint32_t n_fft, hop
    cdef bint busy

    def __cinit__(self, const float[::1] window not None, uint32_t hop):
        self.n_fft = <uint32_t>window.shape[0]
        self.hop = hop
        cdef vo_stft_config config = [&window[0], self.n_fft, hop, 0]
        what = f"an inverse STFT of {self.n_fft} at a hop of {hop}"
        check(vo_istft_new(&self.ptr, &config, NULL), what)

    def __dealloc__(self):
        vo_istft_free(self.ptr)

    def process(self, const float complex[:, ::1] spectra not None):
        """Return hop samples for each of the frames, (frames, bins), as (samples,) float32."""
        cdef uint64_t frames = <uint64_t>spectra.shape[0]
        cdef cnp.ndarray out = array_of(spectra.shape[0], self.hop, cnp.NPY_FLOAT32)
        cdef float *samples = <float *>cnp.PyArray_DATA(out)
        cdef const float *values = <const float *>&spectra[0, 0] if frames else NULL
        enter(&self.busy)
        if frames * self.n_fft < SHORT:
            vo_istft_process(self.ptr, samples, values, frames)
        else:
            with nogil:
                vo_istft_process(self.ptr, samples, values, frames)
        self.busy = False
        return out.reshape(-1)

    def rest(self):
        """Return the n_fft - hop samples that the frames so far have put after what came out."""
        cdef cnp.ndarray out = array_of(1, self.n_fft - self.hop, cnp.NPY_FLOAT32)
        enter(&self.busy)
        vo_istft_rest(self.ptr, <float *>cnp.PyArray_DATA(out))
        self.busy = False
        return out.reshape(-1)

    def reset(self):
        """Start again, as new."""
        vo_istft_reset(self.ptr)
