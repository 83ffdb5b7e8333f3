"""Other sample rates: of an array, of a stream, and steered while it runs.

Filters have linear phase. Ripple is at most 0.01 dB up to `Resampler.passband_hz`; what would alias
or mirror lies below -110 dB. Qualities differ in how far the passband goes, as a share of the lower
rate's Nyquist frequency, and in what that costs in delay, here for a lower rate of 16 kHz:

========== ======== ======
quality    passband delay
========== ======== ======
"fast"     80 %     2 ms
"balanced" 90 %     4 ms
"best"     96 %     10 ms
========== ======== ======

"fast" and "balanced" never delay by more than 5 ms: between rates below 12.8 kHz the passband of
"balanced" is smaller instead.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy.typing as npt

from .._native import drift as _drift
from .._native import resampler as _resampler
from ..arrays import Samples, cast, fed, sound
from ..config import MAX_CHANNELS, MAX_RATE_HZ, MIN_RESAMPLED_HZ, number_of, one_of, whole
from ..errors import ConfigError

Quality = Literal["fast", "balanced", "best"]

_QUALITIES = get_args(Quality)


class Resampler(_resampler.Resampler):
    """A stream at another rate, with an output in every call.

    After n frames in all, ceil(n * to_rate / from_rate) frames have come out, with the same bits
    however the input was cut. Equal rates copy. NaN and infinity pass with the filter's length and
    leave no trace. One thread at a time; long blocks are resampled without the GIL.

    Args:
        from_rate: rate of the input in Hz, 8000 to 768000; any pair of whole rates.
        to_rate: rate of the output in Hz.
        channels: samples in a frame, 1 to 1024.
        quality: ``"fast"``, ``"balanced"`` or ``"best"``; see the table of the module.

    Attributes:
        latency_frames: by how many output frames the output is late, exactly.
        passband_hz: up to where the response is flat within 0.01 dB.

    Raises:
        ConfigError: an argument is out of range. Nothing has been allocated.

    >>> import numpy as np
    >>> resampler = Resampler(48_000, 16_000)
    >>> resampler.process(np.zeros(480, np.float32)).shape, resampler.latency_frames
    ((160,), 64)
    >>> resampler.flush().shape
    (64,)
    """

    def __new__(
        cls, from_rate: int, to_rate: int, channels: int = 1, quality: Quality = "balanced"
    ) -> Resampler:
        """Check every argument, then make the C object."""
        one_of("quality", quality, _QUALITIES)
        made = super().__new__(
            cls,
            whole("from_rate", from_rate, MIN_RESAMPLED_HZ, MAX_RATE_HZ),
            whole("to_rate", to_rate, MIN_RESAMPLED_HZ, MAX_RATE_HZ),
            whole("channels", channels, 1, MAX_CHANNELS),
            _QUALITIES.index(quality),
        )
        assert isinstance(made, Resampler)
        return made

    def process(self, block: npt.ArrayLike) -> Samples:
        """Return what the frames of a block became, float32 with as many axes as block.

        block: floats, (n, channels), with one channel also (n,). Raises ConfigError when it does
        not fit.
        """
        return fed(super().process, block, self.channels)

    @property
    def ratio(self) -> float:
        """Output frames for each input frame."""
        return self.to_rate / self.from_rate

    def __repr__(self) -> str:
        return f"<Resampler({self.from_rate}, {self.to_rate}, channels={self.channels})>"


def resample(
    x: npt.ArrayLike, from_rate: int, to_rate: int, *, quality: Quality = "balanced"
) -> Samples:
    """Return x at another rate, in time with x: nothing is delayed; any thread, without the GIL.

    The same numbers as those of a `Resampler` of that quality, less its latency.

    Args:
        x: (frames,) or (frames, channels), floats, converted to float32.
        from_rate: rate of x in Hz, 8000 to 768000.
        to_rate: rate of the result in Hz, 8000 to 768000.
        quality: ``"fast"``, ``"balanced"`` or ``"best"``; see the table of the module.

    Returns:
        ceil(frames * to_rate / from_rate) frames, float32, with as many axes as x.

    Raises:
        ConfigError: a rate or a quality is out of range, x has another number of axes or channels,
            or holds no floats.

    >>> import numpy as np
    >>> resample(np.zeros((44_100, 2)), 44_100, 48_000).shape
    (48000, 2)
    """
    found = sound("x", x)
    channels = found.shape[1] if found.ndim == 2 else 1
    resampler = Resampler(from_rate, to_rate, channels, quality)
    made = _resampler.resample(cast(found).reshape(-1, channels), resampler)
    return made if found.ndim == 2 else made[:, 0]


class DriftResampler(_drift.Drift):
    """A stream whose ratio is steered while it runs, for two clocks that should be equal.

    A new `ratio` is reached in a straight line over 256 frames: pitch moves, nothing clicks.
    Positions are counted in integers and stay exact for ever. Ripple and alias are those of a
    `Resampler` of quality ``"balanced"``.

    `process` belongs to one thread at a time; `ratio` and `ratio_ppm` may be set by any.

    Args:
        channels: samples in a frame, 1 to 1024.
        ratio: output frames for each input frame, 0.99 to 1.01.

    Attributes:
        latency_frames: by how many input frames the output is late.

    Raises:
        ConfigError: an argument is out of range.

    >>> import numpy as np
    >>> drift = DriftResampler(channels=2)
    >>> drift.ratio_ppm = -120
    >>> sum(len(drift.process(np.zeros((480, 2), np.float32))) for _ in range(1000))
    479943
    """

    def __new__(cls, channels: int = 1, ratio: float = 1.0) -> DriftResampler:
        """Check every argument, then make the C object."""
        made = super().__new__(cls, whole("channels", channels, 1, MAX_CHANNELS))
        assert isinstance(made, DriftResampler)
        made.ratio = ratio
        made.reset()
        return made

    def process(self, block: npt.ArrayLike) -> Samples:
        """Return what the frames of a block became, as `Resampler.process` does."""
        return fed(super().process, block, self.channels)

    @property
    def ratio(self) -> float:
        """Output frames for each input frame; what was set last, whether it is reached or not."""
        return self.ratio_now()

    @ratio.setter
    def ratio(self, ratio: float) -> None:
        number = number_of(ratio)
        if number is None or not _drift.LEAST_RATIO <= number <= _drift.MOST_RATIO:
            raise ConfigError(
                f"ratio is {ratio!r}, expected {_drift.LEAST_RATIO} to {_drift.MOST_RATIO}",
                hint="clocks differ by less than 1 %; use a Resampler between two rates",
            )
        self.steer(number)

    @property
    def ratio_ppm(self) -> float:
        """The same in parts per million above 1; from -10000 to 10000."""
        return (self.ratio - 1.0) * 1e6

    @ratio_ppm.setter
    def ratio_ppm(self, ratio_ppm: float) -> None:
        number = number_of(ratio_ppm)
        if number is None or not -10_000 <= number <= 10_000:
            raise ConfigError(
                f"ratio_ppm is {ratio_ppm!r}, expected -10000 to 10000",
                hint="clocks differ by less than 1 %; use a Resampler between two rates",
            )
        self.ratio = min(max(1.0 + number * 1e-6, _drift.LEAST_RATIO), _drift.MOST_RATIO)

    def __repr__(self) -> str:
        return f"<DriftResampler(channels={self.channels}), {self.ratio_ppm:+.1f} ppm>"
