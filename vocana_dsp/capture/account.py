"""The account of a capture: what was counted, what was lost, what happened."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, cast

import numpy as np

from .block import Block, Cause, Event, Gap, Samples
from .engine import EVENTS
from .path import Path

if TYPE_CHECKING:
    from .stats import Stats


class Account:
    """Keeps the gaps that reads have met and puts them beside what the tap still holds."""

    def __init__(
        self,
        path: Path,
    ) -> None:
        self._path = path
        self._tap = path.tap
        self.rate = path.rate
        self._gaps: list[Gap] = []
        self._events: deque[Event] = deque(maxlen=EVENTS)
        self._filled = 0  # frames of silence handed out since the last real one
        self._next_frame = 0

    def empty(self, data: Samples) -> Block:
        """Return a block without frames, at the place where the next one is expected."""
        return Block(data[:0], self._next_frame, self._next_frame / self.rate)

    def delivered(self, data: Samples, frame: int, gap: int, cause: Cause | None) -> Block:
        """Return the block of `data`, with its gap entered."""
        if gap and cause:
            _merge(self._gaps, Gap(frame - gap, gap, cause))
            gap = max(0, gap - self._filled)
        self._filled = 0
        self._next_frame = frame + len(data)
        return Block(data, frame, frame / self.rate, gap, cause if gap else None)

    def filled(self, block: Block, frames: int) -> Block:
        """Return the block filled up to `frames` frames with zeros, told as a gap of it."""
        missing = frames - len(block)
        self._filled += missing
        self._next_frame += missing
        zeros = np.zeros((missing, block.data.shape[1]), np.float32)
        data = np.concatenate([block.data, zeros])
        return Block(data, block.frame, block.time, block.gap + missing, block.cause or "device")

    def skipped(self, frame: int, frames: int) -> None:
        """Enter a skip of the consumer's own."""
        self.happened("skipped", frame, frames)

    def happened(self, kind: str, frame: int, value: int) -> None:
        """Enter what no C thread told. Any thread."""
        self._events.append(Event(-1, frame, kind, value))

    @property
    def gaps(self) -> list[Gap]:
        """Every loss so far, in order, met by a read or not."""
        found = list(self._gaps)
        for frame, frames, cause in self._tap.gaps():
            _merge(found, Gap(frame, frames, cast(Cause, cause)))
        return found

    def events(self) -> list[Event]:
        """Return and take what has happened, in the order of the timeline."""
        native, _ = self._tap.events()
        found = [Event(*event) for event in native]
        while self._events:
            found.append(self._events.popleft())
        return sorted(found, key=lambda event: event.frame)

    def stats(self) -> Stats:
        """Return one consistent snapshot."""
        from .stats import CallbackTimes, InputCounts, Stats  # here: a capture starts sooner

        session = self._path.session
        s = self._tap.stats() | session.counts()
        block = -(-s["block"] * self.rate // session.player.rate)
        latency = s["queued"] + block + self._path.delay_frames
        return Stats(
            captured=s["captured"],
            delivered=s["delivered"],
            dropped=s["dropped"],
            queued=s["queued"],
            overflows=s["overflows"],
            xruns=s["xruns"],
            breaker_state=s["breaker_state"],
            breaker_trips=s["breaker_trips"],
            callbacks=s["callbacks"],
            callback_us=CallbackTimes(*s["callback_us"]),
            latency_ms=latency * 1000.0 / self.rate,
            latency_frames=latency,
            events_dropped=s["events_dropped"],
            input=InputCounts(*s["input"]),
        )


def _merge(gaps: list[Gap], gap: Gap) -> None:
    """Append a gap, or lengthen the last one when the two touch and have one cause."""
    last = gaps[-1] if gaps else None
    if last and last.cause == gap.cause and last.frame + last.frames == gap.frame:
        gaps[-1] = Gap(last.frame, last.frames + gap.frames, gap.cause)
    else:
        gaps.append(gap)
