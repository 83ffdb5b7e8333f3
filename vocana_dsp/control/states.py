"""States that change by a table only, one change at a time."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, Literal, TypeVar

from ..config import seconds, whole
from ..errors import ConfigError, ResourceBusy, StateError

S = TypeVar("S", bound=str)

StreamState = Literal[
    "closed", "opening", "running", "degraded", "recovering", "stopping", "failed"
]

#: What a stream may become. Whatever it does, it may be stopped, and a stop ends in "closed".
STREAM: Mapping[StreamState, tuple[StreamState, ...]] = MappingProxyType(
    {
        "closed": ("opening",),
        "opening": ("running", "degraded", "recovering", "failed", "stopping"),
        "running": ("degraded", "recovering", "failed", "stopping"),
        "degraded": ("running", "recovering", "failed", "stopping"),
        "recovering": ("running", "degraded", "failed", "stopping"),
        "failed": ("stopping",),
        "stopping": ("closed",),
    }
)

_KEPT_ERRORS = 10


@dataclass(frozen=True, slots=True)
class Transition(Generic[S]):
    """A change of state.

    Attributes:
        source: the state before.
        target: the state after.
        reason: why, in the words of who asked for it.
        time_s: when it began, on the machine's clock.
    """

    source: S
    target: S
    reason: str
    time_s: float


class StateMachine(Generic[S]):
    """A state that changes only as its table allows, and remembers how it came about.

    Any thread may ask for a change. Changes are made one after the other, each with its hooks, so
    every hook sees them in their order; `state` never waits. A hook may not ask for a change
    itself: the change that it is told of is not over, so the request is refused with StateError.

    Args:
        table: each state, and the states that may follow it.
        initial: the state to begin with.
        history: how many changes are remembered.
        clock: seconds that never go back.
        before: called with a `Transition` that is allowed and has not been made. When it raises,
            the state stays what it was and the error goes to who asked.
        rollback: called with that transition and that error, to undo what `before` had begun.
        after: called with a transition that has been made. It cannot break the change: what it
            raises is kept in `errors`.

    Raises:
        ConfigError: the table names a state that it has no row for, or `initial` is not in it.

    >>> machine = StateMachine({"off": ["on"], "on": ["off"]}, "off")
    >>> machine.to("on", reason="switched").source
    'off'
    >>> try: machine.to("on")
    ... except StateError as error: print(error.args[0])
    'on' cannot become 'on', expected 'off'
    >>> machine.state, [change.reason for change in machine.history]
    ('on', ['switched'])
    """

    def __init__(
        self,
        table: Mapping[S, Iterable[S]],
        initial: S,
        *,
        history: int = 256,
        clock: Callable[[], float] = time.monotonic,
        before: Callable[[Transition[S]], object] | None = None,
        rollback: Callable[[Transition[S], BaseException], object] | None = None,
        after: Callable[[Transition[S]], object] | None = None,
    ) -> None:
        self._table = MappingProxyType({state: frozenset(next_) for state, next_ in table.items()})
        for state in (initial, *(s for row in self._table.values() for s in row)):
            if state not in self._table:
                raise ConfigError(
                    f"state {state!r} has no row in the table, expected one of {_listed(table)}",
                    hint=f"add {state!r} to the table, with no states if it is the last one",
                )
        self._history: deque[Transition[S]] = deque(maxlen=whole("history", history, 1, 2**31 - 1))
        self._errors: deque[tuple[Transition[S], Exception]] = deque(maxlen=_KEPT_ERRORS)
        self._state = initial
        self._clock = clock
        self._before = before
        self._rollback = rollback
        self._after = after
        self._lock = threading.Lock()
        self._changing: int | None = None  # the thread that holds the lock

    @property
    def state(self) -> S:
        """The state now. While `before` runs, the one before."""
        return self._state

    @property
    def table(self) -> Mapping[S, frozenset[S]]:
        """Each state, and the states that may follow it."""
        return self._table

    @property
    def allowed(self) -> frozenset[S]:
        """The states that may follow the present one."""
        return self._table[self._state]

    @property
    def history(self) -> list[Transition[S]]:
        """The last changes, oldest first. One that was rolled back is none."""
        return list(self._history)

    @property
    def errors(self) -> list[tuple[Transition[S], Exception]]:
        """The last errors that `after` raised, ten at most, each with the change it was told of."""
        return list(self._errors)

    def to(self, target: S, reason: str = "", *, timeout_s: float | None = None) -> Transition[S]:
        """Change the state to `target`, and return the change.

        Waits while another thread's change is being made, `timeout_s` seconds at most.

        Raises:
            StateError: the table does not allow it from the present state, or a hook asks.
                Nothing changes.
            ResourceBusy: another thread's change took longer than `timeout_s`. Nothing changes.
            Exception: what `before` raised. The state is what it was.
        """
        me = threading.get_ident()
        if self._changing == me:
            raise StateError(
                f"a hook asked for {target!r} while a change is being made, expected it to return",
                state=self._state,
                asked=target,
                hint="ask once the change is over, or from another thread",
            )
        if not self._lock.acquire(timeout=-1 if timeout_s is None else wait_s(timeout_s)):
            raise ResourceBusy(
                f"another thread's change from {self._state!r} took longer than {timeout_s:g} s",
                hint="ask again, or let the hooks of this state machine do less",
            )
        self._changing = me
        try:
            return self._change(target, reason)
        finally:
            self._changing = None
            self._lock.release()

    def _change(self, target: S, reason: str) -> Transition[S]:
        source = self._state
        if target not in self._table[source]:
            raise StateError(
                f"{source!r} cannot become {target!r}, "
                f"expected {_listed(self._table[source]) or 'nothing: it is the last state'}",
                state=source,
                asked=target,
                allowed=self._table[source],
            )
        change = Transition(source, target, reason, self._clock())
        if self._before is not None:
            try:
                self._before(change)
            except BaseException as error:
                self._roll_back(change, error)
                raise
        self._state = target
        self._history.append(change)
        if self._after is not None:
            try:
                self._after(change)
            except Exception as error:
                self._errors.append((change, error))
        return change

    def _roll_back(self, change: Transition[S], error: BaseException) -> None:
        error.add_note(f"so {change.source!r} did not become {change.target!r}")
        if self._rollback is not None:
            try:
                self._rollback(change, error)
            except Exception as worse:
                error.add_note(f"and rolling back failed: {worse!r}")


def _listed(states: Iterable[str]) -> str:
    return " or ".join(repr(state) for state in sorted(states))


def wait_s(timeout_s: float) -> float:
    """Return how long a thread may wait for that, which may be for ever."""
    return min(seconds("timeout_s", timeout_s), threading.TIMEOUT_MAX)
