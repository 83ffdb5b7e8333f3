"""By how much one signal comes later than another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy.typing as npt

from .._native.gcc_phat import MOST_FRAMES, GccPhat
from ..config import frames_of, number_of, positive
from ..errors import ConfigError
from .blocks import block, blocks, frames, rate_hz

LEAST_PIECE_FRAMES = 4096
LEAST_SIGNAL_FRAMES = 16


@dataclass(frozen=True, slots=True)
class DelayEstimate:
    """How much later the second signal is.

    Attributes:
        frames: above 0 when the second comes later; with a fraction, from the parabola through
            the peak.
        seconds: the same.
        confidence: 1 when all frequencies agree on a whole number of frames, near 0 when the
            signals have nothing to do with each other, 0 when there was nothing to compare.
    """

    frames: float
    seconds: float
    confidence: float


class DelayMeter:
    """Delay between two streams, by generalised cross-correlation with the phase transform.

    Knapp and Carter, IEEE ASSP 24 (1976). Streams are compared in overlapping pieces, whose
    cross-spectra are added up.

    Args:
        rate: frames per second, 100 or more.
        max_delay_ms: the longest delay that is looked for, either way.
        memory_ms: time constant with which the past is forgotten; None is never.

    Raises:
        ConfigError: a value that is out of range.

    One thread at a time; other Python threads run meanwhile.

    >>> import numpy as np
    >>> x = np.random.default_rng(1).uniform(-1, 1, 16_000)
    >>> meter = DelayMeter(16_000)
    >>> meter.process(x[100:], x[:-100])
    >>> round(meter.read().frames, 1)
    100.0
    """

    def __init__(
        self, rate: int, max_delay_ms: float = 50.0, memory_ms: float | None = None
    ) -> None:
        self.rate = rate_hz(rate)
        most = _max_delay(max_delay_ms, self.rate)
        memory = 0.0 if memory_ms is None else positive("memory_ms", memory_ms, "ms")
        self._native = GccPhat(_piece(most), most, memory * self.rate / 1000)

    def process(self, first: npt.ArrayLike, second: npt.ArrayLike) -> None:
        """Compare the next frames of both: floats, (frames,), of one length."""
        a, b = block(first, 1), block(second, 1)
        _same_length(len(a), len(b))
        self._native.process(a, b)

    def read(self) -> DelayEstimate:
        """Return the delay as far as it is known."""
        found, confidence = self._native.read()
        return DelayEstimate(found, found / self.rate, confidence)

    def reset(self) -> None:
        """Forget everything."""
        self._native.reset()


def delay(
    a: npt.ArrayLike, b: npt.ArrayLike, rate: int, max_delay_ms: float = 50.0
) -> DelayEstimate:
    """Return by how much b comes later than a; nothing is changed. Any thread.

    Args:
        a: floats, (frames,); NaN and infinity count as 0.
        b: as many.
        rate: frames per second, 100 or more.
        max_delay_ms: the longest delay that is looked for, either way; shorter than the signals.

    Raises:
        ConfigError: a value that is out of range, or signals of different lengths.

    >>> import numpy as np
    >>> x = np.random.default_rng(1).uniform(-1, 1, 16_000)
    >>> found = delay(x[100:], x[:-100], 16_000)
    >>> round(found.frames), found.confidence > 0.9
    (100, True)
    """
    first, second = frames(a, "a"), frames(b, "b")
    for name, x in (("a", first), ("b", second)):
        if x.shape[1] != 1:
            raise ConfigError(
                f"{name} has {x.shape[1]} channels, expected 1", hint=f"pass {name}[:, 0]"
            )
    _same_length(len(first), len(second))
    most = _max_delay(max_delay_ms, rate_hz(rate))
    if len(first) <= max(most, LEAST_SIGNAL_FRAMES - 1):
        raise ConfigError(
            f"a has {len(first)} frames, expected more than max_delay_ms, {most} frames, and "
            f"{LEAST_SIGNAL_FRAMES} or more",
            hint="pass more of the signals, or lower max_delay_ms",
        )
    piece = min(_piece(most), len(first))
    meter = GccPhat(piece if len(first) >= 4 * piece else min(len(first), MOST_FRAMES), most, 0.0)
    for one, other in zip(blocks(first), blocks(second), strict=True):
        meter.process(one, other)
    found, confidence = meter.read()
    return DelayEstimate(found, found / rate, confidence)


def _piece(max_delay_frames: int) -> int:
    return max(LEAST_PIECE_FRAMES, 4 * max_delay_frames)


def _max_delay(max_delay_ms: float, rate: int) -> int:
    number = number_of(max_delay_ms)
    most = frames_of(number, rate) if number is not None else 0
    if not 1 <= most <= MOST_FRAMES // 4:
        raise ConfigError(
            f"max_delay_ms is {max_delay_ms!r}, expected 1 frame to "
            f"{MOST_FRAMES // 4 * 1000 // rate} ms",
            hint="pass the longest delay that is possible, in milliseconds",
        )
    return most


def _same_length(first: int, second: int) -> None:
    if first != second:
        raise ConfigError(
            f"the signals have {first} and {second} frames, expected as many of both",
            hint="cut the longer one",
        )
