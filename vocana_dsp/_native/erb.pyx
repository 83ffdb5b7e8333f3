"""vo_erb: bands as wide as the ear's filters."""

cimport numpy as cnp
from libc.stdint cimport UINT32_MAX, uint32_t

from vocana_dsp._native.block cimport whole
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

cnp.import_array()


def width_hz(double hz):
    """Return the equivalent rectangular bandwidth around a frequency."""
    return vo_erb_width_hz(hz)


def widths(bands, rate, n_fft, least):
    """Return how many bins each band has, (bands,) uint32, n_fft / 2 + 1 in all."""
    cdef uint32_t count = <uint32_t>whole("bands", bands, 1, UINT32_MAX)
    cdef uint32_t size = <uint32_t>whole("n_fft", n_fft, 2, UINT32_MAX)
    cdef vo_status status = VO_BAD_ARG
    cdef cnp.npy_intp[1] shape = [count]
    cdef cnp.ndarray out = None
    if count <= size // 2 + 1:
        out = cnp.PyArray_SimpleNew(1, shape, cnp.NPY_UINT32)
        status = vo_erb_widths(
            <uint32_t *>cnp.PyArray_DATA(out), count,
            <uint32_t>whole("rate", rate, 1, UINT32_MAX), size,
            <uint32_t>whole("least_bins", least, 1, UINT32_MAX),
        )
    check(
        status, f"{bands} bands of {least} bins or more from n_fft {n_fft}",
        f"no more than there are in {size // 2 + 1} bins", "pass fewer bands, or a larger n_fft"
    )
    return out
