"""vo_recorder: the thread that writes a stream to files."""

cimport cython
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memset

from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.outlets cimport Outlets
from vocana_dsp._native.status cimport check

import os

SUBTYPES = {"float32": VO_WAV_FLOAT32, "pcm24": VO_WAV_PCM24, "pcm16": VO_WAV_PCM16}
PLACES = ("main", "spool", "memory", "stopped")
STATES = ("open", "running", "ended")

cdef enum:
    PATH_BYTES = 4096  # of a path, with its end
    MEMORY_BYTES = 100 * 1000 * 1000  # of frames while no disk takes them


@cython.no_gc_clear
cdef class NativeRecorder:
    """A vo_recorder. Its thread never touches a Python object.

    OSError, with the number, when the first file cannot be made. Control methods are for one thread
    at a time, which has to see to it; what only tells is for any.
    """

    cdef vo_recorder *ptr
    cdef Outlets outlets  # where it is attached
    cdef bint leaked

    def __cinit__(
        self,
        bytes folder not None,
        bytes name not None,
        bytes spool,
        tuple format not None,
        uint64_t flush_ns,
        uint64_t segment_frames,
        uint64_t frames,
    ):
        cdef vo_recorder_config config
        cdef vo_status status
        cdef int error = 0
        memset(&config, 0, sizeof(config))
        config.record.folder = folder
        config.record.name = name
        config.record.format.rate = format[0]
        config.record.format.channels = format[1]
        config.record.format.subtype = <vo_wav_subtype><int>SUBTYPES[format[2]]
        if spool is not None:
            config.record.spool = spool
        config.record.flush_ns = flush_ns
        config.record.segment_frames = segment_frames
        config.record.memory_bytes = MEMORY_BYTES
        config.frames = frames
        with nogil:
            status = vo_recorder_new(&self.ptr, &config, &error, NULL)
        if error:
            raise OSError(-error, os.strerror(-error))
        check(status, f"a recording of {format[1]} channels at {format[0]} Hz")

    def __dealloc__(self):
        if self.ptr == NULL or self.leaked:
            return
        cdef vo_status status
        if not self.detach(1.0):
            return
        with nogil:
            status = vo_recorder_stop(self.ptr, 1000000000)
        if status == VO_OK:
            vo_recorder_free(self.ptr)

    def start(self, Outlets outlets not None):
        """Write what comes there from now on."""
        cdef vo_status status
        check(
            vo_recorder_attach(self.ptr, outlets.ptr), "one more consumer of this stream",
            "8 consumers of as many channels as the stream has", "close another one first",
        )
        self.outlets = outlets
        status = vo_recorder_start(self.ptr)
        if status != VO_OK:
            self.detach(1.0)
        check(status, "the thread of a recording")

    def detach(self, double timeout_s):
        """Nothing more comes: False, and it is kept for ever, when the stream's thread hangs."""
        cdef int64_t timeout_ns = <int64_t>(timeout_s * 1e9)
        cdef vo_status status
        with nogil:
            status = vo_recorder_detach(self.ptr, timeout_ns)
        if status != VO_OK:
            self.leaked = True
            return False
        self.outlets = None
        return True

    def wait(self, double timeout_s):
        """Sleep, without the GIL, until it has ended, a signal comes or time is up."""
        cdef int64_t timeout_ns = <int64_t>(timeout_s * 1e9)
        with nogil:
            vo_recorder_wait(self.ptr, timeout_ns)

    def stop(self, double timeout_s):
        """Write what is queued and close: whether that was done in time. Not before `detach`."""
        cdef int64_t timeout_ns = <int64_t>(timeout_s * 1e9)
        cdef vo_status status
        with nogil:
            status = vo_recorder_stop(self.ptr, timeout_ns)
        return status == VO_OK

    def leak(self):
        """Never free the C side: its thread hangs."""
        self.leaked = True

    def abandon(self):
        """In a forked child: let the file go, and touch nothing else."""
        vo_recorder_abandon(self.ptr)
        self.leaked = True
        self.outlets = None

    @property
    def state(self):
        """One of STATES."""
        return STATES[vo_recorder_state_now(self.ptr)]

    @property
    def thread(self):
        """Number of its thread for the system, 0 before it runs."""
        return vo_recorder_thread(self.ptr)

    def paths(self):
        """Return the paths of its files in their order, as bytes."""
        cdef char path[PATH_BYTES]
        cdef uint32_t index = 0
        found = []
        while vo_recorder_path(self.ptr, index, path, PATH_BYTES):
            found.append(<bytes>path)
            index += 1
        return found

    def events(self):
        """Take what its thread told: [(seq, frame, kind, value)]."""
        cdef vo_event batch[64]
        cdef uint32_t n = 64, i
        found = []
        while n == 64:
            n = vo_recorder_events(self.ptr, batch, 64)
            for i in range(n):
                kind = vo_event_text(batch[i].kind).decode()
                found.append((batch[i].seq, batch[i].frame, kind, batch[i].value))
        return found

    def stats(self):
        """Return one snapshot of plain numbers; times in ns, errno 0 for no failure."""
        cdef vo_record_stats s = vo_recorder_stats_now(self.ptr)
        return {
            "frames": s.frames,
            "frames_written": s.frames_written,
            "frames_durable": s.frames_durable,
            "frames_waiting": s.frames_waiting,
            "frames_gone": s.frames_gone,
            "gaps": s.gaps,
            "silence_frames": s.silence_frames,
            "dropped_frames": s.dropped_frames,
            "first_dropped": s.first_dropped if s.dropped_frames else None,
            "segments": s.files,
            "writes": s.writes,
            "bytes": s.bytes,
            "failures": s.failures,
            "errno": -s.error,
            "events_dropped": vo_recorder_events_dropped(self.ptr),
            "seconds_left": None if s.seconds_left == VO_RECORD_UNKNOWN else s.seconds_left,
            "place": PLACES[s.place],
            "write_ns": (s.write.p50_ns, s.write.p99_ns, s.write.max_ns),
            "sync_ns": (s.sync.p50_ns, s.sync.p99_ns, s.sync.max_ns),
        }
