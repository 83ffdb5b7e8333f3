"""The one importer of pyfftw: transforms of any size, offline."""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from .._native.busy import Turn
from ..errors import ConfigError

# FFTW's planner is not safe beside itself; executing a plan is.
_PLANNING = Lock()


class FftwFft:
    """What `_native.fft.Fft` does, for an n that it has no passes for; one row after the other."""

    def __init__(self, n: int, real: bool) -> None:
        import pyfftw

        self.n, self.real = n, real
        self.bins = n // 2 + 1 if real else n
        self._turn = Turn()
        kind = np.float32 if real else np.complex64
        self._x = pyfftw.empty_aligned(n, kind)
        self._spectrum = pyfftw.empty_aligned(self.bins, np.complex64)
        options: dict[str, Any] = {"flags": ("FFTW_MEASURE",), "threads": 1}
        with _PLANNING:
            self._there = pyfftw.FFTW(self._x, self._spectrum, **options)
            self._back = pyfftw.FFTW(self._spectrum, self._x, direction="FFTW_BACKWARD", **options)

    def forward(self, x: npt.NDArray[Any], out: npt.NDArray[np.complex64]) -> None:
        """Fill out with the spectra of the rows of x."""
        with self._turn:
            for row, spectrum in self._pairs(x, out):
                self._x[:] = row
                self._there.execute()
                spectrum[:] = self._spectrum

    def inverse(self, spectra: npt.NDArray[np.complex64], out: npt.NDArray[Any]) -> None:
        """Fill out with the samples of the rows of spectra."""
        with self._turn:
            for spectrum, row in self._pairs(spectra, out):
                self._spectrum[:] = spectrum
                self._back.execute()
                np.divide(self._x, self.n, out=row)

    @staticmethod
    def _pairs(given: npt.NDArray[Any], out: npt.NDArray[Any]) -> Any:
        given, out = np.atleast_2d(given), np.atleast_2d(out)
        if len(given) != len(out):
            raise ConfigError(
                f"out has {len(out)} rows, expected {len(given)}",
                hint="make out with as many rows as what goes in",
            )
        return zip(given, out, strict=True)
