"""Something that takes long to load and may fail to, and what is used in its place."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Literal, TypeVar

from ..config import function_of
from ..errors import Cancelled, TimedOut, VocanaError
from .states import StateMachine, wait_s

T = TypeVar("T")
StageState = Literal["closed", "loading", "ready", "failed"]

_TABLE: dict[StageState, tuple[StageState, ...]] = {
    "closed": ("loading",),
    "loading": ("ready", "failed", "closed"),
    "ready": ("closed",),
    "failed": ("closed",),
}


class _Load(Generic[T]):
    """One time that it is opened."""

    def __init__(self) -> None:
        self.cancel = threading.Event()
        self.over = threading.Event()
        self.error: BaseException | None = None
        self.loaded: list[T] = []  # none or one: what is loaded may be None itself


class Stage(Generic[T]):
    """Loads in a thread, and says plainly what is in use: the loaded thing or its bypass.

    `open` returns at once. Until the thing is ready, and after it has failed, `current` is the
    bypass, `state` says which of the two it is, and `error` why. Nothing ever stands in for the
    thing unseen.

    For any thread but the audio thread. A context manager that opens and closes.

    Args:
        load: makes the thing, in the loading thread. It is handed an event that is set when nobody
            wants it any more, which it may look at to end early.
        bypass: what is used instead.
        release: called with a thing that is no longer used, or came after the close.
        told: called with the stage, in the loading thread, once it is ready or has failed. What it
            raises goes to `threading.excepthook`.

    >>> with Stage(lambda cancel: "a model", bypass="dry") as stage:
    ...     stage.wait(timeout_s=10), stage.state, stage.current
    ('a model', 'ready', 'a model')
    >>> stage.state, stage.current
    ('closed', 'dry')
    """

    def __init__(
        self,
        load: Callable[[threading.Event], T],
        *,
        bypass: T,
        release: Callable[[T], object] | None = None,
        told: Callable[[Stage[T]], object] | None = None,
    ) -> None:
        function_of("load", load)
        function_of("release", release, optional=True)
        function_of("told", told, optional=True)
        self._function = load
        self._bypass = bypass
        self._release = release
        self._told = told
        self._lock = threading.Lock()
        self._machine: StateMachine[StageState] = StateMachine(_TABLE, "closed")
        self._load: _Load[T] = _Load()

    @property
    def state(self) -> StageState:
        """``"closed"``, ``"loading"``, ``"ready"`` or ``"failed"``."""
        return self._machine.state

    @property
    def error(self) -> BaseException | None:
        """Why it failed; None unless `state` is ``"failed"``."""
        with self._lock:
            return self._load.error

    @property
    def current(self) -> T:
        """What to use now: the loaded thing when it is ready, the bypass otherwise."""
        with self._lock:
            return self._load.loaded[0] if self._machine.state == "ready" else self._bypass

    def open(self) -> None:
        """Begin to load; StateError unless it is closed."""
        with self._lock:
            self._machine.to("loading")
            load = self._load = _Load[T]()
            try:
                threading.Thread(
                    target=self._run, args=(load,), name="vocana-stage", daemon=True
                ).start()
            except RuntimeError as error:  # no thread can be started
                self._end(load, error)

    def _run(self, load: _Load[T]) -> None:
        error: BaseException | None = None
        loaded: list[T] = []
        try:
            loaded.append(self._function(load.cancel))
        except BaseException as raised:
            error = raised
        with self._lock:
            wanted = not load.cancel.is_set()
            if wanted:
                load.loaded = loaded
                self._end(load, error)
        if not wanted:
            self._give_back(loaded)
        elif self._told is not None:
            self._told(self)

    def _end(self, load: _Load[T], error: BaseException | None) -> None:
        load.error = error
        self._machine.to("ready" if error is None else "failed", str(error or ""))
        load.over.set()

    def _give_back(self, loaded: list[T]) -> None:
        if loaded and self._release is not None:
            self._release(loaded[0])

    def wait(self, timeout_s: float | None = None) -> T:
        """Return the loaded thing once it is ready.

        Raises:
            VocanaError: code ``"load_failed"``; what `load` raised is its cause.
            Cancelled: it is closed, or was closed meanwhile.
            TimedOut: it still loads after `timeout_s` seconds.
        """
        with self._lock:
            load = self._load
        limit_s = None if timeout_s is None else wait_s(timeout_s)
        if self.state == "loading" and not load.over.wait(limit_s):
            raise TimedOut(f"it still loads after {timeout_s:g} s")
        with self._lock:
            if load.error is not None:
                raise VocanaError(
                    f"it could not be loaded: {load.error}",
                    code="load_failed",
                    hint="correct that, close it and open it again; its bypass is in use",
                ) from load.error
            if not load.loaded:
                raise Cancelled("it is closed, expected it to be opened")
            return load.loaded[0]

    def close(self) -> None:
        """End the use of it, or the loading; safe to call twice, and from `told`.

        Does not wait for a load that runs: what that makes is released when it ends.
        """
        with self._lock:
            if self._machine.state == "closed":
                return
            load, self._load = self._load, _Load()
            load.cancel.set()
            loaded, load.loaded = load.loaded, []
            load.error = None
            self._machine.to("closed")
            load.over.set()
        self._give_back(loaded)

    def __enter__(self) -> Stage[T]:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
