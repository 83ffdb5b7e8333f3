"""What the package does now and then by itself: one thread for all of it."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Callable

from ..config import function_of, positive

JOIN_S = 1.0  # how long stop waits for a job that is being done


class Job:
    """Something that is done every so many seconds, until it is cancelled."""

    def __init__(self, call: Callable[[], object], interval_s: float, due_s: float) -> None:
        self.call = call
        self.interval_s = interval_s
        self.due_s = due_s
        self.error: Exception | None = None  # what it raised last

    def run(self, now_s: float) -> None:
        """Do it; it is due again an interval from now, however late it was."""
        self.due_s = now_s + self.interval_s
        try:
            self.call()
        except Exception as error:
            self.error = error


class Maintenance:
    """Jobs that come back every so many seconds, on one daemon thread or by hand.

    The thread runs while there are jobs, after `start`. A job that raises keeps its error and is
    done again when it is due; one that was late is done once, not as often as it was missed. Any
    thread.

    Args:
        clock: returns seconds; never goes back.

    >>> now_s, done = 0.0, []
    >>> maintenance = Maintenance(clock=lambda: now_s)
    >>> job = maintenance.every(60, lambda: done.append(now_s))
    >>> for now_s in range(0, 200, 10):
    ...     _ = maintenance.step()
    >>> done
    [60, 120, 180]
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        function_of("clock", clock)
        self._clock = clock
        self._jobs: list[Job] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def every(self, interval_s: float, call: Callable[[], object]) -> Job:
        """Do something each `interval_s` seconds, the first time that long from now."""
        interval_s = positive("interval_s", interval_s, "s")
        function_of("call", call)
        job = Job(call, interval_s, self._clock() + interval_s)
        with self._changed:
            self._jobs.append(job)
            self._changed.notify_all()
        return job

    def has(self, job: Job) -> bool:
        """Whether it will be done again."""
        with self._changed:
            return job in self._jobs

    def cancel(self, job: Job) -> None:
        """Do it no more; what is being done just now is done to its end. May be called again."""
        with self._changed:
            if job in self._jobs:
                self._jobs.remove(job)
            self._changed.notify_all()

    def step(self) -> float | None:
        """Do what is due now; return the seconds until something is, None when there is no job."""
        now_s = self._clock()
        with self._changed:
            due = [job for job in self._jobs if job.due_s <= now_s]
        for job in sorted(due, key=lambda job: job.due_s):
            if self.has(job):  # another one may have cancelled it
                job.run(now_s)
        return self._wait_s()

    def _wait_s(self) -> float | None:
        with self._changed:
            due_s = min((job.due_s for job in self._jobs), default=None)
        if due_s is None:
            return None
        return min(max(0.0, due_s - self._clock()), threading.TIMEOUT_MAX)

    # --- The thread ---------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether there is a thread."""
        return self._thread is not None

    def start(self) -> None:
        """Let a thread do it. Does nothing when there is one."""
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="vocana-maintenance", daemon=True
                )
                self._thread.start()

    def stop(self) -> None:
        """End the thread, within a second also when a job hangs. Jobs stay. May be called again."""
        with self._changed:
            thread, self._thread = self._thread, None
            self._changed.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join(JOIN_S)

    def _run(self) -> None:
        own = threading.current_thread()
        while True:
            self.step()
            with self._changed:
                if self._thread is own and not self._jobs:
                    self._thread = None
                if self._thread is not own:
                    return
                self._changed.wait(self._wait_s())

    def forget(self) -> None:
        """Be as new, without a thread and without jobs: for a forked child."""
        self._jobs = []
        self._changed = threading.Condition()
        self._thread = None


#: The one of the package: its thread ends with its last job, at exit, and in a forked child.
SHARED = Maintenance()
atexit.register(SHARED.stop)
os.register_at_fork(after_in_child=SHARED.forget)
