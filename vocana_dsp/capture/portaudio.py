"""PortAudio, through sounddevice: which devices there are, and a stream that calls C.

The only module that imports sounddevice, once a device is asked for. PortAudio may hang for ever:
its calls have a deadline; a stream that misses it is abandoned, see docs/decisions/0006.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import sys
import threading
from typing import Any, Literal

from .._native.stream import StreamCalls
from ..errors import DeviceError, StreamClosed
from .choice import ONE_CLIENT, DeviceInfo, Wanted, choose
from .deadline import Call, within

__all__ = ["DeviceInfo", "Stream", "abandoned_streams", "devices", "find", "open_rates"]

LOAD_DEADLINE_S = 15.0  # looking for devices; some drivers take seconds
OPEN_DEADLINE_S = 5.0
EXIT_DEADLINE_S = 1.0
USUAL_RATES = (8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000, 176400, 192000)
PA_INVALID_SAMPLE_RATE = -9997

_sounddevice: Any = None
_owner_pid = 0

# Every stream that PortAudio may still call for: a stream leaves when it is closed, an abandoned
# one never does. Each keeps what its callback works on.
_streams: set[Stream] = set()


# --- The library ----------------------------------------------------------------------------------


def _library() -> Any:
    """Return sounddevice; DeviceError when PortAudio is missing, stuck or another process's."""
    global _sounddevice, _owner_pid
    if _sounddevice is None:
        _sounddevice = within(LOAD_DEADLINE_S, "PortAudio, asked for devices,", _load)
        _owner_pid = os.getpid()
        # Its threads may outlive the interpreter's hold on it: it must never be unmapped.
        ctypes.CDLL(_sounddevice._libname, ctypes.DEFAULT_MODE | getattr(os, "RTLD_NODELETE", 0))
        # Its own exit handler waits for a dead server as long as PortAudio does.
        atexit.unregister(_sounddevice._exit_handler)
        atexit.register(_terminate)
    if os.getpid() != _owner_pid:
        raise DeviceError(
            "PortAudio was loaded before this process was forked, and cannot be used here",
            code="forked",
            hint='start processes with multiprocessing.get_context("spawn")',
            retryable=False,
        )
    return _sounddevice


def _load() -> Any:
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise DeviceError(
            f"PortAudio cannot be loaded: {error}",
            code="no_portaudio",
            hint="run `brew install portaudio`; vo.Tone and vo.File work without it"
            if sys.platform == "darwin"
            else "run `apt install libportaudio2` (Fedora, Arch: the package is portaudio); "
            "vo.Tone and vo.File work without it",
            retryable=False,
        ) from error
    except Exception as error:  # it initializes PortAudio while it is imported
        raise DeviceError(f"PortAudio does not start: {error}", code="portaudio_failed") from error
    return sounddevice


def _terminate() -> None:
    """Give PortAudio back at exit, where that can be done.

    Not in a forked child, whose parent owns it; not when a stream is stuck in it; and not as a
    client of JACK: its goodbye to a server that has gone would abort the process, and a server
    notices by itself when a client ends.
    """
    if os.getpid() != _owner_pid:
        return
    for stream in list(_streams):
        stream.close(EXIT_DEADLINE_S)
    with contextlib.suppress(Exception):
        jack = any(api["name"] == ONE_CLIENT for api in _sounddevice.query_hostapis())
        if not jack and not abandoned_streams():
            Call(_sounddevice._exit_handler).wait(EXIT_DEADLINE_S)


# --- Devices --------------------------------------------------------------------------------------


def devices(*, refresh: bool = False) -> list[DeviceInfo]:
    """Return every input device that PortAudio found when this process first asked.

    With `refresh` it looks again; only a process without streams may: they would end.
    """
    looked = _sounddevice is not None
    library = _library()
    if refresh and looked:
        assert not _streams, "a stream of this process would end"
        within(LOAD_DEADLINE_S, "PortAudio, put down,", library._terminate)
        within(LOAD_DEADLINE_S, "PortAudio, asked again,", library._initialize)
    apis = library.query_hostapis()
    try:
        default = library.query_devices(kind="input")["index"]
    except (library.PortAudioError, ValueError):
        default = -1
    return [
        DeviceInfo(
            index=d["index"],
            name=d["name"],
            host_api=apis[d["hostapi"]]["name"],
            input_channels=d["max_input_channels"],
            default_rate=round(d["default_samplerate"]),
            latency_ms=d["default_high_input_latency"] * 1000.0,
            is_default=d["index"] == default,
        )
        for d in library.query_devices()
        if d["max_input_channels"] > 0
    ]


def open_rates(device: DeviceInfo) -> list[int]:
    """Return which of the usual rates, and its own, the device really opens now, in Hz."""
    library = _library()

    def opens(rate: int) -> bool:
        with contextlib.suppress(library.PortAudioError):
            library.check_input_settings(device.index, 1, "float32", samplerate=rate)
            return True
        return False

    rates = sorted({*USUAL_RATES, device.default_rate})
    what = f"{device.name!r}, tried for its rates,"
    return within(OPEN_DEADLINE_S, what, lambda: [rate for rate in rates if opens(rate)])


