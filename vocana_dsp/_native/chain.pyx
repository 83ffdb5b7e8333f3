"""vo_chain: nodes in a row over interleaved frames."""

cimport cython
cimport numpy as cnp
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.stdint cimport uint32_t

from vocana_dsp._native.block cimport BLOCK_IN, frames_of
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.node cimport NativeNode
from vocana_dsp._native.status cimport check

from vocana_dsp.errors import ConfigError

cnp.import_array()

cdef str CALL = "another call of process"

# Frames from which on a call is long enough to let other Python threads run.
cdef enum:
    LONG = 256


cdef class NativeChain:
    """A vo_chain over nodes that were made for it.

    One thread at a time may run it, and says so with `claim` and `release`; everything else may be
    called from any Python thread.
    """

    def __cinit__(self, tuple nodes not None, uint32_t rate, uint32_t channels):
        cdef vo_format format = [rate, channels]
        cdef vo_node **list = <vo_node **>PyMem_Malloc((len(nodes) + 1) * sizeof(vo_node *))
        cdef vo_status status
        cdef Py_ssize_t i
        if list == NULL:
            raise MemoryError
        try:
            for i in range(len(nodes)):
                list[i] = (<NativeNode?>nodes[i]).ptr
            status = vo_chain_new(&self.ptr, &format, list, <uint32_t>len(nodes), NULL)
        finally:
            PyMem_Free(list)
        check(status, f"a chain of {len(nodes)} nodes for {channels} channels at {rate} Hz")
        self.nodes = nodes
        self.rate = rate
        self.channels = channels
        self.channels_out = vo_chain_channels_out(self.ptr)

    def __dealloc__(self):
        vo_chain_free(self.ptr)

    def claim(self, str user not None):
        """Say who runs the chain from now on; ConfigError when somebody does already."""
        if self.user is not None:
            raise ConfigError(
                f"the chain is in use by {self.user}, expected one user at a time",
                code="in_use",
                hint="give each thread and each capture a chain of its own",
                retryable=True,
            )
        self.user = user

    def release(self):
        """Nobody runs the chain any more."""
        self.user = None

    @cython.binding(False)
    @cython.always_allow_keywords(False)
    def attempt(self, block, rate):
        """Return `process` of block, None when that does not take it or the rate is another."""
        if not cnp.PyArray_Check(block) or rate != self.rate:
            return None
        cdef cnp.ndarray array = <cnp.ndarray>block
        cdef int axes = cnp.PyArray_NDIM(array)
        if not (
            cnp.PyArray_TYPE(array) == cnp.NPY_FLOAT32
            and (cnp.PyArray_FLAGS(array) & BLOCK_IN) == BLOCK_IN
            and cnp.PyArray_ISNOTSWAPPED(array)
            and (
                (axes == 2 and cnp.PyArray_DIMS(array)[1] == self.channels)
                or (axes == 1 and self.channels == 1)
            )
        ):
            return None
        return self.run(block)

    def process(self, block not None):
        """Return the frames of block after all nodes as a new array.

        block: (n, channels) float32, C-contiguous, with one channel also (n,), and then (n,) comes
        out if one channel does.
        """
        return self.run(block)

    cdef cnp.ndarray run(self, object block):
        cdef uint32_t n
        cdef float *frames = frames_of(block, self.channels, BLOCK_IN, &n)
        cdef cnp.npy_intp[2] shape = [n, self.channels_out]
        cdef int axes = cnp.PyArray_NDIM(<cnp.ndarray>block) if self.channels_out == 1 else 2
        cdef cnp.ndarray out = cnp.PyArray_SimpleNew(axes, shape, cnp.NPY_FLOAT32)
        cdef float *processed = <float *>cnp.PyArray_DATA(out)
        if self.user is not None:
            self.claim(CALL)
        if n < LONG:
            vo_chain_process(self.ptr, processed, frames, n)
            return out
        self.user = CALL
        with nogil:
            vo_chain_process(self.ptr, processed, frames, n)
        self.user = None
        return out

    def reset(self, index=None):
        """A node by its index, or all, are as new from the next frame on."""
        vo_chain_reset(self.ptr, <uint32_t>len(self.nodes) if index is None else index)

    @property
    def latency_frames(self):
        """Frames by which all nodes together delay."""
        return vo_chain_latency(self.ptr)

    def set_bypass(self, uint32_t index, bint bypassed):
        """Bypass a node; ConfigError when it changes the number of channels."""
        check(
            vo_chain_set_bypass(self.ptr, index, bypassed), f"bypass of node {index}",
            "a node with as many channels out as in", "leave the node out of the chain",
        )

    def times(self, uint32_t stage):
        """Return (count, p50_ns, p99_ns, max_ns, faults) of a stage; see vo_chain_times."""
        cdef vo_stage_times it = vo_chain_times(self.ptr, stage)
        return it.count, it.p50_ns, it.p99_ns, it.max_ns, it.faults
