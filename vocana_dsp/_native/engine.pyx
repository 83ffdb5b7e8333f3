"""vo_engine: the thread that works between a CaptureEngine and its readers."""

cimport cython
from cpython.ref cimport Py_INCREF
from libc.stdint cimport int64_t, uint64_t

from vocana_dsp._native.capture cimport CaptureEngine
from vocana_dsp._native.chain cimport NativeChain
from vocana_dsp._native.libvocana cimport *
from vocana_dsp._native.outlets cimport Outlets
from vocana_dsp._native.status cimport check

STAGES = ("mix", "resample", "chain", "analysis", "deliver", "total")


@cython.no_gc_clear
cdef class Engine:
    """Mixes, resamples, runs a chain and analyses, on a C thread, from a capture into outlets.

    From now on nobody else reads the capture. Whatever is passed in belongs to the engine from
    `start` until `stop` or `leave` has returned True, or for ever when neither does.
    """

    cdef vo_engine *ptr
    cdef vo_resampler *resampler
    cdef CaptureEngine capture
    cdef list chains  # that were handed in and are not retired, oldest first
    cdef tuple parts
    cdef readonly uint64_t retired
    cdef bint running

    def __cinit__(
        self, CaptureEngine capture not None, tuple rates not None, NativeChain mix,
        NativeChain chain not None, NativeChain analysis, Outlets outlets not None, bint lossless,
        uint64_t resumes_after_ns=0,
    ):
        cdef vo_engine_config config
        self.capture = capture
        self.chains = [chain]
        self.parts = (mix, analysis, outlets)
        config.rate_in, config.rate_out = rates
        config.channels_in = capture.channels
        config.mix = mix.ptr if mix is not None else NULL
        config.chain = chain.ptr
        config.analysis = analysis.ptr if analysis is not None else NULL
        if config.rate_in != config.rate_out:
            check(
                vo_resampler_new(
                    &self.resampler, config.rate_in, config.rate_out, chain.channels,
                    VO_RESAMPLER_BALANCED, NULL,
                ),
                f"a resampler from {config.rate_in} to {config.rate_out} Hz",
            )
        config.resampler = self.resampler
        config.out = outlets.ptr
        config.lossless = lossless
        config.resumes_after_ns = resumes_after_ns
        check(vo_engine_new(&self.ptr, &config, capture.ptr, NULL), "an engine for this format")

    def __dealloc__(self):
        if self.running:  # the thread may go on for ever, and so must what it uses
            self.capture.leaked = True
            Py_INCREF(self.chains)
            Py_INCREF(self.parts)
            return
        vo_engine_free(self.ptr)
        vo_resampler_free(self.resampler)

    def start(self):
        """Start the thread."""
        check(vo_engine_start(self.ptr), "the engine's thread")
        self.running = True

    def stop(self, double timeout_s):
        """Wait until all that was captured has come through; False when that takes longer."""
        cdef int64_t timeout_ns = <int64_t>(timeout_s * 1e9)
        cdef vo_status status
        with nogil:
            status = vo_engine_stop(self.ptr, timeout_ns)
        self.running = self.running and status != VO_OK
        return not self.running

    def leave(self, double timeout_s):
        """Let through what has come so far, and end: another engine may go on in the outlets.

        False when that takes longer; it may be called again.
        """
        cdef int64_t timeout_ns = <int64_t>(timeout_s * 1e9)
        cdef vo_status status
        with nogil:
            status = vo_engine_leave(self.ptr, timeout_ns)
        self.running = self.running and status != VO_OK
        return not self.running

    def set_chain(self, NativeChain chain not None):
        """Crossfade to another chain of the same channels and latency.

        True when the chain that was set before is forgotten: the thread has not taken it.
        """
        cdef vo_chain *untaken = NULL
        check(
            vo_engine_set_chain(self.ptr, chain.ptr, &untaken), "a chain for this capture",
            "one with the channels and the latency of the one before",
        )
        if untaken is not NULL:
            self.chains.pop()
        self.chains.append(chain)
        return untaken is not NULL

    def forget_retired(self):
        """Let go of the chains that are out of use; how many there were since the last call."""
        cdef uint64_t now = vo_engine_retired(self.ptr)
        cdef uint64_t new = now - self.retired
        del self.chains[:new]
        self.retired = now
        return new

    @property
    def latency_frames(self):
        """Frames of the output by which resampler and chain delay."""
        return vo_engine_latency(self.ptr)

    @property
    def thread(self):
        """Native id of the thread, 0 before it runs."""
        return vo_engine_thread(self.ptr)

    def times(self):
        """Durations of each stage that is there: [(name, count, p50, p99, max)], in us."""
        cdef vo_stage_times t
        found = []
        for stage, name in enumerate(STAGES):
            t = vo_engine_times(self.ptr, <vo_engine_stage><int>stage)
            if t.count:
                found.append((name, t.count, t.p50_ns / 1e3, t.p99_ns / 1e3, t.max_ns / 1e3))
        return found
