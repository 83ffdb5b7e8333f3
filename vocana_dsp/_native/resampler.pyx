"""vo_resampler: another sample rate, streaming."""

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
    LONG = 512


cdef class Resampler:
    """A resampler of one format; see vocana_dsp.dsp.resampling."""

    cdef vo_resampler *ptr
    cdef readonly uint32_t from_rate, to_rate, channels
    cdef readonly uint32_t latency_frames
    cdef readonly double passband_hz
    cdef bint busy

    def __cinit__(self, uint32_t from_rate, uint32_t to_rate, uint32_t channels, int quality):
        cdef vo_status status = vo_resampler_new(
            &self.ptr, from_rate, to_rate, channels, <vo_resampler_quality>quality, NULL
        )
        check(status, f"a resampler from {from_rate} to {to_rate} Hz with {channels} channels")
        self.from_rate = from_rate
        self.to_rate = to_rate
        self.channels = channels
        self.latency_frames = vo_resampler_latency(self.ptr)
        self.passband_hz = vo_resampler_passband_hz(self.ptr)

    def __dealloc__(self):
        vo_resampler_free(self.ptr)

    cdef cnp.ndarray room_for(self, uint64_t frames, int axes):
        cdef cnp.npy_intp[2] shape = [<cnp.npy_intp>frames, self.channels]
        return cnp.PyArray_SimpleNew(axes, shape, cnp.NPY_FLOAT32)

    @cython.binding(False)
    @cython.always_allow_keywords(False)
    def process(self, block):
        """Return what the frames of block became, with as many axes as block.

        block: (n, channels) float32, C-contiguous; with one channel also (n,).
        Raises ConfigError when the block does not fit, TypeError when it is no array.
        """
        cdef uint32_t n
        cdef float *frames = frames_of(block, self.channels, BLOCK_IN, &n)
        enter(&self.busy)
        try:
            return self.take(frames, n, cnp.PyArray_NDIM(block))
        finally:
            self.busy = False

    cdef cnp.ndarray take(self, const float *frames, uint32_t n, int axes):
        cdef uint64_t room = vo_resampler_output(self.ptr, n)
        cdef cnp.ndarray out = self.room_for(room, axes)
        cdef float *to = <float *>cnp.PyArray_DATA(out)
        if <uint64_t>n * self.channels < LONG:
            vo_resampler_process(self.ptr, to, room, frames, n)
        else:
            with nogil:
                vo_resampler_process(self.ptr, to, room, frames, n)
        return out

    def flush(self):
        """Return the `latency_frames` frames that are still inside, as if silence followed.

        The resampler is as new then. (n, channels) float32, or (n,) with one channel.
        """
        cdef uint64_t room = self.latency_frames
        cdef cnp.ndarray out = self.room_for(room, 1 if self.channels == 1 else 2)
        enter(&self.busy)
        vo_resampler_flush(self.ptr, <float *>cnp.PyArray_DATA(out), room)
        self.busy = False
        return out

    def reset(self):
        """Forget what came before: the next frame is the first."""
        enter(&self.busy)
        vo_resampler_reset(self.ptr)
        self.busy = False


def resample(const float[:, ::1] frames not None, Resampler resampler not None):
    """Return frames as a new resampler makes them, without its latency; any thread."""
    cdef uint64_t n = <uint64_t>frames.shape[0], latency = resampler.latency_frames
    cdef uint64_t made = vo_resampler_output(resampler.ptr, n), left = made + latency
    cdef cnp.ndarray out = resampler.room_for(left, 2)
    cdef float *to = <float *>cnp.PyArray_DATA(out)
    if n:
        with nogil:
            vo_resampler_process(resampler.ptr, to, left, &frames[0, 0], n)
            vo_resampler_flush(resampler.ptr, to + made * resampler.channels, latency)
    return out[latency:]
