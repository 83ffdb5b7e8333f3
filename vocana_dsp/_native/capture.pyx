"""vo_capture with its tap: what a device's callback feeds and a Python thread may read."""

from libc.stdint cimport uint32_t, uint64_t

from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.outlets cimport Outlets
from vocana_dsp._native.status cimport check
from vocana_dsp._native.tap cimport TapReader, tap_config


cdef class CaptureEngine(TapReader):
    """A device's end and its first consumer's end, with the ring between them.

    `push` and `end` belong to the device's side.
    """

    def __cinit__(
        self, uint32_t channels, uint64_t capacity, int policy, uint64_t target,
        uint64_t high_water, uint32_t fade, uint32_t align, uint32_t events, tuple breaker,
        tuple inputs,
    ):
        cdef vo_capture_config config
        config.tap = tap_config(
            channels, (capacity, policy, target, high_water, fade, align, events), breaker
        )
        config.input.nonfinite = <vo_input_action><int>inputs[0]
        config.input.denormal = <vo_input_action><int>inputs[1]
        config.input.over = <vo_input_action><int>inputs[2]
        config.input.limit = inputs[3]
        check(vo_capture_new(&self.ptr, &config, NULL), f"a capture ring of {capacity} frames")
        self.tap = vo_capture_tap(self.ptr)
        self.channels = channels

    def __dealloc__(self):
        if not self.leaked:
            vo_capture_free(self.ptr)

    def leak(self):
        """Never free the C side: a device that hangs may still call it."""
        self.leaked = True

    @property
    def callback_address(self):
        """Address of the stream callback, with the prototype of a PaStreamCallback."""
        return <size_t><void *>vo_capture_portaudio

    @property
    def user_address(self):
        """Address to hand to the stream callback as its user data."""
        return <size_t><void *>self.ptr

    def push(self, const float[:, ::1] frames not None, uint64_t lost=0, uint32_t flags=0):
        """Call the device's callback from this thread, for deterministic tests."""
        if frames.shape[1] != self.channels:
            raise ValueError(f"{frames.shape[1]} channels, expected {self.channels}")
        cdef const float *first = &frames[0, 0] if frames.shape[0] else NULL
        vo_capture_process(self.ptr, first, <uint32_t>frames.shape[0], lost, flags)

    def end(self, bint lost=False):
        """No frame will follow. Only when no callback can run any more."""
        if not vo_tap_ended(self.tap):
            vo_capture_end(self.ptr, lost)

    @property
    def outlets(self):
        """What the device's callback feeds: this, and whatever is attached there."""
        return Outlets.of(vo_capture_outlets(self.ptr), self)

    def last_callback(self):
        """Of the last callback: monotonic clock in ns, frames, native id of its thread; or 0s."""
        cdef vo_last_callback last = vo_capture_last(self.ptr)
        return last.ns, last.frames, last.thread

    @property
    def silent_frames(self):
        """Frames of nothing but zeros with which what came so far ends."""
        return vo_capture_last(self.ptr).silent

    def counts(self):
        """Return what the device's callback counts, in one snapshot of plain numbers.

        When it is read after `stats`, it is of every frame that these tell of.
        """
        cdef vo_capture_stats s = vo_capture_stats_now(self.ptr)
        cdef int c
        by_channel = tuple(
            [vo_capture_channel_nonfinite(self.ptr, c) for c in range(self.channels)]
        )
        return {
            "xruns": s.xruns,
            "callbacks": s.callbacks,
            "callback_us": (s.p50_ns / 1e3, s.p99_ns / 1e3, s.max_ns / 1e3),
            "block": s.block,
            "input": (s.nan, s.infinite, s.denormal, s.over, s.rejected, s.silent, by_channel),
        }
