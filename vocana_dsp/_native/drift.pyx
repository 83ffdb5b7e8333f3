"""vo_drift: a resampler whose ratio is steered while it runs."""

cimport cython
cimport numpy as cnp
from libc.stdint cimport uint32_t, uint64_t

from vocana_dsp._native.block cimport BLOCK_IN, frames_of
from vocana_dsp._native.busy cimport enter
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

cnp.import_array()

# Samples from which on other threads may run meanwhile: about a microsecond of work.
cdef enum:
    LONG = 128

LEAST_RATIO = VO_DRIFT_LEAST_RATIO
MOST_RATIO = VO_DRIFT_MOST_RATIO


cdef class Drift:
    """A steered resampler; see vocana_dsp.dsp.resampling."""

    cdef vo_drift *ptr
    cdef readonly uint32_t channels
    cdef bint busy

    def __cinit__(self, uint32_t channels):
        check(vo_drift_new(&self.ptr, channels, NULL), f"a drift of {channels} channels")
        self.channels = channels

    def __dealloc__(self):
        vo_drift_free(self.ptr)

    @property
    def latency_frames(self):
        """By how many frames of the input the output is late."""
        return VO_DRIFT_LATENCY_FRAMES

    def ratio_now(self):
        """Return the ratio that was set last."""
        return vo_drift_ratio(self.ptr)

    def steer(self, double ratio):
        """Set the ratio; raises ConfigError beyond the range."""
        check(vo_drift_set_ratio(self.ptr, ratio), f"a ratio of {ratio}")

    @cython.binding(False)
    @cython.always_allow_keywords(False)
    def process(self, block):
        """Return what the frames of block became, with as many axes as block.

        block: (n, channels) float32, C-contiguous; with one channel also (n,).
        Raises ConfigError when the block does not fit, TypeError when it is no array.
        """
        cdef uint32_t n
        cdef float *frames = frames_of(block, self.channels, BLOCK_IN, &n)
        cdef uint64_t room = vo_drift_max_output(n), made
        cdef cnp.npy_intp[2] shape = [<cnp.npy_intp>room, self.channels]
        cdef cnp.ndarray out = cnp.PyArray_SimpleNew(
            cnp.PyArray_NDIM(block), shape, cnp.NPY_FLOAT32
        )
        cdef float *to = <float *>cnp.PyArray_DATA(out)
        enter(&self.busy)
        if <uint64_t>n * self.channels < LONG:
            made = vo_drift_process(self.ptr, to, room, frames, n)
        else:
            with nogil:
                made = vo_drift_process(self.ptr, to, room, frames, n)
        self.busy = False
        return out[:made]

    def reset(self):
        """Forget what came before; what is set holds at once."""
        enter(&self.busy)
        vo_drift_reset(self.ptr)
        self.busy = False
