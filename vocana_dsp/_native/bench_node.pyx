"""A node called again and again in C, as a chain calls it, for timing."""

from libc.stdint cimport uint32_t
from libc.string cimport memcpy

from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.node cimport NativeNode

import numpy as np


def run(NativeNode node not None, const float[:, ::1] rows not None, uint32_t calls):
    """Process the same block `calls` times, one row a channel, and return what came out last.

    Each call copies the block first. Rows are at most VO_NODE_MAX_FRAMES long.
    """
    cdef uint32_t channels = node.ptr.channels, n = <uint32_t>rows.shape[1], _call, c
    if rows.shape[0] != channels or node.ptr.channels_out > channels or n > VO_NODE_MAX_FRAMES:
        raise ValueError(f"the shape is ({rows.shape[0]}, {rows.shape[1]})")
    # Rows of a chain are aligned to cache lines.
    room = np.zeros(channels * VO_NODE_MAX_FRAMES + 16, np.float32)
    start = -(room.ctypes.data // 4) % 16
    cdef float[:, ::1] out = room[start : start + channels * VO_NODE_MAX_FRAMES].reshape(
        channels, VO_NODE_MAX_FRAMES
    )
    cdef float *x[VO_NODE_MAX_CHANNELS]
    for c in range(channels):
        x[c] = &out[c, 0]
    with nogil:
        for _call in range(calls):
            for c in range(channels):
                memcpy(x[c], &rows[c, 0], n * sizeof(float))
            node.ptr.ops.process(node.ptr, x, n)
    return np.asarray(out)[:, :n].copy()
