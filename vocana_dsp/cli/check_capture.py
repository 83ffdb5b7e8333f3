"""What `vocana doctor` tries of a capture: that it opens, brings a second of sound.

Where there is no device that opens, the simulated one stands in, and the line says so.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..errors import VocanaError
from ..words import plural
from .check import Check
from .inputs import hint_of

if TYPE_CHECKING:
    from ..capture.capture import Capture

LISTEN_S = 1.0
LISTEN_DEADLINE_S = 3.0

SIMULATED = "the simulated device"


def _default() -> Capture | None:
    """Open the default device; None when this machine has none. Raises when it does not open."""
    import vocana_dsp as vo

    from ..capture import portaudio as library

    try:
        if not library.devices():
            return None
    except VocanaError:  # the check of PortAudio says so
        return None
    return vo.Capture()


def _stand_in() -> Capture:
    import vocana_dsp as vo
    from vocana_dsp.testing import SimulatedDevice

    return vo.Capture(SimulatedDevice(seconds=2 * LISTEN_S))


def opening() -> Check:
    """Open the default device, start it and close it."""
    begun = time.monotonic()
    try:
        found = _default()
        with found or _stand_in() as mic:
            rate, channels = mic.rate, mic.channels
    except VocanaError as error:
        return Check("open", "FAIL", str(error.args[0]), hint_of(error))
    took_ms = 1000 * (time.monotonic() - begun)
    device = "" if found else f"{SIMULATED}, since there is no other: "
    detail = (
        f"{device}{rate} Hz, {plural(channels, 'channel')}, opened and closed in {took_ms:.0f} ms"
    )
    return Check("open", "OK", detail)


def capture() -> Check:
    """Listen to the default device for a second."""
    try:
        found = _default()
        device = "" if found else f"{SIMULATED}: "
    except VocanaError:  # the check before says so
        found, device = None, f"{SIMULATED}, since the default one does not open: "
    with found or _stand_in() as mic:
        wanted = round(LISTEN_S * mic.rate)
        deadline = time.monotonic() + LISTEN_S + LISTEN_DEADLINE_S
        heard = 0
        while heard < wanted and (left_s := deadline - time.monotonic()) > 0:
            try:
                heard += len(mic.read(wanted - heard, timeout=left_s))
            except VocanaError as error:
                return Check("capture", "FAIL", device + str(error.args[0]), hint_of(error))
        stats = mic.stats
    detail = f"{device}{plural(heard, 'frame')} in a second, {stats.dropped} lost, "
    detail += f"callback at most {stats.callback_us.max:.0f} µs"
    if not heard:
        todo = "another program may hold it, or its server is stuck: restart that, then try again"
        return Check("capture", "FAIL", f"{device}it opens, but sends nothing", todo)
    if heard < wanted:
        todo = "its clock or its server is stuck: restart that, then try again"
        return Check("capture", "FAIL", f"{detail}; expected {wanted:,}", todo)
    if stats.input.silent_frames >= stats.captured - stats.dropped:
        return Check("capture", "FAIL", f"{detail}; only zeros came", "is the input muted?")
    if stats.dropped:
        todo = "the device loses frames by itself: close other programs, or use longer blocks"
        return Check("capture", "WARN", detail, todo)
    return Check("capture", "OK", detail)
