from libc.stdint cimport uint64_t

from vocana_dsp._native.libvocana cimport vo_outlets, vo_tap


cdef class Outlets:
    cdef vo_outlets *ptr
    cdef object owner  # of ptr, when these do not own it
    cdef list readers  # that are attached

    @staticmethod
    cdef Outlets of(vo_outlets *ptr, object owner)
    cdef attach_tap(self, vo_tap *tap)
    cdef bint detach_tap(self, vo_tap *tap, double timeout_s) except -1
    cdef uint64_t first_of(self, vo_tap *tap) noexcept
