"""Pacing: so many in a row, and on the average so many a second."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile
from numbers import Rational
from threading import Event
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

from ..config import function_of, positive, seconds, whole
from ..errors import TimedOut

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from asyncio import Event as AsyncEvent

_NS_PER_S = 1_000_000_000
_MAX_BURST = 2**63 - 1
_LONGEST_NS = 3600 * _NS_PER_S  # a wait is made in pieces that every system can wait for


class _Turn(Protocol):
    def set(self) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    cost: int
    deadline_ns: int | None
    turn: _Turn  # wakes it

    @property
    def gone(self) -> bool:
        """Whether it is a task whose loop was closed over it."""
        return isinstance(self.turn, _LoopTurn) and self.turn.loop.is_closed()


@dataclass(frozen=True, slots=True)
class _LoopTurn:
    loop: AbstractEventLoop
    event: AsyncEvent

    def set(self) -> None:
        self.loop.call_soon_threadsafe(self.event.set)


class TokenBucket:
    """Tokens that come at a steady rate and are kept up to a limit; each grant takes some.

    The account is in whole numbers, so nothing is lost to rounding: over any time ``t`` no more
    than ``burst + rate * t`` tokens are granted, and who asks often enough gets all of these.
    Waiters are served in the order in which they came, and nobody passes them.

    For any thread but the audio thread; `acquire_async` for any event loop.

    Args:
        rate_per_s: tokens a second. A `fractions.Fraction` is exact: see `per_hour`.
        burst: tokens that may be saved up, and the highest cost of a grant.
        initial: tokens at the start; None for `burst`. Time counts from now on.
        clock: nanoseconds that never go back.
        wait: waits for an event, so many seconds at most.

    Raises:
        ConfigError: a number is out of range.

    >>> now_ns = 0
    >>> bucket = TokenBucket.per_minute(60, burst=2, clock=lambda: now_ns)
    >>> bucket.try_acquire(), bucket.try_acquire(), bucket.try_acquire()
    (True, True, False)
    >>> bucket.time_until(1)
    1000000000
    """

    def __init__(
        self,
        rate_per_s: float | Fraction,
        burst: int = 1,
        *,
        initial: int | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
        wait: Callable[[Event, float], object] = Event.wait,
    ) -> None:
        rate = positive("rate_per_s", cast(float, rate_per_s))
        exact = Fraction(rate_per_s if isinstance(rate_per_s, Rational) else rate)
        per_ns = exact / _NS_PER_S
        # Tokens are counted in parts, of which a whole number comes every nanosecond.
        self._parts_per_ns, self._parts_per_token = per_ns.numerator, per_ns.denominator
        self._burst = whole("burst", burst, 1, _MAX_BURST)
        tokens = self._burst if initial is None else whole("initial", initial, 0, self._burst)
        self._parts = tokens * self._parts_per_token
        function_of("clock", clock)
        function_of("wait", wait)
        self._clock = clock
        self._wait = wait
        self._counted_ns = clock()
        self._lock = threading.Lock()
        self._waiters: deque[_Waiter] = deque()

    @classmethod
    def per_hour(cls, count: int, burst: int = 1, **more: Any) -> Self:
        """Make a bucket of exactly `count` tokens an hour."""
        return cls(Fraction(whole("count", count, 1, _MAX_BURST), 3600), burst, **more)

    @classmethod
    def per_minute(cls, count: int, burst: int = 1, **more: Any) -> Self:
        """Make a bucket of exactly `count` tokens a minute."""
        return cls(Fraction(whole("count", count, 1, _MAX_BURST), 60), burst, **more)

    @property
    def burst(self) -> int:
        """Tokens that may be saved up, and the highest cost of a grant."""
        return self._burst

    @property
    def tokens(self) -> int:
        """Whole tokens that are there now."""
        with self._lock:
            self._count()
            return self._parts // self._parts_per_token

    @property
    def waiting(self) -> int:
        """How many wait for a grant."""
        with self._lock:
            return len(self._in_line())

    def try_acquire(self, cost: int = 1) -> bool:
        """Take `cost` tokens if they are there and nobody waits for them: whether they were.

        Raises ConfigError when `cost` is above `burst`: it could never be granted.
        """
        cost = self._whole_cost(cost)
        with self._lock:
            self._count()
            return not self._in_line() and self._take(cost)

    def time_until(self, cost: int = 1) -> int:
        """Nanoseconds until `cost` tokens are there, besides those that others wait for.

        Exact, unless a waiter gives up: they are not there one nanosecond earlier.

        Raises ConfigError when `cost` is above `burst`: it could never be granted.
        """
        cost = self._whole_cost(cost)
        with self._lock:
            self._count()
            return self._due_ns(cost + sum(waiter.cost for waiter in self._in_line()))

    def acquire(self, cost: int = 1, timeout_s: float | None = None) -> None:
        """Take `cost` tokens, after those who came before, within `timeout_s` seconds.

        Raises:
            TimedOut: they will not be there in time, which is told as soon as it is sure.
                Nothing has been taken.
            ConfigError: `cost` is above `burst`.
        """
        turn = Event()
        with self._queued(cost, timeout_s, turn) as waiter:
            while (rest_ns := self._rest_ns(waiter)) is not None:
                self._wait(turn, rest_ns / _NS_PER_S)
                turn.clear()

    async def acquire_async(self, cost: int = 1, timeout_s: float | None = None) -> None:
        """Do what `acquire` does, in an event loop and in the same line of waiters.

        A task that is cancelled has taken nothing. The loop sleeps by its own clock.
        """
        import asyncio

        event = asyncio.Event()
        with self._queued(cost, timeout_s, _LoopTurn(asyncio.get_running_loop(), event)) as waiter:
            while (rest_ns := self._rest_ns(waiter)) is not None:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(rest_ns / _NS_PER_S):
                        await event.wait()
                event.clear()

    def _whole_cost(self, cost: int) -> int:
        return whole("cost", cost, 1, self._burst)

    @contextlib.contextmanager
    def _queued(self, cost: int, timeout_s: float | None, turn: _Turn) -> Iterator[_Waiter]:
        """Stand in line, and let the next one look when it ends, however it ends."""
        deadline_ns = None
        limit_s = math.inf if timeout_s is None else seconds("timeout_s", timeout_s)
        if limit_s < math.inf:
            deadline_ns = self._clock() + round(limit_s * _NS_PER_S)
        waiter = _Waiter(self._whole_cost(cost), deadline_ns, turn)
        try:
            with self._lock:
                self._wake_first()
                self._waiters.append(waiter)
            yield waiter
        finally:
            with self._lock:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
                self._wake_first()

    def _rest_ns(self, waiter: _Waiter) -> int | None:
        """Take what the waiter wants when it is its turn: None. Else how long it may sleep."""
        with self._lock:
            now_ns = self._count()
            line = self._in_line()
            if line[0] is waiter:
                if self._take(waiter.cost):
                    return None
                rest_ns = self._due_ns(waiter.cost)
            else:  # the one before wakes it, unless that one's loop is closed meanwhile
                before = takewhile(lambda other: other is not waiter, line)
                rest_ns = self._due_ns(waiter.cost + sum(other.cost for other in before))
                rest_ns = max(rest_ns, _NS_PER_S)
            if waiter.deadline_ns is None:
                return min(rest_ns, _LONGEST_NS)
            left_ns = waiter.deadline_ns - now_ns
            due_ns = self._due_ns(waiter.cost)  # at best, for one who is not the first
            if left_ns <= 0 or due_ns > left_ns:
                raise TimedOut(
                    f"{waiter.cost} tokens are {due_ns / _NS_PER_S:g} s or more away, expected "
                    f"them within {max(left_ns, 0) / _NS_PER_S:g} s",
                    hint="pass a longer timeout_s, or ask for less at a time",
                )
            return min(rest_ns, left_ns, _LONGEST_NS)

    # --- Only with the lock held ------------------------------------------------------------------

    def _in_line(self) -> deque[_Waiter]:
        """Return those who wait, without those who are gone."""
        for waiter in [waiter for waiter in self._waiters if waiter.gone]:
            self._waiters.remove(waiter)
        return self._waiters

    def _wake_first(self) -> None:
        """Let the first one look."""
        while line := self._in_line():
            try:
                line[0].turn.set()
                return
            except RuntimeError:  # its loop was closed just now
                line.popleft()

    def _count(self) -> int:
        """Count the tokens that have come; return the time."""
        now_ns = self._clock()
        come = (now_ns - self._counted_ns) * self._parts_per_ns
        if come > 0:
            self._counted_ns = now_ns
            self._parts = min(self._parts + come, self._burst * self._parts_per_token)
        return now_ns

    def _take(self, cost: int) -> bool:
        parts = cost * self._parts_per_token
        if parts > self._parts:
            return False
        self._parts -= parts
        return True

    def _due_ns(self, cost: int) -> int:
        """Nanoseconds until `cost` tokens are there: rounded up, so that they are there then."""
        missing = cost * self._parts_per_token - self._parts
        return max(0, -(-missing // self._parts_per_ns))
