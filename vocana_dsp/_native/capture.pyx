"""vo_capture with its tap: what a device's callback feeds and a Python thread reads."""

from libc.stdint cimport int64_t, uint32_t, uint64_t

from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

cdef tuple BREAKER_STATES = ("closed", "open", "half_open")


cdef class CaptureEngine:
    """A device's end and one consumer's end, with the ring between them.

    All numbers are frames. Every method but `push` and `end` belongs to the consumer's side and is
    safe from any Python thread, because it holds the GIL; `wait` gives it up while it sleeps.
    """

    def __cinit__(
        self, uint32_t channels, uint64_t capacity, int policy, uint64_t target,
        uint64_t high_water, uint32_t fade, uint32_t align, uint32_t events, tuple breaker,
        tuple inputs,
    ):
        cdef vo_capture_config config
        config.tap.channels = channels
        config.tap.capacity_frames = capacity
        config.tap.policy = <vo_overflow_policy>policy
        config.tap.target_frames = target
        config.tap.high_water_frames = high_water
        config.tap.fade_frames = fade
        config.tap.align_frames = align
        config.tap.events = events
        config.tap.breaker.trips_after = breaker[0]
        config.tap.breaker.rest_frames = breaker[1]
        config.tap.breaker.max_rest_frames = breaker[2]
        config.input.nonfinite = <vo_input_action><int>inputs[0]
        config.input.denormal = <vo_input_action><int>inputs[1]
        config.input.over = <vo_input_action><int>inputs[2]
        config.input.limit = inputs[3]
        check(vo_capture_new(&self.ptr, &config, NULL), f"a capture ring of {capacity} frames")
        self.tap = vo_capture_tap(self.ptr)
        self.channels = self.device_channels = channels

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
        if frames.shape[1] != self.device_channels:
            raise ValueError(f"{frames.shape[1]} channels, expected {self.device_channels}")
        cdef const float *first = &frames[0, 0] if frames.shape[0] else NULL
        vo_capture_process(self.ptr, first, <uint32_t>frames.shape[0], lost, flags)

    def end(self, bint lost=False):
        """No frame will follow. Only when no callback can run any more."""
        if not vo_tap_ended(vo_capture_tap(self.ptr)):
            vo_capture_end(self.ptr, lost)

    @property
    def capacity(self):
        """Frames that can be queued."""
        return vo_tap_capacity(self.tap)

    @property
    def ended(self):
        """Whether the source has ended; queued frames can still be read."""
        return vo_tap_ended(self.tap)

    @property
    def source_ended(self):
        """Whether the device's side has ended; what it gave may still be on its way."""
        return vo_tap_ended(vo_capture_tap(self.ptr))

    @property
    def relayed(self):
        """Whether an engine's thread stands between the device and the reader."""
        return self.tap != vo_capture_tap(self.ptr)

    def read_into(self, float[:, ::1] out not None):
        """Read up to len(out) frames, never across a gap: (frames, frame, gap, cause, skipped)."""
        if out.shape[1] != self.channels:
            raise ValueError(f"{out.shape[1]} channels, expected {self.channels}")
        cdef uint32_t n = <uint32_t>min(out.shape[0], <Py_ssize_t>0x7FFFFFFF)
        cdef vo_tap_block block = vo_tap_read(self.tap, &out[0, 0] if n else NULL, n)
        cause = vo_cause_text(block.cause).decode() if block.gap else None
        return block.frames, block.frame, block.gap, cause, block.skipped

    def read_on_into(self, float[:, ::1] out not None):
        """Read up to len(out) frames that directly follow the last ones: how many; never skips."""
        if out.shape[1] != self.channels:
            raise ValueError(f"{out.shape[1]} channels, expected {self.channels}")
        cdef uint32_t n = <uint32_t>min(out.shape[0], <Py_ssize_t>0x7FFFFFFF)
        return vo_tap_read_on(self.tap, &out[0, 0] if n else NULL, n)

    @property
    def gap_is_next(self):
        """Whether the next frame comes after a loss."""
        return vo_tap_at_gap(self.tap)

    def wait(self, uint64_t n, double timeout_s):
        """Sleep, without the GIL, until n frames are queued or the source ends: whether so."""
        cdef int64_t timeout_ns = <int64_t>(timeout_s * 1e9)
        cdef vo_status status
        if vo_tap_ready(self.tap, n):
            return True
        if timeout_ns <= 0:
            return False
        with nogil:
            status = vo_tap_wait(self.tap, n, timeout_ns)
        return status == VO_OK

    def arm(self, uint64_t n):
        """Ask for `descriptor` to become readable when n frames are queued; True if they are."""
        return vo_tap_arm(self.tap, n)

    def disarm(self):
        """Take back what `arm` asked for."""
        vo_tap_disarm(self.tap)

    def wake(self):
        """Wake whoever waits."""
        vo_tap_wake(self.tap)

    @property
    def descriptor(self):
        """File descriptor for event loops."""
        return vo_tap_descriptor(self.tap)

    def gaps(self):
        """Losses that no read has met yet: [(frame, frames, cause)], the open one last."""
        cdef vo_gap gap
        cdef uint32_t ahead = 0
        found = []
        # The open gap first: when it ends meanwhile it is in the ledger too, and is told once.
        cdef vo_gap still_open = vo_tap_stats_now(self.tap).open_gap
        while vo_tap_next_gap(self.tap, ahead, &gap):
            if not still_open.frames or gap.frame < still_open.frame:
                found.append((gap.frame, gap.frames, vo_cause_text(gap.cause).decode()))
            ahead += 1
        if still_open.frames:
            cause = vo_cause_text(still_open.cause).decode()
            found.append((still_open.frame, still_open.frames, cause))
        return found

    def events(self):
        """Take what the device's thread told: ([(seq, frame, kind, value)], dropped)."""
        cdef vo_event batch[64]
        cdef uint32_t n, i
        found = []
        while True:
            n = vo_events_pop(vo_tap_events(self.tap), batch, 64)
            for i in range(n):
                kind = vo_event_text(batch[i].kind).decode()
                found.append((batch[i].seq, batch[i].frame, kind, batch[i].value))
            if n < 64:
                return found, vo_events_dropped(vo_tap_events(self.tap))

    def last_callback(self):
        """Of the last callback: monotonic clock in ns, frames, native id of its thread; or 0s."""
        cdef vo_last_callback last = vo_capture_last(self.ptr)
        return last.ns, last.frames, last.thread

    def stats(self):
        """Return one snapshot of plain numbers."""
        # The tap first: what the capture counts is then of every frame that the tap tells of.
        cdef vo_tap_stats tap = vo_tap_stats_now(self.tap)
        cdef vo_capture_stats s = vo_capture_stats_now(self.ptr)
        cdef int c
        by_channel = tuple(
            [vo_capture_channel_nonfinite(self.ptr, c) for c in range(self.device_channels)]
        )
        return {
            "captured": tap.captured,
            "delivered": tap.delivered,
            "dropped": tap.dropped,
            "queued": tap.queued,
            "overflows": tap.overflows,
            "xruns": s.xruns,
            "breaker_state": BREAKER_STATES[tap.breaker],
            "breaker_trips": tap.trips,
            "callbacks": s.callbacks,
            "callback_us": (s.p50_ns / 1e3, s.p99_ns / 1e3, s.max_ns / 1e3),
            "block": s.block,
            "events_dropped": vo_events_dropped(vo_tap_events(self.tap)),
            "input": (s.nan, s.infinite, s.denormal, s.over, s.rejected, s.silent, by_channel),
        }
