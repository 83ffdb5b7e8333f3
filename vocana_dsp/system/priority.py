"""Real-time priority, processors and locked memory: what is asked for, and what was given.

See ``docs/decisions/0020-real-time-priority.md``.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from ..config import whole
from ..errors import ConfigError
from . import memory_lock

# As much as a nice value gets beside other programs, and still below the kernel's own threads.
NICE = -11

MAX_PRIORITY = 99
MAX_CPU = 2**16
TASKS = Path("/proc/self/task")  # threads of this process by number; Linux only


class HasThreads(Protocol):
    """What has C threads: a `Capture` or a `Recorder`."""

    @property
    def threads(self) -> Mapping[str, int]:
        """Native ids by name, of those that run now."""


Subject: TypeAlias = HasThreads | threading.Thread | int


@dataclass(frozen=True, slots=True)
class PriorityReport:
    """What was asked of the system for one thing, and what it gave.

    Attributes:
        subject: name of the thread, or "memory".
        asked: "fifo 10", "cpus 0,1" or "locked".
        effective: what holds now, read back from the system: "fifo 10", "nice -11", "other", ...
        reason: why it is not what was asked; empty when it is.
    """

    subject: str
    asked: str
    effective: str
    reason: str = ""

    @property
    def granted(self) -> bool:
        """Whether it is what was asked."""
        return self.asked == self.effective

    def __str__(self) -> str:
        if self.granted:
            return f"{self.subject}: {self.effective}"
        return f"{self.subject}: {self.effective}, not {self.asked}: {self.reason}"


@dataclass(frozen=True, slots=True)
class RealTime:
    """How the threads of captures and recorders are scheduled.

    Nothing here is needed for a capture to work: on a machine that does much else, it is what keeps
    a device from waiting. What the system refuses is reported and never an error.

    Attributes:
        priority: 1 to 99, of SCHED_FIFO: above everything that is not real-time. As much of it as
            the user may have is taken; without any, a nice value.
        cpus: processors that the threads may run on; None leaves that as it is.
        lock_memory: whether the process's memory stays in RAM until it ends.

    Raises:
        ConfigError: a value is out of range.

    >>> leave = threading.Event()
    >>> thread = threading.Thread(target=leave.wait)
    >>> thread.start()
    >>> [report.asked for report in RealTime(priority=10).apply(thread)]
    ['fifo 10']
    >>> leave.set()
    """

    priority: int = 10
    cpus: Collection[int] | None = None
    lock_memory: bool = False

    def __post_init__(self) -> None:
        whole("priority", self.priority, 1, MAX_PRIORITY)
        if self.cpus is not None:
            checked_cpus(self.cpus)

    def apply(self, *subjects: Subject) -> list[PriorityReport]:
        """Schedule the threads of what is running, each as far as the system lets; any thread.

        Args:
            subjects: captures and recorders that have started, and threads of Python, by object or
                by native id. A device that was opened anew has a new thread: apply it again.

        Returns:
            One report for each thread's priority, then for its processors, then for the memory.

        Raises:
            ConfigError: a subject is no such thing, has not started, or may run on none of the
                `cpus`.
        """
        reports = []
        for name, native_id in _threads(subjects):
            if self.cpus is not None:
                applied = set_affinity(native_id, self.cpus)
                reports.append(_affinity_report(name, self.cpus, applied))
            reports.append(raise_priority(native_id, self.priority, name))
        if self.lock_memory:
            reports.append(PriorityReport("memory", "locked", *memory_lock.lock()))
        return reports


def _threads(subjects: Collection[Subject]) -> list[tuple[str, int]]:
    found = []
    for subject in subjects:
        if isinstance(subject, threading.Thread | int):
            found.append(_thread(subject))
        elif isinstance(getattr(subject, "threads", None), Mapping):
            found += _running(subject)
        else:
            raise ConfigError(
                f"a subject is {subject!r}, expected a Capture, a Recorder or a thread",
                hint="pass what has been started, for example RealTime().apply(mic)",
            )
    return found


def _running(subject: HasThreads) -> list[tuple[str, int]]:
    # A thread without a number has not begun; the system takes 0 for the thread that asks.
    found = [(name, native_id) for name, native_id in subject.threads.items() if native_id]
    if not found:
        raise ConfigError(
            f"{type(subject).__name__} has no thread that runs, expected it to be started",
            hint="start it before; a device's thread is known after its first block",
        )
    return found


def _thread(thread: threading.Thread | int) -> tuple[str, int]:
    native_id = thread.native_id if isinstance(thread, threading.Thread) else thread
    name = thread.name if isinstance(thread, threading.Thread) else str(thread)
    if native_id is None:
        raise ConfigError(f"the thread {name!r} does not run", hint="start it before")
    native_id = whole("thread", native_id, 1, 2**31 - 1)
    if TASKS.is_dir() and not (TASKS / str(native_id)).is_dir():
        raise ConfigError(
            f"the thread {name!r} does not run in this process",
            hint="pass a thread that has been started, or a number out of Capture.threads",
        )
    return name, native_id


# --- Priority ----------------------------------------------------------------------------------


def raise_priority(native_id: int, priority: int, name: str) -> PriorityReport:
    """Give a thread SCHED_FIFO, else a nice value, else nothing; say what it has now."""
    asked = f"fifo {priority}"
    refused = _fifo(native_id, priority)
    if refused:
        refused = _nice(native_id, refused)
    effective = scheduling(native_id)
    return PriorityReport(name, asked, effective, "" if effective == asked else refused)


def scheduling(native_id: int) -> str:
    """Return how a thread is scheduled: "fifo 10", "nice -11", "other" when it is as all are.

    >>> scheduling(threading.get_native_id())
    'other'
    """
    try:
        policy = _policy(native_id)
        if policy:
            return policy
        nice = os.getpriority(os.PRIO_PROCESS, native_id)
    except ProcessLookupError:
        return "ended"
    return f"nice {nice}" if nice else "other"


def _policy(native_id: int) -> str:
    if not hasattr(os, "sched_getscheduler"):
        return ""
    policy = os.sched_getscheduler(native_id) & ~os.SCHED_RESET_ON_FORK
    names = {os.SCHED_FIFO: "fifo", os.SCHED_RR: "rr"}
    level = os.sched_getparam(native_id).sched_priority
    return f"{names[policy]} {level}" if policy in names else ""


def _fifo(native_id: int, priority: int) -> str:
    """Ask for SCHED_FIFO, as much as may be; return why it is not all, or ""."""
    if not hasattr(os, "sched_setscheduler"):
        return "this system has no SCHED_FIFO for threads"
    limit = _limit("RLIMIT_RTPRIO")
    for level in dict.fromkeys((priority, min(priority, limit))):
        if level < 1:
            break
        try:
            policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK  # none of its children has it
            os.sched_setscheduler(native_id, policy, os.sched_param(level))
        except OSError as error:
            refused = f"SCHED_FIFO is refused ({error.strerror})"
        else:
            return "" if level == priority else f"the limit of real-time priorities is {limit}"
    return refused


def _nice(native_id: int, refused: str) -> str:
    """Ask for a nice value, as low as may be; return what was refused."""
    why, lowest = refused, max(NICE, 20 - _limit("RLIMIT_NICE"))
    for nice in dict.fromkeys((NICE, min(lowest, -1))):
        try:
            if nice < os.getpriority(os.PRIO_PROCESS, native_id):
                os.setpriority(os.PRIO_PROCESS, native_id, nice)
            return refused
        except OSError as error:
            why = f"{refused}, and so is a nice value ({error.strerror})"
    return why


def _limit(name: str) -> int:
    """Return a limit of this process; 0 where there is none of that name."""
    try:
        import resource

        soft, _ = resource.getrlimit(getattr(resource, name))
    except (ImportError, AttributeError):
        return 0
    return MAX_PRIORITY if soft == resource.RLIM_INFINITY else soft


# --- Processors --------------------------------------------------------------------------------


def checked_cpus(cpus: Collection[int]) -> set[int]:
    """Return the numbers of processors as a set, or raise ConfigError."""
    if isinstance(cpus, str) or not isinstance(cpus, Collection) or not cpus:
        raise ConfigError(
            f"cpus is {cpus!r}, expected numbers of processors",
            hint="pass a list or a set, for example cpus=[0, 1]",
        )
    return {whole("a processor", cpu, 0, MAX_CPU) for cpu in cpus}


def set_affinity(thread: threading.Thread | int, cpus: Collection[int]) -> frozenset[int]:
    """Let a thread run on these processors alone, and return those that it got; any thread.

    That is what is asked, without what the machine does not have and without what the process's
    cpuset leaves out.

    Args:
        thread: a started thread of Python, or a native id, such as those of `Capture.threads`.
        cpus: numbers of processors, from 0.

    Raises:
        ConfigError: none of them can be had, the thread does not run, or the system has no
            affinity.

    >>> set_affinity(threading.current_thread(), os.sched_getaffinity(0)) == os.sched_getaffinity(0)
    True
    """
    asked = checked_cpus(cpus)
    name, native_id = _thread(thread)
    if not hasattr(os, "sched_setaffinity"):
        raise ConfigError(
            "cpus cannot be chosen on this system", hint="leave cpus out: None is the default"
        )
    try:
        os.sched_setaffinity(native_id, asked)
        return frozenset(os.sched_getaffinity(native_id))
    except ProcessLookupError:
        raise ConfigError(f"the thread {name!r} does not run", hint="start it before") from None
    except OSError as error:
        raise ConfigError(
            f"cpus is {sorted(asked)}, none of which this process may use ({error.strerror})",
            hint=f"the thread runs on {_listed(os.sched_getaffinity(native_id))} now",
        ) from None


def _affinity_report(name: str, asked: Collection[int], applied: frozenset[int]) -> PriorityReport:
    missing = set(asked) - applied
    reason = f"not on this machine, or not in its cpuset: {_listed(missing)}" if missing else ""
    return PriorityReport(name, f"cpus {_listed(asked)}", f"cpus {_listed(applied)}", reason)


def _listed(cpus: Collection[int]) -> str:
    return ",".join(map(str, sorted(cpus)))
