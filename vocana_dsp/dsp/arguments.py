"""What the arguments of transforms have in common."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .._native.fft import supports
from .._native.stft import least_overlap, overlap
from ..arrays import Samples, cast, channels_last, floats
from ..config import MAX_CHANNELS, MAX_N_FFT, whole
from ..errors import ConfigError
from .fourier import native_size
from .windows import Window, window_factors

Spectra = npt.NDArray[np.complex64]


def signal(name: str, x: npt.ArrayLike, channels: int | None = None) -> Samples:
    """Return x as float32, (frames,) or (frames, channels); with `channels` always the latter."""
    found = floats(name, x)
    shape = found.shape
    if channels == 1 and found.ndim == 1:
        found = found[:, None]
    axes = (1, 2) if channels is None else (2,)
    width = found.shape[1] if found.ndim == 2 else 1
    if found.ndim not in axes or not (
        width == channels if channels else 1 <= width <= MAX_CHANNELS
    ):
        wanted = channels if channels else "channels"
        raise ConfigError(
            f"{name} has the shape {shape}, expected (frames,) or (frames, {wanted})",
            hint=channels_last(name, shape),
        )
    return cast(found)


def framing(
    n_fft: int, hop: int, window: Window, most_hop: int | None = None, native: bool = False
) -> tuple[int, int, Samples]:
    """Return n_fft, hop and the factors of the window, or raise ConfigError.

    hop is n_fft at most unless `most_hop` says otherwise; `native` sizes are those of `Fft`.
    """
    n = whole("n_fft", n_fft, 2, MAX_N_FFT)
    if native and not supports(n):
        raise ConfigError(
            f"n_fft is {n}, expected an even 2^a 3^b 5^c for a stream",
            hint=f"take {native_size(n)}",
        )
    step = whole("hop", hop, 1, n if most_hop is None else most_hop)
    return n, step, window_factors(window, n)


def check_overlap(factors: Samples, hop: int) -> None:
    """Raise ConfigError when windows at this hop leave a sample uncovered."""
    found, least = overlap(factors, hop), least_overlap()
    if not found > least:
        raise ConfigError(
            f"at a hop of {hop} the squares of the windows add up to {found:.3g} of the most "
            f"where they add up to the least, expected more than {least:.3g}",
            hint="take a smaller hop, or a window that is not zero where others are",
        )


def stacked(channels: list[Spectra]) -> Spectra:
    """Return (channels, bins, frames), frame after frame in memory, of views (bins, frames)."""
    return np.stack([channel.T for channel in channels]).transpose(0, 2, 1)
