"""Which input devices there are now, asked in a child process: streams of this one live on."""

from __future__ import annotations

import threading

from ..errors import VocanaError
from .child import Child
from .choice import DeviceInfo

PROGRAM = "vocana_dsp.capture.isolated"

PROBE_DEADLINE_S = 15.0  # some drivers take seconds to look for devices


class Prober:
    """A child process that looks for devices whenever it is asked; one that hangs is replaced.

    PortAudio looks once, when it is loaded, and looking again would end every stream of its
    process. For any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: Child | None = None

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
        child = self._child
        if child is not None:
            child.kill()
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


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
