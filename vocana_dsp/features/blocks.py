"""What the functions here take for a signal, and how they go through a long one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from .. import arrays
from ..arrays import Samples, cast, sound
from ..config import MAX_DSP_CHANNELS, MAX_RATE_HZ, whole
from ..errors import ConfigError

LEAST_RATE_HZ = 100
BLOCK_FRAMES = 1 << 16  # converted to float32 at a time

# What is beyond this was delivered by no converter, and counts as 0 like NaN.
_MOST = 10.0


def frames(data: npt.ArrayLike, name: str = "x") -> npt.NDArray[np.floating]:
    """Return `data` as (frames, channels) of floats, as a view where that is possible.

    Raises:
        ConfigError: another number of axes, no floats, no channel, or more than 64.
    """
    found = sound(name, data, MAX_DSP_CHANNELS)
    if found.ndim == 1:
        found = found[:, None]
    if not found.shape[1]:
        raise ConfigError(
            f"{name} has 0 channels, expected 1 to {MAX_DSP_CHANNELS}", hint="pass some sound"
        )
    return found


def block(data: npt.ArrayLike, channels: int) -> Samples:
    """Return a block as (frames, channels) float32, also if it is (frames,) of one channel.

    Raises:
        ConfigError: as `arrays.block`.
    """
    return arrays.block("block", data, channels).reshape(-1, channels)


def blocks(x: npt.NDArray[np.floating]) -> Iterator[npt.NDArray[np.float32]]:
    """Yield (frames, channels) in contiguous float32 blocks that are short beside the whole."""
    for at in range(0, len(x), BLOCK_FRAMES):
        yield cast(x[at : at + BLOCK_FRAMES])


def cleaned(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return x with 0 for NaN, infinity and magnitudes above 10; x itself if it has none."""
    if np.abs(x).max(initial=0) <= _MOST:
        return x
    return np.where(np.abs(x) <= _MOST, x, np.float32(0))


def mixed(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the mean of all channels, (frames,)."""
    channels = x.shape[1]
    total = x[:, 0]
    for channel in range(1, channels):  # several times as fast as x.mean(axis=1)
        total = total + x[:, channel]
    return total if channels == 1 else total / np.float32(channels)


def rate_hz(rate: int, least: int = LEAST_RATE_HZ) -> int:
    """Return a rate in frames per second, or raise ConfigError."""
    return whole("rate", rate, least, MAX_RATE_HZ)
