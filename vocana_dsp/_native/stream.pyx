"""vo_stream: what PortAudio calls for a stream, and whether that has come to its end."""

from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check


cdef class StreamCalls:
    """A callback with its user data, behind one address. It has to live as long as the stream."""

    cdef vo_stream *ptr

    def __cinit__(self, size_t callback_address, size_t user_address):
        check(
            vo_stream_new(
                &self.ptr, <vo_stream_callback><void *>callback_address, <void *>user_address, NULL
            ),
            "the callback of a stream",
        )

    def __dealloc__(self):
        vo_stream_free(self.ptr)

    @property
    def callback_address(self):
        """Address of the stream callback, with the prototype of a PaStreamCallback."""
        return <size_t><void *>vo_stream_call

    @property
    def finished_address(self):
        """Address of the finished callback, with the prototype of a PaStreamFinishedCallback."""
        return <size_t><void *>vo_stream_finish

    @property
    def user_address(self):
        """Address to hand to both as user data."""
        return <size_t><void *>self.ptr

    @property
    def finished(self):
        """Whether PortAudio has said that no call follows."""
        return vo_stream_finished(self.ptr)
