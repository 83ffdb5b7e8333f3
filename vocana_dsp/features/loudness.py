"""Loudness by EBU R 128, and true peaks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .._native.loudness import LEAST_RATE, Loudness, TruePeak
from ..arrays import fed
from ..config import MAX_DSP_CHANNELS, number_of, whole
from ..errors import ConfigError
from .blocks import blocks, cleaned, frames, rate_hz

# Frames of silence that bring out what a filter for true peaks still holds.
_TRUE_PEAK_TAIL = 32


@dataclass(frozen=True, slots=True)
class LoudnessReading:
    """What a loudness meter says (EBU R 128, ITU-R BS.1770-4, EBU Tech 3342).

    Loudness is minus infinity where there is none: in silence, and before 400 ms (momentary and
    integrated) or 3 s (short-term) have passed.

    Attributes:
        momentary_lufs: of the last 400 ms.
        short_term_lufs: of the last 3 s.
        integrated_lufs: of everything, gated at -70 LUFS and 10 LU below the mean.
        range_lu: from the 10th to the 95th percentile of short-term loudness, gated.
        max_momentary_lufs: the greatest momentary loudness, looked for every 10 ms.
        max_short_term_lufs: the greatest short-term loudness, likewise.
        true_peak_db: dBTP of the loudest channel; minus infinity unless it was asked for.
    """

    momentary_lufs: float
    short_term_lufs: float
    integrated_lufs: float
    range_lu: float
    max_momentary_lufs: float
    max_short_term_lufs: float
    true_peak_db: float


class LoudnessMeter:
    """Loudness of a stream, in memory that does not grow with its length.

    Args:
        rate: frames per second, 8000 or more. K-weighting follows the standard's response within
            0.06 dB from 16 kHz up, within 0.21 dB at 8 kHz.
        channels: 1 to 64. Up to three count alike; four are L R Ls Rs, five L R C Ls Rs, six L R C
            LFE Ls Rs, with 1.41 for the surround channels and 0 for LFE; more count alike.
        weights: of the power of each channel, instead of these.
        true_peak: whether it is read too, which takes most of the time.

    Raises:
        ConfigError: a value that is out of range.

    Readings depend on the frames alone and not on how they are cut into blocks. One thread at a
    time; other Python threads run meanwhile.

    >>> import numpy as np
    >>> meter = LoudnessMeter(48_000, channels=2)
    >>> tone = np.sin(2 * np.pi * 1000 / 48_000 * np.arange(48_000)) / 10
    >>> meter.process(np.stack([tone, tone], axis=1))
    >>> round(meter.read().momentary_lufs, 1), meter.read().short_term_lufs
    (-20.0, -inf)
    """

    def __init__(
        self,
        rate: int,
        channels: int = 1,
        weights: Sequence[float] | None = None,
        true_peak: bool = True,
    ) -> None:
        self.rate = rate_hz(rate, LEAST_RATE)
        self.channels = whole("channels", channels, 1, MAX_DSP_CHANNELS)
        given = None if weights is None else _weights(weights, self.channels)
        self._native = Loudness(self.rate, self.channels, given, bool(true_peak))

    def process(self, data: npt.ArrayLike) -> None:
        """Measure the next frames: floats, (frames, channels) or with one channel (frames,)."""
        fed(self._native.process, data, self.channels)

    def read(self) -> LoudnessReading:
        """Return what was measured up to the last whole hundredth of a second."""
        return LoudnessReading(*self._native.read())

    def reset(self) -> None:
        """Forget everything."""
        self._native.reset()


def _weights(weights: Sequence[float], channels: int) -> tuple[float, ...]:
    if not isinstance(weights, Iterable):
        raise ConfigError(
            f"weights is {weights!r}, expected a number for each channel", hint="pass a list"
        )
    found = tuple(number_of(weight) for weight in weights)
    if len(found) != channels:
        raise ConfigError(
            f"weights has {len(found)} values, expected one for each of {channels} channels",
            hint="pass 0 for a channel that does not count",
        )
    wrong = [given for given, weight in zip(weights, found, strict=True) if not _is_weight(weight)]
    if wrong:
        raise ConfigError(
            f"a weight is {wrong[0]!r}, expected a finite number of 0 or more",
            hint="1 counts in full, 1.41 is that of surround channels, 0 leaves a channel out",
        )
    return tuple(weight for weight in found if weight is not None)


def _is_weight(weight: float | None) -> bool:
    return weight is not None and weight >= 0


def loudness(
    x: npt.ArrayLike,
    rate: int,
    weights: Sequence[float] | None = None,
    true_peak: bool = True,
) -> LoudnessReading:
    """Return the loudness of a whole signal, with its true peak; any thread.

    Args:
        x: floats, (frames,) or (frames, channels). Samples that no converter delivers (NaN,
            infinity, magnitudes above 10, denormals) count as 0.
        rate: frames per second, 8000 or more.
        weights: of the power of each channel; see `LoudnessMeter`.
        true_peak: whether it is read too, which takes most of the time.

    Raises:
        ConfigError: a value that is out of range.

    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 1000 / 48_000 * np.arange(5 * 48_000)) / 10
    >>> found = loudness(np.stack([tone, tone], axis=1), 48_000)
    >>> round(found.integrated_lufs, 1), round(found.range_lu, 1), round(found.true_peak_db, 1)
    (-20.0, 0.0, -20.0)
    """
    signal = frames(x)
    meter = LoudnessMeter(rate, signal.shape[1], weights, true_peak)
    for part in blocks(signal):
        meter.process(part)
    found = meter.read()
    if not true_peak:
        return found
    # Peaks of the last frames come out with the silence after them, which is no part of the rest.
    meter.process(np.zeros((rate // 50 + 2, signal.shape[1]), np.float32))
    return replace(found, true_peak_db=meter.read().true_peak_db)


def true_peak_db(x: npt.ArrayLike, rate: int) -> float:
    """Return how far a signal goes between its samples, in dBTP (ITU-R BS.1770-4, annex 2).

    Any thread.

    Args:
        x: floats, (frames,) or (frames, channels); the loudest channel counts. NaN, infinity and
            magnitudes above 10 count as 0.
        rate: frames per second; oversampled to 192 kHz or about that.

    Returns:
        dB of full scale; minus infinity for silence.

    Raises:
        ConfigError: a value that is out of range.

    >>> import numpy as np
    >>> x = np.sin(np.pi / 2 * np.arange(4800) + np.pi / 4) / 2  # its samples are at -9.03 dB
    >>> round(true_peak_db(np.hanning(4800) * x, 48_000), 1)
    -6.0
    """
    signal = frames(x)
    meter = TruePeakMeter(rate, signal.shape[1])
    for part in blocks(signal):
        meter.process(cleaned(part))
    peak = max(meter.finish())
    return 20 * math.log10(peak) if peak else -math.inf


class TruePeakMeter:
    """True peaks of a stream, channel by channel. One thread at a time."""

    def __init__(self, rate: int, channels: int) -> None:
        self._native = [TruePeak(rate_hz(rate), 1) for _ in range(channels)]
        self._peaks = [0.0] * channels

    def process(self, block: npt.NDArray[np.float32]) -> None:
        """Take (frames, channels), in which nothing is what no converter delivers."""
        rows = np.ascontiguousarray(block.T)
        self._peaks = [
            meter.process(rows[channel : channel + 1], self._peaks[channel])
            for channel, meter in enumerate(self._native)
        ]

    def finish(self) -> list[float]:
        """Return the true peak of each channel, where 1 is full scale; the stream has ended."""
        self.process(np.zeros((_TRUE_PEAK_TAIL, len(self._native)), np.float32))
        return self._peaks
