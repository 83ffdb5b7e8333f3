"""What `vocana doctor` looks at: each check tries the thing itself and says what to do."""

from __future__ import annotations

import ctypes
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np

from ..errors import VocanaError
from ..words import count, plural
from .check import REPORT, Check
from .check_capture import capture, opening
from .check_recovery import recovery
from .check_storage import crash_safety, storage
from .inputs import hint_of

GIL_HOLD_MS = 200
RING_MS = 2000.0
PRIORITY = 10  # SCHED_FIFO, above everything that is not real-time


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
        return Check("PortAudio", "FAIL", str(error.args[0]), hint_of(error))
    if not found:
        todo = "plug in a microphone, or start JACK or PipeWire; --source tone works without one"
        return Check("PortAudio", "WARN", "found, but it knows no input device", todo)
    return Check("PortAudio", "OK", plural(len(found), "input device"))


def priority() -> Check:
    """Ask for a real-time priority on a thread that ends at once."""
    from ..system.priority import PriorityReport, RealTime

    reports: list[PriorityReport] = []
    thread = threading.Thread(
        target=lambda: reports.extend(RealTime(PRIORITY).apply(threading.current_thread()))
    )
    thread.start()
    thread.join()
    report = reports[0]
    if report.granted:
        return Check("priority", "OK", f"{report.effective} is granted")
    return Check(
        "priority",
        "WARN",
        f"{report.effective}: {report.reason}",
        "captures work, but a loaded machine may delay the device: put '@audio - rtprio 95' into "
        "/etc/security/limits.d/audio.conf and join the group audio",
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
    detail = f"held {held_ms:.0f} ms: {count(lost)} of {plural(stats.captured, 'frame')} lost"
    if lost:
        todo = f"make the ring longer than the hold: Capture(ring_ms=...), here {ring_ms:g} ms"
        return Check("GIL", "FAIL", detail, todo)
    if true != len(audio) or len(audio) != round(seconds * rate):
        return Check("GIL", "FAIL", f"{detail}, but only {true} arrived unchanged", REPORT)
    return Check("GIL", "OK", detail)


#: By the name that they print.
CHECKS: dict[str, Callable[[], Check]] = {
    "system": system,
    "SIMD": simd,
    "PortAudio": portaudio,
    "open": opening,
    "capture": capture,
    "priority": priority,
    "GIL": gil,
    "recovery": recovery,
    "storage": storage,
    "crash": crash_safety,
}


def run_all() -> Iterator[Check]:
    """Run every check; one that raises is a FAIL of its own."""
    for name, check in CHECKS.items():
        try:
            yield check()
        except Exception as error:
            yield Check(name, "FAIL", f"{type(error).__name__}: {error}", REPORT)
