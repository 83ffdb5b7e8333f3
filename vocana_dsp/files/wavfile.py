"""A WAV file of any length: those of libsndfile lose what is beyond 4 GiB, and say nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from .._native import wav


class WavFile:
    """Float32 in the place of an empty file; beyond 4 GiB it becomes RF64. One thread at a time."""

    def __init__(self, path: Path, rate: int, channels: int) -> None:
        self._form = (rate, channels, "float32")
        self._frames = 0
        self._file = path.open("r+b")
        self._file.write(wav.head(*self._form))

    def write(self, frames: npt.NDArray[np.float32]) -> None:
        """Append (frames, channels)."""
        self._file.write(np.ascontiguousarray(frames, "<f4").tobytes())
        self._frames += len(frames)

    def close(self) -> None:
        """Write its length."""
        with self._file:
            self._file.seek(0)
            self._file.write(wav.head(*self._form, self._frames))
