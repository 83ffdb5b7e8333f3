"""Filters that are given as numbers: SciPy's second-order sections, and impulse responses."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .._native.filters import MOST_SECTIONS, MOST_TAPS, fir_node, sos_node
from .._native.node import NativeNode
from ..arrays import frequencies, numbers
from ..errors import ConfigError
from .node import Node

Response = npt.NDArray[np.complex128]


class Sos(Node):
    """A cascade of second-order sections, as `scipy.signal` makes them. It does not delay.

    Args:
        sos: (sections, 6), 1 to 16 rows of b0 b1 b2 a0 a1 a2. a0 may be anything but 0.
        name: what the chain calls it.

    Raises:
        ConfigError: another shape, a coefficient that is not finite, or a section whose poles are
            not all inside the unit circle.

    Any thread; see `Node`.

    The feedback runs in float64: the error to SciPy in float64 is below -120 dB at any cut-off.

    >>> import numpy as np
    >>> from vocana_dsp import Chain
    >>> half = Sos([[0.5, 0, 0, 1, 0, 0]])
    >>> Chain([half]).process(np.ones(2), rate=48_000)
    array([0.5, 0.5], dtype=float32)
    """

    def __init__(self, sos: npt.ArrayLike, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self._rows = _rows(sos)

    def make(self, rate: int, channels: int) -> NativeNode:
        """Return the C object for a format."""
        return sos_node(rate, channels, self._rows)

    def response(self, frequencies_hz: npt.ArrayLike, rate: int) -> Response:
        """Return the complex gain at frequencies of 0 to rate / 2, in their shape.

        >>> Sos([[0.5, 0.5, 0, 1, 0, 0]]).response([0, 24_000], 48_000).round(9)
        array([1.+0.j, 0.-0.j])
        """
        delay = _delay(frequencies_hz, rate)
        gain: Response = np.ones(delay.shape, np.complex128)
        for b0, b1, b2, a0, a1, a2 in self._rows:
            gain *= (b0 + delay * (b1 + delay * b2)) / (a0 + delay * (a1 + delay * a2))
        return gain


class Fir(Node):
    """A finite impulse response of any length. It does not delay.

    Args:
        taps: (n,), 1 to 1048576 of them; the first one acts at once. Kept as float32.
        name: what the chain calls it.

    Raises:
        ConfigError: another shape, or a tap that is not finite.

    Any thread; see `Node`.

    Few taps run in direct form. Of many, the first do, and the others as spectra.

    >>> import numpy as np
    >>> from vocana_dsp import Chain
    >>> Chain([Fir([1, 0.5])]).process(np.array([1.0, 0, 0]), rate=48_000)
    array([1. , 0.5, 0. ], dtype=float32)
    """

    def __init__(self, taps: npt.ArrayLike, *, name: str | None = None) -> None:
        super().__init__(name=name)
        given = numbers("taps", taps, single=True)
        if given.ndim != 1 or not 1 <= len(given) <= MOST_TAPS:
            raise ConfigError(
                f"taps has the shape {given.shape}, expected (n,) with 1 to {MOST_TAPS} taps",
                hint="pass one number for each tap",
            )
        self._taps = given.astype(np.float32)

    def make(self, rate: int, channels: int) -> NativeNode:
        """Return the C object for a format."""
        return fir_node(rate, channels, self._taps)

    def response(self, frequencies_hz: npt.ArrayLike, rate: int) -> Response:
        """Return the complex gain at frequencies of 0 to rate / 2, in their shape.

        >>> Fir([0.5, 0.5]).response([0, 24_000], 48_000).round(9)
        array([1.+0.j, 0.-0.j])
        """
        delay = _delay(frequencies_hz, rate)
        gain: Response = np.zeros(delay.shape, np.complex128)
        for tap in self._taps[::-1]:
            gain = gain * delay + tap
        return gain


def _delay(frequencies_hz: npt.ArrayLike, rate: int) -> Response:
    """Return z^-1 at frequencies."""
    turns = frequencies(frequencies_hz, rate) / rate
    return np.asarray(np.exp(-2j * np.pi * turns), np.complex128)


def _rows(sos: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return sections that are stable, or raise ConfigError."""
    rows = numbers("sos", sos)
    if rows.ndim != 2 or rows.shape[1] != 6 or not 1 <= len(rows) <= MOST_SECTIONS:
        raise ConfigError(
            f"sos has the shape {rows.shape}, expected (sections, 6) with 1 to {MOST_SECTIONS} "
            "sections",
            hint='pass what scipy.signal.butter(..., output="sos") returns',
        )
    for number, (a0, a1, a2) in enumerate(rows[:, 3:]):
        # The conditions of Jury for a polynomial of second order.
        if not a0 or abs(a2 / a0) >= 1 or abs(a1 / a0) >= 1 + a2 / a0:
            raise ConfigError(
                f"section {number} of sos has the denominator {a0:g} {a1:g} {a2:g}, expected one "
                "with all poles inside the unit circle",
                hint="an unstable section grows without end: design it again",
            )
    return rows
