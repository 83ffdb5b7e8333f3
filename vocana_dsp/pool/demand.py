"""How many buffers a pool needs, from how many were out at a time."""

from __future__ import annotations

import math
from collections import deque

from ..config import positive


class Demand:
    """The most buffers that were out at a time within a window, and some more.

    One thread at a time. The clock is passed in; what an update tells is taken as of its moment.

    Args:
        window_s: how far back it looks.
        margin: how much more than the most is wanted, as a share of it; one buffer at least.

    >>> demand = Demand(window_s=60, margin=0.25)
    >>> [demand.update(most, now_s) for most, now_s in [(8, 0), (2, 1), (2, 59), (2, 61)]]
    [None, None, None, 3]
    """

    def __init__(self, window_s: float = 60.0, margin: float = 0.25) -> None:
        self.window_s = positive("window_s", window_s, "s")
        self.margin = positive("margin", margin)
        # Highest first, and each later than the one before: what a later one exceeds tells nothing.
        self._highs: deque[tuple[float, int]] = deque()
        self._began_s: float | None = None

    @property
    def high(self) -> int:
        """The most that were out at a time within the window."""
        return self._highs[0][1] if self._highs else 0

    def update(self, most: int, now_s: float) -> int | None:
        """Return how many buffers are wanted, given the most that were out since the last update.

        None before it has looked for a whole window.
        """
        highs = self._highs
        if self._began_s is None:
            self._began_s = now_s
        while highs and highs[0][0] <= now_s - self.window_s:
            highs.popleft()
        while highs and highs[-1][1] <= most:
            highs.pop()
        highs.append((now_s, most))
        if now_s - self._began_s < self.window_s:
            return None
        return self.high + max(1, math.ceil(self.high * self.margin))
