"""The last errors, how many of each kind, and whether they come in bursts."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from ..config import function_of, instance, positive, whole
from ..errors import VocanaError

_KEPT_ERRORS = 10
_ISOLATED_AFTER = 5  # failures of a callback in a row


@dataclass(frozen=True, slots=True)
class Burst:
    """When errors of one code are no chance any more: `count` of them within `window_s`."""

    count: int = 5
    window_s: float = 10.0

    def __post_init__(self) -> None:
        whole("count", self.count, 1, 2**31 - 1)
        positive("window_s", self.window_s, "s")


@dataclass(frozen=True, slots=True)
class Failure:
    """An error that was recorded.

    Attributes:
        number: how many were recorded before it.
        time_s: when, on the log's clock.
        code: the error's own, or the name of its class when it has none.
        error: the error itself.
        burst: whether it completes a burst of its code.
    """

    number: int
    time_s: float
    code: str
    error: BaseException
    burst: bool


class ErrorLog:
    """The errors of all threads in one order, told to whoever wants to know.

    The last `kept` errors are held, with their tracebacks; totals go on for ever. A code that comes
    in bursts without end completes one in each window, not one with each error.

    For any thread but the audio thread.

    Args:
        kept: how many errors are held, and how many wait at most until listeners have time.
        burst: how many of one code in which time are a burst.
        clock: seconds that never go back.

    >>> log = ErrorLog(burst=Burst(count=2, window_s=10), clock=lambda: 7.0)
    >>> forget = log.on_error(lambda failure: print(failure.number, failure.code, failure.burst))
    >>> log.record(VocanaError("one"))
    0 vocana False
    >>> log.record(VocanaError("two"))
    1 vocana True
    >>> log.totals
    {'vocana': 2}
    """

    def __init__(
        self,
        *,
        kept: int = 256,
        burst: Burst = Burst(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        instance("burst", burst, Burst)
        kept = whole("kept", kept, 1, 2**31 - 1)
        function_of("clock", clock)
        self._burst = burst
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: deque[Failure] = deque(maxlen=kept)
        self._totals: Counter[str] = Counter()
        self._recent_s: dict[str, deque[float]] = {}  # times of the last `count` of each code
        self._burst_s: dict[str, float] = {}  # of the last burst of each code
        self._listeners: list[_Listener] = []
        self._listener_errors: deque[Exception] = deque(maxlen=_KEPT_ERRORS)
        self._waiting: deque[Failure] = deque(maxlen=kept)  # to be told
        self._untold = 0
        self._telling = False

    def record(self, error: BaseException) -> None:
        """Note an error and tell it to all listeners, unless another thread does that just now.

        That thread then tells this one too: listeners hear errors once, in the order of their
        numbers, one at a time. A listener may record errors itself. When more than `kept` wait
        for slow listeners, the oldest of them are told to nobody, and counted in `untold`.
        """
        code = error.code if isinstance(error, VocanaError) else type(error).__name__
        with self._lock:
            now_s = self._clock()
            number = self._totals.total()
            failure = Failure(number, now_s, code, error, self._completes_burst(code, now_s))
            self._totals[code] += 1
            self._kept.append(failure)
            self._untold += len(self._waiting) == self._waiting.maxlen
            self._waiting.append(failure)
            if self._telling:
                return
            self._telling = True
        self._tell()

    def on_error(self, listener: Callable[[Failure], object]) -> Callable[[], None]:
        """Call `listener` with every `Failure` from now on, after those who asked before.

        What it raises breaks nothing: see `listener_errors`. One that raises five times in a row is
        called no more. Returns a function that ends the calls.
        """
        function_of("listener", listener)
        entry = _Listener(listener)
        with self._lock:
            self._listeners.append(entry)

        def forget() -> None:
            with self._lock:
                if entry in self._listeners:
                    self._listeners.remove(entry)

        return forget

    @property
    def failures(self) -> list[Failure]:
        """The last errors, oldest first."""
        with self._lock:
            return list(self._kept)

    @property
    def totals(self) -> dict[str, int]:
        """How many errors of each code there were in all."""
        with self._lock:
            return dict(self._totals)

    def counts(self, window_s: float) -> dict[str, int]:
        """How many of the errors that are held came within the last `window_s`, by code."""
        window_s = positive("window_s", window_s, "s")
        with self._lock:
            since_s = self._clock() - window_s
            return dict(
                Counter(failure.code for failure in self._kept if failure.time_s >= since_s)
            )

    @property
    def untold(self) -> int:
        """How many errors no listener has heard: more than `kept` waited for slow ones."""
        return self._untold

    @property
    def listener_errors(self) -> list[Exception]:
        """The last errors of listeners, ten at most."""
        with self._lock:
            return list(self._listener_errors)

    def _completes_burst(self, code: str, now_s: float) -> bool:
        recent_s = self._recent_s.setdefault(code, deque(maxlen=self._burst.count))
        recent_s.append(now_s)
        if len(recent_s) < self._burst.count or now_s - recent_s[0] > self._burst.window_s:
            return False
        last_s = self._burst_s.get(code)
        if last_s is not None and now_s - last_s <= self._burst.window_s:
            return False
        self._burst_s[code] = now_s
        return True

    def _tell(self) -> None:
        try:
            while True:
                with self._lock:
                    if not self._waiting:
                        self._telling = False
                        return
                    failure = self._waiting.popleft()
                    listeners = list(self._listeners)
                for listener in listeners:
                    self._tell_one(listener, failure)
        except BaseException:
            self._telling = False
            raise

    def _tell_one(self, listener: _Listener, failure: Failure) -> None:
        if listener.failed == _ISOLATED_AFTER:
            return
        try:
            listener.call(failure)
            listener.failed = 0
        except Exception as error:
            listener.failed += 1
            with self._lock:
                self._listener_errors.append(error)


class _Listener:
    def __init__(self, call: Callable[[Failure], object]) -> None:
        self.call = call
        self.failed = 0  # times in a row
