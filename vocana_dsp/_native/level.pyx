"""vo_meter_level for a block, and which instruction set the kernels use."""

from libc.stdint cimport uint32_t

from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

cdef vo_meter *METER = NULL  # made once; nothing in it changes
check(vo_meter_new(&METER, NULL), "a meter")


def simd_name():
    """Return "scalar", "avx2", "avx512" or "neon"."""
    return vo_simd_name().decode()


def levels(const float[:, ::1] frames not None):
    """Return [(peak, rms)] of each channel, 0..1; see vocana_dsp.level.levels."""
    cdef vo_level level
    cdef Py_ssize_t channel
    found = []
    for channel in range(frames.shape[1]):
        level = vo_meter_level(
            METER,
            &frames[0, 0] if frames.shape[0] else NULL,
            <uint32_t>frames.shape[0],
            <uint32_t>frames.shape[1],
            <uint32_t>channel,
        )
        found.append((level.peak, level.rms))
    return found
