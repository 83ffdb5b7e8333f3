"""Whether a figure grows, beyond its noise and beyond single steps."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import floats
from ..config import positive, whole
from ..errors import ConfigError
from .history import History

_MIN_SAMPLES = 20
_MAX_SAMPLES = 1000  # each is compared with each: 20 MB for a moment
_HALF_DEVIATIONS = 3.5  # by which each half of the window must rise as well


@dataclass(frozen=True, slots=True)
class Slope:
    """How fast something rises, and between which bounds that is known, in units per second.

    Attributes:
        per_s: the slope.
        least_per_s: its lower bound.
        most_per_s: its upper bound.
    """

    per_s: float
    least_per_s: float
    most_per_s: float


def theil_sen(
    times_s: NDArray[np.float64], values: NDArray[np.float64], deviations: float = 3.0
) -> Slope:
    """Return the median of the slopes of all pairs: one outlier in four does not move it far.

    The bounds are the slopes so many standard deviations of Kendall's statistic below and above the
    median: H. Theil, "A rank-invariant method of linear and polynomial regression analysis" (1950);
    P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", J. Am. Stat. Assoc.
    63 (1968), section 3.

    Args:
        times_s: (n,), rising; n is at least 2.
        values: (n,).
        deviations: of the bounds.

    Raises ConfigError for what is not so, or no number.

    >>> slope = theil_sen(np.arange(9.0), np.array([0, 2, 4, 6, 99, 10, 12, 14, 16.0]))
    >>> slope.per_s
    2.0
    """
    positive("deviations", deviations)
    times_s, values = floats("times_s", times_s, "fiu"), floats("values", values, "fiu")
    n, same = times_s.size, times_s.ndim == values.ndim == 1 and len(times_s) == len(values)
    if n < 2 or not (same and np.isfinite(values).all() and (np.diff(times_s) > 0).all()):
        raise ConfigError(
            f"times_s and values are {n} and {values.size} figures, expected 2 or more of each, "
            "finite, with times that rise",
            hint="sort by time, and leave out what is no number",
        )
    first, second = np.triu_indices(n, 1)
    slopes = np.sort((values[second] - values[first]) / (times_s[second] - times_s[first]))
    half = deviations * math.sqrt(n * (n - 1) * (2 * n + 5) / 18) / 2
    middle = (len(slopes) - 1) / 2
    low, high = max(0, math.floor(middle - half)), min(len(slopes) - 1, math.ceil(middle + half))
    return Slope(float(np.median(slopes)), float(slopes[low]), float(slopes[high]))


@dataclass(frozen=True, slots=True)
class Growth:
    """Memory that grows.

    Attributes:
        kib_per_min: how fast.
        least_kib_per_min: as fast at least, given its noise.
        seconds: over how long that was seen.
        bytes_now: how much there is.
    """

    kib_per_min: float
    least_kib_per_min: float
    seconds: float
    bytes_now: int


class GrowthWatch:
    """Looks for growth in the memory of a process. One thread at a time; the clock is passed in.

    Growth is a slope whose lower bound is above `limit_kib_per_min`, and a rise in both halves of
    the window: a single step, however high, is none. A growth is told once, and another one when
    the first has ended.

    Args:
        limit_kib_per_min: growth that does not matter.
        window_s: how far back it looks; at most 1000 intervals.
        interval_s: between two samples, at least; more of them are left out.
        deviations: how sure it must be, in standard deviations.

    Raises:
        ConfigError: an argument is out of its range.

    >>> watch = GrowthWatch()
    >>> told = [watch.update(50_000_000 + 20_000 * s, now_s=s) for s in range(120)]
    >>> [(s, round(growth.kib_per_min)) for s, growth in enumerate(told) if growth]
    [(60, 1172)]
    """

    def __init__(
        self,
        limit_kib_per_min: float = 10.0,
        *,
        window_s: float = 120.0,
        interval_s: float = 1.0,
        deviations: float = 4.0,
    ) -> None:
        self.limit_kib_per_min = positive("limit_kib_per_min", limit_kib_per_min, "KiB/min")
        self.window_s = positive("window_s", window_s, "s")
        self.interval_s = positive("interval_s", interval_s, "s")
        self.deviations = positive("deviations", deviations)
        samples = self.window_s / self.interval_s
        if samples > _MAX_SAMPLES:
            raise ConfigError(
                f"window_s is {window_s!r}, expected {_MAX_SAMPLES} times interval_s at most",
                hint="look back less far, or pass a longer interval_s",
            )
        self.history = History(max(_MIN_SAMPLES, round(samples)))
        self._next_s = -math.inf
        self._growing = False

    def update(self, rss_bytes: int, now_s: float) -> Growth | None:
        """Return a growth when one has just been found, given the memory and the time.

        Raises ConfigError for a memory below 0, or one that is no number of bytes.
        """
        whole("rss_bytes", rss_bytes, 0, 2**63)
        if now_s < self._next_s:
            return None
        self._next_s = now_s + self.interval_s
        self.history.add(rss_bytes, now_s)
        times_s, values = self.history.times_s, self.history.values
        seconds = times_s[-1] - times_s[0]
        if len(values) < _MIN_SAMPLES or seconds < self.window_s / 2:
            return None
        slope = theil_sen(times_s, values, self.deviations)
        if slope.least_per_s * 60 / 1024 <= self.limit_kib_per_min:
            self._growing = self._growing and slope.least_per_s > 0
            return None
        middle = len(values) // 2
        halves = (slice(None, middle), slice(middle, None))
        if self._growing or not all(
            theil_sen(times_s[half], values[half], _HALF_DEVIATIONS).least_per_s > 0
            for half in halves
        ):
            return None
        self._growing = True
        return Growth(
            slope.per_s * 60 / 1024, slope.least_per_s * 60 / 1024, float(seconds), int(rss_bytes)
        )
