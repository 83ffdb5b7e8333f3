"""Where sounds begin, and how fast they follow each other."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy.typing as npt

from .._native.onset import OnsetStream
from .._native.tempo import Beats
from ..config import MAX_N_FFT, positive, whole
from ..errors import ConfigError
from .mel import MAX_BANDS, band_limits
from .signal import Array, block_of, each_channel, rate_of, signals_of, window_of

#: Values of onset strength per second that a tempo is read from, about.
TEMPO_VALUES_PER_S = 93.75
TEMPO_BANDS = 64
TEMPO_RANGE_DB = 60.0


class OnsetStrength:
    """A stream of samples to onset strengths, one for each hop, however the stream is cut.

    A strength is the mean over mel bands of how many dB they have risen by from the frame before;
    value t is made of the n_fft samples before sample t * hop. The first 1 + n_fft // (2 hop)
    values are 0. When hop divides n_fft / 2, these are the numbers of
    ``librosa.onset.onset_strength`` for a spectrogram in dB with ``top_db=None``.

    Args:
        rate: samples per second.
        n_fft: samples in a frame; even, and with no other factors than 2, 3 and 5.
        hop: samples from one value to the next.
        n_mels: bands.
        f_min_hz, f_max_hz: where the first begins and the last ends; None for half of the rate.
        range_db: bands this far below the loudest of both frames count as if they were there, so
            that what the window leaks of a steady tone is no onset; None for no such floor.

    Raises ConfigError. One thread at a time.

    >>> import numpy as np
    >>> click = np.zeros(10 * 512, np.float32)
    >>> click[5 * 512] = 1
    >>> int(OnsetStrength(22_050).process(click).argmax())
    6
    """

    def __init__(
        self,
        rate: int,
        *,
        n_fft: int = 2048,
        hop: int = 512,
        n_mels: int = 128,
        f_min_hz: float = 0.0,
        f_max_hz: float | None = None,
        range_db: float | None = None,
    ) -> None:
        low, high = band_limits(rate_of(rate), f_min_hz, f_max_hz)
        whole("hop", hop, 1, MAX_N_FFT)
        whole("n_mels", n_mels, 1, MAX_BANDS)
        self.rate = rate
        self.hop = hop
        below = math.inf if range_db is None else positive("range_db", range_db, "dB")
        self._stream = OnsetStream(window_of("hann", n_fft), hop, rate, n_mels, low, high, below)

    def process(self, block: npt.ArrayLike) -> Array:
        """Return the strengths that a block completes, (values,) float32, perhaps none.

        block: (n,) or (n, 1) floats. Raises ConfigError, or FormatError for NaN; the stream then
        is as it was before.
        """
        return self._stream.process(block_of(block))

    def reset(self) -> None:
        """Forget what was heard."""
        self._stream.reset()


def onset_strength(
    x: npt.ArrayLike,
    rate: int,
    *,
    n_fft: int = 2048,
    hop: int = 512,
    n_mels: int = 128,
    f_min_hz: float = 0.0,
    f_max_hz: float | None = None,
    range_db: float | None = None,
) -> Array:
    """Return onset strengths, (1 + len(x) // hop,) float32; any thread, without the GIL.

    Args:
        x: (frames,) floats; of (frames, channels) the result is (channels, 1 + frames // hop).
        rate: samples per second.
        n_fft: samples in a frame.
        hop: samples from one value to the next.
        n_mels: bands.
        f_min_hz: where the first begins.
        f_max_hz: where the last ends; None for half of the rate.
        range_db: as for `OnsetStrength`.

    Raises:
        ConfigError: an argument, or the shape of x.
        FormatError: x is empty, or has NaN or infinity.

    >>> import numpy as np
    >>> click = np.zeros((10 * 512, 2))
    >>> click[5 * 512, 0] = 1
    >>> onset_strength(click, 22_050).argmax(axis=1)
    array([6, 0])
    """
    stream = OnsetStrength(
        rate,
        n_fft=n_fft,
        hop=hop,
        n_mels=n_mels,
        f_min_hz=f_min_hz,
        f_max_hz=f_max_hz,
        range_db=range_db,
    )
    return each_channel(x, lambda signal: _of_channel(stream, signal))


def _of_channel(stream: OnsetStrength, signal: Array) -> Array:
    stream.reset()
    return stream.process(signal)


@dataclass(frozen=True, slots=True)
class Beat:
    """A tempo: beats per minute, 40 to 240 or 0 when nothing repeats, and how sure it is.

    confidence is the share of the onset strengths' variance that repeats with the beat, 0 to 1.
    """

    bpm: float
    confidence: float


def tempo_onsets(rate: int) -> OnsetStrength:
    """Return onset strengths as a tempo wants them: about `TEMPO_VALUES_PER_S`."""
    hop = max(2, round(rate / TEMPO_VALUES_PER_S / 16) * 16)
    n_fft = 4 * 2 ** max(3, math.ceil(math.log2(hop)))
    return OnsetStrength(rate, n_fft=n_fft, hop=hop, n_mels=TEMPO_BANDS, range_db=TEMPO_RANGE_DB)


class Tempo:
    """A stream of samples to a tempo of 40 to 240 BPM, from the autocorrelation of its onsets.

    Args:
        rate: samples per second, 1000 or more.
        memory_s: seconds in which what was heard loses all but 1/e of its weight; ``math.inf`` for
            never.

    Raises ConfigError. One thread at a time.

    >>> import numpy as np
    >>> clicks = np.zeros(10 * 16_000, np.float32)
    >>> clicks[::8_000] = 1
    >>> tempo = Tempo(16_000)
    >>> tempo.process(clicks)
    >>> round(tempo.now.bpm)
    120
    """

    def __init__(self, rate: int, *, memory_s: float = 20.0) -> None:
        if rate_of(rate) < 1000:
            raise ConfigError(f"rate is {rate!r}, expected 1000 or more", hint="resample the sound")
        if memory_s != math.inf:
            positive("memory_s", memory_s, "s")
        self._onsets = tempo_onsets(rate)
        self._beats = Beats(rate / self._onsets.hop, memory_s)

    def process(self, block: npt.ArrayLike) -> None:
        """Take a block, (n,) or (n, 1) floats; raises as `OnsetStrength.process`."""
        self._beats.push(self._onsets.process(block))

    @property
    def now(self) -> Beat:
        """The tempo of what was heard so far."""
        return Beat(*self._beats.now())

    def reset(self) -> None:
        """Forget what was heard."""
        self._onsets.reset()
        self._beats.reset()


def tempo(x: npt.ArrayLike, rate: int) -> float:
    """Return the tempo of a signal in beats per minute, 40 to 240, or 0 when nothing repeats.

    Silence and steady tones have none. Any thread.

    Args:
        x: (frames,) or (frames, channels) floats, of which the mean of all channels counts; a few
            seconds or more.
        rate: samples per second, 1000 or more.

    Raises:
        ConfigError: the rate, or the shape of x.
        FormatError: x is empty, or has NaN or infinity.

    >>> import numpy as np
    >>> clicks = np.zeros(10 * 48_000)
    >>> clicks[::32_000] = 1
    >>> round(tempo(clicks, 48_000))
    90
    """
    stream = Tempo(rate, memory_s=math.inf)
    signals = signals_of(x)
    stream.process(signals if signals.ndim == 1 else signals.mean(axis=0))
    return stream.now.bpm
