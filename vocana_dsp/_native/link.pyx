"""vo_link: a device's callbacks, handed from the process that has the device to this one."""

cimport cython
from libc.stdint cimport int64_t, uint32_t, uint64_t

from vocana_dsp._native.capture cimport CaptureEngine
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

cdef tuple STATES = ("idle", "running", "ended", "gone", "garbage", "stopped")


cdef dict as_dict(vo_link_stats stats):
    return {"packets": stats.packets, "frames": stats.frames, "lost": stats.lost}


cdef class LinkSender:
    """The end that has the device: queues its callbacks, and a thread writes them to a pipe."""

    cdef vo_link_sender *ptr
    cdef readonly int channels

    def __cinit__(self, int descriptor, uint32_t channels, uint64_t capacity_frames):
        self.channels = channels
        check(
            vo_link_sender_new(&self.ptr, descriptor, channels, capacity_frames, NULL),
            f"the sending end of a link for {capacity_frames} frames",
        )

    def __dealloc__(self):
        if self.ptr != NULL:
            vo_link_sender_stop(self.ptr, 0)
            vo_link_sender_free(self.ptr)

    @property
    def callback_address(self):
        """Address of the stream callback, with the prototype of a PaStreamCallback."""
        return <size_t><void *>vo_link_portaudio

    @property
    def user_address(self):
        """Address to hand to the stream callback as its user data."""
        return <size_t><void *>self.ptr

    def push(self, const float[:, ::1] frames not None, uint64_t lost=0, uint32_t flags=0):
        """Call the device's callback from this thread, for deterministic tests."""
        if frames.shape[1] != self.channels:
            raise ValueError(f"{frames.shape[1]} channels, expected {self.channels}")
        cdef const float *first = &frames[0, 0] if frames.shape[0] else NULL
        vo_link_send(self.ptr, first, <uint32_t>frames.shape[0], lost, flags)

    def start(self):
        """Start the thread that writes."""
        check(vo_link_sender_start(self.ptr), "the thread of a link")

    def stop(self, double deadline_s):
        """Send what is queued, then end: whether all of it was sent. No callback may run."""
        cdef int64_t timeout_ns = <int64_t>(deadline_s * 1e9)
        cdef vo_status status
        with nogil:
            status = vo_link_sender_stop(self.ptr, timeout_ns)
        return status == VO_OK

    @property
    def state(self):
        """One of "idle", "running", "ended", "gone" (the other end) and "stopped"."""
        return STATES[vo_link_sender_state(self.ptr)]

    def stats(self):
        """Packets that were queued, the frames in them, and those lost before them."""
        return as_dict(vo_link_sender_stats(self.ptr))


@cython.no_gc_clear
cdef class LinkReceiver:
    """The end that has the capture: a thread that calls it as the device called the other end."""

    cdef vo_link_receiver *ptr
    cdef CaptureEngine engine
    cdef bint abandoned

    def __cinit__(self, CaptureEngine engine not None, int descriptor):
        self.engine = engine
        check(
            vo_link_receiver_new(&self.ptr, descriptor, engine.channels, engine.ptr, NULL),
            "the receiving end of a link",
        )

    def __dealloc__(self):
        if self.ptr != NULL and not self.abandoned:
            vo_link_receiver_stop(self.ptr, 0)
            vo_link_receiver_free(self.ptr)

    def start(self):
        """Start the thread that reads."""
        check(vo_link_receiver_start(self.ptr), "the thread of a link")

    def stop(self, double deadline_s):
        """Wait for the other end to end, for so long; then end. The engine is not called after."""
        cdef int64_t timeout_ns = <int64_t>(deadline_s * 1e9)
        with nogil:
            vo_link_receiver_stop(self.ptr, timeout_ns)

    def abandon(self):
        """Leave it as it is for ever: in a forked child there is no thread to wait for."""
        self.abandoned = True
        self.engine.leaked = True

    @property
    def state(self):
        """One of "idle", "running", "ended", "gone" (the other end), "garbage" and "stopped"."""
        return STATES[vo_link_receiver_state(self.ptr)]

    def stats(self):
        """Packets that came, the frames in them, and those lost before them."""
        return as_dict(vo_link_receiver_stats(self.ptr))
