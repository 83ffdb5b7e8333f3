"""What becomes of audio when a device calls Python: the thing that this package replaces."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from ..capture.block import Samples

if TYPE_CHECKING:
    from ..capture.capture import Capture
    from .device import SimulatedDevice

TRACEBACKS = 10


class PythonCallback:
    """Calls a Python function for each block of a simulated device, as callback libraries do.

    A sound card buffers a few periods; its thread takes the GIL, calls the function and comes
    back. When the GIL is busy for longer than those periods last, the card overwrites them. Here
    the card's buffer is a ring of `periods` blocks with an exact count of what did not fit.

    Args:
        device: the simulated device to open.
        callback: called with (frames, channels) float32, on a thread of its own.
        periods: blocks that the card can buffer; 2 or 3 are usual.

    Attributes:
        errors: exceptions that the callback has raised; the stream goes on.
        tracebacks: the first ten of them.
    """

    def __init__(
        self, device: SimulatedDevice, callback: Callable[[Samples], None], *, periods: int = 3
    ) -> None:
        from ..capture.capture import Capture
        from ..config import Overflow, function_of, instance, whole
        from .device import SimulatedDevice

        instance("device", device, SimulatedDevice, "vocana_dsp.testing")
        function_of("callback", callback)
        whole("periods", periods, 1, 1 << 16)
        block_ms = device.block_frames * 1000.0 / device.rate
        self._capture: Capture = Capture(
            device,
            block_ms=block_ms,
            ring_ms=periods * block_ms,
            overflow=Overflow(crossfade_ms=0, target_ms=block_ms),
        )
        self._callback = callback
        self.errors = 0
        self.tracebacks: list[str] = []
        self._thread = threading.Thread(target=self._run, name="python-callback", daemon=True)

    def _run(self) -> None:
        for block in self._capture:
            try:
                self._callback(block.data)
            except Exception as error:  # the stream lives on
                self.errors += 1
                if len(self.tracebacks) < TRACEBACKS:
                    self.tracebacks.append("".join(traceback.format_exception(error)))

    @property
    def kept(self) -> int:
        """Frames that reached the callback."""
        return self._capture.stats.delivered

    @property
    def lost(self) -> int:
        """Frames that the card overwrote."""
        return self._capture.stats.dropped

    def wait(self) -> None:
        """Wait until the device has played all that it has."""
        self._thread.join()

    def __enter__(self) -> PythonCallback:
        """Start the device."""
        self._capture.start()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the device and wait for the last callback."""
        self._capture.stop()
        self._thread.join()
        self._capture.close()
