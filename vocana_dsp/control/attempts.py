"""What was tried, why, for how long, and whether it worked."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ..config import whole
from ..errors import VocanaError
from ..words import plural

_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt.

    Attributes:
        trigger: why it was made.
        time_s: when it began, on the log's clock.
        duration_s: how long it took.
        error: code of what it failed with, or the name of its class; None when it succeeded.
    """

    trigger: str
    time_s: float
    duration_s: float
    error: str | None


@dataclass(frozen=True, slots=True)
class AttemptStats:
    """What came of all attempts.

    Attributes:
        attempts: how many there were.
        succeeded: of these, how many did what they should.
        duration_s: how long all of them took together.
        triggers: how many there were for each reason.
        errors: how many failed with each code.
        unwritten: lines that could not be written to the file.
    """

    attempts: int
    succeeded: int
    duration_s: float
    triggers: Mapping[str, int]
    errors: Mapping[str, int]
    unwritten: int

    @property
    def success_ratio(self) -> float:
        """Share of the attempts that succeeded; 1.0 before the first."""
        return self.succeeded / self.attempts if self.attempts else 1.0

    @property
    def mean_duration_s(self) -> float:
        """How long an attempt took on the average; 0.0 before the first."""
        return self.duration_s / self.attempts if self.attempts else 0.0


class AttemptLog:
    """Remembers attempts, and writes a line of JSON for each into a file.

    For any thread but the audio thread. A line is one append, so it is whole or not there, and
    several processes may share a file. What cannot be written, such as to a pipe that nobody reads,
    is counted and harms no attempt.

    Args:
        path: where lines are added; only the owner may read it. None for no file.
        kept: how many attempts are held; statistics count all.
        clock: seconds that never go back.

    >>> log = AttemptLog(clock=iter([0.0, 2.0, 5.0, 6.0]).__next__)
    >>> with log.attempt("device_lost"): pass
    >>> try:
    ...     with log.attempt("device_lost"): raise VocanaError("gone", code="unplugged")
    ... except VocanaError: pass
    >>> log.stats.success_ratio, log.stats.mean_duration_s, log.attempts[1].error
    (0.5, 1.5, 'unplugged')
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        kept: int = 256,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = None if path is None else Path(path)
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: deque[Attempt] = deque(maxlen=whole("kept", kept, 1, 2**31 - 1))
        self._triggers: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()
        self._duration_s = 0.0
        self._unwritten = 0

    @contextmanager
    def attempt(self, trigger: str) -> Iterator[None]:
        """Note the attempt that the block makes: it fails when the block raises, whatever it is."""
        began_s = self._clock()
        error = None
        try:
            yield
        except BaseException as raised:
            error = raised.code if isinstance(raised, VocanaError) else type(raised).__name__
            raise
        finally:
            self._note(Attempt(trigger, began_s, self._clock() - began_s, error))

    def _note(self, attempt: Attempt) -> None:
        written = self._path is None or _append(self._path, json.dumps(asdict(attempt)) + "\n")
        with self._lock:
            self._kept.append(attempt)
            self._triggers[attempt.trigger] += 1
            self._duration_s += attempt.duration_s
            if attempt.error is not None:
                self._errors[attempt.error] += 1
            self._unwritten += not written

    def __repr__(self) -> str:
        """Say how many there were, and how many of them did what they should."""
        stats = self.stats
        return f"<AttemptLog of {plural(stats.attempts, 'attempt')}, {stats.succeeded} succeeded>"

    @property
    def attempts(self) -> list[Attempt]:
        """The last attempts, oldest first."""
        with self._lock:
            return list(self._kept)

    @property
    def stats(self) -> AttemptStats:
        """What came of all attempts so far."""
        with self._lock:
            count = self._triggers.total()
            return AttemptStats(
                count,
                count - self._errors.total(),
                self._duration_s,
                dict(self._triggers),
                dict(self._errors),
                self._unwritten,
            )


def _append(path: Path, line: str) -> bool:
    """Whether the line is in the file."""
    try:
        file = os.open(path, _APPEND, 0o600)
    except OSError:
        return False
    try:
        data = line.encode()
        return os.write(file, data) == len(data)
    except OSError:
        return False
    finally:
        os.close(file)
