"""The machine under the benchmark."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np


def processors() -> list[int]:
    """Numbers of the processors that this thread may run on."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def two_processors() -> tuple[int, int] | None:
    """Return where the two threads of a run go, None when there is one processor only."""
    allowed = processors()
    if len(allowed) < 2:
        return None
    # Without a way to pin, -1 leaves the threads to the system.
    return (allowed[0], allowed[1]) if hasattr(os, "sched_setaffinity") else (-1, -1)


@contextmanager
def on_one_processor() -> Iterator[None]:
    """Keep the calling thread on one processor, where the system can, and restore it after."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def describe() -> dict[str, str]:
    """Return what a reader has to know to compare figures of two machines."""
    return {
        "processor": _processor(),
        "cores": str(len(processors())),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
