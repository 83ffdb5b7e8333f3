"""Which input devices there are now, asked in a child process: streams of this one live on."""

from __future__ import annotations

import os
import threading
import weakref

from ..errors import VocanaError
from .child import Child
from .choice import DeviceInfo

PROGRAM = "vocana_dsp.capture.isolated"

PROBE_DEADLINE_S = 15.0  # some drivers take seconds to look for devices
SLICE_S = 0.02  # how often a look that is to end is ended, until it has


class Prober:
    """A child process that looks for devices whenever it is asked; one that hangs is replaced.

    PortAudio looks once, when it is loaded, and looking again would end every stream of its
    process. For any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: Child | None = None
        _probers.add(self)

    def look(self) -> list[DeviceInfo]:
        """Return every input device that there is now; DeviceError when that cannot be told."""
        with self._lock:
            try:
                self._child = self._child or Child(PROGRAM, {})
                self._child.order("look")
                found = self._child.answer(PROBE_DEADLINE_S, "looking for devices in a process")
            except VocanaError:
                self._close()
                raise
        return [DeviceInfo(**device) for device in found["devices"]]

    def close(self) -> None:
        """End the process, and a look that waits for it. A later look starts another one."""
        while not self._lock.acquire(timeout=SLICE_S):
            if child := self._child:
                child.kill()
        try:
            self._close()
        finally:
            self._lock.release()

    def abandon(self) -> None:
        """Leave the process to the parent: for a forked child, whose next look starts another."""
        self._lock = threading.Lock()
        self._child = None

    def _close(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


_probers: weakref.WeakSet[Prober] = weakref.WeakSet()


def _in_child() -> None:
    for prober in list(_probers):
        prober.abandon()


os.register_at_fork(after_in_child=_in_child)


def devices() -> list[DeviceInfo]:
    """Return every input device of this machine, those that were plugged in just now too.

    Takes as long as starting a Python does, and touches no stream of this process. An `index` is
    that of a fresh process, such as one of `Device` with ``isolate=True``; a name always means the
    same.

    Raises:
        DeviceError: PortAudio is missing, or looking for devices hangs or crashes.
    """
    prober = Prober()
    try:
        return prober.look()
    finally:
        prober.close()
