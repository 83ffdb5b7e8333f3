"""Numbers that describe the spectrum of each frame, and crossings of zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .._native.spectral import FEATURES, SpectralStream
from ..config import MAX_N_FFT, number_of, whole
from ..dsp.windows import Window
from ..errors import ConfigError
from .signal import Array, block_of, each_channel, rate_of, window_of

#: Contrast: where the first octave begins, and how many there are when the rate allows.
CONTRAST_HZ = 200.0
OCTAVES = 6


@dataclass(frozen=True, slots=True, eq=False)
class SpectralFrames:
    """What `spectral_features` found: arrays of float32 with one entry for each frame.

    Of a signal (frames, channels) all of them have an axis of channels first.

    |X| is the magnitude of a bin, P = |X|^2. Energies are mean squares of the signal: a sine of
    amplitude 1 has 0.5 in its band. Silence has 0 for all but its flatness, which is 1.

    Attributes:
        centroid_hz: mean frequency, weighted with |X|.
        spread_hz: standard deviation around the centroid, weighted with |X|. That of a pure tone is
            its window's, and about 1 Hz of what float32 rounds.
        rolloff_hz: the lowest bin with a share (0.85) of the sum of |X| up to it.
        flux: root of the sum of squares of what |X| has changed by since the frame before.
        flatness: geometric by arithmetic mean of P, each raised to 1e-10.
        crest: greatest |X| by their mean.
        low_energy: 20 to 250 Hz.
        mid_energy: 250 to 4000 Hz.
        high_energy: 4000 Hz and above.
        brightness: share of P in 1000 Hz and above.
        crossings_per_s: of zero, in the samples: 2000 for a tone of 1 kHz.
        contrast_db: (octaves + 1, frames): the loudest over the softest fiftieth of the bins below
            200 Hz, and in each octave from there (Jiang et al., 2002).
    """

    centroid_hz: Array
    spread_hz: Array
    rolloff_hz: Array
    flux: Array
    flatness: Array
    crest: Array
    low_energy: Array
    mid_energy: Array
    high_energy: Array
    brightness: Array
    crossings_per_s: Array
    contrast_db: Array

    def __len__(self) -> int:
        """Frames."""
        return int(self.centroid_hz.shape[-1])

    @classmethod
    def _of(cls, rows: Array) -> SpectralFrames:
        columns = np.ascontiguousarray(np.moveaxis(rows, -1, 0))
        fields = [*columns[:FEATURES], np.moveaxis(columns[FEATURES:], 0, -2)]
        return cls(*fields)


def octaves_below(rate: int) -> int:
    """Return how many octaves of contrast end below half of a rate, at most `OCTAVES`.

    >>> octaves_below(16_000), octaves_below(48_000)
    (5, 6)
    """
    return max(n for n in range(OCTAVES + 1) if n == 0 or CONTRAST_HZ * 2**n < rate / 2)


class SpectralFeatures:
    """A stream of samples to numbers that describe each frame, however the stream is cut.

    Args:
        rate: samples per second.
        n_fft: samples in a frame; even, and with no other factors than 2, 3 and 5.
        hop: samples from one frame to the next.
        win_length: samples that the window covers, in the middle of a frame; None for all.
        window: "hann", "hamming", "blackman", "rectangular", "sqrt_hann", "vorbis" (one period), or
            numbers.
        center: whether frame t has its middle at sample t * hop, with silence around the signal.
        rolloff: share of the sum of |X| below the roll-off.
        contrast_octaves: 0 for no contrast, None for 6 or as many as the rate allows.

    Raises ConfigError. One thread at a time.

    >>> import numpy as np
    >>> found = SpectralFeatures(48_000, center=False).process(np.ones(2560, np.float32))
    >>> len(found), found.contrast_db.shape, float(found.flux[0])
    (2, (7, 2), 0.0)
    """

    def __init__(
        self,
        rate: int,
        *,
        n_fft: int = 2048,
        hop: int = 512,
        win_length: int | None = None,
        window: Window = "hann",
        center: bool = True,
        rolloff: float = 0.85,
        contrast_octaves: int | None = None,
    ) -> None:
        most = octaves_below(rate_of(rate))
        octaves = most if contrast_octaves is None else contrast_octaves
        whole("contrast_octaves", octaves, 0, most)
        whole("hop", hop, 1, MAX_N_FFT)
        share = number_of(rolloff)
        if share is None or not 0 <= share <= 1:
            raise ConfigError(f"rolloff is {rolloff!r}, expected 0 to 1", hint="pass rolloff=0.85")
        factors = window_of(window, n_fft, win_length)
        if not factors.any():
            raise ConfigError("window is zero everywhere", hint='pass window="hann"')
        self.rate = rate
        self.hop = hop
        self.n_fft = n_fft
        self._tail = n_fft // 2 if center else 0
        self._stream = SpectralStream(factors, hop, center, rate, share, octaves, CONTRAST_HZ)

    def process(self, block: npt.ArrayLike) -> SpectralFrames:
        """Return what describes the frames that a block completes, perhaps none.

        block: (n,) or (n, 1) floats. Raises ConfigError, or FormatError for NaN; the stream then
        is as it was before.
        """
        return SpectralFrames._of(self._stream.process(block_of(block)))

    def flush(self) -> SpectralFrames:
        """Return the frames that reach beyond the end, and be as new."""
        rest = self._stream.silence(self._tail)
        self._stream.reset()
        return SpectralFrames._of(rest)

    def reset(self) -> None:
        """Forget what was heard: the next frame has none before it."""
        self._stream.reset()

    def whole(self, x: npt.ArrayLike) -> SpectralFrames:
        """Return what describes all frames of a signal, and be as new; raises as `process`.

        x: (frames,) or (frames, channels) floats.
        """
        return SpectralFrames._of(each_channel(x, self._of_channel))

    def _of_channel(self, signal: Array) -> Array:
        self._stream.reset()
        rows = np.concatenate([self._stream.process(signal), self._stream.silence(self._tail)])
        self._stream.reset()
        return rows

    def _crossings(self, signal: Array) -> Array:
        self._stream.reset()
        return np.concatenate(self._stream.crossings(signal, self._tail))


def spectral_features(
    x: npt.ArrayLike,
    rate: int,
    *,
    n_fft: int = 2048,
    hop: int = 512,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    rolloff: float = 0.85,
    contrast_octaves: int | None = None,
) -> SpectralFrames:
    """Describe the spectrum of each frame of a signal; any thread, without the GIL.

    Centroid, spread, roll-off, flatness and contrast are those of librosa, contrast with
    ``top_db=None``. Arguments as for `SpectralFeatures`; with `center` there are 1 + len(x) // hop
    frames. x is (frames,) or (frames, channels); of the latter arrays have an axis of channels
    first.

    Raises:
        ConfigError: an argument, or the shape of x.
        FormatError: x is empty, or has NaN or infinity.

    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 1000 / 48_000 * np.arange(48_000))
    >>> found = spectral_features(tone, 48_000)
    >>> round(float(found.crossings_per_s[40]), -2), round(float(found.mid_energy[40]), 3)
    (2000.0, 0.5)
    """
    return SpectralFeatures(
        rate,
        n_fft=n_fft,
        hop=hop,
        win_length=win_length,
        window=window,
        center=center,
        rolloff=rolloff,
        contrast_octaves=contrast_octaves,
    ).whole(x)


def zero_crossing_rate(
    x: npt.ArrayLike, rate: int, *, n_fft: int = 2048, hop: int = 512, center: bool = True
) -> Array:
    """Return crossings of zero per second in each frame of n_fft samples, (frames,) float32.

    Of x (frames, channels) it is (channels, frames). Any thread.
    A crossing is a pair of neighbours of which one is below zero and the other is not. Raises as
    `spectral_features`.

    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 1000 / 48_000 * np.arange(48_000) + 0.1)
    >>> zero_crossing_rate(tone, 48_000, center=False)[0].round(-2)
    np.float32(2000.0)
    """
    stream = SpectralFeatures(
        rate, n_fft=n_fft, hop=hop, window="rectangular", center=center, contrast_octaves=0
    )
    return each_channel(x, stream._crossings)
