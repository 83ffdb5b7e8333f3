"""Fourier transforms of one size."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .._native.fft import Bound, supports
from .._native.fft import Fft as _Native
from ..arrays import cast, floats
from ..config import whole
from ..errors import ConfigError
from .fftw import FftwFft

MAX_SIZE = 2**26


class Fft:
    """Transforms of n samples and back; scaled as ``numpy.fft`` does it.

    Sizes of 2^a 3^b 5^c (even ones for real samples) are the engine's own, as it uses them in real
    time. Others go through pyfftw, which takes a while to plan: for use offline.

    Args:
        n: samples, 1 to 2**26.
        real: whether samples are real: n of them have n // 2 + 1 bins.

    Raises:
        ConfigError: n is not a whole number in that range.

    One thread at a time, its bindings included; ConfigError in a second one. The GIL is released on
    longer rows.

    >>> import numpy as np
    >>> fft = Fft(960)
    >>> tone = np.cos(2 * np.pi * 1000 / 48_000 * np.arange(960, dtype=np.float32))
    >>> int(np.abs(fft.forward(tone)).argmax()), fft.native
    (20, True)
    >>> bool(np.allclose(fft.inverse(fft.forward(tone)), tone, atol=1e-6))
    True
    """

    def __init__(self, n: int, real: bool = True) -> None:
        self.n = whole("n", n, 1, MAX_SIZE)
        self.real = bool(real)
        self.native = supports(self.n, self.real)
        self.bins = self.n // 2 + 1 if self.real else self.n
        self._engine: _Native | FftwFft = (
            _Native(self.n, self.real) if self.native else FftwFft(self.n, self.real)
        )

    def __repr__(self) -> str:
        return f"<Fft({self.n}, real={self.real}), {'native' if self.native else 'pyfftw'}>"

    def forward(self, x: npt.ArrayLike) -> npt.NDArray[np.complex64]:
        """Return the spectrum of x, (n,) or (rows, n), as (bins,) or (rows, bins) complex64."""
        samples = self._rows("x", x, self.n, np.float32 if self.real else np.complex64)
        out = np.empty((*samples.shape[:-1], self.bins), np.complex64)
        self._engine.forward(samples, out)
        return out

    def inverse(self, spectrum: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the samples of a spectrum, (bins,) or (rows, bins), as float32 or complex64."""
        values = self._rows("spectrum", spectrum, self.bins, np.complex64)
        kind = np.float32 if self.real else np.complex64
        out = np.empty((*values.shape[:-1], self.n), kind)
        self._engine.inverse(values, out)
        return out

    def bind(self, x: npt.NDArray[Any], spectrum: npt.NDArray[np.complex64]) -> Bound:
        """Return an object whose ``forward()`` and ``inverse()`` work between these two arrays.

        They are checked once, so that a call costs little more than the transform. Raises
        ConfigError for arrays that do not fit, and when the size is not native.

        >>> x, spectrum = np.ones(512, np.float32), np.empty(257, np.complex64)
        >>> bound = Fft(512).bind(x, spectrum)
        >>> bound.forward()
        >>> complex(spectrum[0])
        (512+0j)
        """
        if not isinstance(self._engine, _Native):
            raise ConfigError(
                f"n is {self.n}, expected 2^a 3^b 5^c, even for real samples",
                hint=f"take {native_size(self.n)}, or use forward and inverse",
            )
        return self._engine.bind(x, spectrum)

    @staticmethod
    def _rows(name: str, array: npt.ArrayLike, n: int, kind: type) -> npt.NDArray[Any]:
        found = floats(name, array, "f" if kind is np.float32 else "fc")
        if found.ndim not in (1, 2) or found.shape[-1] != n:
            raise ConfigError(
                f"{name} has the shape {found.shape}, expected ({n},) or (rows, {n})",
                hint=f"pass rows of {n}",
            )
        return cast(found, kind)


def native_size(n: int) -> int:
    """Return the least native size for real samples that is not below n.

    >>> native_size(441), native_size(960)
    (450, 960)
    """
    n += n % 2
    while not supports(n):
        n += 2
    return n
