"""Blocks whose every sample tells its frame and its channel."""

import numpy as np
from numpy.typing import NDArray

Block = NDArray[np.float32]


def counter(first: int, n: int, channels: int) -> Block:
    """Frames first, first + 1, ...: channel c of frame n is n + c / 8."""
    frames = np.arange(first, first + n, dtype=np.float32)[:, None]
    return (frames + np.arange(channels, dtype=np.float32) / 8).astype(np.float32)
