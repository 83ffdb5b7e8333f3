"""Filters that are designed from a frequency: Butterworth, and the Audio EQ Cookbook.

Formulas: R. Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter coefficients".
A change of a parameter is one sin^2 crossfade of 10 ms from the old filter to the new one, which
goes on from the state of the old one; what is set meanwhile is heard after it. No filter delays.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..arrays import frequencies
from .node import Node
from .param import Param, Whole

BUTTERWORTH_Q = 0.7071067811865476

Response = npt.NDArray[np.complex128]


class Filter(Node):
    """What the filters that are designed have in common: a frequency response."""

    def response(self, frequencies_hz: npt.ArrayLike, rate: int) -> Response:
        """Return the complex gain at frequencies, with the parameters as they are now.

        Args:
            frequencies_hz: in any shape, 0 to rate / 2.
            rate: frames per second, 1 to 768000.

        Returns:
            complex128 in the same shape. Any thread.

        Raises:
            ConfigError: a frequency or the rate is out of range.

        >>> abs(HighPass(80).response(80, 48_000)).round(4)
        np.float64(0.7071)
        """
        phase = np.pi * frequencies(frequencies_hz, rate) / rate
        s, c = 1j * np.sin(phase), np.cos(phase)
        gain: Response = np.ones(phase.shape, np.complex128)
        for g, k, n0, n1, n2 in self._make(rate, 1).sections():
            p = s / g
            gain = gain * (n2 * p * p + n1 * p * c + n0 * c * c) / (p * p + k * p * c + c * c)
        return gain


class LowPass(Filter):
    """Passes what is below a frequency.

    Args:
        cutoff_hz: 1 to 192000, below half the rate; -3 dB there at the initial `q`.
        order: 1 to 8, of a Butterworth filter; 6 dB an octave for each. Fixed while the node works.
        q: 0.05 to 100. Order 2: the Cookbook's Q, the gain at the cut-off. Above: how much sharper
            than Butterworth the sharpest pair of poles is, times 0.7071. Order 1 has none.
        name: what the chain calls it.

    Raises ConfigError for what is out of range, or not below half the rate when the chain is made.
    Any thread; see `Node`.

    >>> LowPass(8000, order=4)
    LowPass(cutoff_hz=8000, q=0.707107, order=4)
    """

    kind: ClassVar[str | None] = "LowPass"
    cutoff_hz = Param(below_nyquist=True)
    q = Param()
    order = Whole()

    def __init__(
        self,
        cutoff_hz: float,
        *,
        order: int = 2,
        q: float = BUTTERWORTH_Q,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, cutoff_hz=cutoff_hz, q=q, order=order)


class HighPass(Filter):
    """Passes what is above a frequency.

    Args:
        cutoff_hz: 1 to 192000, below half the rate; -3 dB there at the initial `q`.
        order: 1 to 8, of a Butterworth filter; 6 dB an octave for each. Fixed while the node works.
        q: as of `LowPass`.
        name: what the chain calls it.

    Raises ConfigError for what is out of range, or not below half the rate when the chain is made.
    Any thread; see `Node`.

    >>> high = HighPass(80)
    >>> high.cutoff_hz = 120
    """

    kind: ClassVar[str | None] = "HighPass"
    cutoff_hz = Param(below_nyquist=True)
    q = Param()
    order = Whole()

    def __init__(
        self,
        cutoff_hz: float,
        *,
        order: int = 2,
        q: float = BUTTERWORTH_Q,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, cutoff_hz=cutoff_hz, q=q, order=order)


class BandPass(Filter):
    """Passes what is around a frequency, with 0 dB there.

    Args:
        center_hz: 1 to 192000, below half the rate.
        q: 0.05 to 100, the frequency by the width between the points of -3 dB.
        name: what the chain calls it.

    Raises ConfigError for what is out of range, or not below half the rate when the chain is made.
    Any thread; see `Node`.

    >>> abs(BandPass(1000, q=5).response(1000, 48_000)).round(9)
    np.float64(1.0)
    """

    kind: ClassVar[str | None] = "BandPass"
    center_hz = Param(below_nyquist=True)
    q = Param()

    def __init__(
        self, center_hz: float, *, q: float = BUTTERWORTH_Q, name: str | None = None
    ) -> None:
        super().__init__(name=name, center_hz=center_hz, q=q)


class Notch(Filter):
    """Takes one frequency out.

    Args:
        center_hz: 1 to 192000, below half the rate.
        q: 0.05 to 100, the frequency by the width between the points of -3 dB.
        name: what the chain calls it.

    Raises ConfigError for what is out of range, or not below half the rate when the chain is made.
    Any thread; see `Node`.

    >>> Notch(50).q
    10.0
    """

    kind: ClassVar[str | None] = "Notch"
    center_hz = Param(below_nyquist=True)
    q = Param()

    def __init__(self, center_hz: float, *, q: float = 10.0, name: str | None = None) -> None:
        super().__init__(name=name, center_hz=center_hz, q=q)


class Peaking(Filter):
    """Raises or lowers what is around a frequency.

    Args:
        center_hz: 1 to 192000, below half the rate.
        gain_db: -40 to 40, at the centre.
        q: 0.05 to 100, the frequency by the width between the points of half the gain in dB.
        name: what the chain calls it.

    Raises ConfigError for what is out of range, or not below half the rate when the chain is made.
    Any thread; see `Node`.

    >>> abs(Peaking(1000, 20).response([1000, 20], 48_000)).round(2)
    array([10.,  1.])
    """

    kind: ClassVar[str | None] = "Peaking"
    center_hz = Param(below_nyquist=True)
    gain_db = Param()
    q = Param()

    def __init__(
        self,
        center_hz: float,
        gain_db: float = 0.0,
        *,
        q: float = BUTTERWORTH_Q,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, center_hz=center_hz, gain_db=gain_db, q=q)


class LowShelf(Filter):
    """Raises or lowers what is below a frequency.

    Args:
        cutoff_hz: 1 to 192000, below half the rate; half the gain in dB there.
        gain_db: -40 to 40, far below.
        slope: 0.1 to 1, the Cookbook's S; 1 is as steep as can be without a bump.
        name: what the chain calls it.

    Raises ConfigError for what is out of range, or not below half the rate when the chain is made.
    Any thread; see `Node`.

    >>> abs(LowShelf(200, -20).response([0, 20_000], 48_000)).round(2)
    array([0.1, 1. ])
    """

    kind: ClassVar[str | None] = "LowShelf"
    cutoff_hz = Param(below_nyquist=True)
    gain_db = Param()
    slope = Param()

    def __init__(
        self,
        cutoff_hz: float,
        gain_db: float = 0.0,
        *,
        slope: float = 1.0,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, cutoff_hz=cutoff_hz, gain_db=gain_db, slope=slope)


class HighShelf(Filter):
    """Raises or lowers what is above a frequency.

    Args:
        cutoff_hz: 1 to 192000, below half the rate; half the gain in dB there.
        gain_db: -40 to 40, far above.
        slope: 0.1 to 1, the Cookbook's S; 1 is as steep as can be without a bump.
        name: what the chain calls it.

    Raises ConfigError for what is out of range, or not below half the rate when the chain is made.
    Any thread; see `Node`.

    >>> abs(HighShelf(4000, 6).response([0, 24_000], 48_000)).round(2)
    array([1., 2.])
    """

    kind: ClassVar[str | None] = "HighShelf"
    cutoff_hz = Param(below_nyquist=True)
    gain_db = Param()
    slope = Param()

    def __init__(
        self,
        cutoff_hz: float,
        gain_db: float = 0.0,
        *,
        slope: float = 1.0,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, cutoff_hz=cutoff_hz, gain_db=gain_db, slope=slope)


class DCBlock(Filter):
    """Takes a constant out: a high-pass of the first order, very low.

    Args:
        cutoff_hz: 1 to 192000, below half the rate, -3 dB there.
        name: what the chain calls it.

    Raises ConfigError for what is out of range, or not below half the rate when the chain is made.
    Any thread; see `Node`.

    >>> abs(DCBlock().response([0, 1000], 48_000)).round(3)
    array([0., 1.])
    """

    kind: ClassVar[str | None] = "DCBlock"
    cutoff_hz = Param(below_nyquist=True)

    def __init__(self, cutoff_hz: float = 10.0, *, name: str | None = None) -> None:
        super().__init__(name=name, cutoff_hz=cutoff_hz)
