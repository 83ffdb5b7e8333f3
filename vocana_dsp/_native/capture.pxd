from vocana_dsp._native.libvocana cimport vo_capture, vo_tap


cdef class CaptureEngine:
    cdef vo_capture *ptr
    cdef vo_tap *tap  # of the capture, or of the engine that works behind it
    cdef readonly int channels  # that come out of the tap
    cdef int device_channels
    cdef readonly bint leaked