def find(name_or_index: Wanted = None) -> DeviceInfo:
    """Return the input device that is meant, see `vocana_dsp.capture.choice.choose`."""
    return choose(name_or_index, devices())


# --- Streams --------------------------------------------------------------------------------------


def abandoned_streams() -> int:
    """Return how many streams of this process have been given up. They are kept for ever."""
    return sum(stream.abandoned for stream in list(_streams))


class Stream:
    """An input stream of float32 frames whose callback is C.

    It is open when it is made. Every method may be called from any thread and returns within its
    deadline, whatever the device does.

    Args:
        device: what to open.
        rate: frames per second.
        channels: samples of a frame, interleaved.
        block_frames: frames of one callback; 0 leaves it to the device.
        callback_address: address of a function with the prototype of a PaStreamCallback.
        user_address: address that it is called with. It must stay valid until `close` is True.
        owner: an object that keeps that memory; referenced until then.
        latency: "low", "high" or seconds: what the device is asked for, where it can choose.

    Raises:
        DeviceError: it does not open (``open_failed``, ``bad_channels``, ``device_hangs``).
        FormatError: it does not open at that rate (``unsupported_rate``).
    """

    def __init__(
        self,
        device: DeviceInfo,
        rate: int,
        channels: int,
        block_frames: int,
        callback_address: int,
        user_address: int,
        *,
        owner: object = None,
        latency: float | Literal["low", "high"] = "high",
    ) -> None:
        self.device = device
        self.abandoned = False
        self._owner = owner
        self._calls = StreamCalls(callback_address, user_address)
        self._lock = threading.Lock()  # never held while PortAudio may hang
        self._running = self._started = self._stopped = False
        self._stopping: Call[None] | None = None
        self._closing: Call[None] | None = None
        device.check_channels(channels)
        device.check_hope([stream.device for stream in list(_streams) if stream.abandoned])
        library = _library()
        cast, calls = library._ffi.cast, self._calls

        def open_it() -> Any:
            return library._StreamBase(
                kind="input",
                device=device.index,
                samplerate=rate,
                channels=channels,
                blocksize=block_frames,
                dtype="float32",
                latency=latency,
                callback=cast("void *", calls.callback_address),
                userdata=cast("void *", calls.user_address),
                finished_callback=cast("PaStreamFinishedCallback *", calls.finished_address),
                wrap_callback=None,
            )

        try:
            self._stream = within(OPEN_DEADLINE_S, f"opening {device.name!r}", open_it)
        except library.PortAudioError as error:
            rates = open_rates(device) if PA_INVALID_SAMPLE_RATE in error.args else None
            raise device.refusal(error.args[0], rate, rates) from error
        _streams.add(self)

    def start(self) -> None:
        """Let the device call. StreamClosed after `stop`; DeviceError when it does not start."""
        with self._lock:
            if self._stopping or self._closing:
                raise StreamClosed("the stream has been stopped", hint="open a new one")
            self._running = self._started = True
        try:
            within(OPEN_DEADLINE_S, f"starting {self.device.name!r}", self._stream.start)
        except DeviceError:
            self.abandon()
            raise
        except Exception as error:
            self._running = False
            raise DeviceError(
                f"{self.device.name!r} does not start: {error}", code="start_failed"
            ) from error

    @property
    def active(self) -> bool:
        """Whether the device still works: False once its server is gone. Never hangs.

        A server that stands still, and a JACK client that has gone, leave it True: the first stops
        calling, the second is heard as zeros.
        """
        with self._lock:  # so that nothing closes the stream meanwhile
            try:
                return self._running and bool(self._stream.active)
            except Exception:  # PortAudio says that the stream is broken
                return False

    def stop(self, deadline_s: float = 1.0) -> bool:
        """Stop the callbacks for good; False when the device hangs and the stream is abandoned."""
        with self._lock:
            self._running = False
            self._stopping = self._stopping or Call(self._halt)
        return self._finish(self._stopping, deadline_s)

    def close(self, deadline_s: float = 1.0) -> bool:
        """Stop it and give the device back; False as in `stop`: its callback may still come."""
        with self._lock:
            self._running = False
            self._closing = self._closing or Call(self._shut)
        if not self._finish(self._closing, deadline_s):
            return False
        _streams.discard(self)
        return True

    def _halt(self) -> None:
        with contextlib.suppress(_sounddevice.PortAudioError):  # it never started, or is lost
            self._stream.stop(ignore_errors=False)
            self._stopped = True

    def _shut(self) -> None:
        if not self._stopping:  # some host APIs hang when a running stream is closed
            self._halt()
        alive = (self._stopped and self._calls.finished) or not self._started
        if self.device.host_api == ONE_CLIENT and (self.abandoned or not alive):
            raise TimeoutError("its server may have gone: closing it could abort the process")
        self._stream.close()

    def _finish(self, ending: Call[None], deadline_s: float) -> bool:
        if not self.abandoned:
            try:
                ending.wait(deadline_s)
            except TimeoutError:
                self.abandon()
        return not self.abandoned

    def abandon(self) -> None:
        """Never touch it again: it hangs, or it is the parent's and this process was forked."""
        self._running = False
        if not self.abandoned:  # the end of the interpreter must not free it either
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self))
        self.abandoned = True
