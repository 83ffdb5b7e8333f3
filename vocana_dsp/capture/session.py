"""One device of a capture: what is open, and what it has counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from .._native.capture import CaptureEngine
from .sources import Player

DISCARD_S = 0.4  # what a device that is given up has for its end; then it is abandoned


@dataclass(frozen=True, slots=True)
class Session:
    """A device that is open, and what its callback feeds. Another one takes its place as a whole.

    Attributes:
        player: the open device.
        engine: what its callback feeds; its own for ever, so a device that hangs harms no other.
        before: what the devices before it have counted.
        heard_ns: end of what they gave last, on the monotonic clock; 0 before anything.
    """

    player: Player
    engine: CaptureEngine
    before: Mapping[str, Any] = field(default_factory=dict)
    heard_ns: int = 0

    def counts(self) -> dict[str, Any]:
        """Return what all devices so far have counted; durations are those of this one."""
        now, before = self.engine.counts(), self.before
        if not before:
            return now
        *inputs, by_channel = zip(now["input"], before["input"], strict=True)
        channels = zip_longest(*by_channel, fillvalue=0)
        total = (*(sum(pair) for pair in inputs), tuple(sum(pair) for pair in channels))
        return now | {
            "xruns": now["xruns"] + before["xruns"],
            "callbacks": now["callbacks"] + before["callbacks"],
            "input": total,
        }

    def discard(self) -> None:
        """Give back a device that nobody needs; one that hangs keeps its memory for ever."""
        if not self.player.stop(DISCARD_S):
            self.engine.leak()

    def end_ns(self) -> int:
        """Return the end of what came through, once its thread has left, on the monotonic clock."""
        last_ns = self.engine.last_callback()[0]
        unheard = self.engine.stats()["queued"]  # of a device that was given up and still calls
        return last_ns - unheard * 1_000_000_000 // self.player.rate if last_ns else self.heard_ns
