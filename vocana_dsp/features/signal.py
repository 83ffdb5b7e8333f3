"""Signals and windows as the streams of features want them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..arrays import cast, channels_last, floats
from ..config import MAX_CHANNELS, MAX_N_FFT, MAX_RATE_HZ, whole
from ..dsp.windows import Window, window_factors
from ..errors import ConfigError, FormatError

Array = npt.NDArray[np.float32]


def rate_of(rate: int) -> int:
    """Return `rate` if it is a sample rate, else raise ConfigError."""
    return whole("rate", rate, 1, MAX_RATE_HZ)


def block_of(x: npt.ArrayLike) -> Array:
    """Return one channel as (frames,) float32, C-contiguous; it may have no samples.

    Raises ConfigError for another shape or no floats, FormatError for NaN or infinity.
    """
    found = floats("x", x)
    if found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim != 1:
        raise ConfigError(
            f"x has the shape {found.shape}, expected one channel: (frames,) or (frames, 1)",
            hint=channels_last(
                "x", found.shape, "pass x[:, 0], or the mean of the channels, x.mean(axis=1)"
            ),
        )
    block = cast(found)
    if block.size and not np.isfinite([block.min(), block.max()]).all():
        bad = int(np.flatnonzero(~np.isfinite(block))[0])
        raise FormatError(
            f"x is {block[bad]} at sample {bad}, expected finite samples",
            hint="replace them first, for example with numpy.nan_to_num",
        )
    return block


def signal_of(x: npt.ArrayLike) -> Array:
    """Return what `block_of` returns; FormatError when there is no sample."""
    signal = block_of(x)
    if not signal.size:
        raise FormatError("x is empty, expected at least one sample", hint="pass some audio")
    return signal


def signals_of(x: npt.ArrayLike) -> Array:
    """Return (frames,), or of (frames, channels) one row for each channel, (channels, frames).

    Raises ConfigError for another shape or no floats, FormatError for no samples, NaN or infinity.
    """
    found = floats("x", x)
    width = found.shape[1] if found.ndim == 2 else 1
    if found.ndim not in (1, 2) or not 1 <= width <= MAX_CHANNELS:
        raise ConfigError(
            f"x has the shape {found.shape}, expected (frames,) or (frames, channels) with 1 to "
            f"{MAX_CHANNELS} channels",
            hint=channels_last("x", found.shape),
        )
    if found.ndim == 1:
        return signal_of(found)
    return np.stack([signal_of(channel) for channel in found.T])


def each_channel(x: npt.ArrayLike, describe: Callable[[Array], Array]) -> Array:
    """Return what describes (frames,), or that of each of (frames, channels), stacked.

    Raises as `signals_of`.
    """
    signals = signals_of(x)
    return describe(signals) if signals.ndim == 1 else np.stack([*map(describe, signals)])


def window_of(window: Window, n_fft: int, win_length: int | None = None) -> Array:
    """Return n_fft factors: a window of `win_length` in the middle, zeros on both sides.

    window as for `window_factors`, which raises ConfigError.
    """
    whole("n_fft", n_fft, 2, MAX_N_FFT)
    length = n_fft if win_length is None else whole("win_length", win_length, 1, n_fft)
    factors = window_factors(window, length)
    before = (n_fft - length) // 2
    return np.pad(factors, (before, n_fft - length - before))
