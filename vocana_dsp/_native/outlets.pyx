"""vo_outlets: where a stream goes, and who is attached there."""

cimport cython
from libc.stdint cimport int64_t, uint64_t

from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check
from vocana_dsp._native.tap cimport TapReader


@cython.no_gc_clear
cdef class Outlets:
    """Up to eight taps that one C thread feeds; `channels` None is for `of` alone.

    Whoever attaches a tap of its own keeps these, and the tap until `detach_tap` has returned True.
    """

    def __cinit__(self, channels=None):
        self.readers = []
        if channels is not None:
            check(vo_outlets_new(&self.ptr, channels, NULL), f"outlets of {channels} channels")

    @staticmethod
    cdef Outlets of(vo_outlets *ptr, object owner):
        cdef Outlets outlets = Outlets()
        outlets.ptr = ptr
        outlets.owner = owner
        return outlets

    def __dealloc__(self):
        if self.owner is None:
            vo_outlets_free(self.ptr)

    cdef attach_tap(self, vo_tap *tap):
        check(
            vo_outlets_attach(self.ptr, tap), "one more consumer of this stream",
            "8 consumers of as many channels as the stream has", "close another one first",
        )

    cdef bint detach_tap(self, vo_tap *tap, double timeout_s) except -1:
        cdef int64_t timeout_ns = <int64_t>(timeout_s * 1e9)
        cdef vo_status status
        with nogil:
            status = vo_outlets_detach(self.ptr, tap, timeout_ns)
        if status != VO_TIMED_OUT:
            check(status, "a consumer that is attached here")
        return status == VO_OK

    cdef uint64_t first_of(self, vo_tap *tap) noexcept:
        return vo_outlets_first(self.ptr, tap)

    def attach(self, TapReader reader not None):
        """Feed a reader too, from the next frame on; it is kept until it is detached."""
        self.attach_tap(reader.tap)
        self.readers.append(reader)

    def detach(self, TapReader reader not None, double timeout_s):
        """Feed it no more; False, and it is kept for ever, when the writing thread hangs in it."""
        if not self.detach_tap(reader.tap, timeout_s):
            return False
        self.readers.remove(reader)
        return True

    def end(self, bint lost):
        """Tell every reader that no frame will follow. Only when no C thread writes any more."""
        vo_outlets_tell(self.ptr, VO_EVENT_ENDED, vo_outlets_position(self.ptr), lost)
        vo_outlets_end(self.ptr)

    def first(self, TapReader reader not None):
        """Frame of the stream that is frame 0 of a reader; None before anything came for it."""
        cdef uint64_t first = self.first_of(reader.tap)
        return None if first == VO_OUTLETS_NOTHING else first

    @property
    def channels(self):
        """Samples of a frame."""
        return vo_outlets_channels(self.ptr)

    @property
    def position(self):
        """Frames of the stream so far, lost ones too."""
        return vo_outlets_position(self.ptr)

    @property
    def ended(self):
        """Whether no frame will follow."""
        return vo_outlets_ended(self.ptr)
