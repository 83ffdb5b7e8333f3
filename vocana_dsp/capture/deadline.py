"""Calls that may never return: made in a thread of their own, and waited for only so long."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from ..errors import DeviceError

Result = TypeVar("Result")

SLICE_S = 0.05  # a deadline is waited for in slices: see Call.wait


class _Worker:
    """A daemon thread that makes one call after the other, until one of them hangs.

    It is kept between calls because an interpreter that is ending starts no thread any more, and
    devices are closed just then.
    """

    def __init__(self) -> None:
        self.calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        threading.Thread(target=self._run, name="vocana-deadline", daemon=True).start()

    def _run(self) -> None:
        while True:
            future, call = self.calls.get()
            try:
                future.set_result(call())
            except BaseException as error:
                future.set_exception(error)
            del future, call


_lock = threading.Lock()
_worker: _Worker | None = None


class Call(Generic[Result]):
    """A call that is made once those before it have returned, or have been given up.

    For any thread.

    >>> Call(lambda: 6 * 7).wait(1.0)
    42
    """

    def __init__(self, call: Callable[[], Result]) -> None:
        global _worker
        self._future: Future[Result] = Future()
        with _lock:
            try:
                _worker = _worker or _Worker()
            except RuntimeError:  # the interpreter is ending
                self._future.set_exception(TimeoutError("no thread is left to make the call"))
                return
            self._worker = _worker
            _worker.calls.put((self._future, call))

    def wait(self, deadline_s: float) -> Result:
        """Return what the call returned, or raise TimeoutError: later calls then pass it.

        The deadline counts time in which this thread could run. While another one holds the GIL,
        the call cannot tell that it has returned, and is not to be blamed for that.
        """
        global _worker
        try:
            for _ in range(max(1, round(deadline_s / SLICE_S))):
                if wait([self._future], SLICE_S).done:
                    break
            return self._future.result(0)
        except TimeoutError:
            with _lock:
                if not self._future.done() and _worker is self._worker:
                    _worker = None
            raise


def within(deadline_s: float, what: str, call: Callable[[], Result]) -> Result:
    """Return what the call returns; DeviceError ``device_hangs`` when it takes longer."""
    try:
        return Call(call).wait(deadline_s)
    except TimeoutError:
        raise DeviceError(
            f"{what} has not returned within {deadline_s:g} s",
            code="device_hangs",
            hint="its sound server or driver is stuck: restart that, then this program",
            retryable=False,
        ) from None


def _in_child() -> None:
    """Threads do not survive a fork, and a lock may have been held by one."""
    global _lock, _worker
    _lock = threading.Lock()
    _worker = None


os.register_at_fork(after_in_child=_in_child)
