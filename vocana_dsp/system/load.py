"""Whether a load is high for long enough to act on it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from ..config import function_of, number_of, positive
from ..errors import ConfigError


class SustainedLoad:
    """A smoothed load, and whether it has stayed high. One thread at a time.

    It is fed with `ProcessSnapshot.cpu_percent`, or any other load, as often as one likes: the
    average forgets by time and not by count (an exponentially weighted moving average).

    Args:
        high_percent: from here on the load is high once it has stayed so for `sustain_s` ...
        calm_percent: ... until it has stayed below this for as long.
        sustain_s: how long.
        smoothing_s: time constant of the average: a step is followed to 63 % in that time.
        clock: monotonic seconds.

    Raises:
        ConfigError: a value is not above 0, or `calm_percent` above `high_percent`.

    >>> now = 0.0
    >>> load = SustainedLoad(80, 60, sustain_s=5, smoothing_s=1, clock=lambda: now)
    >>> told = []
    >>> for now in range(10):
    ...     _ = load.update(95)
    ...     told.append(load.high)
    >>> told.index(True)
    5
    """

    def __init__(
        self,
        high_percent: float = 80.0,
        calm_percent: float = 60.0,
        *,
        sustain_s: float = 5.0,
        smoothing_s: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._high_percent = positive("high_percent", high_percent, "%")
        self._calm_percent = positive("calm_percent", calm_percent, "%")
        self._sustain_s = positive("sustain_s", sustain_s, "s")
        self._smoothing_s = positive("smoothing_s", smoothing_s, "s")
        if calm_percent > high_percent:
            raise ConfigError(
                f"calm_percent is {calm_percent!r}, above high_percent {high_percent!r}",
                hint="a load is calm again below where it is high: lower calm_percent",
            )
        function_of("clock", clock)
        self._clock = clock
        self._updated_s: float | None = None
        self._since_s: float | None = None  # since when it would change, if it goes on so
        self.percent = 0.0  # the average
        self.high = False

    def update(self, percent: float) -> float:
        """Take a load of the time since the last call, and return the average.

        Raises:
            ConfigError: it is not a number from 0.
        """
        load = number_of(percent)
        if load is None or load < 0:
            raise ConfigError(
                f"the load is {percent!r}, expected percents from 0",
                hint="pass what ProcessMeter tells",
            )
        now_s = self._clock()
        if self._updated_s is None:
            self.percent = load
        else:
            kept = math.exp(-(now_s - self._updated_s) / self._smoothing_s)
            self.percent = load + (self.percent - load) * kept
        self._updated_s = now_s
        self._look(now_s)
        return self.percent

    def _look(self, now_s: float) -> None:
        if self.high:
            changes = self.percent < self._calm_percent
        else:
            changes = self.percent >= self._high_percent
        if not changes:
            self._since_s = None
            return
        if self._since_s is None:
            self._since_s = now_s
        if now_s - self._since_s >= self._sustain_s:
            self.high, self._since_s = not self.high, None
