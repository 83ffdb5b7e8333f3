"""What is known of a whole recording, as plain data."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

from .quality import ChannelQuality
from .tempo import Beat


@dataclass(frozen=True, slots=True)
class ChannelAnalysis(ChannelQuality):
    """Figures of one channel, where 1 is full scale, and flags: `ChannelQuality` and its true peak.

    Attributes:
        true_peak: greatest magnitude between the samples too (ITU-R BS.1770-4, annex 2).
    """

    true_peak: float

    @property
    def true_peak_db(self) -> float:
        """True peak in dBTP; minus infinity for silence."""
        return 20.0 * math.log10(self.true_peak) if self.true_peak else -math.inf


@dataclass(frozen=True, slots=True)
class LoudnessSummary:
    """Loudness of a whole recording; see `LoudnessReading`."""

    integrated_lufs: float
    range_lu: float
    max_momentary_lufs: float
    max_short_term_lufs: float


@dataclass(frozen=True, slots=True)
class Average:
    """Mean and standard deviation over frames."""

    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class SpectrumSummary:
    """What `spectral_features` says of the mean of all channels, over its frames.

    Frames of 2048 samples, 512 apart, with ``center=False``, that are above -80 dBFS.

    Attributes:
        frames: how many these are.
        centroid_hz, spread_hz, rolloff_hz, flatness, crest, flux, brightness, crossings_per_s: as
            in `SpectralFrames`.
        low_db, mid_db, high_db: mean energy of 20 to 250 Hz, to 4000 Hz and above; a sine of
            amplitude 1 has -3.01.
        contrast_db: means, below 200 Hz and of each octave above.
    """

    frames: int
    centroid_hz: Average
    spread_hz: Average
    rolloff_hz: Average
    flatness: Average
    crest: Average
    flux: Average
    brightness: Average
    crossings_per_s: Average
    low_db: float
    mid_db: float
    high_db: float
    contrast_db: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What `analyze` found.

    Attributes:
        rate: frames per second.
        frames: how many there are.
        channels: figures of each.
        correlation: of the first two channels, 1 the same to -1 the same upside down; None with
            one channel.
        loudness: None below 8000 Hz.
        spectrum: None when nothing is as long as a frame and louder than -80 dBFS.
        tempo: None when nothing repeats, or so little that it is no tempo.
    """

    rate: int
    frames: int
    channels: tuple[ChannelAnalysis, ...]
    correlation: float | None
    loudness: LoudnessSummary | None
    spectrum: SpectrumSummary | None
    tempo: Beat | None

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.rate

    @property
    def true_peak_db(self) -> float:
        """DBTP of the loudest channel; minus infinity for silence."""
        return max(channel.true_peak_db for channel in self.channels)

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold: units in the names, None for what is absent or not finite."""
        return {
            "rate_hz": self.rate,
            "frames": self.frames,
            "duration_s": self.duration_s,
            "channels": [_channel_dict(channel) for channel in self.channels],
            "true_peak_db": _plain(self.true_peak_db),
            "correlation": _plain(self.correlation),
            "loudness": _plain(self.loudness),
            "spectrum": _plain(self.spectrum),
            "tempo": _plain(self.tempo),
        }


def _channel_dict(channel: ChannelAnalysis) -> dict[str, Any]:
    names = ("peak_db", "true_peak_db", "rms_db", "crest_db", "noise_floor_db")
    found = {name: _plain(getattr(channel, name)) for name in names}
    found |= {name: getattr(channel, name) for name in ("mean", "clip_ratio", "invalid_ratio")}
    return found | {"flags": sorted(channel.flags)}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value
