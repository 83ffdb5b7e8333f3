"""Calls that may never return: made in a thread of their own, and waited for only so long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from ..errors import DeviceError

Result = TypeVar("Result")

# One call at a time. A call that hangs keeps its turn for ever; those after it get a new one.
_turn = threading.Lock()


def begin(call: Callable[[], Result]) -> Future[Result]:
    """Make a call in a daemon thread, when its turn comes. For any thread."""
    future: Future[Result] = Future()
    turn = _turn

    def run() -> None:
        with turn:
            try:
                future.set_result(call())
            except BaseException as error:
                future.set_exception(error)

    threading.Thread(target=run, name="vocana-deadline", daemon=True).start()
    return future


def wait(future: Future[Result], deadline_s: float) -> Result:
    """Return what the call returned, or raise TimeoutError and let later calls pass it.

    >>> wait(begin(lambda: 6 * 7), 1.0)
    42
    """
    global _turn
    try:
        return future.result(deadline_s)
    except TimeoutError:
        if not future.done():
            _turn = threading.Lock()
        raise


def within(deadline_s: float, what: str, call: Callable[[], Result]) -> Result:
    """Return what the call returns; DeviceError ``device_hangs`` when it takes longer."""
    future = begin(call)
    try:
        return wait(future, deadline_s)
    except TimeoutError:
        raise DeviceError(
            f"{what} has not returned within {deadline_s:g} s",
            code="device_hangs",
            hint="its sound server or driver is stuck: restart that, then this program",
            retryable=False,
        ) from None
