"""Nodes that are made of rows of sections or of taps."""

from libc.stdint cimport uint32_t

from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.node cimport NativeNode

MOST_SECTIONS = VO_SOS_MOST_SECTIONS
MOST_TAPS = VO_FIR_MOST_TAPS


def sos_node(uint32_t rate, uint32_t channels, const double[:, ::1] rows not None):
    """Return a cascade; rows of b0 b1 b2 a0 a1 a2."""
    if rows.shape[1] != 6 or not 1 <= rows.shape[0] <= VO_SOS_MOST_SECTIONS:
        raise ValueError(f"the shape is ({rows.shape[0]}, {rows.shape[1]})")
    cdef vo_format format = [rate, channels]
    cdef vo_node *node = NULL
    cdef vo_status status = vo_sos_node_new(
        &node, &format, <const double (*)[6]>&rows[0, 0], <uint32_t>rows.shape[0], NULL
    )
    return NativeNode.own(node, status, f"a cascade of {rows.shape[0]} sections")


def fir_node(uint32_t rate, uint32_t channels, const float[::1] taps not None):
    """Return a finite impulse response."""
    if not 1 <= taps.shape[0] <= VO_FIR_MOST_TAPS:
        raise ValueError(f"{taps.shape[0]} taps")
    cdef vo_format format = [rate, channels]
    cdef vo_node *node = NULL
    cdef vo_status status = vo_fir_node_new(
        &node, &format, &taps[0], <uint32_t>taps.shape[0], NULL
    )
    return NativeNode.own(node, status, f"an impulse response of {taps.shape[0]} taps")
