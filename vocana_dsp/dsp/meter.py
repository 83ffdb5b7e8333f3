"""Levels inside a chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..level import Level
from .node import Analyzer
from .param import Param


@dataclass(frozen=True, slots=True)
class MeterReading:
    """Levels of the last whole window.

    Attributes:
        frame: frames that had been heard at its end; 0 before the first one.
        levels: peak and RMS of each channel; above 1 where the sound is over full scale.
    """

    frame: int
    levels: tuple[Level, ...]


class Meter(Analyzer):
    """Peak and RMS of each channel, over one window after the other.

    Args:
        window_ms: 1 to 60000, length of a window. Fixed while the node works.
        name: what the chain calls it.

    Raises ConfigError for what is out of range. Any thread; see `Node`.

    >>> import numpy as np
    >>> from vocana_dsp import Chain
    >>> chain = Chain([Meter(10)])
    >>> _ = chain.process(np.full(1000, 0.5, np.float32), rate=48_000)
    >>> chain["Meter"].snapshot()
    MeterReading(frame=960, levels=(Level(peak=0.5, rms=0.5),))
    """

    kind: ClassVar[str | None] = "Meter"
    window_ms = Param()

    def __init__(self, window_ms: float = 100.0, *, name: str | None = None) -> None:
        super().__init__(name=name, window_ms=window_ms)

    def snapshot(self) -> MeterReading:
        """Return the levels of the last whole window; any thread, never waits."""
        frame, *values = self.readings or [0.0]
        pairs = zip(values[::2], values[1::2], strict=True)
        return MeterReading(int(frame), tuple(Level(peak, rms) for peak, rms in pairs))
