"""vo_framer: a stream cut into frames that overlap."""

cimport numpy as cnp
from libc.stdint cimport UINT32_MAX, uint32_t

from vocana_dsp._native.block cimport whole
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

cnp.import_array()


cdef class Framer:
    """The frames of a stream; what they become is up to the classes that stand on it."""

    def __dealloc__(self):
        vo_framer_free(self.framer)

    cdef int frame(self, const float[::1] window, hop, bint center) except -1:
        """Make the framer; frames are as long as the window."""
        cdef uint32_t n_fft = <uint32_t>window.shape[0]
        cdef vo_framer_config config = [
            &window[0],  # not read when there are none
            n_fft,
            <uint32_t>whole("hop", hop, 1, UINT32_MAX),
            n_fft // 2 if center else 0,
        ]
        return check(
            vo_framer_new(&self.framer, &config, NULL), f"frames of n_fft {n_fft}",
            "an even n_fft with no other factors than 2, 3 and 5", "pass n_fft=2048, or 400, or 960"
        )


cdef cnp.ndarray rows_of(cnp.npy_intp rows, cnp.npy_intp width):
    """Return a new array (rows, width) float32, not filled."""
    cdef cnp.npy_intp[2] shape = [rows, width]
    return cnp.PyArray_SimpleNew(2, shape, cnp.NPY_FLOAT32)
