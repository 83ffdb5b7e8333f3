from vocana_dsp._native.libvocana cimport vo_capture
from vocana_dsp._native.tap cimport TapReader


cdef class CaptureEngine(TapReader):
    cdef vo_capture *ptr
    cdef readonly bint leaked
