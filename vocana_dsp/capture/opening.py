"""Calls that may hang while a device is opened: given up, they undo what they have done."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from ..errors import Cancelled, DeviceError

Result = TypeVar("Result")

SLICE_S = 0.02  # how often a stop and the limit are looked at


class Opening(Generic[Result]):
    """A call in a thread of its own.

    Args:
        call: what may hang.
        undo: called in that thread with what `call` returned, when nobody waits any more.

    >>> Opening(lambda: 6 * 7, print).within(1.0, threading.Event(), lambda: 0.0)
    42
    """

    def __init__(self, call: Callable[[], Result], undo: Callable[[Result], object]) -> None:
        self._call = call
        self._undo = undo
        self._lock = threading.Lock()
        self._returned: list[Result] = []
        self._error: BaseException | None = None
        self._given_up = False
        self._done = threading.Event()
        threading.Thread(target=self._run, name="vocana-opening", daemon=True).start()

    def _run(self) -> None:
        try:
            result = self._call()
        except BaseException as error:
            self._error = error
        else:
            with self._lock:
                late = self._given_up
                if not late:
                    self._returned.append(result)
            if late:
                with contextlib.suppress(Exception):
                    self._undo(result)
        self._done.set()

    def within(self, limit_s: float, cancel: threading.Event, clock: Callable[[], float]) -> Result:
        """Return what the call returns, or raise what it raises.

        Raises:
            Cancelled: `cancel` was set first.
            DeviceError: the clock has come to `limit_s` first (``device_hangs``).
        """
        while not self._done.wait(SLICE_S):
            cancelled = cancel.is_set()
            if cancelled or clock() >= limit_s:
                with self._lock:
                    self._given_up = not self._returned
                if self._given_up and cancelled:
                    raise Cancelled("stopped while a device was being opened")
                if self._given_up:
                    raise DeviceError(
                        "a device has not answered in time",
                        code="device_hangs",
                        hint="its sound server or driver is stuck: restart that",
                        retryable=False,
                    )
        if self._error is not None:
            try:
                raise self._error
            finally:
                self._error = None  # its traceback holds this: a cycle
        return self._returned[0]
