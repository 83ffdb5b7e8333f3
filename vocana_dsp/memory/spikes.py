"""Figures that are far above what they usually are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..config import number_of, positive
from ..errors import ConfigError
from .history import History

_SIGMA = 1.4826  # standard deviation of normal noise, of its median absolute deviation
_MIN_SAMPLES = 20
_CONTEXT = 8  # figures before a spike that are told with it


@dataclass(frozen=True, slots=True)
class Spike:
    """A figure that is far above the others.

    Attributes:
        value: the figure.
        at_s: when, on the clock that was passed in.
        usual: the median of those before.
        deviation: their spread, as the standard deviation that normal noise of that spread has.
        before: the figures right before it, the oldest first.
    """

    value: float
    at_s: float
    usual: float
    deviation: float
    before: tuple[float, ...]


class SpikeWatch:
    """Looks for spikes in any figure: a latency, a duration, a level of memory.

    A spike is a figure more than `k` standard deviations above the median, both of the last `size`
    figures; the deviation is that of the median absolute deviation, which spikes do not widen. It
    is told once: as long as the figures stay up there, that is one spike. One thread at a time.

    Args:
        k: deviations above the median.
        size: figures that are looked at.
        least: a deviation below this counts as this, in the unit of the figures.

    >>> watch = SpikeWatch(least=0.1)
    >>> figures = [5.0, 5.1, 4.9] * 10 + [9.0, 9.1, 5.0]
    >>> [spike.value for n, x in enumerate(figures) if (spike := watch.update(x, now_s=n))]
    [9.0]
    """

    def __init__(self, k: float = 8.0, *, size: int = 100, least: float = 1e-9) -> None:
        self.k = positive("k", k)
        self.least = positive("least", least)
        self.history = History(size)
        self._up = False

    def update(self, value: float, now_s: float) -> Spike | None:
        """Return a spike when this figure begins one; ConfigError for what is no number."""
        number = number_of(value)
        if number is None:
            raise ConfigError(f"value is {value!r}, expected a number", hint="pass a finite number")
        spike = self._spike(number, now_s) if len(self.history) >= _MIN_SAMPLES else None
        self.history.add(number, now_s)
        told, self._up = spike if not self._up else None, spike is not None
        return told

    def _spike(self, value: float, now_s: float) -> Spike | None:
        values = self.history.values
        usual = float(np.median(values))
        deviation = max(self.least, _SIGMA * float(np.median(np.abs(values - usual))))
        if value <= usual + self.k * deviation:
            return None
        return Spike(value, now_s, usual, deviation, tuple(values[-_CONTEXT:].tolist()))
