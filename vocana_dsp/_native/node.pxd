"""A vo_node that Python owns."""

from vocana_dsp._native.libvocana cimport vo_node, vo_status


cdef class NativeNode:
    cdef vo_node *ptr
    cdef object capsule  # that owns ptr; None when this object does
    cdef readonly tuple params

    @staticmethod
    cdef NativeNode own(vo_node *node, vo_status status, str what)
