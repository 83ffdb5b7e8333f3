"""When a capture gives its device up, and how it looks for another one."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ..config import number_of, positive, whole
from ..control.retry import Retry
from ..errors import ConfigError

_MOST_ATTEMPTS = 100
_MOST_DELAY_MS = 1000.0  # a device that is back is not to wait longer


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a capture does when its device is lost, stops calling, or gives only zeros.

    It stops the device, rests for `settle_ms`, and opens it again, `attempts` times at most, with
    another rest and a random delay before each; then each fallback once. A device counts as back
    when its first block has come. The capture has failed when none is: after the last attempt, or
    `deadline_s` after the fault. A device that may take long to come back needs more attempts.

    Attributes:
        attempts: how often the device itself is opened again before the first fallback.
        settle_ms: rest before each attempt, for drivers that need one; 0 is none.
        deadline_s: what all of it takes at most, in seconds from the fault. What is left of them is
            shared among the devices that are left.
        delay_ms: upper bound of the random delay that follows the rest before the second attempt;
            it doubles with each attempt, up to a second.
        stall_s: seconds without a callback, and ten blocks without one, that make a fault.
        silence_s: seconds of nothing but zeros that make a fault; None, and silence is only told
            as an event, after ten seconds. Zeros are all that is seen of a source that ends on a
            JACK server: name some seconds there.
        log: file to which each recovery adds a line of JSON: why, when, how long, what failed.

    >>> Recovery(deadline_s=3).attempts
    3
    """

    attempts: int = 3
    settle_ms: float = 500.0
    deadline_s: float = 5.0
    delay_ms: float = 250.0
    stall_s: float = 2.0
    silence_s: float | None = None
    log: str | os.PathLike[str] | None = None

    def __post_init__(self) -> None:
        whole("attempts", self.attempts, 1, _MOST_ATTEMPTS)
        settle_ms = number_of(self.settle_ms)
        if settle_ms is None or settle_ms < 0:
            raise ConfigError(
                f"settle_ms is {self.settle_ms!r}, expected a number of ms, 0 or more",
                hint="500 suits most drivers; 0 opens the device again at once",
            )
        for name, unit in (("deadline_s", "s"), ("delay_ms", "ms"), ("stall_s", "s")):
            positive(name, getattr(self, name), unit)
        if self.silence_s is not None:
            positive("silence_s", self.silence_s, "s")
        if self.log is not None and not isinstance(self.log, str | os.PathLike):
            raise ConfigError(
                f"log is {self.log!r}, expected a path or None",
                hint="name a file: 'recoveries.jsonl'",
            )
        if settle_ms >= self.deadline_s * 1000.0:
            raise ConfigError(
                f"settle_ms is {self.settle_ms!r}, expected less than deadline_s, "
                f"{self.deadline_s!r} s",
                hint="the rest is part of the deadline: lower settle_ms or raise deadline_s",
            )

    def retry(self, deadline_s: float) -> Retry:
        """Return how the device itself is tried within that many seconds."""
        return Retry(
            self.attempts,
            self.delay_ms,
            max(self.delay_ms, _MOST_DELAY_MS),
            deadline_s=deadline_s,
            rest_ms=self.settle_ms,
        )
