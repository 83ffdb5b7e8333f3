"""Puts a device in the place of one that has failed."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from typing import Literal

from ..control.retry import Retry
from ..errors import Cancelled, DeviceError
from .opening import Opening
from .path import Path
from .processing import Processing
from .recovery import Recovery
from .session import Session
from .sources import Player, Source

LEAVE_S = 0.05  # a slice of waiting for what was captured to come through
GRACE_S = 0.25  # the least that this takes before a node of the chain is said to be stuck
FIRST_BLOCK_S = 0.002  # how often the first block is looked for


class Follower:
    """Gives one device of a path up and opens another. One thread.

    Args:
        path: whose device it is.
        processing: what stands behind it.
        sources: what can be opened, in the order in which it is tried.
        index: which of them is open; then which of them runs, or ran last.
        cancel: set by a stop.
        clock: seconds on the monotonic clock.
        pause: waits for seconds, or until `cancel` is set: whether it is.
    """

    def __init__(
        self,
        path: Path,
        processing: Processing,
        sources: Sequence[Source],
        index: int,
        cancel: threading.Event,
        clock: Callable[[], float],
        pause: Callable[[float], bool],
    ) -> None:
        self._path = path
        self._processing = processing
        self._sources = sources
        self.index = index
        self._players: dict[int, Player] = {index: path.session.player}  # the last of each source
        self._cancel = cancel
        self._clock = clock
        self._pause = pause
        self.started_s = clock()

    @property
    def state(self) -> Literal["running", "degraded"]:
        """What a stream is while this device runs: "degraded" on a fallback."""
        return "degraded" if self.index else "running"

    @property
    def first_block(self) -> str:
        """Why a stream is in that state: whose block came."""
        name = self._path.device
        return f"first block of {name!r}" if name else "first block"

    def give_up(self, limit_s: float) -> None:
        """Stop the device, or abandon it, and let through what it gave."""
        session = self._path.session
        session.discard()
        limit_s = max(limit_s, self._clock() + GRACE_S)
        while not self._processing.leave(LEAVE_S):
            if self._cancel.is_set():
                raise Cancelled("stopped while the last frames came through")
            if self._clock() >= limit_s and not session.player.waits:
                raise self._processing.stuck()

    def follow(self, policy: Recovery, ends_s: float, rng: random.Random | None) -> None:
        """Open a device and wait for its first block, until the clock comes to `ends_s`.

        Raises:
            Cancelled: a stop came first.
            VocanaError: what the first source failed with, when all of them did; notes tell of the
                others.
        """
        if self._pause(policy.settle_ms / 1000.0):
            raise Cancelled("stopped while the device rested")
        failure: Exception | None = None
        for index in range(len(self._sources)):
            left_s = (ends_s - self._clock()) / (len(self._sources) - index)
            if left_s <= 0:
                break
            try:
                self._try(index, policy if index == 0 else None, left_s, rng)
            except Cancelled:
                raise
            except Exception as error:
                if failure is None:
                    failure = error
                else:
                    failure.add_note(f"fallback {index}: {error}")
            else:
                self.index = index
                self._path.runs(self._sources[index])
                failure = None  # its traceback holds this call: a cycle
                return
        raise failure or DeviceError("there was no time left to open a device", code="device_hangs")

    def _try(
        self, index: int, policy: Recovery | None, left_s: float, rng: random.Random | None
    ) -> None:
        limit_s = self._clock() + left_s
        retry = Retry(attempts=1) if policy is None else policy.retry(left_s)
        retry.call(
            lambda: self._open(index, limit_s),
            cancel=self._cancel,
            clock=self._clock,
            sleep=self._pause,
            rng=rng,
        )

    def _open(self, index: int, limit_s: float) -> None:
        """Open a source, and let it run until its first block has come."""
        source = self._sources[index]
        reopening = getattr(source, "reopening", None)
        if reopening is not None:
            source = reopening(self._players.get(index))
        before = self._path.session
        session = Opening(lambda: self._path.prepare(source, before), Session.discard).within(
            limit_s, self._cancel, self._clock
        )
        self._players[index] = session.player
        try:
            resumes_after_ns = session.heard_ns if session.player.realtime else 0
            self._processing.follow(session.engine, session.player, resumes_after_ns)
        except BaseException:
            session.discard()
            raise
        self._path.session = session
        self.started_s = self._clock()
        try:
            Opening(session.player.start, lambda _: session.discard()).within(
                limit_s, self._cancel, self._clock
            )
            self._await_block(session, limit_s)
        except BaseException:
            self.give_up(limit_s)
            raise

    def _await_block(self, session: Session, limit_s: float) -> None:
        while not session.engine.last_callback()[0] and not session.engine.ended:
            if not session.player.active:
                raise DeviceError("the device was lost before its first block", code="device_lost")
            if self._clock() >= limit_s:
                raise DeviceError("the device gave no block in time", code="device_stalled")
            if self._pause(FIRST_BLOCK_S):
                raise Cancelled("stopped before the device's first block")
