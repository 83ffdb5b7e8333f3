"""Levels of what goes by: one thread adds blocks, another takes readings."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..level import levels

FLOOR_DB = -120.0  # silence reads as this


@dataclass(frozen=True, slots=True)
class Reading:
    """Levels since the reading before, one figure per channel, in dBFS (1.0 is full scale)."""

    peak_db: tuple[float, ...]
    rms_db: tuple[float, ...]


def _decibels(amplitude: float) -> float:
    return max(FLOOR_DB, 20.0 * math.log10(amplitude)) if amplitude > 0.0 else FLOOR_DB


class Levels:
    """Levels between one reading and the next.

    >>> import numpy as np
    >>> meter = Levels(channels=1)
    >>> meter.add(np.full((480, 1), -0.5, np.float32))
    >>> round(meter.read().peak_db[0], 2)
    -6.02
    """

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._lock = threading.Lock()
        self._clear()

    def _clear(self) -> None:
        self._frames = 0
        self._peak = [0.0] * self._channels
        self._energy = [0.0] * self._channels

    def add(self, block: npt.NDArray[np.float32]) -> None:
        """Measure a block of shape (frames, channels)."""
        if not len(block):
            return
        measured = levels(block)
        with self._lock:
            self._frames += len(block)
            for channel, level in enumerate(measured):
                self._peak[channel] = max(self._peak[channel], level.peak)
                self._energy[channel] += level.rms**2 * len(block)

    def read(self) -> Reading | None:
        """Return the levels since the last call, or None when nothing came. Any thread."""
        with self._lock:
            if not self._frames:
                return None
            peak, energy, frames = self._peak, self._energy, self._frames
            self._clear()
        rms = (math.sqrt(channel / frames) for channel in energy)
        return Reading(tuple(map(_decibels, peak)), tuple(map(_decibels, rms)))
