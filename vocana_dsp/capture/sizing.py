"""How long the blocks of a capture should be, given how busy the processor is."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from ..config import frames_of, not_negative, positive
from ..errors import ConfigError

LOOK_S = 1.0  # how often a capture looks how busy its process is


@dataclass(frozen=True, slots=True)
class BlockSizing:
    """When blocks become longer, and when they become shorter again.

    Long blocks cost latency and save calls: a busy machine gets longer ones, a calm one short ones.
    ``Capture(block_ms=BlockSizing())`` follows it.

    Attributes:
        min_ms: length on a calm machine.
        max_ms: no block is longer.
        step_ms: by how much a change lengthens or shortens.
        busy_percent: above this share of the processor blocks become longer.
        calm_percent: below this share they become shorter. Between the two nothing changes.
        cooldown_ms: time between two changes, at least.

    >>> BlockSizing().min_ms, BlockSizing().max_ms
    (30.0, 128.0)
    """

    min_ms: float = 30.0
    max_ms: float = 128.0
    step_ms: float = 30.0
    busy_percent: float = 80.0
    calm_percent: float = 60.0
    cooldown_ms: float = 5000.0

    def __post_init__(self) -> None:
        for name in ("min_ms", "max_ms", "step_ms"):
            positive(name, getattr(self, name), "ms")
        for name in ("busy_percent", "calm_percent", "cooldown_ms"):
            not_negative(name, getattr(self, name))
        if self.max_ms < self.min_ms:
            raise ConfigError(
                f"max_ms is {self.max_ms!r}, below min_ms {self.min_ms!r}",
                hint="raise max_ms or lower min_ms",
            )
        if self.busy_percent <= self.calm_percent:
            raise ConfigError(
                f"busy_percent is {self.busy_percent!r}, expected more than calm_percent "
                f"{self.calm_percent!r}",
                hint="leave room between the two, or lengths flap",
            )


class BlockSizer:
    """The length that a policy asks for, moment by moment. One thread at a time.

    The clock is passed in, so that it can be any that never goes back.

    >>> sizer = BlockSizer()
    >>> [sizer.update(load_percent, now_ms) for load_percent, now_ms in
    ...  [(79, 0), (81, 1000), (79, 2000), (50, 9000)]]
    [30.0, 60.0, 60.0, 30.0]
    """

    def __init__(self, policy: BlockSizing = BlockSizing()) -> None:
        if not isinstance(policy, BlockSizing):
            raise ConfigError(
                f"policy is {policy!r}, expected BlockSizing(...)",
                hint="pass policy=vocana_dsp.BlockSizing(...)",
            )
        self.policy = policy
        self._block_ms = float(policy.min_ms)
        self._changed_at_ms = -math.inf

    @property
    def block_ms(self) -> float:
        """The length to use now."""
        return self._block_ms

    def update(self, load_percent: float, now_ms: float) -> float:
        """Return the length to use, given the load of the processor and the time.

        Raises ConfigError for a load below 0 or one that is no number; nothing changes then.
        """
        not_negative("load_percent", load_percent)
        policy = self.policy
        if now_ms - self._changed_at_ms < policy.cooldown_ms:
            return self._block_ms
        wanted = self._block_ms
        if load_percent > policy.busy_percent:
            wanted = min(policy.max_ms, wanted + policy.step_ms)
        elif load_percent < policy.calm_percent:
            wanted = max(policy.min_ms, wanted - policy.step_ms)
        if wanted != self._block_ms:
            self._block_ms, self._changed_at_ms = float(wanted), now_ms
        return self._block_ms


def longest_ms(length: float | BlockSizing) -> float:
    """Return the longest block that a length, or a policy for it, asks for."""
    return length.max_ms if isinstance(length, BlockSizing) else positive("block_ms", length, "ms")


class SizedBlocks:
    """Frames of a capture's next block: always the same, or as a policy asks. Any thread.

    The load is what this process used of one processor since the last look, once a second: Python
    runs on one at a time, and two clocks tell it, so that the reader itself may look.
    """

    def __init__(self, length: float | BlockSizing, rate: int) -> None:
        self._sizer = BlockSizer(length) if isinstance(length, BlockSizing) else None
        self._rate = rate
        self._set(self._sizer.block_ms if self._sizer else longest_ms(length))
        self._seen = _clocks()

    def next_frames(self) -> int:
        """Return how long the next block is."""
        if self._sizer is not None:
            self._look(self._sizer)
        return self._frames

    def _look(self, sizer: BlockSizer) -> None:
        (then_s, before_s), (now_s, used_s) = self._seen, _clocks()
        if now_s - then_s < LOOK_S:
            return
        self._seen = now_s, used_s
        self._set(sizer.update(100.0 * (used_s - before_s) / (now_s - then_s), now_s * 1000.0))

    def _set(self, block_ms: float) -> None:
        self._frames = max(1, frames_of(block_ms, self._rate))


def _clocks() -> tuple[float, float]:
    """Seconds of the clock, and of all processors that this process has used."""
    return time.monotonic(), time.process_time()
