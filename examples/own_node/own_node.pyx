# cython: language_level=3
"""A node of one's own in a chain: `make` hands over a capsule, and the chain does the rest.

    python setup.py build_ext --inplace
    python -c "
    import numpy, vocana_dsp as vo, own_node
    chain = vo.Chain([own_node.RingModulator(30), vo.Gain(-3)])
    print(chain.process(numpy.ones(8, numpy.float32), rate=48_000))"
"""

from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_New
from libc.stdint cimport uint32_t

import vocana_dsp as vo


cdef extern from "modulator.h":
    ctypedef struct vo_node_ops:
        void (*free)(vo_node *node)

    ctypedef struct vo_node:
        const vo_node_ops *ops

    vo_node *modulator_new(uint32_t rate, uint32_t channels, double frequency_hz)


cdef void release(object capsule) noexcept:
    cdef vo_node *node = <vo_node *>PyCapsule_GetPointer(capsule, "vocana.vo_node")
    node.ops.free(node)


class RingModulator(vo.Node):
    """The sound times a sine of frequency_hz, which may be set at any time."""

    frequency_hz = vo.Param(0, 20_000, 440, below_nyquist=True)

    def __init__(self, frequency_hz=440.0):
        super().__init__(frequency_hz=frequency_hz)

    def make(self, rate, channels):
        """Return a capsule that owns the C object and frees it when nobody uses it any more."""
        cdef vo_node *node = modulator_new(rate, channels, self.frequency_hz)
        if node == NULL:
            raise MemoryError("a ring modulator")
        return PyCapsule_New(node, "vocana.vo_node", release)
