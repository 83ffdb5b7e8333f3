from vocana_dsp._native.libvocana cimport vo_capture, vo_tap


cdef class CaptureEngine:
    cdef vo_capture *ptr
    cdef vo_tap *tap
    cdef readonly int channels
    cdef bint leaked
