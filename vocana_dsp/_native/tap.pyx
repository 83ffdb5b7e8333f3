"""vo_tap: the end of a stream from which one Python thread reads."""

from libc.stdint cimport int64_t, uint32_t, uint64_t

from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

cdef tuple BREAKER_STATES = ("closed", "open", "half_open")


cdef vo_tap_config tap_config(uint32_t channels, tuple lengths, tuple breaker):
    cdef vo_tap_config config
    config.channels = channels
    config.capacity_frames = lengths[0]
    config.policy = <vo_overflow_policy><int>lengths[1]
    config.target_frames = lengths[2]
    config.high_water_frames = lengths[3]
    config.fade_frames = lengths[4]
    config.align_frames = lengths[5]
    config.events = lengths[6]
    config.breaker.trips_after = breaker[0]
    config.breaker.rest_frames = breaker[1]
    config.breaker.max_rest_frames = breaker[2]
    return config


cdef class TapReader:
    """The consumer's side of a tap. All numbers are frames.

    Every method is safe from any Python thread, because it holds the GIL; `wait` gives it up while
    it sleeps.
    """

    @property
    def capacity(self):
        """Frames that can be queued."""
        return vo_tap_capacity(self.tap)

    @property
    def ended(self):
        """Whether the source has ended; queued frames can still be read."""
        return vo_tap_ended(self.tap)

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

    def stats(self):
        """Return one snapshot of plain numbers."""
        cdef vo_tap_stats s = vo_tap_stats_now(self.tap)
        return {
            "captured": s.captured,
            "delivered": s.delivered,
            "dropped": s.dropped,
            "queued": s.queued,
            "overflows": s.overflows,
            "breaker_state": BREAKER_STATES[s.breaker],
            "breaker_trips": s.trips,
            "events_dropped": vo_events_dropped(vo_tap_events(self.tap)),
        }


cdef class Tap(TapReader):
    """A tap by itself, to be attached to outlets. lengths: capacity to events, see `tap_config`."""

    def __cinit__(self, uint32_t channels, tuple lengths not None, tuple breaker not None):
        cdef vo_tap_config config = tap_config(channels, lengths, breaker)
        check(vo_tap_new(&self.tap, &config, NULL), f"a ring of {lengths[0]} frames")
        self.channels = channels

    def __dealloc__(self):
        vo_tap_free(self.tap)
