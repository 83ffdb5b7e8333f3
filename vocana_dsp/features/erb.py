"""Bands as wide as the ear's filters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .._native.erb import width_hz, widths
from ..config import MAX_N_FFT, number_of, whole
from ..errors import ConfigError
from .signal import rate_of


def erb_bands(
    n_bands: int = 32, *, rate: int = 48_000, n_fft: int = 960, least_bins: int = 2
) -> npt.NDArray[np.uint32]:
    """Return how many bins each band has, (n_bands,) uint32; n_fft // 2 + 1 in all.

    Equal steps of 9.265 ln(1 + f / (24.7 * 9.265)), rounded to whole bins; a bin is in one band.
    The initial values are those of DeepFilterNet. Any thread.

    Raises ConfigError when there are not enough bins for `least_bins` in each band.

    >>> erb_bands()[-5:], int(erb_bands().sum())
    (array([37, 42, 50, 56, 67], dtype=uint32), 481)
    """
    whole("n_bands", n_bands, 1, MAX_N_FFT)
    whole("n_fft", n_fft, 2, MAX_N_FFT)
    whole("least_bins", least_bins, 1, MAX_N_FFT)
    return widths(n_bands, rate_of(rate), n_fft, least_bins)


def erb_width_hz(f_hz: float) -> float:
    """Return the equivalent rectangular bandwidth at a frequency, 24.7 (4.37 f / 1000 + 1) Hz.

    After Glasberg and Moore (1990). Any thread. Raises ConfigError below 0 and for NaN.

    >>> erb_width_hz(0), round(erb_width_hz(1000), 3)
    (24.7, 132.639)
    """
    number = number_of(f_hz)
    if number is None or number < 0:
        raise ConfigError(f"f_hz is {f_hz!r}, expected 0 Hz or more", hint="pass a frequency in Hz")
    return width_hz(number)
