"""A vo_chain and the nodes that it runs."""

cimport numpy as cnp
from libc.stdint cimport uint32_t

from vocana_dsp._native.libvocana cimport vo_chain


cdef class NativeChain:
    cdef vo_chain *ptr
    cdef readonly tuple nodes  # keeps them alive
    cdef readonly uint32_t rate
    cdef readonly uint32_t channels
    cdef readonly uint32_t channels_out
    cdef readonly str user  # who runs it just now, None when nobody does

    cdef cnp.ndarray run(self, object block)
