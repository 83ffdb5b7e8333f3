"""Meters as nodes of a chain: they measure what goes through and change nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from .._native.loudness import LEAST_RATE
from ..dsp.node import Analyzer
from ..dsp.param import Param, Switch
from .blocks import rate_hz
from .levels import ATTACK_MS, HOLD_MS, RELEASE_MS, RMS_MS, HeldLevel
from .loudness import LoudnessReading
from .quality import flag_names

# Correlation of two channels above which they are one sound, heard twice.
CORRELATED = 0.8


@dataclass(frozen=True, slots=True)
class ChannelReading(HeldLevel):
    """Levels of one channel, and what was wrong with its last whole second.

    Attributes:
        flags: of ``silent``, ``dc``, ``flat``, ``imbalance``, ``clipped``, ``invalid``, see
            `quality`, and of the first two channels ``correlated``: both carry nearly the same, as
            one microphone that is sold as two. A flag is no failure.
    """

    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class LevelsReading:
    """What `Levels` says.

    Attributes:
        channels: of each channel; empty before the chain is made.
        correlation: of the first two channels, 1 the same to -1 the same upside down; None with
            one channel.
    """

    channels: tuple[ChannelReading, ...]
    correlation: float | None


class Levels(Analyzer):
    """RMS, peak and held peak of each channel, correlation, and flags; the sound is not changed.

    Needles move every hundredth of a second of audio, whatever the blocks.

    Args:
        rms_ms: time constant with which the mean square is followed.
        attack_ms: time constant with which a peak is approached; 0 is at once.
        release_ms: time constant with which it is left.
        hold_ms: how long the held peak stays before it falls to where the peak is.
        name: what the chain calls it.

    Raises:
        ConfigError: a time is out of range; when the chain is made, a rate below 100.

    Any thread; see `Node`.

    >>> import numpy as np
    >>> from vocana_dsp import Chain
    >>> chain = Chain([Levels()])
    >>> tone = np.sin(2 * np.pi * 1000 / 48_000 * np.arange(4 * 48_000)) / 10
    >>> _ = chain.process(tone.astype(np.float32), rate=48_000)
    >>> level = chain["Levels"].snapshot().channels[0]
    >>> round(level.rms_db, 2), round(level.peak_db, 2), set(level.flags)
    (-23.01, -20.0, set())
    """

    kind: ClassVar[str | None] = "Levels"
    rms_ms = Param()
    attack_ms = Param()
    release_ms = Param()
    hold_ms = Param()

    def __init__(
        self,
        rms_ms: float = RMS_MS,
        attack_ms: float = ATTACK_MS,
        release_ms: float = RELEASE_MS,
        hold_ms: float = HOLD_MS,
        *,
        name: str | None = None,
    ) -> None:
        super().__init__(
            name=name, rms_ms=rms_ms, attack_ms=attack_ms, release_ms=release_ms, hold_ms=hold_ms
        )

    def make(self, rate: int, channels: int) -> Any:
        """Return the C object for a format; ConfigError for a rate below 100."""
        return super().make(rate_hz(rate), channels)

    def snapshot(self) -> LevelsReading:
        """Return what was measured last, all of one moment; any thread, never waits."""
        correlation, *figures = self.readings or [0.0]
        rows = zip(figures[::4], figures[1::4], figures[2::4], figures[3::4], strict=True)
        channels = [
            ChannelReading(peak, rms, held, flag_names(int(flags)))
            for rms, peak, held, flags in rows
        ]
        if len(channels) < 2:
            return LevelsReading(tuple(channels), None)
        if correlation > CORRELATED:
            for i in (0, 1):
                channels[i] = replace(channels[i], flags=channels[i].flags | {"correlated"})
        return LevelsReading(tuple(channels), correlation)


class Loudness(Analyzer):
    """Loudness by EBU R 128, and the true peak; the sound is not changed.

    It is read ten times a second of audio. Channels count as in `LoudnessMeter`.

    Args:
        true_peak: whether the true peak is read too, which takes most of the time.
        name: what the chain calls it.

    Raises:
        ConfigError: when the chain is made, a rate below 8000.

    Any thread; see `Node`.

    >>> import numpy as np
    >>> from vocana_dsp import Chain
    >>> chain = Chain([Loudness()])
    >>> tone = np.sin(2 * np.pi * 1000 / 48_000 * np.arange(48_000)) / 10
    >>> _ = chain.process(np.stack([tone, tone], axis=1), rate=48_000)
    >>> round(chain["Loudness"].snapshot().integrated_lufs, 1)
    -20.0
    """

    kind: ClassVar[str | None] = "Loudness"
    true_peak = Switch()

    def __init__(self, true_peak: bool = True, *, name: str | None = None) -> None:
        super().__init__(name=name, true_peak=true_peak)

    def make(self, rate: int, channels: int) -> Any:
        """Return the C object for a format; ConfigError for a rate below 8000."""
        return super().make(rate_hz(rate, LEAST_RATE), channels)

    def snapshot(self) -> LoudnessReading:
        """Return what was measured last, all of one moment; any thread, never waits."""
        none = -math.inf
        return LoudnessReading(*(self.readings or (none, none, none, 0.0, none, none, none)))
