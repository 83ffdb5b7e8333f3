"""Peak and RMS levels of what goes by: one thread adds blocks, another takes readings."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FLOOR_DB = -120.0  # silence reads as this


@dataclass(frozen=True, slots=True)
class Reading:
    """Levels since the reading before, one figure per channel, in dBFS (1.0 is full scale)."""

    peak_db: tuple[float, ...]
    rms_db: tuple[float, ...]


def _decibels(amplitude: npt.NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(20.0 * np.log10(np.maximum(amplitude, 10.0 ** (FLOOR_DB / 20.0))))


class Levels:
    """Levels between one reading and the next.

    >>> levels = Levels(channels=1)
    >>> levels.add(np.full((480, 1), -0.5, np.float32))
    >>> round(levels.read().peak_db[0], 2)
    -6.02
    """

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._lock = threading.Lock()
        self._clear()

    def _clear(self) -> None:
        self._frames = 0
        self._peak = np.zeros(self._channels)
        self._power = np.zeros(self._channels)

    def add(self, block: npt.NDArray[np.float32]) -> None:
        """Measure a block of shape (frames, channels)."""
        if not len(block):
            return
        peak = np.maximum(block.max(axis=0), -block.min(axis=0))
        power = np.einsum("ij,ij->j", block, block, dtype=np.float64)
        with self._lock:
            np.maximum(self._peak, peak, out=self._peak)
            self._power += power
            self._frames += len(block)

    def read(self) -> Reading | None:
        """Return the levels since the last call, or None when nothing came. Any thread."""
        with self._lock:
            if not self._frames:
                return None
            peak, rms = self._peak, np.sqrt(self._power / self._frames)
            self._clear()
        return Reading(_decibels(peak), _decibels(rms))
