"""Levels of a block of audio."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy.typing as npt

from ._native.level import levels as _levels
from .arrays import cast, sound


@dataclass(frozen=True, slots=True)
class Level:
    """Peak and RMS of one channel, 0..1 where 1 is full scale."""

    peak: float
    rms: float

    @property
    def peak_db(self) -> float:
        """Peak in dBFS; minus infinity for silence."""
        return 20.0 * math.log10(self.peak) if self.peak else -math.inf

    @property
    def rms_db(self) -> float:
        """RMS in dBFS of a square wave of that height; minus infinity for silence."""
        return 20.0 * math.log10(self.rms) if self.rms else -math.inf


def levels(data: npt.ArrayLike) -> list[Level]:
    """Return the level of each channel of a block; any thread.

    Samples that no converter delivers (NaN, infinity, magnitudes above 10, denormals) count as 0;
    what is left is cut to 0..1.

    Args:
        data: (frames,) or (frames, channels), converted to float32.

    Raises:
        ConfigError: another number of axes, more than 1024 channels, or no floats.

    >>> import numpy as np
    >>> levels(np.array([0.5, -0.5, 0.5, -0.5], np.float32))
    [Level(peak=0.5, rms=0.5)]
    """
    frames = cast(sound("data", data))
    return [Level(*pair) for pair in _levels(frames[:, None] if frames.ndim == 1 else frames)]
