"""Whether a device still does its work."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from ..errors import DeviceError
from .path import Path

if TYPE_CHECKING:
    from ..control.attempts import AttemptLog
    from ..control.states import StreamState, Transition

# A device without a callback for this long, and for ten blocks, is stalled.
STALL_S = 1.5
STALL_BLOCKS = 10

Health = Literal["running", "stalled", "recovering", "degraded", "ended", "failed"]


# A reader that fills a timeout with silence does so while more may come.
GOES_ON = ("running", "stalled", "recovering", "degraded")


class Watch:
    """Looks at the device of a path and at the tap that is read; waits for neither.

    Its clock is monotonic and stands still while the machine sleeps, so a suspended machine is not
    a stalled device.
    """

    log: AttemptLog | None = None  # nothing is done about what is seen

    def __init__(self, path: Path) -> None:
        self.transitions: list[Transition[StreamState]] = []
        self._path = path
        self._started_ns = 0
        self._lost = False

    def started(self) -> None:
        """Tell that the player has been started."""
        self._started_ns = time.monotonic_ns()

    @property
    def health(self) -> Health:
        """How the device is: what it gave last is delivered before it has ended, or failed."""
        player, engine, tap = self._path.session.player, self._path.session.engine, self._path.tap
        if tap.ended:
            return "failed" if self._lost else "ended"
        if engine.ended:
            return "running"
        ran = self._path.is_running  # looked at twice: another thread may start it, or stop it
        if not player.active and ran and self._path.is_running:
            # The last thing that an ending source does before it is inactive is to say so.
            if engine.ended:
                return "ended" if tap.ended else "running"
            self._lost = True
            engine.end(lost=True)  # lets who is behind it come to their end
            return "failed" if tap is engine else "running"
        return "stalled" if self._late_s() else "running"

    def _late_s(self) -> float:
        """Seconds without a callback beyond what is normal for the device; 0 when all is well."""
        session = self._path.session
        if not session.player.realtime:
            return 0.0
        last_ns, block_frames, _ = session.engine.last_callback()
        age_s = (time.monotonic_ns() - (last_ns or self._started_ns)) / 1e9
        blocks_s = STALL_BLOCKS * block_frames / session.player.rate
        return age_s if age_s > max(STALL_S, blocks_s) else 0.0

    def check_lost(self) -> None:
        """Raise DeviceError when the device is lost."""
        if self.health == "failed":
            raise DeviceError(
                "the device is lost: it no longer works",
                code="device_lost",
                hint="check that it is plugged in and its sound server runs; make a new Capture",
                retryable=True,
            )

    def check_stall(self) -> None:
        """Raise DeviceError when the device is stalled."""
        if self.health == "stalled":
            raise DeviceError(
                f"the device has not called for {self._late_s():.1f} s",
                code="device_stalled",
                hint="it may come back: read again, or close and make a new Capture",
                retryable=True,
            )
