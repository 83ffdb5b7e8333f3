from vocana_dsp._native.libvocana cimport vo_status

cpdef int check(vo_status status, str what, str expected=*, str hint=*) except -1
