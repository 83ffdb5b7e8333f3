"""vo_window: windows by name."""

cimport numpy as cnp
from libc.stdint cimport UINT32_MAX, uint32_t

from vocana_dsp._native.block cimport whole
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

cnp.import_array()


def names():
    """Return the names of all windows."""
    found = []
    while vo_window_name(<uint32_t>len(found)) != NULL:
        found.append(vo_window_name(<uint32_t>len(found)).decode())
    return tuple(found)


def window(str name not None, n):
    """Return one period of n as (n,) float32."""
    cdef vo_window kind
    cdef uint32_t count = <uint32_t>whole("n", n, 1, UINT32_MAX)
    check(vo_window_named(&kind, name.encode()), f"window {name!r}")
    cdef cnp.npy_intp[1] shape = [count]
    cdef cnp.ndarray out = cnp.PyArray_SimpleNew(1, shape, cnp.NPY_FLOAT32)
    vo_window_fill(<float *>cnp.PyArray_DATA(out), count, kind)
    return out
