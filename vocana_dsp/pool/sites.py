"""Where buffers were acquired that nobody gave back."""

from __future__ import annotations

import itertools
import os
import sys
import time
import traceback
from collections import deque
from dataclasses import dataclass
from pathlib import Path

_FRAMES = 8  # of the program, for each buffer
_LOST = 100  # buffers that were collected: the last ones are remembered
_OWN = str(Path(__file__).parent) + os.sep


@dataclass(frozen=True, slots=True)
class Leak:
    """A buffer that has not been released.

    Attributes:
        site: where it was acquired, as ``file:line in function``.
        stack: the same of the callers, the innermost first.
        age_s: seconds since then.
        collected: whether it was collected and is back in the pool; else it is still out.
    """

    site: str
    stack: tuple[str, ...]
    age_s: float
    collected: bool


@dataclass(frozen=True, slots=True)
class _Acquired:
    stack: tuple[tuple[str, int, str], ...]
    at_ns: int

    def leak(self, collected: bool) -> Leak:
        stack = tuple(f"{file}:{line} in {function}" for file, line, function in self.stack)
        age_s = (time.monotonic_ns() - self.at_ns) / 1e9
        return Leak(stack[0] if stack else "unknown", stack, age_s, collected)


class Sites:
    """The site of every buffer that is out. Nothing here locks: buffers are collected anywhere."""

    def __init__(self) -> None:
        self._out: dict[int, _Acquired] = {}
        self._lost: deque[_Acquired] = deque(maxlen=_LOST)

    def acquired(self, handle: int) -> None:
        """Remember who is calling."""
        frames = (
            (frame.f_code.co_filename, line, frame.f_code.co_name)
            for frame, line in traceback.walk_stack(sys._getframe(1))
            if not frame.f_code.co_filename.startswith(_OWN)
        )
        self._out[handle] = _Acquired(tuple(itertools.islice(frames, _FRAMES)), time.monotonic_ns())

    def released(self, handle: int, collected: bool) -> None:
        """Forget a buffer, or keep where one came from that was collected."""
        site = self._out.pop(handle, None)
        if collected and site is not None:
            self._lost.append(site)

    def leaks(self) -> list[Leak]:
        """Return what was collected, then what is still out, each from the oldest on."""
        lost, out = list(self._lost), list(self._out.values())
        out.sort(key=lambda site: site.at_ns)
        return [site.leak(True) for site in lost] + [site.leak(False) for site in out]
