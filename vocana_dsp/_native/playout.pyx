"""vo_playout: the end of a consumer with a clock of its own."""

cimport numpy as cnp
from libc.stdint cimport UINT32_MAX, uint32_t, uint64_t

from vocana_dsp._native.block cimport BLOCK_IN, BLOCK_OUT, frames_of
from vocana_dsp._native.busy cimport enter
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.outlets cimport Outlets
from vocana_dsp._native.status cimport check

cnp.import_array()

LATENCY_FRAMES = VO_DRIFT_LATENCY_FRAMES


cdef class Playout:
    """A playout; see vocana_dsp.capture.playout. All numbers are frames.

    It is fed by the outlets that it is attached to, or by hand with `write`, `lose` and `end`, on
    one thread. `pull_into` belongs to the consumer's thread.
    """

    cdef vo_playout *ptr
    cdef readonly uint32_t channels
    cdef readonly uint32_t rate
    cdef Outlets outlets  # that feed it
    cdef bint pulling, writing

    def __cinit__(self, dict config not None):
        cdef vo_playout_config c = config
        check(vo_playout_new(&self.ptr, &c, NULL), f"a playout of {c.channels} channels")
        self.channels = c.channels
        self.rate = c.rate

    def __dealloc__(self):
        vo_playout_free(self.ptr)

    # --- Control thread ---------------------------------------------------------------------------

    def attach(self, Outlets outlets not None):
        """Be fed by these from their next frame on, until `detach`; once."""
        outlets.attach_tap(vo_playout_tap(self.ptr))
        outlets.readers.append(self)  # it must outlive the thread that writes to it
        self.outlets = outlets

    def detach(self, double timeout_s):
        """Be fed no more; False, and kept for ever, when the writing thread hangs in it."""
        if self.outlets is None:
            return True
        if not self.outlets.detach_tap(vo_playout_tap(self.ptr), timeout_s):
            return False
        self.outlets.readers.remove(self)
        self.outlets = None
        return True

    # --- The source's thread ----------------------------------------------------------------------

    def write(self, block):
        """Queue a block: (n, channels) float32, C-contiguous. What does not fit is lost."""
        cdef uint32_t n
        cdef float *frames = frames_of(block, self.channels, BLOCK_IN, &n)
        enter(&self.writing)
        vo_tap_write(vo_playout_tap(self.ptr), frames, n)
        self.writing = False

    def lose(self, uint64_t frames):
        """Let that many frames of the timeline never come, as a device that lost them."""
        enter(&self.writing)
        vo_tap_lose(vo_playout_tap(self.ptr), frames, VO_CAUSE_DEVICE)
        self.writing = False

    def end(self):
        """No frame will follow."""
        enter(&self.writing)
        vo_tap_end(vo_playout_tap(self.ptr))
        self.writing = False

    # --- The consumer's thread --------------------------------------------------------------------

    def pull_into(self, out, uint64_t since):
        """Fill out, (n, channels) float32; `since` frames of time after the last write.

        Returns (frame, played, concealed, silent, skipped). The GIL is kept: a callback that gave
        it up would wait for whoever took it, far longer than this takes.
        """
        cdef uint32_t n
        cdef float *frames = frames_of(out, self.channels, BLOCK_OUT, &n)
        enter(&self.pulling)
        cdef vo_playout_block b = vo_playout_pull(
            self.ptr, frames, n, <uint32_t>min(since, <uint64_t>UINT32_MAX)
        )
        self.pulling = False
        return b.frame, b.played, b.concealed, b.silent, b.skipped

    # --- Any thread -------------------------------------------------------------------------------

    def stats(self):
        """Return one snapshot, as a dict by the names of vo_playout_stats."""
        return vo_playout_stats_now(self.ptr)

    @property
    def first(self):
        """Frame of the outlets' stream that is frame 0 here; 0 before anything came for it."""
        cdef uint64_t first = VO_OUTLETS_NOTHING
        if self.outlets is not None:
            first = self.outlets.first_of(vo_playout_tap(self.ptr))
        return 0 if first == VO_OUTLETS_NOTHING else first

    def account(self):
        """Return (captured, delivered, dropped, queued) of the tap."""
        cdef vo_tap_stats s = vo_tap_stats_now(vo_playout_tap(self.ptr))
        return s.captured, s.delivered, s.dropped, s.queued
