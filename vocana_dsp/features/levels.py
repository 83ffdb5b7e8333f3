"""Levels as a meter shows them, and the correlation of two channels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy.typing as npt

from .._native.correlation import Correlation
from .._native.levels import Levels
from ..arrays import fed
from ..config import MAX_DSP_CHANNELS, number_of, whole
from ..errors import ConfigError
from ..level import Level
from .blocks import blocks, frames, rate_hz

# Of needles: how fast the mean square is followed, and a peak that falls by 20 dB in 1.7 s
# (IEC 60268-10, type I).
RMS_MS = 300.0
ATTACK_MS = 0.0
RELEASE_MS = 738.0
HOLD_MS = 1500.0

MAX_TIME_MS = 3_600_000.0


@dataclass(frozen=True, slots=True)
class HeldLevel(Level):
    """Peak, RMS and held peak of one channel, where 1 is full scale and more is shown as it is."""

    held: float

    @property
    def held_db(self) -> float:
        """Held peak in dBFS; minus infinity for silence."""
        return 20.0 * math.log10(self.held) if self.held else -math.inf


class LevelMeter:
    """Levels of a stream, with needles that move in time and not in calls.

    Args:
        rate: frames per second, 100 or more.
        channels: 1 to 64.
        rms_ms: time constant with which the mean square is followed.
        attack_ms: time constant with which a peak is approached; 0 is at once.
        release_ms: time constant with which it is left.
        hold_ms: how long the held peak stays before it falls to where the peak is.

    Raises:
        ConfigError: a value that is out of range.

    Needles move every hundredth of a second of audio, whatever the blocks. Samples that no
    converter delivers (NaN, infinity, magnitudes above 10, denormals) count as 0. One thread at a
    time; other Python threads run meanwhile.

    >>> import numpy as np
    >>> meter = LevelMeter(48_000)
    >>> meter.process(np.sin(2 * np.pi * 1000 / 48_000 * np.arange(4 * 48_000)) / 10)
    >>> level = meter.read()[0]
    >>> round(level.rms_db, 2), round(level.peak_db, 2), round(level.held_db, 2)
    (-23.01, -20.0, -20.0)
    """

    def __init__(
        self,
        rate: int,
        channels: int = 1,
        rms_ms: float = RMS_MS,
        attack_ms: float = ATTACK_MS,
        release_ms: float = RELEASE_MS,
        hold_ms: float = HOLD_MS,
    ) -> None:
        self.rate = rate_hz(rate)
        self.channels = whole("channels", channels, 1, MAX_DSP_CHANNELS)
        self._native = Levels(
            self.rate,
            self.channels,
            _time_ms("rms_ms", rms_ms),
            _time_ms("attack_ms", attack_ms),
            _time_ms("release_ms", release_ms),
            _time_ms("hold_ms", hold_ms),
        )

    def process(self, data: npt.ArrayLike) -> None:
        """Measure the next frames: floats, (frames, channels) or with one channel (frames,)."""
        fed(self._native.process, data, self.channels)

    def read(self) -> list[HeldLevel]:
        """Return the level of each channel at the last whole hundredth of a second."""
        return [HeldLevel(*level) for level in self._native.read()]

    def reset(self) -> None:
        """Put all needles to 0."""
        self._native.reset()


class CorrelationMeter:
    """How alike two channels are: 1 the same, 0 unrelated, -1 the same upside down.

    Args:
        rate: frames per second, 100 or more.
        time_ms: time constant with which the past is forgotten.

    Raises:
        ConfigError: a value that is out of range.

    Readings depend on the frames alone and not on how they are cut into blocks. One thread at a
    time; other Python threads run meanwhile.

    >>> import numpy as np
    >>> meter = CorrelationMeter(48_000)
    >>> left = np.random.default_rng(1).uniform(-1, 1, 48_000)
    >>> meter.process(np.stack([left, -left], axis=1))
    >>> round(meter.read(), 6)
    -1.0
    """

    def __init__(self, rate: int, time_ms: float = RMS_MS) -> None:
        self.rate = rate_hz(rate)
        self._native = Correlation(self.rate, _time_ms("time_ms", time_ms))

    def process(self, data: npt.ArrayLike) -> None:
        """Measure the next frames: floats, (frames, 2)."""
        fed(self._native.process, data, 2)

    def read(self) -> float:
        """Return the correlation of late; 0 while a channel is silent."""
        return self._native.read()[0]

    def reset(self) -> None:
        """Forget everything."""
        self._native.reset()


def stereo_correlation(x: npt.ArrayLike) -> float:
    """Return sum(l r) / sqrt(sum(l²) sum(r²)) of two channels; any thread.

    Sums are of doubles, and a mean is not taken off. 1 is mono, 0 unrelated, -1 mono with one
    channel upside down; 0 also when a channel is silent.

    Args:
        x: floats, (frames, 2). Samples that no converter delivers (NaN, infinity, magnitudes above
            10, denormals) count as 0.

    Raises:
        ConfigError: another shape, or no floats.

    >>> import numpy as np
    >>> round(stereo_correlation(np.array([[0.5, 0.25], [-0.5, -0.25]])), 6)
    1.0
    """
    signal = frames(x)
    if signal.shape[1] != 2:
        raise ConfigError(
            f"x has {signal.shape[1]} channels, expected 2",
            hint="pass (frames, 2), for example x[:, :2]",
        )
    meter = Correlation(48_000, RMS_MS)  # of a rate that is of no account for the whole
    for part in blocks(signal):
        meter.process(part)
    return meter.read()[1]


def _time_ms(name: str, value: float) -> float:
    number = number_of(value)
    if number is None or not 0 <= number <= MAX_TIME_MS:
        raise ConfigError(
            f"{name} is {value!r}, expected 0 to {MAX_TIME_MS:g} ms",
            hint=f"pass a time in milliseconds as {name}; 0 is at once",
        )
    return number
