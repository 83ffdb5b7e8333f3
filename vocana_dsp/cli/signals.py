"""SIGINT, SIGTERM and SIGHUP as a request to finish; the handlers of before come back."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

REQUESTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignals:
    """While entered, the first of these signals calls `stop`, on a thread of its own.

    The call does not wait for the main thread, which may be writing to a slow disk. The second
    SIGINT raises KeyboardInterrupt. A signal that the process ignores (nohup, a job in the
    background) stays ignored. Main thread only.

    Attributes:
        received: the first signal that came, or None.
    """

    def __init__(self, stop: Callable[[], object]) -> None:
        self.received: signal.Signals | None = None
        self._stop = stop
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._wakeup = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for number in REQUESTS:
            before = signal.getsignal(number)
            if before is not signal.SIG_IGN:
                self._before[number] = before
                signal.signal(number, self._handle)
        self._waiter = threading.Thread(target=self._wait, name="vocana-signals", daemon=True)
        self._waiter.start()
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
        signal.set_wakeup_fd(self._wakeup)
        os.close(self._writer)  # ends the waiter
        self._waiter.join()
        os.close(self._reader)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self.received is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        if self.received is None:
            self.received = signal.Signals(number)

    def _wait(self) -> None:
        while caught := os.read(self._reader, 1):
            if caught[0] in self._before:
                with contextlib.suppress(Exception):  # the main thread meets the same error
                    self._stop()
                return
