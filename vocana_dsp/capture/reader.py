"""Taking blocks out of a capture: waiting for them, and never across a loss."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace

import numpy as np

from .._native.capture import CaptureEngine
from ..config import Overflow
from ..errors import RingOverflow, StreamClosed
from .account import Account
from .block import Block, Cause, Samples
from .watch import Watch

# A waiting reader looks this often whether its device still lives.
LIVENESS_S = 0.05


@dataclass(slots=True)
class _Part:
    """A take in progress."""

    data: Samples
    have: int = 0
    frame: int = 0
    gap: int = 0
    cause: Cause | None = None

    @property
    def missing(self) -> int:
        return len(self.data) - self.have

    @property
    def found(self) -> tuple[Samples, int, int, Cause | None]:
        return self.data[: self.have], self.frame, self.gap, self.cause


class Reader:
    """The consumer's side of a capture.

    Attributes:
        ending: no frame will follow those that are queued, because somebody said stop.
        closed: nothing may be read any more.
    """

    def __init__(
        self, engine: CaptureEngine, account: Account, watch: Watch, overflow: Overflow
    ) -> None:
        self._engine = engine
        self._account = account
        self._watch = watch
        self._overflow_is_error = overflow.policy == "fail"
        self._overflows_told = 0
        self._leftover: Block | None = None
        self.ending = False
        self.closed = False

    def _over(self) -> bool:
        """Whether no frame will follow those that are queued."""
        return self.ending or self._watch.health in ("ended", "failed")

    def ready(self, frames: int) -> bool:
        """Whether a take of that many frames would return at once: with frames, or at the end."""
        queued = int(self._engine.stats()["queued"])
        return queued >= min(frames, self._engine.capacity) or self._over() or self.closed

    async def wait_async(self, frames: int) -> None:
        """Wait a while for that many frames, without blocking the event loop."""
        import asyncio  # here, because it takes as long to import as the rest of the package

        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        descriptor = self._engine.descriptor
        loop.add_reader(descriptor, readable.set)
        try:
            if not self._engine.arm(frames):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(readable.wait(), LIVENESS_S)
        finally:
            loop.remove_reader(descriptor)
            self._engine.disarm()
        if not self._engine.stats()["queued"]:
            self._watch.check_stall()

    def take(self, frames: int, deadline: float | None, *, stall_is_error: bool = True) -> Block:
        """Up to `frames` frames without a gap inside; fewer at a gap, the end or the deadline.

        An empty block is the end of the source, or the deadline (on the monotonic clock).
        """
        if self._leftover is not None:
            return self._take_leftover(frames)
        self._check_overflow()
        part = _Part(np.empty((frames, self._engine.channels), np.float32))
        try:
            while not self._fill(part, deadline):
                if stall_is_error and self._watch.health == "stalled":
                    if part.have:
                        break
                    self._watch.check_stall()
        except BaseException:
            if part.have:  # an interrupt must not lose what has left the ring
                self._leftover = self._account.delivered(*part.found)
            raise
        if part.have:
            return self._account.delivered(*part.found)
        if not self.ending:
            self._watch.check_lost()
        return self._account.empty(part.data)

    def _fill(self, part: _Part, deadline: float | None) -> bool:
        """Wait once and read once; whether the part is all that this take can have."""
        engine = self._engine
        last = self._over() or (deadline is not None and time.monotonic() >= deadline)
        if not last:
            left = LIVENESS_S if deadline is None else min(LIVENESS_S, deadline - time.monotonic())
            ready = engine.wait(min(part.missing, engine.capacity), max(0.0, left))
            if self.closed:
                raise StreamClosed("the capture was closed while it was read")
            if not ready:
                return False
        if part.have:
            part.have += engine.read_on_into(part.data[part.have :])
        else:
            part.have, part.frame, part.gap, part.cause, skipped = engine.read_into(part.data)
            if skipped:
                self._account.skipped(part.frame, skipped)
        return last or not part.missing or (part.have > 0 and engine.gap_is_next)

    def _take_leftover(self, frames: int) -> Block:
        block, self._leftover = self._leftover, None
        assert block is not None
        if len(block) > frames:
            first, rest = block.data[:frames], block.data[frames:]
            rate = self._account.rate
            self._leftover = Block(rest, block.frame + frames, (block.frame + frames) / rate)
            block = replace(block, data=first)
        return block

    def _check_overflow(self) -> None:
        if not self._overflow_is_error:
            return
        stats = self._engine.stats()
        if stats["overflows"] > self._overflows_told:
            self._overflows_told = stats["overflows"]
            raise RingOverflow(
                f"the ring of {self._engine.capacity} frames was full, {stats['dropped']} frames "
                "have been lost so far",
                hint="read faster, raise ring_ms, or use another overflow policy; reading again "
                "goes on after the loss",
                retryable=True,
            )
