"""What `vocana doctor` looks at: each check tries the thing itself and says what to do."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..errors import VocanaError

Level = Literal["OK", "WARN", "FAIL"]

GIL_HOLD_MS = 200
RING_MS = 2000.0
LISTEN_S = 0.5
LISTEN_DEADLINE_S = 3.0
PRIORITY = 10  # SCHED_FIFO, above everything that is not real-time


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report; `todo` is what to do about it, empty when all is well."""

    name: str
    level: Level
    detail: str
    todo: str = ""


def system() -> Check:
    """Say what runs here."""
    detail = f"{platform.python_implementation()} {platform.python_version()}, NumPy "
    detail += f"{np.__version__}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return Check("system", "OK", detail)


def simd() -> Check:
    """Say which instructions the kernels use."""
    import vocana_dsp as vo

    level = str(vo.simd)
    if level != "scalar":
        return Check("SIMD", "OK", level)
    if os.environ.get("VOCANA_SIMD") == "scalar":
        return Check("SIMD", "WARN", level, "VOCANA_SIMD asks for it: unset it for full speed")
    return Check(
        "SIMD", "WARN", level, "this processor has neither AVX2 nor NEON; all works, slower"
    )


def portaudio() -> Check:
    """Find PortAudio and an input device."""
    from ..capture import portaudio as library

    try:
        found = library.devices()
    except VocanaError as error:
        return Check("PortAudio", "FAIL", str(error.args[0]), error.hint)
    if not found:
        todo = "plug in a microphone, or start JACK or PipeWire; --source tone works without one"
        return Check("PortAudio", "WARN", "found, but it knows no input device", todo)
    plural = "" if len(found) == 1 else "s"
    return Check("PortAudio", "OK", f"{len(found)} input device{plural}")


def device() -> Check:
    """Open the default device and wait for its first frames."""
    import vocana_dsp as vo

    from ..capture import portaudio as library

    try:
        if not library.devices():
            return Check("device", "WARN", "none to open", "see PortAudio")
        with vo.Capture() as mic:
            deadline = time.monotonic() + LISTEN_DEADLINE_S
            while mic.stats.captured < LISTEN_S * mic.rate and time.monotonic() < deadline:
                time.sleep(0.02)
            stats = mic.stats
            rate, channels = mic.rate, mic.channels
    except VocanaError as error:
        return Check("device", "FAIL", str(error.args[0]), error.hint)
    if not stats.callbacks:
        todo = "another program may hold it, or its server is stuck: restart that, then try again"
        return Check("device", "FAIL", f"opens, but sent nothing in {LISTEN_DEADLINE_S:g} s", todo)
    detail = f"{rate} Hz, {channels} channel{'' if channels == 1 else 's'}, callback at most "
    detail += f"{stats.callback_us.max:.0f} µs"
    if stats.input.silent_frames >= stats.captured - stats.dropped:
        return Check("device", "WARN", f"{detail}; only zeros came", "is the input muted?")
    return Check("device", "OK", detail)


def priority() -> Check:
    """Ask for a real-time priority on a thread that ends at once."""
    if not hasattr(os, "sched_setscheduler"):
        return Check("priority", "WARN", f"unknown on {sys.platform}", "nothing to do")
    refused: list[OSError] = []

    def ask() -> None:
        try:
            os.sched_setscheduler(
                threading.get_native_id(), os.SCHED_FIFO, os.sched_param(PRIORITY)
            )
        except OSError as error:
            refused.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    if not refused:
        return Check("priority", "OK", f"SCHED_FIFO {PRIORITY} is granted")
    return Check(
        "priority",
        "WARN",
        f"SCHED_FIFO is refused ({refused[0].strerror})",
        "captures work, but a loaded machine may delay the device: install rtkit, or put "
        "'@audio - rtprio 95' into /etc/security/limits.d/audio.conf and join the group audio",
    )


def gil(hold_ms: int = GIL_HOLD_MS, ring_ms: float = RING_MS) -> Check:
    """Hold the GIL in one C call while a simulated device runs, then count its frames."""
    import vocana_dsp as vo
    from vocana_dsp.testing import SimulatedDevice

    seconds = hold_ms / 1000 + 0.3
    sleep_with_gil = ctypes.PyDLL(None).usleep  # PyDLL, unlike CDLL, keeps the GIL
    blocks = []
    with vo.Capture(SimulatedDevice("counter", seconds=seconds), ring_ms=ring_ms) as mic:
        begun = time.monotonic()
        sleep_with_gil(ctypes.c_uint(hold_ms * 1000))
        held_ms = 1000 * (time.monotonic() - begun)
        blocks = list(mic)
        stats, rate = mic.stats, mic.rate
    lost = stats.dropped
    audio = np.concatenate([block.data[:, 0] for block in blocks])
    true = sum(
        int(np.count_nonzero(block.data[:, 0] == np.arange(block.frame, block.frame + len(block))))
        for block in blocks
    )
    detail = f"held {held_ms:.0f} ms: {lost} of {stats.captured} frames lost"
    if lost:
        todo = f"make the ring longer than the hold: Capture(ring_ms=...), here {ring_ms:g} ms"
        return Check("GIL", "FAIL", detail, todo)
    if true != len(audio) or len(audio) != round(seconds * rate):
        todo = "this should not happen: please report it with this line"
        return Check("GIL", "FAIL", f"{detail}, but only {true} arrived unchanged", todo)
    return Check("GIL", "OK", detail)


CHECKS: tuple[Callable[[], Check], ...] = (system, simd, portaudio, device, priority, gil)


def run_all() -> Iterator[Check]:
    """Run every check; one that raises is a FAIL of its own."""
    for check in CHECKS:
        try:
            yield check()
        except Exception as error:
            todo = "this should not happen: please report it with this line"
            yield Check(check.__name__, "FAIL", f"{type(error).__name__}: {error}", todo)
