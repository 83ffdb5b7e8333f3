"""What every stream of features stands on: a vo_framer, and one thread at a time."""

cimport numpy as cnp

from vocana_dsp._native.libvocana cimport vo_framer

cdef class Framer:
    cdef vo_framer *framer
    cdef bint busy

    cdef int frame(self, const float[::1] window, hop, bint center) except -1

cdef cnp.ndarray rows_of(cnp.npy_intp rows, cnp.npy_intp width)
