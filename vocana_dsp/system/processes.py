"""What this process holds: memory, descriptors, threads. The one file that imports psutil."""

from __future__ import annotations

from typing import Any


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
