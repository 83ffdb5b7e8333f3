"""What a capture says of its device."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..errors import StreamClosed
from ..words import plural
from .block import State

if TYPE_CHECKING:
    from .._native.outlets import Outlets
    from ..control.attempts import AttemptLog
    from ..control.states import StreamState, Transition
    from .path import Path
    from .sources import Source
    from .supervisor import Supervisor
    from .watch import Watch


class Watched:
    """The health of a device, and what has been done about it."""

    _path: Path
    _watch: Watch | Supervisor
    _state: State
    _dead_reason: str | None

    def __repr__(self) -> str:
        """Say what it reads, and how it is."""
        if not hasattr(self, "_path"):
            return "<Capture that could not be opened>"
        of = self._path.device or self._path.source
        sound = f"{self._path.rate} Hz, {plural(self._path.channels, 'channel')}"
        return f"<Capture of {of!r}, {sound}, {self.state}>"

    @property
    def state(self) -> State:
        """How the capture is.

        "open" (not started), "running", "stalled" (the device has stopped calling), "ended" (the
        source has ended), "stopped", "failed" (the device is lost) or "closed". One with `recovery`
        or `fallback` is never "stalled", but "recovering" (a device is being opened) or "degraded"
        (a fallback runs).
        """
        return self._watch.health if self._state == "running" else self._state

    @property
    def outlets(self) -> Outlets:
        """Where native consumers that get what the reader gets are attached, such as a recorder.

        StreamClosed when they would get nothing: the capture is closed, or has ended.
        """
        if self._state == "closed":
            raise self._closed()
        if self.state in ("ended", "stopped", "failed") or self._path.outlets.ended:
            raise StreamClosed(
                "the capture has ended: nothing more comes from it",
                hint="make a new Capture, and start what it feeds before it",
            )
        return self._path.outlets

    def _closed(self) -> StreamClosed:
        return StreamClosed(self._dead_reason or "the capture is closed", hint="make a new Capture")

    @property
    def source(self) -> Source:
        """The source that runs, or ran last: the one that was asked for, or a fallback."""
        return self._path.source

    @property
    def device(self) -> str | None:
        """What the device that runs, or ran last, calls itself; None for a source without one."""
        return self._path.device

    @property
    def recoveries(self) -> AttemptLog | None:
        """Every recovery so far; ``mic.recoveries.stats`` counts them.

        Their triggers are "lost", "stalled" and "silent". None without `recovery` and `fallback`.
        """
        return self._watch.log

    @property
    def transitions(self) -> list[Transition[StreamState]]:
        """The last 256 changes of state of a capture that recovers, oldest first."""
        return self._watch.transitions

    @property
    def threads(self) -> dict[str, int]:
        """Native ids of the C threads that run now: "device" after its first block, "engine".

        `RealTime` takes them, and ``top -H`` shows them.
        """
        return self._path.threads if self._state == "running" else {}

    @property
    def callback_age_s(self) -> float:
        """Seconds since the device's callback was last called; 0 before that."""
        last_ns = self._path.session.engine.last_callback()[0]
        return max(0, time.monotonic_ns() - last_ns) / 1e9 if last_ns else 0.0
