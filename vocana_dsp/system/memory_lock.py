"""Memory that stays in RAM: a page that was swapped out would cost the audio thread a disk."""

from __future__ import annotations

import ctypes
import os
import sys

# Of <sys/mman.h> of Linux: what is mapped now, as it is touched. What is mapped later stays free
# to fail by its own limit rather than by this one.
MCL_CURRENT = 1
MCL_ONFAULT = 4


def lock() -> tuple[str, str]:
    """Lock the memory of this process until it ends: ("locked" or "not locked", why not).

    Audio memory is asked for when a capture is made, so this comes after.
    """
    if not sys.platform.startswith("linux"):
        return "not locked", "this is done on Linux alone"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(MCL_CURRENT | MCL_ONFAULT):
        why = os.strerror(ctypes.get_errno())
        return "not locked", f"{why}: raise the limit of locked memory, `ulimit -l unlimited`"
    return "locked", ""
