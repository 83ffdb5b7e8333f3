"""How long the device's callback takes, from the histogram that the engine keeps in C."""

from __future__ import annotations

from ..capture.capture import Capture
from ..testing import SimulatedDevice
from .figure import Figure, Target

BLOCK = 64  # frames
RATE = 48_000
SECONDS = 5.0
BLOCK_US = BLOCK / RATE * 1e6
SHARE = Target("ratio", "<=", 0.01)


def figures() -> list[Figure]:
    """Capture in real time from the simulated device and ask for the 99th percentile."""
    device = SimulatedDevice(channels=2, block_frames=BLOCK, rate=RATE, seconds=SECONDS)
    with Capture(device, block_ms=20) as mic:
        for _ in mic:
            pass
        stats = mic.stats
    times = stats.callback_us
    note = (
        f"{stats.callbacks} callbacks in real time; median {times.p50:.2f} us, "
        f"longest {times.max:.1f} us; {stats.dropped} frames lost"
    )
    return [
        Figure(
            f"capture, callback of {BLOCK} frames, 99th percentile",
            times.p99,
            "us",
            "duration of the block",
            BLOCK_US,
            times.p99 / BLOCK_US,
            SHARE,
            note,
        )
    ]
