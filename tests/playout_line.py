"""A playout between a source and a consumer on a virtual clock: the consumer's count of frames."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vocana_dsp._native.playout import Playout
from vocana_dsp.capture.played import PlayoutStats, stats_of
from vocana_dsp.capture.playout import config_of

F32 = NDArray[np.float32]

USUAL = {
    "block_ms": 10.0,
    "target_ms": 20.0,
    "min_ms": 10.0,
    "max_ms": 200.0,
    "limit_ms": 1000.0,
    "calm_s": 60.0,
    "max_ppm": 3000.0,
}


@dataclass
class Line:
    """What the source has sent and the consumer has pulled.

    Attributes:
        ppm: by how much the source's clock is the faster one.
        block: frames that the source sends at a time, and that the consumer asks for.
    """

    rate: int = 8_000
    ppm: float = 0.0
    block: int = 80
    policy: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.native = Playout(config_of(self.rate, 1, **{**USUAL, **self.policy}))
        self.sent = self.now = 0
        self.mute_until = 0.0
        self.last = 0.0
        self._sound = np.zeros((self.block, 1), np.float32)
        self._heard = np.empty((self.block, 1), np.float32)

    def step(self) -> tuple[int, int, int, int, int]:
        """Let arrive what is due, and pull a block."""
        while (due := self._due()) <= self.now:
            self.native.write(self._sound)
            self.sent += self.block
            self.last = due
        found = self.native.pull_into(self._heard, round(self.now - self.last))
        self.now += self.block
        return found

    def _due(self) -> float:
        return max((self.sent + self.block) / (1 + self.ppm * 1e-6), self.mute_until)

    def play(self, seconds: float) -> None:
        """Step for so long."""
        end = self.now + seconds * self.rate
        while self.now < end:
            self.step()

    def freeze(self, seconds: float) -> None:
        """Let the source hold back everything for so long, and then send it at once."""
        self.mute_until = self.now + seconds * self.rate
        self.play(seconds)

    @property
    def stats(self) -> PlayoutStats:
        """Of the playout, after checking that no frame is missing."""
        found = stats_of(self.native)
        assert found.pulled == found.played + found.concealed + found.silent == self.now
        captured, delivered, dropped, queued = self.native.account()
        assert captured == delivered + dropped + queued == self.sent
        return found
