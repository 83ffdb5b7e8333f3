from libc.stdint cimport uint32_t

from vocana_dsp._native.libvocana cimport vo_tap, vo_tap_config


cdef vo_tap_config tap_config(uint32_t channels, tuple lengths, tuple breaker)


cdef class TapReader:
    cdef vo_tap *tap
    cdef readonly int channels


cdef class Tap(TapReader):
    pass
