"""All that is measured of a whole recording, in one pass and in memory that does not grow."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import asdict, fields

import numpy as np
import numpy.typing as npt

from .._native.correlation import Correlation
from .._native.loudness import LEAST_RATE
from .._native.tempo import Beats
from ..errors import ConfigError, FormatError
from .analysis import Analysis, Average, ChannelAnalysis, LoudnessSummary, SpectrumSummary
from .blocks import block, blocks, cleaned, frames, mixed
from .levels import RMS_MS
from .loudness import LoudnessMeter, TruePeakMeter
from .quality import QualityLimits, QualityMeter
from .spectral import SpectralFeatures
from .tempo import Beat, tempo_onsets

Array = npt.NDArray[np.float32]

BLOCK_FRAMES = 16_384  # of a file at a time

# What repeats with less confidence is no tempo: noise and speech have up to 0.2, clicks above 0.8.
TEMPO_CONFIDENCE = 0.25
TEMPO_LEAST_RATE = 1000

# Frames of the spectrum below this many dBFS tell of nothing but rounding.
QUIET_DB = QualityLimits().silent_db

_AVERAGED = (
    "centroid_hz",
    "spread_hz",
    "rolloff_hz",
    "flatness",
    "crest",
    "flux",
    "brightness",
    "crossings_per_s",
)
_ENERGIES = ("low_energy", "mid_energy", "high_energy")


class _SpectrumSums:
    """Sums over frames, added one frame after the other, so that cuts of the stream do not show."""

    def __init__(self, rate: int) -> None:
        self._features = SpectralFeatures(rate, center=False)
        self._frames = 0
        self._sums = np.zeros(0)

    def process(self, mono: Array) -> None:
        found = self._features.process(mono)
        energy = sum(getattr(found, name).astype(np.float64) for name in _ENERGIES)
        heard = energy > 10 ** (QUIET_DB / 10)
        averaged = np.array([getattr(found, name)[heard] for name in _AVERAGED], np.float64)
        others = np.array([getattr(found, name)[heard] for name in _ENERGIES], np.float64)
        rows = np.concatenate([averaged, averaged**2, others, found.contrast_db[:, heard]])
        sums = self._sums if self._sums.size else np.zeros(len(rows))
        self._sums = np.cumsum(np.column_stack([sums, rows]), axis=1)[:, -1]
        self._frames += int(heard.sum())

    def summary(self) -> SpectrumSummary | None:
        if not self._frames:
            return None
        n = len(_AVERAGED)
        means = [float(value) for value in self._sums / self._frames]
        deviations = [
            math.sqrt(max(square - mean**2, 0.0))
            for mean, square in zip(means, means[n : 2 * n], strict=False)
        ]
        averages = map(Average, means, deviations)
        low, mid, high = (10 * math.log10(m) if m else -math.inf for m in means[2 * n : 2 * n + 3])
        return SpectrumSummary(
            frames=self._frames,
            low_db=low,
            mid_db=mid,
            high_db=high,
            contrast_db=tuple(means[2 * n + 3 :]),
            **dict(zip(_AVERAGED, averages, strict=True)),
        )


class _Beats:
    """The tempo, if there is one."""

    def __init__(self, rate: int) -> None:
        self._onsets = tempo_onsets(rate)
        self._beats = Beats(rate / self._onsets.hop, math.inf)

    def process(self, mono: Array) -> None:
        self._beats.push(self._onsets.process(mono))

    def summary(self) -> Beat | None:
        beat = Beat(*self._beats.now())
        return None if beat.confidence < TEMPO_CONFIDENCE else beat


class AnalysisMeter:
    """All figures of a stream in one pass: `process` its blocks, then `finish` once.

    Args:
        rate: frames per second, 100 or more.
        channels: 1 to 64.

    Raises:
        ConfigError: a value that is out of range.

    The figures depend on the frames alone and not on how they are cut into blocks. One thread at a
    time.
    """

    def __init__(self, rate: int, channels: int) -> None:
        self._quality = QualityMeter(rate, channels)
        self.rate, self.channels = rate, channels
        self.frames = 0
        self._true_peaks = TruePeakMeter(rate, channels)
        self._correlation = Correlation(rate, RMS_MS) if channels > 1 else None
        self._loudness = (
            LoudnessMeter(rate, channels, true_peak=False) if rate >= LEAST_RATE else None
        )
        self._spectrum = _SpectrumSums(rate)
        self._tempo = _Beats(rate) if rate >= TEMPO_LEAST_RATE else None

    def process(self, data: npt.ArrayLike) -> None:
        """Measure the next frames: floats, (frames, channels) or with one channel (frames,)."""
        x = block(data, self.channels)
        self._quality.process(x)  # counts what no converter delivers
        x = cleaned(x)
        self.frames += len(x)
        self._true_peaks.process(x)
        if self._correlation is not None:
            self._correlation.process(np.ascontiguousarray(x[:, :2]))
        if self._loudness is not None:
            self._loudness.process(x)
        mono = mixed(x)
        self._spectrum.process(mono)
        if self._tempo is not None:
            self._tempo.process(mono)

    def finish(self) -> Analysis:
        """Return what was measured; FormatError when there was no frame."""
        if not self.frames:
            raise FormatError("there is no audio to analyze", hint="pass one frame or more")
        channels = tuple(
            ChannelAnalysis(**asdict(figures), true_peak=peak)
            for figures, peak in zip(self._quality.read(), self._true_peaks.finish(), strict=True)
        )
        loudness = None
        if self._loudness is not None:
            found = self._loudness.read()
            loudness = LoudnessSummary(*(getattr(found, f.name) for f in fields(LoudnessSummary)))
        return Analysis(
            self.rate,
            self.frames,
            channels,
            None if self._correlation is None else self._correlation.read()[1],
            loudness,
            self._spectrum.summary(),
            None if self._tempo is None else self._tempo.summary(),
        )


def analyze(source: str | os.PathLike[str] | npt.ArrayLike, rate: int | None = None) -> Analysis:
    """Measure a recording: levels, true peaks, loudness, quality, correlation, spectrum, tempo.

    Files are read block by block, so they may be of any length. Any thread.

    Args:
        source: the path of a sound file that libsndfile reads, or floats, (frames,) or
            (frames, channels), where NaN, infinity and magnitudes above 10 count as 0.
        rate: frames per second of an array, 100 or more; None for a file, which has its own.

    Raises:
        ConfigError: the rate or the shape is out of range.
        FormatError: the file is none that can be read, or there is no audio in it.

    >>> import numpy as np
    >>> t = np.arange(4 * 48_000) / 48_000
    >>> found = analyze(np.sin(2 * np.pi * 1000 * t) / 10, 48_000)
    >>> round(found.channels[0].rms_db, 2), round(found.loudness.integrated_lufs, 1)
    (-23.01, -23.0)
    >>> round(found.true_peak_db, 1), round(found.spectrum.centroid_hz.mean, -1), found.tempo
    (-20.0, 1000.0, None)
    """
    if isinstance(source, str | os.PathLike):
        return _analyze_file(source, rate)
    if rate is None:
        raise ConfigError("rate is None, expected that of the array", hint="pass rate=48_000")
    signal = frames(source)
    if not len(signal):
        raise FormatError("x is empty, expected at least one frame", hint="pass some audio")
    return _through(AnalysisMeter(rate, signal.shape[1]), blocks(signal))


def _analyze_file(path: str | os.PathLike[str], rate: int | None) -> Analysis:
    from ..files.soundfiles import AudioReader

    with AudioReader(path) as reader:
        if rate is not None and rate != reader.rate:
            raise ConfigError(
                f"rate is {rate!r}, but {reader.path} has {reader.rate} Hz",
                hint="leave rate out: a file has its own",
            )
        if not reader.frames:
            raise FormatError(f"{reader.path} holds no audio", hint="name a file with some")
        meter = AnalysisMeter(reader.rate, reader.channels)
        return _through(meter, reader.blocks(BLOCK_FRAMES))


def _through(meter: AnalysisMeter, parts: Iterable[Array]) -> Analysis:
    for part in parts:
        meter.process(part)
    return meter.finish()
