"""Taking blocks out of a capture: waiting for them, and never across a loss."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .._native.tap import TapReader
from ..config import Overflow
from ..errors import RingOverflow, StreamClosed
from .account import Account
from .block import Block, Cause, Samples
from .watch import Watch

if TYPE_CHECKING:
    from .supervisor import Supervisor

# A waiting reader looks this often whether its device still lives.
LIVENESS_S = 0.05


def _left_s(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic())


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
        ending: somebody said stop, so a device that is gone is no error.
        over: no frame will follow those that are queued, because the device was stopped.
        closed: nothing may be read any more.
        timed_out: the last take had to end at its deadline.
    """

    def __init__(
        self, tap: TapReader, account: Account, watch: Watch | Supervisor, overflow: Overflow
    ) -> None:
        self._tap = tap
        self._account = account
        self._watch = watch
        self._overflow_is_error = overflow.policy == "fail"
        self._overflows_told = 0
        self._leftover: Block | None = None
        self._taking = threading.Lock()  # a block is whole: one take at a time
        self.ending = False
        self.over = False
        self.closed = False
        self.timed_out = False

    def _over(self) -> bool:
        """Whether no frame will follow those that are queued."""
        health = self._watch.health
        return self.over or health == "ended" or (health == "failed" and not self.ending)

    def _enough(self, part: _Part) -> int:
        """Frames to wait for: a ring must not have to be full before it is read."""
        return min(part.missing, max(1, self._tap.capacity // 2))

    async def _wait_async(self, frames: int) -> None:
        """Wait a while for that many frames, without blocking the event loop."""
        import asyncio  # here, because it takes as long to import as the rest of the package

        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        descriptor = self._tap.descriptor
        loop.add_reader(descriptor, readable.set)
        try:
            if not self._tap.arm(frames):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(readable.wait(), LIVENESS_S)
        finally:
            loop.remove_reader(descriptor)
            self._tap.disarm()

    def take(self, frames: int, deadline: float | None, *, stall_is_error: bool = True) -> Block:
        """Up to `frames` frames without a gap inside; fewer at a gap, the end or the deadline.

        An empty block is the end of the source, or the deadline (on the monotonic clock).
        """
        self.timed_out = False
        if self.closed:
            raise StreamClosed("the capture was closed while it was read")
        while deadline is not None and self._taking.locked():  # somebody else reads
            if not _left_s(deadline):
                return self._account.empty(np.empty((0, self._tap.channels), np.float32))
            time.sleep(LIVENESS_S / 50)
        with self._taking:  # entered and left as one: an interrupt cannot leave it locked
            if self._leftover is not None:
                return self._take_leftover(frames)
            self._check_overflow()
            part = _Part(np.empty((frames, self._tap.channels), np.float32))
            with self._kept(part):
                while not self._fill(part, deadline):
                    if stall_is_error and self._stalled(part):
                        break
            return self._block(part)

    async def take_async(self, frames: int) -> Block:
        """Like `take` without a deadline, and without blocking the event loop."""
        import asyncio  # here, as below

        while not self._taking.acquire(blocking=False):
            await asyncio.sleep(LIVENESS_S / 10)
        try:
            if self._leftover is not None:
                return self._take_leftover(frames)
            self._check_overflow()
            part = _Part(np.empty((frames, self._tap.channels), np.float32))
            with self._kept(part):
                while not self._collect(part, self._over()) and not self._stalled(part):
                    await self._wait_async(self._enough(part))
                    self._check_closed()
            return self._block(part)
        finally:
            self._taking.release()

    @contextlib.contextmanager
    def _kept(self, part: _Part) -> Iterator[None]:
        """Keep what has left the ring for the next take when this one is interrupted."""
        try:
            yield
        except BaseException:
            if part.have:
                self._leftover = self._account.delivered(*part.found)
            raise

    def _block(self, part: _Part) -> Block:
        if part.have:
            return self._account.delivered(*part.found)
        self._check_closed()
        if not self.ending:
            self._watch.check_lost()
        return self._account.empty(part.data)

    def _stalled(self, part: _Part) -> bool:
        """Whether the device is stalled with something to hand out; an error without."""
        if self._watch.health != "stalled":
            return False
        if not part.have:
            self._watch.check_stall()
        return part.have > 0

    def _check_closed(self) -> None:
        if self.closed:
            raise StreamClosed("the capture was closed while it was read")

    def _fill(self, part: _Part, deadline: float | None) -> bool:
        """Wait once and read once; whether the part is all that this take can have."""
        # A reader that is behind must not spend its time on looking at the device.
        if self._tap.wait(self._enough(part), 0.0) and self._collect(part, False):
            return True
        over = self._over()
        late = deadline is not None and time.monotonic() >= deadline
        if not over and not late:
            left = LIVENESS_S if deadline is None else min(LIVENESS_S, _left_s(deadline))
            self._tap.wait(self._enough(part), left)
            self._check_closed()
        whole = self._collect(part, over)
        self.timed_out = late and not whole
        return whole or late

    def _collect(self, part: _Part, over: bool) -> bool:
        """Read once what is queued; whether the part is all that this take can have."""
        tap = self._tap
        if part.have:
            part.have += tap.read_on_into(part.data[part.have :])
        else:
            part.have, part.frame, part.gap, part.cause, skipped = tap.read_into(part.data)
            if skipped:
                self._account.skipped(part.frame, skipped)
        return over or not part.missing or (part.have > 0 and tap.gap_is_next)

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
        stats = self._tap.stats()
        if stats["overflows"] > self._overflows_told:
            self._overflows_told = stats["overflows"]
            raise RingOverflow(
                f"the ring of {self._tap.capacity} frames was full, {stats['dropped']} frames "
                "have been lost so far",
                hint="read faster, raise ring_ms, or use another overflow policy; reading again "
                "goes on after the loss",
                retryable=True,
            )
