"""What a capture hands out: blocks of audio, and what happened to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Cause = Literal["overflow", "skip", "device", "rejected"]
State = Literal[
    "open",
    "running",
    "stalled",
    "recovering",
    "degraded",
    "ended",
    "stopped",
    "failed",
    "closed",
]

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Block:
    """A run of frames without a loss inside it.

    Attributes:
        data: (frames, channels) float32, owned by the caller.
        frame: number of the first frame on the device's timeline, which starts at 0 and counts at
            the capture's rate.
        time: the same in seconds: frame / rate.
        gap: frames lost just before this block; `frame` has jumped by as many.
        cause: why they were lost, None when `gap` is 0.
    """

    data: Samples
    frame: int
    time: float
    gap: int = 0
    cause: Cause | None = None

    def __len__(self) -> int:
        """Frames in this block."""
        return len(self.data)

    def __repr__(self) -> str:
        """Say what it is, without its samples."""
        frames, channels = self.data.shape
        return f"<Block frame={self.frame} frames={frames} channels={channels} gap={self.gap}>"


@dataclass(frozen=True, slots=True)
class Gap:
    """A loss: `frames` frames of the device's timeline from `frame` on that nobody received.

    Of losses that touch, the first gives the cause; but an overflow takes in what the device lost,
    or the input policy refused, just before it.
    """

    frame: int
    frames: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, in the order of `seq` for each origin.

    Attributes:
        seq: counts what the audio thread told, from 0; a hole means that the queue was full.
            -1 for what the consumer's side told.
        frame: where on the device's timeline.
        kind: for example ``"overflow_began"``, ``"overflow_ended"``, ``"breaker_open"``,
            ``"breaker_half_open"``, ``"breaker_closed"``, ``"xrun"``, ``"device_lost"``,
            ``"skipped"``, ``"rejected"``, ``"ended"``; of a capture that recovers also its states,
            ``"suspended"`` and ``"silent"``.
        value: what belongs to the kind: frames lost, frames of rest, status flags; of a state which
            source runs, or ran last: 0 is the one that was asked for, 1 the first fallback; of a
            suspended machine seconds, of silence its frames.
    """

    seq: int
    frame: int
    kind: str
    value: int
