"""What this process holds and uses: memory, descriptors, threads, processors; and its machine.

The one file that imports psutil. Its calls take milliseconds: they belong to threads that watch,
never to one that brings audio.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..config import function_of


def _process() -> Any:
    # Asked anew each time: a forked child is another process.
    import psutil

    return psutil.Process()


def rss_bytes() -> int:
    """Return the bytes of this process that are in RAM (resident set). Any thread.

    >>> rss_bytes() > 2**20
    True
    """
    return int(_process().memory_info().rss)


def descriptors() -> int:
    """Return how many descriptors this process has open. Any thread.

    >>> descriptors() > 0
    True
    """
    return int(_process().num_fds())


def threads() -> int:
    """Return how many threads this process has, those of C included. Any thread.

    >>> threads() > 0
    True
    """
    return int(_process().num_threads())


# --- Processors --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ThreadLoad:
    """One thread since the last snapshot.

    Attributes:
        native_id: what the system schedules it by.
        name: of a Python thread its own, of a C thread "vo-engine" and the like.
        cpu_percent: of one processor; 100 is a thread that never waits.
    """

    native_id: int
    name: str
    cpu_percent: float


@dataclass(frozen=True, slots=True)
class ProcessSnapshot:
    """What the process uses at one moment.

    Attributes:
        cpu_percent: of one processor, since the last snapshot; above 100 with several threads.
        rss_bytes: memory of the process that is in RAM.
        descriptors: how many are open.
        threads: each of them, those of C too, the busiest first.
    """

    cpu_percent: float
    rss_bytes: int
    descriptors: int
    threads: tuple[ThreadLoad, ...]


class ProcessMeter:
    """Samples what this process uses. One thread at a time, and not one that brings audio.

    Args:
        clock: seconds, for tests.

    >>> meter = ProcessMeter()
    >>> meter.snapshot().rss_bytes > 0
    True
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        function_of("clock", clock)
        self._clock = clock
        self._seen_s = clock()
        self._used_s = _thread_times()
        self._total_s = _process_time()

    def snapshot(self) -> ProcessSnapshot:
        """Return what is used now, and how busy each thread was since the call before."""
        now_s, used_s, total_s = self._clock(), _thread_times(), _process_time()
        passed_s = now_s - self._seen_s
        per_cent = 100.0 / passed_s if passed_s > 0 else 0.0
        names = {thread.native_id: thread.name for thread in threading.enumerate()}
        loads = [
            ThreadLoad(
                native_id,
                names.get(native_id) or _name_in_c(native_id),
                max(0.0, used_s[native_id] - self._used_s.get(native_id, 0.0)) * per_cent,
            )
            for native_id in used_s
        ]
        cpu_percent = (total_s - self._total_s) * per_cent
        self._seen_s, self._used_s, self._total_s = now_s, used_s, total_s
        loads.sort(key=lambda load: -load.cpu_percent)
        return ProcessSnapshot(cpu_percent, rss_bytes(), descriptors(), tuple(loads))


def _thread_times() -> dict[int, float]:
    return {one.id: one.user_time + one.system_time for one in _process().threads()}


def _process_time() -> float:
    """Return the processor time of the process, of threads that have ended too."""
    times = _process().cpu_times()
    return float(times.user + times.system)


def _name_in_c(native_id: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/self/task/{native_id}/comm").read_text().strip()
    return ""


# --- Sensors -----------------------------------------------------------------------------------


def temperature_c() -> float | None:
    """Return the highest temperature that a sensor of this machine tells; None without sensors."""
    found = [one.current for chip in _sensor("temperatures", {}).values() for one in chip]
    return max((float(one) for one in found if one), default=None)


def battery_percent() -> float | None:
    """Return the charge of the battery in percent; None without a battery."""
    battery = _sensor("battery", None)
    return None if battery is None else float(battery.percent)


def _sensor(name: str, absent: Any) -> Any:
    """Ask psutil, which lacks some of these on some systems, and may not read them on others."""
    import psutil

    with suppress(AttributeError, OSError, RuntimeError):
        return getattr(psutil, f"sensors_{name}")() or absent
    return absent
