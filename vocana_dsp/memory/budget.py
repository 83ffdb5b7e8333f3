"""What a program may take of time, memory and processor, and how it does against that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..config import not_negative, number_of
from ..errors import ConfigError

Status = Literal["normal", "warning", "degraded", "critical"]

_MB = 1_000_000
_FIGURES = ("latency_ms", "memory_bytes", "cpu_percent")


@dataclass(frozen=True, slots=True)
class Budget:
    """Two limits for each figure: what it should stay within, and what it must.

    Attributes:
        latency_ms: the target, and the limit.
        memory_bytes: the same.
        cpu_percent: the same, of one core.

    >>> budget = Budget()
    >>> budget.status(latency_ms=40, memory_bytes=30_000_000, cpu_percent=20)
    'normal'
    >>> budget.status(latency_ms=60, memory_bytes=30_000_000, cpu_percent=20)
    'warning'
    """

    latency_ms: tuple[float, float] = (50.0, 100.0)
    memory_bytes: tuple[float, float] = (50.0 * _MB, 100.0 * _MB)
    cpu_percent: tuple[float, float] = (50.0, 80.0)

    def __post_init__(self) -> None:
        for name in _FIGURES:
            pair = getattr(self, name)
            numbers = [number_of(value) for value in pair] if isinstance(pair, tuple) else []
            if len(numbers) != 2 or None in numbers or not 0 < pair[0] <= pair[1]:
                raise ConfigError(
                    f"{name} is {pair!r}, expected (target, limit) with 0 < target <= limit",
                    hint=f"pass {name}=(50, 100), for example",
                )

    def status(self, *, latency_ms: float, memory_bytes: float, cpu_percent: float) -> Status:
        """Return how three figures do.

        "normal" within all targets, "warning" beyond a target, "degraded" beyond one limit,
        "critical" beyond several. ConfigError for a figure below 0 or one that is no number.
        """
        limits = 0
        warned = False
        for name, value in zip(_FIGURES, (latency_ms, memory_bytes, cpu_percent), strict=True):
            number = not_negative(name, value)
            target, limit = getattr(self, name)
            warned |= number > target
            limits += number > limit
        if limits:
            return "critical" if limits > 1 else "degraded"
        return "warning" if warned else "normal"
