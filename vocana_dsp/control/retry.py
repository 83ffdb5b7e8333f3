"""Trying again, later each time, by a policy that is plain data."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import TIMEOUT_MAX, Event
from typing import TYPE_CHECKING, Literal, TypeVar, cast, get_args

from ..config import function_of, not_negative, one_of, positive, whole
from ..errors import Cancelled, ConfigError, VocanaError
from .jitter import thread_rng

if TYPE_CHECKING:
    from tenacity import RetryCallState

Result = TypeVar("Result")
Spread = Literal["full", "slight", "none"]

SLIGHT = 0.2  # of the delay, to both sides


def retryable(error: BaseException) -> bool:
    """Whether the same call may succeed later: what the error itself says; no for foreign ones."""
    return isinstance(error, VocanaError) and error.retryable


@dataclass(frozen=True, slots=True)
class Retry:
    """How often to try, and how long to wait in between.

    The delay before attempt ``n + 1`` has the limit ``min(cap_ms, base_ms * factor**(n - 1))``, and
    `rest_ms` comes on top of what is drawn.

    Attributes:
        attempts: calls at most, the first included.
        base_ms: limit of the first delay.
        cap_ms: no limit is above it.
        factor: by how much a limit is longer than the one before.
        deadline_s: no attempt begins later than this after the first; None for no deadline. A
            delay that would end later is not begun.
        jitter: ``"full"`` draws each delay between 0 and its limit, so that many who failed
            together do not come back together; their mean is half the limit (M. Brooker,
            "Exponential Backoff and Jitter", 2015). ``"slight"`` stays within 20 % of the limit,
            ``"none"`` takes the limit.
        rest_ms: what two attempts are apart at least.

    >>> Retry(base_ms=1000, jitter="none").delays_s()
    [1.0, 2.0]
    >>> Retry(attempts=6, base_ms=1000, cap_ms=5000, jitter="none").delays_s()
    [1.0, 2.0, 4.0, 5.0, 5.0]
    """

    attempts: int = 3
    base_ms: float = 1000.0
    cap_ms: float = 5000.0
    factor: float = 2.0
    deadline_s: float | None = None
    jitter: Spread = "full"
    rest_ms: float = 0.0

    def __post_init__(self) -> None:
        whole("attempts", self.attempts, 1, 2**31 - 1)
        for name in ("base_ms", "cap_ms"):
            positive(name, getattr(self, name), "ms")
        if positive("factor", self.factor) < 1:
            raise ConfigError(
                f"factor is {self.factor!r}, expected 1 or more",
                hint="pass 2 to double each delay, 1 to leave them equal",
            )
        if self.deadline_s is not None:
            positive("deadline_s", self.deadline_s, "s")
        one_of("jitter", self.jitter, get_args(Spread))
        not_negative("rest_ms", self.rest_ms, "ms")

    def delays_s(self, rng: random.Random | None = None) -> list[float]:
        """Draw the delays of one call that fails to the end, in seconds."""
        return [self._delay_s(n, rng or thread_rng()) for n in range(self.attempts - 1)]

    def _delay_s(self, failed: int, rng: random.Random) -> float:
        """Delay after `failed` + 1 attempts."""
        try:
            limit_s = min(self.cap_ms, self.base_ms * self.factor**failed) / 1000.0
        except OverflowError:
            limit_s = self.cap_ms / 1000.0
        return self.rest_ms / 1000.0 + self._draw_s(limit_s, rng)

    def _draw_s(self, limit_s: float, rng: random.Random) -> float:
        if self.jitter == "full":
            return rng.uniform(0.0, limit_s)
        if self.jitter == "slight":
            return limit_s * rng.uniform(1.0 - SLIGHT, 1.0 + SLIGHT)
        return limit_s

    def call(
        self,
        function: Callable[[], Result],
        *,
        when: Callable[[BaseException], bool] = retryable,
        cancel: Event | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
        rng: random.Random | None = None,
    ) -> Result:
        """Return what `function` returns, calling it again when it fails.

        For any thread but the audio thread.

        Args:
            function: what to try. Its attempts are never cut short.
            when: whether an error is worth another attempt; by default a `VocanaError` that says
                so of itself. Errors that are no `Exception`, such as KeyboardInterrupt, never are.
            cancel: once it is set, no attempt and no delay begins, and a delay ends at once.
            clock: seconds that never go back.
            sleep: how to wait for seconds; by default for `cancel`.
            rng: where delays are drawn from; by default a generator of this thread.

        Raises:
            Cancelled: `cancel` was set; its cause is the last failure.
            Exception: what the last attempt raised, with a note on each attempt.

        >>> from vocana_dsp import DeviceError
        >>> answers = [DeviceError("gone"), DeviceError("gone"), None]
        >>> def open_device():
        ...     if (answer := answers.pop(0)): raise answer
        ...     return "open"
        >>> Retry(base_ms=1).call(open_device)
        'open'
        """
        from tenacity import Retrying

        for name, value in (("function", function), ("when", when), ("clock", clock)):
            function_of(name, value)
        function_of("sleep", sleep, optional=True)
        cancelled = cancel or Event()
        draws = rng or thread_rng()
        began_s = clock()
        notes: list[str] = []
        failure: BaseException | None = None  # not told to tenacity, which would keep it in a cycle

        def attempt() -> Result | None:
            nonlocal failure
            try:
                if cancelled.is_set():
                    raise Cancelled(f"cancelled after {len(notes)} attempts") from failure
                result = function()
            except BaseException as error:
                failure = error
                return None
            failure = None
            return result

        def again(state: RetryCallState) -> bool:
            if failure is None or (isinstance(failure, Cancelled) and cancelled.is_set()):
                return False
            at_s = clock() - began_s
            notes.append(f"attempt {state.attempt_number} failed after {at_s:.3f} s: {failure!r}")
            return isinstance(failure, Exception) and when(failure)

        def stop(state: RetryCallState) -> bool:
            ends_s = clock() - began_s + state.upcoming_sleep
            late = self.deadline_s is not None and ends_s > self.deadline_s
            return state.attempt_number >= self.attempts or (late and not cancelled.is_set())

        def wait(state: RetryCallState) -> float:
            return self._delay_s(state.attempt_number - 1, draws)

        def rest(delay_s: float) -> None:
            if sleep is None:
                cancelled.wait(min(delay_s, TIMEOUT_MAX))
            elif not cancelled.is_set():
                sleep(delay_s)

        policy = Retrying(
            wait=wait, stop=stop, retry=again, sleep=rest, retry_error_callback=lambda state: None
        )
        try:
            result = policy(attempt)
            if failure is not None:
                raise failure
            return cast(Result, result)
        except BaseException as error:
            for note in notes:
                error.add_note(note)
            raise
        finally:
            failure = None  # its traceback holds this call
