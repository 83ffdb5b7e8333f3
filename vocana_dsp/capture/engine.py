"""From policies in milliseconds to the native engine's frames."""

from __future__ import annotations

from .._native.capture import CaptureEngine
from ..config import ALIGN_MS, Breaker, InputPolicy, Overflow, frames_of
from ..errors import ConfigError

EVENTS = 1024

_POLICIES = {"drop_newest": 0, "skip": 1, "fail": 2}
_ACTIONS = {"flag": 0, "clean": 1, "reject": 2}


def make_engine(
    rate: int,
    channels: int,
    block_ms: float,
    ring_ms: float,
    overflow: Overflow,
    breaker: Breaker,
    inputs: InputPolicy,
) -> CaptureEngine:
    """Make the engine for a format; ConfigError when the lengths do not fit into each other."""
    capacity = max(2, frames_of(ring_ms, rate))
    target = max(1, frames_of(overflow.target_ms, rate))
    high_water = frames_of(overflow.high_water_ms or 0.0, rate)
    skips = overflow.policy == "skip"
    fade = frames_of(overflow.crossfade_ms, rate)
    for name, length, too_long in (
        ("block_ms", block_ms, frames_of(block_ms, rate) > capacity),
        ("crossfade_ms", overflow.crossfade_ms, fade > max(capacity, rate)),
        ("target_ms", overflow.target_ms, skips and target >= capacity),
        ("high_water_ms", overflow.high_water_ms, skips and high_water > capacity),
    ):
        if too_long:
            raise ConfigError(
                f"{name} is {length!r}, more than a ring of {ring_ms!r} ms can hold",
                hint=f"raise ring_ms or lower {name}",
            )
    return CaptureEngine(
        channels,
        capacity,
        _POLICIES[overflow.policy],
        min(target, capacity - 1),
        min(high_water, capacity) if skips else 0,
        fade,
        frames_of(ALIGN_MS, rate) if overflow.crossfade_ms else 0,
        EVENTS,
        (
            breaker.trips_after,
            max(1, frames_of(breaker.rest_ms, rate)),
            max(1, frames_of(breaker.max_rest_ms, rate)),
        ),
        (
            _ACTIONS[inputs.nonfinite],
            _ACTIONS[inputs.denormal],
            _ACTIONS[inputs.over],
            inputs.limit,
        ),
    )
