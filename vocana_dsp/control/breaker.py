"""A rest for what fails again and again: storage, a server, a download."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from ..config import function_of, instance, positive, whole
from ..errors import ConfigError, ResourceBusy
from .jitter import thread_rng
from .states import StateMachine, Transition

Result = TypeVar("Result")
BreakerState = Literal["closed", "open", "half_open"]

_TABLE: dict[BreakerState, tuple[BreakerState, ...]] = {
    "closed": ("open",),
    "open": ("half_open",),
    "half_open": ("closed", "open"),
}


@dataclass(frozen=True, slots=True)
class Trip:
    """When a circuit breaker opens, for how long, and how it closes again.

    Attributes:
        failures: so many failures within `window_s` open it.
        window_s: how long a failure counts.
        rest_s: how long it stays open.
        spread_s: by how much a rest may be longer, by chance, so that many do not come back at
            the same moment.
        probes: calls that are let through after the rest. When all of them succeed it closes;
            when one fails, or hangs for as long as a rest, it opens again.

    >>> NORMAL.failures, SENSITIVE.failures, RESILIENT.failures
    (3, 2, 5)
    """

    failures: int = 3
    window_s: float = 300.0
    rest_s: float = 120.0
    spread_s: float = 0.0
    probes: int = 1

    def __post_init__(self) -> None:
        whole("failures", self.failures, 1, 2**31 - 1)
        positive("window_s", self.window_s, "s")
        positive("rest_s", self.rest_s, "s")
        if self.spread_s != 0:
            positive("spread_s", self.spread_s, "s")
        whole("probes", self.probes, 1, 2**31 - 1)


NORMAL = Trip()
SENSITIVE = Trip(failures=2, window_s=600.0, rest_s=300.0)
RESILIENT = Trip(failures=5, window_s=180.0, rest_s=60.0)


class CircuitBreaker:
    """Calls something while it works, and leaves it alone for a while when it does not.

    For any thread but the audio thread; the breaker of a capture, which counts blocks and frames,
    is `Breaker`. Calls run at the same time; of those that end after the state has changed the
    outcome no longer counts.

    Args:
        trip: when it opens and closes: `NORMAL`, `SENSITIVE`, `RESILIENT` or a `Trip` of your own.
        counts: whether an error that a call raised is a failure of what was called; by default
            every `Exception` but `ConfigError`, which is the caller's. Others are no answer.
        clock: seconds that never go back.
        rng: where `spread_s` is drawn from; by default a generator of each thread.

    >>> now_s = 0.0
    >>> breaker = CircuitBreaker(Trip(failures=1, rest_s=60), clock=lambda: now_s)
    >>> try: breaker.call(lambda: 1 / 0)
    ... except ZeroDivisionError: print(breaker.state, breaker.rest_s)
    open 60.0
    >>> now_s = 60.0
    >>> breaker.call(lambda: "works"), breaker.state
    ('works', 'closed')
    """

    def __init__(
        self,
        trip: Trip = NORMAL,
        *,
        counts: Callable[[BaseException], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        instance("trip", trip, Trip)
        function_of("counts", counts, optional=True)
        function_of("clock", clock)
        self._trip = trip
        self._counts = counts or _is_failure
        self._clock = clock
        self._rng = rng
        self._lock = threading.Lock()
        self._machine: StateMachine[BreakerState] = StateMachine(_TABLE, "closed", clock=clock)
        self._failed_s: deque[float] = deque(maxlen=trip.failures)  # times of the last failures
        self._rested_s = 0.0  # when the rest is over
        self._admitted = 0  # probes that run or have succeeded
        self._admitted_s = 0.0  # when the last of them was let through
        self._succeeded = 0  # of these
        self._turns = 0  # changes of state so far

    @property
    def state(self) -> BreakerState:
        """``"closed"``, ``"open"`` or, once a probe was let through, ``"half_open"``."""
        return self._machine.state

    @property
    def rest_s(self) -> float:
        """Seconds until it lets a probe through; 0 when it is not open."""
        with self._lock:
            return self._rest_s()

    @property
    def history(self) -> list[Transition[BreakerState]]:
        """The last changes of state, oldest first."""
        return self._machine.history

    def call(self, function: Callable[[], Result]) -> Result:
        """Return what `function` returns, or raise what it raises.

        Raises:
            ResourceBusy: code ``"breaker_open"``; it rests, or all probes are under way. `function`
                has not been called.
        """
        function_of("function", function)
        turn = self._admit()
        try:
            result = function()
        except BaseException as error:
            self._answered(turn, False if self._counts(error) else None)
            raise
        self._answered(turn, True)
        return result

    def _admit(self) -> int:
        """Let a call through: the turn in which its outcome counts."""
        with self._lock:
            if self._machine.state == "open" and self._rest_s() == 0.0:
                self._become("half_open", "the rest is over")
                self._admitted = self._succeeded = 0
            if self._machine.state == "open":
                raise ResourceBusy(
                    f"{self._trip.failures} calls failed, expected none for "
                    f"{self._rest_s():.3g} s more",
                    code="breaker_open",
                    hint="try again after that",
                )
            if self._machine.state == "half_open":
                self._probe()
            return self._turns

    def _probe(self) -> None:
        now_s = self._clock()
        if self._admitted == self._trip.probes:
            if now_s - self._admitted_s >= self._trip.rest_s:
                self._rest("a probe hangs")
            raise ResourceBusy(
                f"{self._admitted} calls find out whether it works again, expected their outcome "
                "first",
                code="breaker_open",
                hint="try again when they are over",
            )
        self._admitted += 1
        self._admitted_s = now_s

    def _answered(self, turn: int, succeeded: bool | None) -> None:
        with self._lock:
            if turn != self._turns:
                return
            if self._machine.state == "half_open":
                self._probed(succeeded)
            elif succeeded is False:
                self._failed()

    def _probed(self, succeeded: bool | None) -> None:
        if succeeded is None:
            self._admitted -= 1  # another one may look
        elif succeeded:
            self._succeeded += 1
            if self._succeeded == self._trip.probes:
                self._become("closed", "it works again")
        else:
            self._rest("a probe failed")

    def _failed(self) -> None:
        now_s = self._clock()
        self._failed_s.append(now_s)
        full = len(self._failed_s) == self._trip.failures
        if full and now_s - self._failed_s[0] <= self._trip.window_s:
            self._rest(f"{self._trip.failures} failures within {self._trip.window_s:g} s")

    def _rest(self, reason: str) -> None:
        spread_s = (self._rng or thread_rng()).uniform(0.0, self._trip.spread_s)
        self._rested_s = self._clock() + self._trip.rest_s + spread_s
        self._failed_s.clear()
        self._become("open", reason)

    def _become(self, state: BreakerState, reason: str) -> None:
        self._machine.to(state, reason)
        self._turns += 1

    def _rest_s(self) -> float:
        if self._machine.state != "open":
            return 0.0
        return max(0.0, self._rested_s - self._clock())


def _is_failure(error: BaseException) -> bool:
    return isinstance(error, Exception) and not isinstance(error, ConfigError)
