"""How long there is no sound when a device is unplugged and comes back, on the simulated device."""

from __future__ import annotations

from statistics import median

from ..capture.capture import Capture
from ..capture.recovery import Recovery
from ..testing import SimulatedDevice, Unplug
from .figure import Figure, Target

RATE = 48_000
TIMES = 5
AWAY_MS = 10.0
TOTAL = Target("value", "<=", 2000.0)


def figures() -> list[Figure]:
    """Unplug in real time, again and again; the gap that is told is the time without sound."""
    found = sorted(_gap_ms() for _ in range(TIMES))
    settle_ms = Recovery().settle_ms
    return [
        Figure(
            "recovery, from the last frame of a device to its next one",
            median(found),
            "ms",
            "the rest before it is opened again",
            settle_ms,
            median(found) / settle_ms,
            TOTAL,
            f"{TIMES} times, {found[0]:.0f} to {found[-1]:.0f} ms; unplugged for {AWAY_MS:g} ms",
        )
    ]


def _gap_ms() -> float:
    device = SimulatedDevice(rate=RATE, script=[Unplug(RATE // 10, ms=AWAY_MS)])
    with Capture(device, recovery=Recovery()) as mic:
        while not mic.gaps:
            mic.read(480)
        return mic.gaps[0].frames * 1000.0 / RATE
