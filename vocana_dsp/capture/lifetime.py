"""Captures that are open, for what ends them from outside: exit and fork."""

from __future__ import annotations

import atexit
import contextlib
import os
import weakref
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from .capture import Capture

_open: weakref.WeakSet[Capture] = weakref.WeakSet()


class Closed:
    """What is started by ``with``, closed at its end, and closed when nobody did."""

    def start(self) -> None:
        """Start it."""

    def close(self) -> None:
        """Close it; may be called again, and on what was never made whole."""

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def __del__(self) -> None:
        """Close what nobody closed."""
        with contextlib.suppress(Exception):
            self.close()


def register(capture: Capture) -> None:
    """Remember a capture. Its device's library is loaded: this exit handler runs before its own."""
    _open.add(capture)
    atexit.unregister(close_all)
    atexit.register(close_all)


def forget(capture: Capture) -> None:
    """Forget a capture that is closed."""
    _open.discard(capture)


def close_all() -> None:
    """Close every capture, so that no device calls into a process that is ending."""
    with contextlib.ExitStack() as every:  # also when one of them raises
        for capture in list(_open):
            every.callback(capture.close)


def _in_child() -> None:
    """Threads do not survive a fork: a child's captures are dead, and its parent's live on."""
    for capture in list(_open):
        capture.abandon("the capture belongs to the parent process")
    _open.clear()


os.register_at_fork(after_in_child=_in_child)
