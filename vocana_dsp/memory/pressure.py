"""How short memory is: four levels, entered at once and left after a rest."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Literal, get_args

from ..config import instance, not_negative, number_of
from ..errors import ConfigError

Level = Literal["low", "moderate", "high", "critical"]
LEVELS: tuple[Level, ...] = get_args(Level)

_HISTORY = 64  # changes that are remembered


@dataclass(frozen=True, slots=True)
class PressurePolicy:
    """When memory is short, and for how long it must not be before that counts as over.

    A level is entered as soon as used / limit reaches its threshold. It is left for the next one
    below when the ratio has stayed below the threshold less `exit_band` for `dwell_s`, or below the
    threshold itself for `forced_s`, so that nothing stays suspended for ever.

    Attributes:
        moderate: ratio at which free memory is given back.
        high: ratio at which pools shrink to what is needed.
        critical: ratio at which optional stages are suspended.
        exit_band: how far below its threshold a level is left.
        dwell_s: how long the ratio must be there.
        forced_s: how long it may be between the two.
        stall_percent: waiting for memory in the last 10 s (PSI) that counts as high, whatever the
            ratio is.

    >>> PressurePolicy(moderate=0.70, high=0.80, critical=0.90).level(0.85)
    'high'
    """

    moderate: float = 0.75
    high: float = 0.85
    critical: float = 0.95
    exit_band: float = 0.05
    dwell_s: float = 5.0
    forced_s: float = 30.0
    stall_percent: float = 10.0

    def __post_init__(self) -> None:
        for name in ("moderate", "high", "critical", "exit_band", "dwell_s", "forced_s"):
            not_negative(name, getattr(self, name))
        if not 0 < self.moderate < self.high < self.critical <= 1:
            raise ConfigError(
                f"moderate, high and critical are {self.moderate!r}, {self.high!r} and "
                f"{self.critical!r}, expected 0 < moderate < high < critical <= 1",
                hint="they are shares of the limit: 0.75, 0.85 and 0.95, for example",
            )
        if self.exit_band >= self.moderate:
            raise ConfigError(
                f"exit_band is {self.exit_band!r}, expected less than moderate {self.moderate!r}",
                hint="a level is left at its threshold less exit_band: that must be above 0",
            )
        if self.forced_s < self.dwell_s:
            raise ConfigError(
                f"forced_s is {self.forced_s!r}, below dwell_s {self.dwell_s!r}",
                hint="raise forced_s or lower dwell_s",
            )
        if number_of(self.stall_percent) is None or not 0 < self.stall_percent <= 100:
            raise ConfigError(
                f"stall_percent is {self.stall_percent!r}, expected more than 0, up to 100",
                hint="it is a share of the last 10 s",
            )

    def threshold(self, level: Level) -> float:
        """Ratio at which a level begins."""
        return 0.0 if level == "low" else float(getattr(self, level))

    def level(self, ratio: float) -> Level:
        """Return the level that a ratio enters."""
        return next(level for level in reversed(LEVELS) if ratio >= self.threshold(level))


@dataclass(frozen=True, slots=True)
class PressureChange:
    """One level gave way to another.

    Attributes:
        at_s: when, on the clock that was passed in.
        before: the level that was left.
        after: the level that was entered.
        ratio: used / limit then; 0.0 when no limit was known.
    """

    at_s: float
    before: Level
    after: Level
    ratio: float


class PressureMonitor:
    """The level that a policy sees, moment by moment. One thread at a time.

    The clock is passed in, so that it can be any; one that goes back stands still. A rise is never
    delayed, and after each change a fall takes `dwell_s` at least, one level at a time: so levels
    flap once per dwell at most.

    >>> monitor = PressureMonitor()
    >>> [monitor.update(ratio, now_s) for ratio, now_s in
    ...  [(0.96, 0), (0.94, 1), (0.89, 2), (0.89, 6), (0.89, 7)]]
    ['critical', 'critical', 'critical', 'critical', 'high']
    """

    def __init__(self, policy: PressurePolicy = PressurePolicy()) -> None:
        instance("policy", policy, PressurePolicy)
        self.policy = policy
        self._level: Level = "low"
        self._now_s = -math.inf
        self._under_s: float | None = None  # since when it is below the threshold,
        self._calm_s: float | None = None  # and the exit band too
        self._changes: deque[PressureChange] = deque(maxlen=_HISTORY)

    @property
    def level(self) -> Level:
        """The level now."""
        return self._level

    @property
    def changes(self) -> list[PressureChange]:
        """The last changes, the oldest first."""
        return list(self._changes)

    def update(self, ratio: float | None, now_s: float) -> Level:
        """Return the level, given used / limit and the time; None is no limit, and never short.

        Raises ConfigError for a ratio below 0 or one that is no number; nothing changes then.
        """
        number = 0.0 if ratio is None else not_negative("ratio", ratio)
        self._now_s = now_s = max(self._now_s, float(now_s))
        entered = self.policy.level(number)
        if LEVELS.index(entered) > LEVELS.index(self._level):
            self._go(entered, number)
        threshold = self.policy.threshold(self._level)
        self._under_s = _since(self._under_s, number < threshold, now_s)
        self._calm_s = _since(self._calm_s, number < threshold - self.policy.exit_band, now_s)
        if (self._calm_s is not None and now_s - self._calm_s >= self.policy.dwell_s) or (
            self._under_s is not None and now_s - self._under_s >= self.policy.forced_s
        ):
            self._go(LEVELS[LEVELS.index(self._level) - 1], number)
        return self._level

    def _go(self, level: Level, ratio: float) -> None:
        self._changes.append(PressureChange(self._now_s, self._level, level, ratio))
        self._level = level
        self._under_s = self._calm_s = None


def _since(began_s: float | None, holds: bool, now_s: float) -> float | None:
    """Since when something holds; None while it does not."""
    return (now_s if began_s is None else began_s) if holds else None
