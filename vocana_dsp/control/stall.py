"""Who has stopped getting on with its work."""

from __future__ import annotations

import faulthandler
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from ..config import function_of, path_of, positive
from ..errors import ConfigError

PERIODS = 3  # looks without progress that make a stall, and with it that end one
LATE_S = 1.0  # a look that is later than this says nothing: the machine may have slept


@dataclass(frozen=True, slots=True)
class StallEvent:
    """A stage that has stalled, or has recovered.

    Attributes:
        stage: its name.
        stalled: False when it gets on again.
        count: how far it has come.
        time_s: when this was seen, on the watch's clock.
    """

    stage: str
    stalled: bool
    count: int
    time_s: float


class _Stage:
    def __init__(self, progress: Callable[[], int | None]) -> None:
        self.progress = progress
        self.count = 0
        self.still = 0  # looks in a row without progress
        self.moved = 0  # looks in a row with progress
        self.stalled = False

    def look(self) -> bool:
        """Whether it has stalled or recovered just now."""
        count = self.progress()
        still = count == self.count
        self.still, self.moved = (self.still + 1, 0) if still else (0, self.moved + 1)
        self.count = self.count if count is None else count
        if (self.moved if self.stalled else self.still) < PERIODS:
            return False
        self.stalled = not self.stalled
        return True


class StallWatch:
    """Looks at counters of progress, and tells which of them has stopped.

    A stage whose counter stands still for three looks in a row is stalled; one that has moved at
    three in a row has recovered. Looks are a quarter of `within_s` apart, so a stall is told within
    that time. One that comes more than a second late counts for nothing: the machine slept, or was
    too busy to say anything about a stage.

    A context manager that looks from a thread of its own. Without one, call `check` every
    `period_s` seconds, in one thread.

    Args:
        stages: a function for each name, which returns at once: how far the stage has come, or
            None while it has nothing to do.
        within_s: a stall is told within this time.
        tell: called with each `StallEvent`, in the thread that looks. What it raises is kept in
            `errors`.
        dump: a file to which the stack of every Python thread is added at each stall.
        clock: seconds that never go back.

    >>> done = 0
    >>> now_s = 0.0
    >>> watch = StallWatch({"writer": lambda: done}, within_s=4, clock=lambda: now_s)
    >>> for now_s in range(1, 5):
    ...     for event in watch.check(): print(event.stage, event.stalled, event.time_s)
    writer True 3
    """

    def __init__(
        self,
        stages: Mapping[str, Callable[[], int | None]],
        *,
        within_s: float = 3.0,
        tell: Callable[[StallEvent], object] | None = None,
        dump: str | os.PathLike[str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._period_s = positive("within_s", within_s, "s") / (PERIODS + 1)
        if not isinstance(stages, Mapping):
            raise ConfigError(
                f"stages is {stages!r}, expected a function for each name",
                hint='pass {"writer": lambda: rec.stats.frames_durable}, or others that count',
            )
        for name, progress in stages.items():
            function_of(f"stages[{name!r}]", progress)
        function_of("tell", tell, optional=True)
        function_of("clock", clock)
        self._stages = {name: _Stage(progress) for name, progress in stages.items()}
        self._tell = tell
        self._dump = None if dump is None else path_of("dump", dump)
        self._clock = clock
        self._looked_s = clock()
        self._errors: deque[Exception] = deque(maxlen=10)
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def period_s(self) -> float:
        """Seconds between two looks."""
        return self._period_s

    @property
    def stalled(self) -> list[str]:
        """Names of the stages that are stalled now."""
        return [name for name, stage in self._stages.items() if stage.stalled]

    @property
    def errors(self) -> list[Exception]:
        """The last errors of `stages`, `tell` and `dump`, ten at most."""
        return list(self._errors)

    def check(self) -> list[StallEvent]:
        """Look once at every stage: what has changed."""
        now_s = self._clock()
        late_s = now_s - self._looked_s - self.period_s
        self._looked_s = now_s
        events = []
        for name, stage in self._stages.items() if late_s <= LATE_S else ():
            try:
                changed = stage.look()
            except Exception as error:
                self._errors.append(error)
                continue
            if changed:
                events.append(StallEvent(name, stage.stalled, stage.count, now_s))
        for event in events:
            self._report(event)
        return events

    def _report(self, event: StallEvent) -> None:
        try:
            if event.stalled and self._dump is not None:
                self._dump_stacks(event, self._dump)
            if self._tell is not None:
                self._tell(event)
        except Exception as error:
            self._errors.append(error)

    def _dump_stacks(self, event: StallEvent, path: Path) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(path, flags, 0o600)
        try:
            os.write(file, f"{event.stage} stands at {event.count}\n".encode())
            faulthandler.dump_traceback(file, all_threads=True)
        finally:
            os.close(file)

    def start(self) -> None:
        """Look from now on, in a thread; safe to call twice, and again after `close`."""
        if self._thread is not None and self._thread.is_alive() and not self._end.is_set():
            return
        self._looked_s = self._clock()
        for stage in self._stages.values():
            stage.still = stage.moved = 0
        self._end = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(self._end,), name="vocana-stall", daemon=True
        )
        self._thread.start()

    def _run(self, end: threading.Event) -> None:
        while not end.wait(self.period_s):
            self.check()

    def close(self) -> None:
        """Look no more; safe to call twice, and from `tell`."""
        self._end.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def __enter__(self) -> StallWatch:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
