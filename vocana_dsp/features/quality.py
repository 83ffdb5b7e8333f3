"""What may be wrong with a signal: figures and flags, never failures."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

import numpy.typing as npt

from .._native.quality import FLAGS, Quality, default_limits
from ..arrays import fed
from ..config import MAX_DSP_CHANNELS, instance, number_of, positive, whole
from ..errors import ConfigError
from .blocks import blocks, frames, rate_hz

_SILENT_DB, _DC, _FLAT, _IMBALANCE_DB, _CLIP, _CLIP_RUN = default_limits()


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """From where on a flag is raised.

    Attributes:
        silent_db: ``silent`` when the RMS, without the mean, is below this many dBFS.
        dc: ``dc`` when the magnitude of the mean is above this.
        flat: ``flat`` when the greatest sample exceeds the least by this or less.
        imbalance_db: ``imbalance`` when the RMS is this far below that of the loudest channel.
        clip: ``clipped`` when magnitudes reach this ...
        clip_run: ... in so many samples in a row.

    >>> QualityLimits(dc=0.1).clip_run
    3
    """

    silent_db: float = _SILENT_DB
    dc: float = _DC
    flat: float = _FLAT
    imbalance_db: float = _IMBALANCE_DB
    clip: float = _CLIP
    clip_run: int = _CLIP_RUN

    def __post_init__(self) -> None:
        if number_of(self.silent_db) is None:
            raise ConfigError(
                f"silent_db is {self.silent_db!r}, expected a number of dBFS",
                hint=f"pass a finite number, for example {_SILENT_DB:g}",
            )
        for name in ("dc", "flat"):
            if getattr(self, name) != 0:
                positive(name, getattr(self, name))
        positive("imbalance_db", self.imbalance_db, "dB")
        positive("clip", self.clip)
        whole("clip_run", self.clip_run, 1, 2**31 - 1)


@dataclass(frozen=True, slots=True)
class ChannelQuality:
    """Figures of one channel, where 1 is full scale, and flags.

    Attributes:
        peak: greatest magnitude of a sample.
        rms: root of the mean square.
        mean: the DC offset.
        noise_floor: RMS that a tenth of all hundredths of a second do not exceed; of a steady
            signal that is its RMS.
        clip_ratio: share of the samples, 0..1, that are in clipped runs.
        invalid_ratio: share of those that no converter delivers (NaN, infinity, magnitudes above
            10, denormals); they count as 0 in everything else.
        flags: of ``silent``, ``dc``, ``flat``, ``imbalance``, ``clipped``, ``invalid``.
    """

    peak: float
    rms: float
    mean: float
    noise_floor: float
    clip_ratio: float
    invalid_ratio: float
    flags: frozenset[str]

    @property
    def peak_db(self) -> float:
        """Peak in dBFS; minus infinity for silence."""
        return _db(self.peak)

    @property
    def rms_db(self) -> float:
        """RMS in dBFS; minus infinity for silence."""
        return _db(self.rms)

    @property
    def noise_floor_db(self) -> float:
        """Noise floor in dBFS; minus infinity when there are moments of silence."""
        return _db(self.noise_floor)

    @property
    def crest_db(self) -> float:
        """Peak over RMS: 0 of a square wave, 3.01 of a sine, 12 or more of speech; 0 of silence."""
        return self.peak_db - self.rms_db if self.rms else 0.0


def _db(factor: float) -> float:
    return 20.0 * math.log10(factor) if factor else -math.inf


class QualityMeter:
    """Figures and flags of a stream, since it was made or reset.

    Args:
        rate: frames per second, 100 or more.
        channels: 1 to 64.
        limits: from where on a flag is raised.

    Raises:
        ConfigError: a value that is out of range.

    Readings depend on the frames alone and not on how they are cut into blocks. One thread at a
    time; other Python threads run meanwhile.

    >>> import numpy as np
    >>> meter = QualityMeter(48_000)
    >>> meter.process(np.full(48_000, 0.25))
    >>> sorted(meter.read()[0].flags)
    ['dc', 'flat', 'silent']
    """

    def __init__(self, rate: int, channels: int = 1, limits: QualityLimits | None = None) -> None:
        self.rate = rate_hz(rate)
        self.channels = whole("channels", channels, 1, MAX_DSP_CHANNELS)
        limits = QualityLimits() if limits is None else limits
        instance("limits", limits, QualityLimits)
        self._native = Quality(self.rate, self.channels, astuple(limits))

    def process(self, data: npt.ArrayLike) -> None:
        """Measure the next frames: floats, (frames, channels) or with one channel (frames,)."""
        fed(self._native.process, data, self.channels)

    def read(self) -> list[ChannelQuality]:
        """Return figures and flags of each channel, of every frame so far."""
        return [_channel(*figures) for figures in self._native.read()]

    def reset(self) -> None:
        """Forget everything."""
        self._native.reset()


def _channel(
    count: int,
    clipped: int,
    invalid: int,
    peak: float,
    rms: float,
    mean: float,
    noise_floor: float,
    flags: int,
) -> ChannelQuality:
    return ChannelQuality(
        peak,
        rms,
        mean,
        noise_floor,
        clipped / max(count, 1),
        invalid / max(count, 1),
        flag_names(flags),
    )


def flag_names(flags: int) -> frozenset[str]:
    """Return the names of the bits of `flags`."""
    return frozenset(name for name, bit in FLAGS.items() if flags & bit)


def quality(
    x: npt.ArrayLike, rate: int, limits: QualityLimits | None = None
) -> list[ChannelQuality]:
    """Return figures and flags of each channel of a signal; any thread.

    Args:
        x: floats, (frames,) or (frames, channels).
        rate: frames per second, 100 or more.
        limits: from where on a flag is raised.

    Raises:
        ConfigError: a value that is out of range.

    >>> import numpy as np
    >>> found = quality(np.sin(2 * np.pi * 440 / 16_000 * np.arange(16_000)) / 2, 16_000)[0]
    >>> round(found.crest_db, 2), found.clip_ratio, set(found.flags)
    (3.01, 0.0, set())
    """
    signal = frames(x)
    meter = QualityMeter(rate, signal.shape[1], limits)
    for part in blocks(signal):
        meter.process(part)
    return meter.read()
