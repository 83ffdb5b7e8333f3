"""What a resampler does to tones: gain, delay, alias and image, in dB of what went in.

`measure` takes any function from an array and two rates to the array at the other rate, so that
others can be put on the same scale.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
Resample = Callable[[Samples, int, int], Samples]

SECONDS = 0.35
TONES = 9
RATES = (8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000)


@dataclass(frozen=True, slots=True)
class Quality:
    """The worst over a set of tones.

    Attributes:
        ripple_db: largest |gain| in the passband.
        alias_db: loudest of what tones beyond the lower Nyquist frequency leave.
        image_db: loudest of what is beside a tone of the passband.
        delay_frames: largest distance of a tone from where it should be, in output frames.
    """

    ripple_db: float
    alias_db: float
    image_db: float
    delay_frames: float


def tone(frequency_hz: float, rate: int, seconds: float = SECONDS) -> Samples:
    """Return a sine of amplitude 0.5."""
    n = np.arange(round(seconds * rate))
    return (0.5 * np.sin(2 * np.pi * frequency_hz * n / rate)).astype(np.float32)


def db(amplitude: float) -> float:
    """Return an amplitude in dB, -240 for 0."""
    return 20.0 * float(np.log10(amplitude + 1e-12))


def hear(y: Samples, frequency_hz: float, rate: int) -> tuple[float, float, float]:
    """Return the gain in dB, delay in frames, and the rest in dB of a tone at a known frequency."""
    steady = y[len(y) // 4 : -len(y) // 4].astype(np.float64)
    t = 2 * np.pi * frequency_hz * (np.arange(len(steady)) + len(y) // 4) / rate
    basis = np.stack([np.sin(t), np.cos(t)], axis=1)
    (a, b), *_ = np.linalg.lstsq(basis, steady, rcond=None)
    rest = np.sqrt(2 * np.mean((steady - basis @ (a, b)) ** 2))
    delay = -np.arctan2(b, a) / (2 * np.pi * frequency_hz) * rate
    return db(np.hypot(a, b) / 0.5), float(delay), db(float(rest) / 0.5)


def measure(
    resample: Resample, from_rate: int, to_rate: int, passband_hz: float, tones: int = TONES
) -> Quality:
    """Play tones through the passband and, going down, from the lower Nyquist frequency on."""
    heard = [
        hear(resample(tone(f, from_rate), from_rate, to_rate), f, to_rate)
        for f in np.linspace(0.02 * passband_hz, passband_hz, tones)
    ]
    alias = -240.0
    if to_rate < from_rate:
        for f in np.linspace(0.5001 * to_rate, 0.4999 * from_rate, tones):
            y = resample(tone(f, from_rate), from_rate, to_rate)
            steady = y[len(y) // 4 : -len(y) // 4].astype(np.float64)
            alias = max(alias, db(float(np.sqrt(2 * np.mean(steady**2))) / 0.5))
    return Quality(
        max(abs(gain) for gain, _, _ in heard),
        alias,
        max(rest for _, _, rest in heard),
        max(abs(delay) for _, delay, _ in heard),
    )
