"""Memory pressure: looked at twice a second, answered in stages."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from ..config import function_of, instance, members
from ..errors import ConfigError
from ..pool.pool import BufferPool, open_pools
from ..system.processes import rss_bytes
from .growth import Growth, GrowthWatch
from .ladder import IDLE_S, Ladder, LadderStep, Stage
from .limits import MemoryLimit, MemoryUse
from .maintenance import SHARED, Job, Maintenance
from .pressure import Level, PressureChange, PressureMonitor, PressurePolicy
from .throttle import Throttle, throttle

STEP_S = 0.5  # so that what is critical is answered within a second
CLEANUP_S = 60.0
_EVENTS = 256  # that wait to be taken: the last ones
_CLOSE_S = 1.0

_all: weakref.WeakSet[MemoryPressure] = weakref.WeakSet()


@dataclass(frozen=True, slots=True)
class PressureStatus:
    """How memory is, and what has been done about it.

    Attributes:
        level: "low", "moderate", "high" or "critical".
        use: what the last look found.
        suspended: names of the stages that are suspended, in the order in which that was done.
    """

    level: Level
    use: MemoryUse
    suspended: tuple[str, ...]


class MemoryPressure:
    """Looks at memory twice a second and gives some back before there is none left.

    While it is started, the maintenance thread of the package does it: a C thread that works on
    audio is never waited for, and nothing is freed there. Every method may be called from any
    thread.

    From "moderate" on, free buffers of pools are given back, from "high" on the pools' maxima are
    held at what is needed, and at "critical" stages are suspended, one a look. All of it is
    undone in reverse when the level falls. Once a minute, whatever the level is, buffers that have
    been free for long are given back and maxima follow the demand.

    Args:
        policy: where the levels begin and end.
        stages: what can be left out, what is missed least first: objects with ``suspend()`` and
            ``resume()``, such as `memory.Bypass`.
        pools: what is trimmed; None is every pool of this process.
        limit_bytes: a limit of your own for the resident set; None takes the cgroup's.
        read: returns the use of memory; replaces `limit_bytes`.
        rss: returns the resident set, in which growth is looked for.
        clock: returns seconds; never goes back.
        maintenance: whose thread does it.

    Raises:
        ConfigError: an argument is of the wrong kind, or `pools` may take more than `limit_bytes`.

    >>> import vocana_dsp as vo
    >>> with vo.BufferPool(480, initial=8) as pool:
    ...     full = vo.memory.MemoryUse(97, 100, None, "an example")
    ...     pressure = vo.MemoryPressure(pools=[pool], read=lambda: full)
    ...     pressure.step(), pool.stats.free
    ('critical', 0)
    """

    def __init__(
        self,
        policy: PressurePolicy = PressurePolicy(),  # noqa: B008 - frozen
        *,
        stages: Sequence[Stage] = (),
        pools: Sequence[BufferPool] | None = None,
        limit_bytes: int | None = None,
        read: Callable[[], MemoryUse] | None = None,
        rss: Callable[[], int] = rss_bytes,
        clock: Callable[[], float] = time.monotonic,
        maintenance: Maintenance = SHARED,
    ) -> None:
        instance("policy", policy, PressurePolicy)
        for name, what in (("rss", rss), ("clock", clock)):
            function_of(name, what)
        function_of("read", read, optional=True)
        instance("maintenance", maintenance, Maintenance, "vocana_dsp.memory.maintenance")
        own = None if pools is None else members("pools", pools, BufferPool)
        if own is not None:
            _must_fit(own, limit_bytes)
        self._pools: Callable[[], Sequence[BufferPool]] = open_pools if own is None else lambda: own
        self._read = read or MemoryLimit(limit_bytes).read
        self._rss, self._clock = rss, clock
        self._monitor = PressureMonitor(policy)
        self._ladder = Ladder(stages, self._pools)
        self._growth = GrowthWatch()
        self._events: deque[PressureChange | LadderStep | Growth] = deque(maxlen=_EVENTS)
        self._working = threading.Lock()
        self._closing = False  # whoever works undoes what was done
        self._use: MemoryUse | None = None
        self._maintenance = maintenance
        self._jobs: list[Job] = []
        _all.add(self)

    # --- What holds ---------------------------------------------------------------------------

    @property
    def level(self) -> Level:
        """The level that the last look found; "low" before the first one."""
        return self._monitor.level

    @property
    def status(self) -> PressureStatus:
        """What the last look found, and what is suspended now; looks when nobody has yet."""
        if self._use is None:
            self.step()
        assert self._use is not None
        return PressureStatus(self.level, self._use, self._ladder.suspended)

    @property
    def throttle(self) -> Throttle:
        """How to go easy at this level."""
        return throttle(self.level)

    @property
    def changes(self) -> list[PressureChange]:
        """The last changes of the level, the oldest first."""
        return self._monitor.changes

    @property
    def error(self) -> Exception | None:
        """What the maintenance thread met last in a look or a cleanup; it goes on all the same."""
        return next((job.error for job in self._jobs if job.error is not None), None)

    def events(self) -> list[PressureChange | LadderStep | Growth]:
        """Return and take what has happened since the last call, the oldest first.

        Changes of the level, what was done about them, stages that raised, and growth.
        """
        taken = []
        with contextlib.suppress(IndexError):
            while True:
                taken.append(self._events.popleft())
        return taken

    # --- Work ---------------------------------------------------------------------------------

    def step(self) -> Level:
        """Look once, and do what the level asks for; the maintenance thread does it by itself."""
        with self._working:
            self._look()
        return self.level

    def _job(self) -> None:
        with self._working:
            if self._jobs:  # else it was closed while this waited
                self._look()

    def _look(self) -> None:
        try:
            now_s, use = self._clock(), self._read()
            before = self.level
            level = self._monitor.update(self._ratio(use), now_s)
            if level != before:
                self._events.append(self._monitor.changes[-1])
            self._events.extend(self._ladder.step(level, now_s))
            growth = self._growth.update(self._rss(), now_s)
            if growth is not None:
                self._events.append(growth)
            self._use = use
        finally:
            if self._closing:
                self._undo()

    def _undo(self) -> None:
        self._closing = False
        self._events.extend(self._ladder.undo())

    def _ratio(self, use: MemoryUse) -> float | None:
        policy = self._monitor.policy
        if use.stall_percent is None or use.stall_percent < policy.stall_percent:
            return use.ratio
        return max(policy.high, use.ratio or 0.0)

    def cleanup(self) -> None:
        """Give back what has been free for long, and let maxima follow the demand."""
        for pool in self._pools():
            pool.trim(IDLE_S["low"])
            pool.adapt(self._clock())

    # --- Life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Let the maintenance thread do it. Does nothing when it does."""
        if not any(self._maintenance.has(job) for job in self._jobs):
            self._jobs = [
                self._maintenance.every(STEP_S, self._job),
                self._maintenance.every(CLEANUP_S, self.cleanup),
            ]
        self._maintenance.start()

    def close(self) -> None:
        """Look no more, and undo what was done; within some seconds. May be called again.

        A stage that hangs is not waited for: what was done is undone when it comes back.
        """
        for job in self._jobs:
            self._maintenance.cancel(job)
        self._jobs = []
        self._closing = True
        if self._working.acquire(timeout=_CLOSE_S):
            try:
                self._undo()
            finally:
                self._working.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _must_fit(pools: Sequence[BufferPool], limit_bytes: int | None) -> None:
    most_bytes = sum(pool.most_bytes for pool in pools)
    if limit_bytes is not None and most_bytes > limit_bytes:
        raise ConfigError(
            f"the pools may take {most_bytes} bytes, expected {limit_bytes} at most",
            code="pool_over_limit",
            hint="lower maximum or frames of the pools, or raise limit_bytes",
        )


def _in_child() -> None:
    """Let a child look: a thread of its parent that was looking is not there to be waited for."""
    for pressure in list(_all):
        pressure._working = threading.Lock()


os.register_at_fork(after_in_child=_in_child)
