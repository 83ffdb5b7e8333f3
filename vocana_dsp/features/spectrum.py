"""The spectrum inside a chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .._native.fft import supports
from .._native.spectral import FEATURES
from ..dsp.fourier import native_size
from ..dsp.node import Analyzer, Node
from ..dsp.param import Whole
from ..errors import ConfigError
from .signal import Array


@dataclass(frozen=True, slots=True, eq=False)
class SpectrumReading:
    """The last whole frame of a `Spectrum`.

    Attributes:
        frame: frames that had been heard at its end; 0 before the first one.
        magnitude_db: (n_fft // 2 + 1,) float32, a sine of amplitude 1 has 0 dB; -200 or more.
        centroid_hz, spread_hz, rolloff_hz, flux, flatness, crest, low_energy, mid_energy,
            high_energy, brightness, crossings_per_s: as in `SpectralFrames`, of this frame.
    """

    frame: int
    magnitude_db: Array
    centroid_hz: float = 0.0
    spread_hz: float = 0.0
    rolloff_hz: float = 0.0
    flux: float = 0.0
    flatness: float = 0.0
    crest: float = 0.0
    low_energy: float = 0.0
    mid_energy: float = 0.0
    high_energy: float = 0.0
    brightness: float = 0.0
    crossings_per_s: float = 0.0


class _Size(Whole):
    """A whole number that a transform can be made of."""

    def __set__(self, node: Node, value: int) -> None:
        n = node._ranges[self.name].checked(value)
        if n == int(n) and not supports(int(n)):
            raise ConfigError(
                f"{self.name} is {value!r}, expected an even number with no other factors than 2, "
                "3 and 5",
                hint=f"pass {self.name}={native_size(int(n))}",
            )
        super().__set__(node, value)


class Spectrum(Analyzer):
    """The spectrum of the mean of all channels, frame by frame, in a Hann window.

    Args:
        n_fft: 16 to 65536 samples in a frame; even, and with no other factors than 2, 3 and 5.
            Fixed while the node works.
        hop: 1 to 65536 samples from one frame to the next. Fixed while the node works.
        name: what the chain calls it.

    Raises ConfigError for what is out of range, and another n_fft. Any thread; see `Node`.

    >>> import numpy as np
    >>> from vocana_dsp import Chain
    >>> chain = Chain([Spectrum()])
    >>> tone = np.sin(2 * np.pi * 1500 / 48_000 * np.arange(10_000, dtype=np.float32))
    >>> _ = chain.process(tone.astype(np.float32), rate=48_000)
    >>> found = chain["Spectrum"].snapshot()
    >>> found.frame, int(found.magnitude_db.argmax()), bool(abs(found.magnitude_db[64]) < 0.01)
    (9728, 64, True)
    """

    kind: ClassVar[str | None] = "Spectrum"
    n_fft = _Size()
    hop = Whole()

    def __init__(self, n_fft: int = 2048, hop: int = 512, *, name: str | None = None) -> None:
        super().__init__(name=name, n_fft=n_fft, hop=hop)

    def snapshot(self) -> SpectrumReading:
        """Return the last whole frame; any thread, never waits."""
        frame, *values = self.readings or [0.0]
        magnitudes = np.array(values[FEATURES:], np.float32)
        return SpectrumReading(int(frame), magnitudes, *values[:FEATURES])
