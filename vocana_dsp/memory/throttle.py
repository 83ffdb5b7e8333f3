"""What a program may do about its own work while memory is short."""

from __future__ import annotations

from dataclasses import dataclass

from ..config import one_of
from .pressure import LEVELS, Level


@dataclass(frozen=True, slots=True)
class Throttle:
    """How to go easy.

    Attributes:
        delay_s: to wait before the next piece of work that can wait.
        shed: whether to leave out what can be left out.
    """

    delay_s: float
    shed: bool


_PLAN: dict[Level, Throttle] = {
    "low": Throttle(0.0, False),
    "moderate": Throttle(0.05, False),
    "high": Throttle(0.2, True),
    "critical": Throttle(1.0, True),
}


def throttle(level: Level) -> Throttle:
    """Return what to do at a level; ConfigError for one that does not exist.

    >>> throttle("low"), throttle("high")
    (Throttle(delay_s=0.0, shed=False), Throttle(delay_s=0.2, shed=True))
    """
    one_of("level", level, LEVELS)
    return _PLAN[level]
