"""How many buffers of a pool may be out, as demand and memory allow."""

from __future__ import annotations

import threading

from .demand import Demand


class Quota:
    """The most buffers that may be out now, never more than `ceiling`. Any thread.

    >>> quota = Quota(8)
    >>> [quota.adapt(most, now_s) for most, now_s in [(8, 0), (2, 1), (2, 61)]]
    [8, 8, 3]
    >>> quota.widen(), quota.most, quota.shrink(3, 62), quota.widen()
    (True, 4, 3, False)
    """

    def __init__(self, ceiling: int) -> None:
        self._lock = threading.Lock()
        self._ceiling = ceiling
        self._demand = Demand()
        self.most = ceiling
        self.short = False  # of memory: it must not rise

    def adapt(self, high: int, now_s: float) -> int:
        """Fit to the demand, given the most that were out since the last call: the new quota."""
        with self._lock:
            wanted = self._demand.update(high, now_s)
            bound = self.most if self.short else self._ceiling
            self.most = bound if wanted is None else min(wanted, bound)
            return self.most

    def shrink(self, high: int, now_s: float) -> int:
        """Hold it at the demand, without a margin, until `restore`: the new quota."""
        with self._lock:
            self._demand.update(high, now_s)
            self.short = True
            self.most = min(self.most, max(1, self._demand.high))
            return self.most

    def restore(self) -> None:
        """Let it be the ceiling."""
        with self._lock:
            self.short = False
            self.most = self._ceiling

    def widen(self) -> bool:
        """Let one more be out, because one more is needed: whether that is allowed."""
        with self._lock:
            wider = not self.short and self.most < self._ceiling
            self.most += wider
            return wider
