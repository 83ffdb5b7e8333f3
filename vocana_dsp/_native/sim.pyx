"""vo_sim: the simulated device's C thread, driving a CaptureEngine."""

cimport cython
cimport numpy as cnp
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from vocana_dsp._native.capture cimport CaptureEngine
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.status cimport check

import numpy as np

cnp.import_array()

FAULTS = {
    "jitter": VO_SIM_JITTER,
    "stall": VO_SIM_STALL,
    "unplug": VO_SIM_UNPLUG,
    "silence": VO_SIM_SILENCE,
    "drift": VO_SIM_DRIFT,
    "blocks": VO_SIM_BLOCKS,
}
PACES = {"realtime": VO_SIM_REALTIME, "lockstep": VO_SIM_LOCKSTEP, "flatout": VO_SIM_FLATOUT}
MAX_BLOCK_FRAMES = VO_SIM_MAX_BLOCK
MAX_BLOCK_SIZES = VO_SIM_BLOCK_SIZES


cdef union signal_state:
    uint32_t channels
    vo_sim_tone_config tone
    vo_sim_array array
    vo_sim_file file


@cython.no_gc_clear
cdef class Sim:
    """A thread that calls a capture as a sound card would. It never touches a Python object.

    signal is ("counter",), ("silence",), ("tone", hz, amplitude), ("array", (frames, channels)
    float32) or ("file", readf address, seek address, file address, frames, loop, owner).
    faults are (kind, frame, frames, amount, sizes), sorted by frame.
    """

    cdef vo_sim *ptr
    cdef signal_state signal
    cdef CaptureEngine engine
    cdef object owner
    cdef bint abandoned

    def __cinit__(
        self,
        CaptureEngine engine not None,
        uint32_t rate,
        uint32_t block_frames,
        uint64_t frames,
        str pace not None,
        uint64_t seed,
        tuple signal not None,
        list faults not None,
        uint64_t first=0,
        uint64_t lost=0,
    ):
        cdef vo_sim_config config
        cdef vo_sim_fault *list_ = NULL
        cdef Py_ssize_t i, k
        self.engine = engine
        config.rate = rate
        config.channels = engine.channels
        config.block_frames = block_frames
        config.first = first
        config.lost = lost
        config.frames = frames
        config.pace = <vo_sim_pace><int>PACES[pace]
        config.seed = seed
        config.fault_count = <uint32_t>len(faults)
        self.choose(&config.signal, signal, rate)
        list_ = <vo_sim_fault *>calloc(len(faults) + 1, sizeof(vo_sim_fault))
        if list_ == NULL:
            raise MemoryError
        try:
            for i, (kind, frame, length, amount, sizes) in enumerate(faults):
                list_[i].kind = <vo_sim_fault_kind><int>FAULTS[kind]
                list_[i].frame = frame
                list_[i].frames = length
                list_[i].amount = amount
                for k, size in enumerate(sizes):
                    list_[i].sizes[k] = size
            config.faults = list_
            check(vo_sim_new(&self.ptr, &config, engine.ptr, NULL), "a simulated device")
        finally:
            free(list_)

    cdef choose(self, vo_sim_signal *out, tuple signal, uint32_t rate):
        cdef const float[:, ::1] samples
        kind = signal[0]
        self.signal.channels = self.engine.channels
        out.self = &self.signal
        if kind == "counter":
            out.read = vo_sim_counter
        elif kind == "silence":
            out.read = vo_sim_silence
        elif kind == "tone":
            out.read = vo_sim_tone
            self.signal.tone.frequency_hz = signal[1]
            self.signal.tone.amplitude = signal[2]
            self.signal.tone.rate = rate
            self.signal.tone.channels = self.engine.channels
        elif kind == "array":
            self.owner = samples = np.ascontiguousarray(signal[1], np.float32)
            out.read = vo_sim_from_array
            self.signal.array.frames = &samples[0, 0] if samples.shape[0] else NULL
            self.signal.array.count = samples.shape[0]
            self.signal.array.channels = self.engine.channels
        else:
            out.read = vo_sim_from_file
            self.signal.file.readf = <vo_file_readf><size_t>signal[1]
            self.signal.file.seek = <vo_file_seek><size_t>signal[2]
            self.signal.file.file = <void *><size_t>signal[3]
            self.signal.file.frames = signal[4]
            self.signal.file.position = 0
            self.signal.file.channels = self.engine.channels
            self.signal.file.loop = signal[5]
            self.owner = signal[6]

    def __dealloc__(self):
        if self.ptr == NULL or self.abandoned:
            return
        if vo_sim_stop(self.ptr, 1000000000) == VO_OK:
            vo_sim_free(self.ptr)
        else:  # the thread hangs in its signal: what it may still touch stays
            self.engine.leaked = True

    def start(self):
        """Start the device's thread."""
        check(vo_sim_start(self.ptr), "the simulated device's thread")

    def abandon(self):
        """Leave it as it is for ever: in a forked child there is no thread to wait for."""
        self.abandoned = True
        self.engine.leaked = True

    def stop(self, double deadline_s):
        """Stop it: whether it has ended in time."""
        cdef int64_t timeout_ns = <int64_t>(deadline_s * 1e9)
        cdef vo_status status
        with nogil:
            status = vo_sim_stop(self.ptr, timeout_ns)
        return status == VO_OK

    @property
    def active(self):
        """Whether the device's thread runs and it has not been unplugged."""
        return vo_sim_active(self.ptr)

    @property
    def place(self):
        """Frame of its timeline that is next, once it is not active any more."""
        return vo_sim_place(self.ptr)
