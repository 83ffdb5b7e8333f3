"""Random delays that keep those apart who would otherwise act together."""

from __future__ import annotations

import itertools
import math
import random
import threading

from ..config import positive
from ..errors import ConfigError

_local = threading.local()


def thread_rng() -> random.Random:
    """Return this thread's own generator, seeded by the system when the thread first asks.

    >>> thread_rng() is thread_rng()
    True
    """
    rng: random.Random | None = getattr(_local, "rng", None)
    if rng is None:
        rng = _local.rng = random.Random()
    return rng


class Jitter:
    """A delay by chance that is longer the busier something is, and never nothing.

    ``U(floor, 1) * max_ms * max(floor, used)``, where `used` is the share that is in use. Idle
    callers are kept apart too, because `floor` is above 0.

    For any thread: each draws from a generator of its own.

    Args:
        max_ms: the longest delay.
        floor: the least share, above 0 and below 1.
        seed: gives the same delays each time, thread by thread in the order in which they come;
            None seeds by the system.

    >>> jitter = Jitter(100, floor=0.5, seed=7)
    >>> 50 <= jitter.delay_ms(used_percent=100) <= 100, 25 <= jitter.delay_ms(0) <= 50
    (True, True)
    """

    def __init__(self, max_ms: float, *, floor: float = 0.1, seed: int | None = None) -> None:
        self._max_ms = positive("max_ms", max_ms, "ms")
        self._floor = positive("floor", floor)
        if self._floor >= 1:
            raise ConfigError(
                f"floor is {floor!r}, expected a share above 0 and below 1",
                hint="pass 0.1 for delays of a tenth of the longest, or more",
            )
        self._seed = seed
        self._threads = itertools.count()
        self._local = threading.local()

    def delay_ms(self, used_percent: float) -> float:
        """Draw a delay in milliseconds; `used_percent` counts as 0 below that, as 100 above."""
        if math.isnan(used_percent):
            raise ConfigError(
                f"used_percent is {used_percent!r}, expected a number from 0 to 100",
                hint="pass 0 when nothing is in use",
            )
        used = min(max(used_percent / 100.0, self._floor), 1.0)
        return self._rng().uniform(self._floor, 1.0) * self._max_ms * used

    def _rng(self) -> random.Random:
        rng: random.Random | None = getattr(self._local, "rng", None)
        if rng is None:
            thread = next(self._threads)
            rng = random.Random(None if self._seed is None else f"{self._seed} {thread}")
            self._local.rng = rng
        return rng
