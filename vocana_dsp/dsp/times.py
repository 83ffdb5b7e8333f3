"""Where the time of a chain goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StageTimes:
    """How long a stage took, for each call of the chain, in microseconds.

    Attributes:
        calls: how many were timed.
        p50_us: half of them took no longer.
        p99_us: 99 of 100 took no longer.
        max_us: the longest.
        faults: blocks in which the stage gave NaN or infinity, which were repaired.
    """

    calls: int
    p50_us: float
    p99_us: float
    max_us: float
    faults: int


@dataclass(frozen=True, slots=True)
class ChainTimes:
    """Where the time of a chain goes; the stages and `copying` sum to `total`.

    Attributes:
        stages: of each node, by its name in the chain, its bypass included.
        copying: of the way in and out, NaN and infinity repaired.
        total: of the whole call.
    """

    stages: Mapping[str, StageTimes]
    copying: StageTimes
    total: StageTimes


def stage_times(row: tuple[int, float, float, float, int]) -> StageTimes:
    """Return what a native chain says of a stage: calls, nanoseconds, faults."""
    calls, p50, p99, longest, faults = row
    return StageTimes(calls, p50 / 1000, p99 / 1000, longest / 1000, faults)
