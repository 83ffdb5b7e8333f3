"""For child processes: streams that call the probe of callback_probe.c instead of an engine."""

from __future__ import annotations

import ctypes
import json
import os
import sys
import time
from collections.abc import Callable

from vocana_dsp.capture import portaudio

_COUNTERS = (
    *("callbacks", "frames", "jumps", "lost", "unequal", "early", "zeros", "flagged"),
    *("least_block", "most_block", "expected"),
)


class Probe(ctypes.Structure):
    """The struct of callback_probe.c."""

    _fields_ = (
        ("channels", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in _COUNTERS),
    )

    def counted(self) -> dict[str, int]:
        """Return the counters."""
        return {name: getattr(self, name) for name in _COUNTERS[:-1]}


_library = ctypes.CDLL(os.environ["VOCANA_TEST_PROBE"])
CALLBACK = ctypes.cast(_library.probe_callback, ctypes.c_void_p).value or 0


def open_stream(
    name: str | None = None, *, channels: int = 2, block: int = 0, rate: int | None = None
) -> tuple[portaudio.Stream, Probe]:
    """Open a device with the probe as its callback."""
    device = portaudio.find(name)
    probe = Probe(channels=channels)
    stream = portaudio.Stream(
        device,
        rate or device.default_rate,
        channels,
        block,
        CALLBACK,
        ctypes.addressof(probe),
        owner=probe,
    )
    return stream, probe


def wait_until(condition: Callable[[], bool], deadline_s: float = 60.0) -> bool:
    """Whether the condition comes true in time."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.002)
    return True


def timed(call: Callable[[], object]) -> tuple[object, float]:
    """Return what the call returns, and how many seconds it took."""
    begun = time.monotonic()
    result = call()
    return result, time.monotonic() - begun


def tell(**facts: object) -> None:
    """Send the test one message."""
    print(json.dumps(facts), flush=True)


def wait_for_go() -> None:
    """Wait until the test has done its part."""
    sys.stdin.readline()
