"""Whether the machine has slept: one clock that goes on then, beside one that stands still."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..config import function_of, positive

# How close together both clocks are read, and how often that is tried on a machine that is busy.
TOGETHER_S = 0.01
TRIES = 8


def boot_s() -> float:
    """Return seconds since the machine started, those of its sleep too.

    Where the system has no such clock it is ``time.monotonic``, and no sleep is ever seen.
    """
    boottime: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boottime is None else time.clock_gettime(boottime)


class SuspendWatch:
    """Tells for how long the machine slept since somebody looked last. One thread at a time.

    Neither clock follows the wall clock, so a change of the time of day is no sleep; and a thread
    that was stopped, or waited for the GIL, has not slept either: both clocks went on.

    Args:
        awake: seconds on a clock that stands still while the machine sleeps.
        always: seconds on a clock that does not.
        least_s: a shorter sleep is not told now, but adds to the next one.

    Raises:
        ConfigError: `least_s` is not above 0.

    >>> clocks = {"awake": 10.0, "always": 10.0}
    >>> watch = SuspendWatch(lambda: clocks["awake"], lambda: clocks["always"])
    >>> clocks.update(awake=11.0, always=41.0)
    >>> watch.slept_s(), watch.slept_s(), watch.total_s
    (30.0, 0.0, 30.0)
    """

    def __init__(
        self,
        awake: Callable[[], float] = time.monotonic,
        always: Callable[[], float] = boot_s,
        *,
        least_s: float = 1.0,
    ) -> None:
        function_of("awake", awake)
        function_of("always", always)
        self._awake, self._always = awake, always
        self._least_s = positive("least_s", least_s, "s")
        self._seen_s = self._lead_s()
        self.total_s = 0.0

    def slept_s(self) -> float:
        """Return seconds of sleep since the last sleep that was told; 0.0 when there was none."""
        lead_s = self._lead_s()
        slept_s = lead_s - self._seen_s
        if slept_s < self._least_s:
            return 0.0
        self._seen_s = lead_s
        self.total_s += slept_s
        return slept_s

    def _lead_s(self) -> float:
        """By how much one clock is ahead of the other, read at one moment.

        A thread may be put aside between two reads. The second look at the clock that sleeps tells:
        it leaves the lead too small rather than too large, and a sleep is told a little later.
        """
        lead_s = -float("inf")
        for _ in range(TRIES):
            before_s = self._awake()
            always_s = self._always()
            after_s = self._awake()
            lead_s = max(lead_s, always_s - after_s)
            if after_s - before_s <= TOGETHER_S:
                break
        return lead_s
