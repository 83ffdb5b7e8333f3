"""A PortAudio device in a child process: what hangs or crashes there can be ended here.

See ``docs/decisions/0016-a-device-in-a-child-process.md``.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time

from .._native.capture import CaptureEngine
from .._native.link import LinkReceiver
from .child import Child
from .choice import Wanted, as_json

PROGRAM = "vocana_dsp.capture.isolated"

OPEN_DEADLINE_S = 5.0  # of a start of Python, of PortAudio and of the device
START_DEADLINE_S = 2.0

# How long the parent may stand still before the child has to lose anything.
QUEUE_S = 10.0

# Of the time to stop, this part is for the child to do it in peace.
ASKING = 0.6

PIPE_BYTES = 1 << 20


class IsolatedPlayer:
    """An input device whose stream lives in a child process. It is open when it is made."""

    def __init__(
        self, name_or_index: Wanted, rate: int | None, channels: int | None, block: int
    ) -> None:
        self.realtime = True
        self.waits = False
        self._receiver: LinkReceiver | None = None
        self._lock = threading.Lock()
        self._frames, frames_in = os.pipe()
        try:
            _enlarge(self._frames)
            self._child = Child(
                PROGRAM,
                {
                    "name_or_index": as_json(name_or_index),
                    "rate": rate,
                    "channels": channels,
                    "block_frames": block,
                    "descriptor": frames_in,
                    "queue_s": QUEUE_S,
                },
                [frames_in],
            )
        except BaseException:
            os.close(self._frames)
            raise
        finally:
            os.close(frames_in)
        wanted = "the default device" if name_or_index is None else repr(name_or_index)
        try:
            found = self._child.answer(OPEN_DEADLINE_S, f"opening {wanted} in a process")
        except BaseException:
            self.stop(0.0)
            raise
        self.rate: int = found["rate"]
        self.channels: int = found["channels"]
        self.name: str = found["name"]

    @property
    def pid(self) -> int:
        """The process that has the device."""
        return self._child.pid

    def connect(self, engine: CaptureEngine) -> None:
        """Hand to the engine what the device will give."""
        self._receiver = LinkReceiver(engine, self._frames)
        self._receiver.start()

    def start(self) -> None:
        """Start the stream; DeviceError when it does not start."""
        self._child.order("start")
        try:
            self._child.answer(START_DEADLINE_S, f"starting {self.name!r} in a process")
        except BaseException:
            self.stop(0.0)
            raise

    @property
    def active(self) -> bool:
        """Whether the child still has a device that works."""
        return self._receiver is not None and self._receiver.state == "running"

    def stop(self, deadline_s: float) -> bool:
        """Stop the stream and end its process. True: nothing calls the engine any more."""
        gives_up = time.monotonic() + deadline_s
        with self._lock:
            if self._frames >= 0:
                self._child.order("stop")
                if self._receiver is not None:
                    self._receiver.stop(deadline_s * ASKING)
                self._child.close(gives_up - time.monotonic() if self._said_goodbye else 0.0)
                self._close()
        return True

    @property
    def _said_goodbye(self) -> bool:
        return self._receiver is not None and self._receiver.state == "ended"

    def abandon(self) -> None:
        """Never touch the device again: it is the parent's, and this process was forked."""
        if self._frames >= 0:
            if self._receiver is not None:
                self._receiver.abandon()
            self._close()

    def _close(self) -> None:
        os.close(self._frames)
        self._frames = -1

    def __del__(self) -> None:
        """End what nobody stopped."""
        if hasattr(self, "_child"):
            self.stop(0.0)


def _enlarge(pipe: int) -> None:
    """Let a pipe hold more, where that can be."""
    with contextlib.suppress(ImportError, OSError):
        from fcntl import F_SETPIPE_SZ, fcntl

        fcntl(pipe, F_SETPIPE_SZ, PIPE_BYTES)
