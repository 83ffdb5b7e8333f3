"""The last figures of something, in memory that is asked for once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..config import whole


@dataclass(frozen=True, slots=True)
class Summary:
    """What the last figures were like, in their own unit.

    Attributes:
        count: how many.
        mean: their mean.
        p50: half of them are no larger.
        p95: 95 of 100 are no larger.
        most: the largest.
    """

    count: int
    mean: float
    p50: float
    p95: float
    most: float


class History:
    """A ring of the last `size` figures with their times. One thread at a time.

    To add one takes the same time however many there are, and no memory.

    >>> history = History(3)
    >>> for n in range(5):
    ...     history.add(n, now_s=10.0 * n)
    >>> history.values.tolist(), history.times_s.tolist()
    ([2.0, 3.0, 4.0], [20.0, 30.0, 40.0])
    >>> history.summary()
    Summary(count=3, mean=3.0, p50=3.0, p95=3.9, most=4.0)
    """

    def __init__(self, size: int = 100) -> None:
        self.size = whole("size", size, 1, 2**24)
        self._rows = np.zeros((2, self.size))
        self.added = 0  # in all

    def add(self, value: float, now_s: float) -> None:
        """Keep a figure, and forget the oldest when the ring is full."""
        place = self.added % self.size
        self._rows[0, place] = now_s
        self._rows[1, place] = value
        self.added += 1

    def __len__(self) -> int:
        return min(self.added, self.size)

    @property
    def times_s(self) -> NDArray[np.float64]:
        """When, the oldest first: a copy."""
        return self._in_order(0)

    @property
    def values(self) -> NDArray[np.float64]:
        """What, the oldest first: a copy."""
        return self._in_order(1)

    def _in_order(self, row: int) -> NDArray[np.float64]:
        oldest = self.added % self.size if self.added > self.size else 0
        return np.concatenate((self._rows[row, oldest : len(self)], self._rows[row, :oldest]))

    def summary(self) -> Summary | None:
        """Return what they are like; None when there are none."""
        if not len(self):
            return None
        values = self.values
        p50, p95 = np.percentile(values, (50, 95))
        return Summary(
            len(values), float(values.mean()), float(p50), float(p95), float(np.max(values))
        )
