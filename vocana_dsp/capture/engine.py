"""From policies in milliseconds to the native engine's frames."""

from __future__ import annotations

from dataclasses import dataclass

from .._native.capture import CaptureEngine
from ..config import ALIGN_MS, Breaker, InputPolicy, Overflow, frames_of
from ..errors import ConfigError

EVENTS = 1024

# What waits for the engine's thread when it works behind the capture: more than any scheduler
# takes, and no latency, because it is empty unless the thread is late.
RELAY_MS = 1000.0

_POLICIES = {"drop_newest": 0, "skip": 1, "fail": 2}
_ACTIONS = {"flag": 0, "clean": 1, "reject": 2}


@dataclass(frozen=True, slots=True)
class Queueing:
    """How a consumer's end queues, loses and rests, in lengths of time."""

    block_ms: float
    ring_ms: float
    overflow: Overflow
    breaker: Breaker

    def tap(self, rate: int) -> tuple[int, int, int, int, int, int, int]:
        """Return the numbers of a tap in frames; ConfigError when one does not fit the others."""
        overflow = self.overflow
        capacity = max(2, frames_of(self.ring_ms, rate))
        target = max(1, frames_of(overflow.target_ms, rate))
        high_water = frames_of(overflow.high_water_ms or 0.0, rate)
        skips = overflow.policy == "skip"
        fade = frames_of(overflow.crossfade_ms, rate)
        for name, length, too_long in (
            ("block_ms", self.block_ms, frames_of(self.block_ms, rate) > capacity),
            ("crossfade_ms", overflow.crossfade_ms, fade > max(capacity, rate)),
            ("target_ms", overflow.target_ms, skips and target >= capacity),
            ("high_water_ms", overflow.high_water_ms, skips and high_water > capacity),
        ):
            if too_long:
                raise ConfigError(
                    f"{name} is {length!r}, more than a ring of {self.ring_ms!r} ms can hold",
                    hint=f"raise ring_ms or lower {name}",
                )
        return (
            capacity,
            _POLICIES[overflow.policy],
            min(target, capacity - 1),
            min(high_water, capacity) if skips else 0,
            fade,
            frames_of(ALIGN_MS, rate) if overflow.crossfade_ms else 0,
            EVENTS,
        )

    def rests(self, rate: int) -> tuple[int, int, int]:
        """Return the numbers of a breaker in frames."""
        return (
            self.breaker.trips_after,
            max(1, frames_of(self.breaker.rest_ms, rate)),
            max(1, frames_of(self.breaker.max_rest_ms, rate)),
        )


def relay(queueing: Queueing) -> Queueing:
    """Return how frames wait for the engine's thread: joined as the consumer's own losses are."""
    fade_ms = queueing.overflow.crossfade_ms
    overflow = Overflow("drop_newest", crossfade_ms=fade_ms)
    return Queueing(queueing.block_ms, max(RELAY_MS, queueing.block_ms), overflow, Breaker())


def make_engine(rate: int, channels: int, queueing: Queueing, inputs: InputPolicy) -> CaptureEngine:
    """Make the engine for a format; ConfigError when the lengths do not fit into each other."""
    return CaptureEngine(
        channels,
        *queueing.tap(rate),
        queueing.rests(rate),
        (
            _ACTIONS[inputs.nonfinite],
            _ACTIONS[inputs.denormal],
            _ACTIONS[inputs.over],
            inputs.limit,
        ),
    )
