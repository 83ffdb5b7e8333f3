"""Mel spectrograms: of a whole signal, and of a stream with the same numbers."""

from __future__ import annotations

from typing import Literal, TypedDict, Unpack

import numpy as np
import numpy.typing as npt

from .._native.mel import MelStream, weights
from ..config import MAX_N_FFT, number_of, one_of, positive, whole
from ..dsp.windows import Window
from ..errors import ConfigError
from .signal import Array, block_of, each_channel, rate_of, window_of

Scale = Literal["slaney", "htk"]
Norm = Literal["slaney"] | None
Log = Literal["db", "log10", "ln"]

#: Sums of bands are raised to this before a logarithm, if nothing else is said.
FLOOR = 1e-10

MAX_BANDS = 4096


class MelOptions(TypedDict, total=False):
    """What `MelSpectrogram` takes by name."""

    n_fft: int
    hop: int
    win_length: int | None
    window: Window
    center: bool
    power: float
    n_mels: int
    f_min_hz: float
    f_max_hz: float | None
    scale: Scale
    norm: Norm


def band_limits(rate: int, f_min_hz: float, f_max_hz: float | None) -> tuple[float, float]:
    """Return both limits in Hz, half of the rate for None; ConfigError unless they fit."""
    low, high = number_of(f_min_hz), rate / 2 if f_max_hz is None else number_of(f_max_hz)
    if low is None or high is None or not 0 <= low < high <= rate / 2:
        raise ConfigError(
            f"f_min_hz is {f_min_hz!r} and f_max_hz {f_max_hz!r}, "
            f"expected 0 <= f_min_hz < f_max_hz <= {rate / 2:g}, half of the rate",
            hint="lower f_max_hz, or leave it out",
        )
    return low, high


def _filters(scale: Scale, norm: Norm) -> bool:
    """Return whether filters have equal areas, after checking both names."""
    one_of("scale", scale, ("slaney", "htk"))
    if norm is not None:
        one_of("norm", norm, ("slaney",))
    return norm is not None


class MelSpectrogram:
    """A stream of samples to mel bands, frame by frame, however the stream is cut.

    Names and initial values follow ``librosa.feature.melspectrogram``.

    Args:
        rate: samples per second.
        n_fft: samples in a frame; even, and with no other factors than 2, 3 and 5.
        hop: samples from one frame to the next.
        win_length: samples that the window covers, in the middle of a frame; None for all.
        window: "hann", "hamming", "blackman", "rectangular", "sqrt_hann", "vorbis" (one period), or
            numbers.
        center: whether frame t has its middle at sample t * hop, with silence around the signal;
            else it begins there.
        power: 2 for bands of power, 1 of magnitude.
        n_mels: bands.
        f_min_hz, f_max_hz: where the first begins and the last ends; None for half of the rate.
        scale: "slaney" (linear below 1 kHz) or "htk" (2595 log10(1 + f / 700)).
        norm: "slaney" for filters of equal area, None for filters with a peak of 1.
        log: "db" (10 log10), "log10", "ln", or None for sums as they are.
        floor: what sums are raised to before the logarithm, 1e-30 or more.

    Raises:
        ConfigError: something is out of range, or does not fit the rest.

    One thread at a time. The state is as large as a frame and a block, for ever.

    >>> import numpy as np
    >>> mel = MelSpectrogram(16_000, n_fft=512, hop=160, n_mels=80)
    >>> block = np.zeros(1000, np.float32)
    >>> mel.process(block).shape, mel.process(block).shape, mel.flush().shape
    ((80, 5), (80, 6), (80, 2))
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
        power: float = 2.0,
        n_mels: int = 128,
        f_min_hz: float = 0.0,
        f_max_hz: float | None = None,
        scale: Scale = "slaney",
        norm: Norm = "slaney",
        log: Log | None = None,
        floor: float = FLOOR,
    ) -> None:
        low, high = band_limits(rate_of(rate), f_min_hz, f_max_hz)
        equal_area = _filters(scale, norm)
        whole("hop", hop, 1, MAX_N_FFT)
        if power not in (1, 2):
            raise ConfigError(f"power is {power!r}, expected 1 or 2", hint="pass power=2.0")
        if log is not None:
            one_of("log", log, ("db", "log10", "ln"))
        if positive("floor", floor) < 1e-30:
            raise ConfigError(
                f"floor is {floor!r}, expected 1e-30 or more", hint="pass floor=1e-10"
            )
        self.rate = rate
        self.hop = hop
        self.n_fft = n_fft
        self.n_mels = whole("n_mels", n_mels, 1, MAX_BANDS)
        factors = window_of(window, n_fft, win_length)
        self._tail = n_fft // 2 if center else 0
        self._stream = MelStream(
            factors, hop, center, rate, n_mels, low, high, scale, equal_area, power == 1, log, floor
        )

    def process(self, block: npt.ArrayLike) -> Array:
        """Return the frames that a block completes, (n_mels, frames) float32, perhaps none.

        block: (n,) or (n, 1) floats. Raises ConfigError, or FormatError for NaN; the stream then
        is as it was before.
        """
        return self._stream.process(block_of(block)).T

    def flush(self) -> Array:
        """Return the frames that reach beyond the end, (n_mels, frames), and be as new."""
        rest = self._stream.silence(self._tail)
        self._stream.reset()
        return rest.T

    def reset(self) -> None:
        """Forget what was heard."""
        self._stream.reset()

    def whole(self, x: npt.ArrayLike) -> Array:
        """Return all frames of a signal, (n_mels, frames) float32, and be as new.

        Of x (frames, channels) it is (channels, n_mels, frames). With `center` there are
        1 + len(x) // hop frames. Raises as `process`, and FormatError without a sample.
        """
        return self._rows(x).swapaxes(-1, -2)

    def _rows(self, x: npt.ArrayLike) -> Array:
        """Return (frames, n_mels), or of each channel."""
        return each_channel(x, self._of_channel)

    def _of_channel(self, signal: Array) -> Array:
        self._stream.reset()
        rows = self._stream.process(signal, self._tail)
        self._stream.reset()
        return rows


def mel_spectrogram(x: npt.ArrayLike, rate: int, **options: Unpack[MelOptions]) -> Array:
    """Return a mel spectrogram, (n_mels, frames) float32; any thread, without the GIL.

    Args:
        x: (frames,) floats; of (frames, channels) the result is (channels, n_mels, frames).
        rate: samples per second.
        **options: n_fft=2048, hop=512, win_length=None, window="hann", center=True, power=2.0,
            n_mels=128, f_min_hz=0.0, f_max_hz=None, scale="slaney", norm="slaney"; see
            `MelSpectrogram`.

    Raises:
        ConfigError: an option, or the shape of x.
        FormatError: x is empty, or has NaN or infinity.

    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 440 / 16_000 * np.arange(16_000))
    >>> mel_spectrogram(tone, rate=16_000).shape
    (128, 32)
    """
    return MelSpectrogram(rate, **options).whole(x)


def log_mel(
    x: npt.ArrayLike,
    rate: int,
    *,
    log: Log = "db",
    floor: float = FLOOR,
    top_db: float | None = None,
    **options: Unpack[MelOptions],
) -> Array:
    """Return the logarithm of a mel spectrogram, (n_mels, frames) float32; any thread.

    Args:
        x: (frames,) floats; of (frames, channels) the result is (channels, n_mels, frames).
        rate: samples per second.
        log: "db" (10 log10 of power), "log10" or "ln".
        floor: what sums are raised to first.
        top_db: with "db" and a number, values this far below the greatest of all channels are
            raised to there, as ``librosa.power_to_db`` does with 80. It needs the whole signal: a
            stream has none.
        **options: as for `mel_spectrogram`.

    Raises as `mel_spectrogram`.

    >>> import numpy as np
    >>> log_mel(np.zeros(1000), 16_000).max()
    np.float32(-100.0)
    """
    return log_rows(x, rate, log, floor, top_db, options).swapaxes(-1, -2)


def log_rows(
    x: npt.ArrayLike,
    rate: int,
    log: Log,
    floor: float,
    top_db: float | None,
    options: MelOptions,
) -> Array:
    """Return (frames, n_mels), or of each channel, raised to top_db below the greatest of all."""
    if top_db is not None and (positive("top_db", top_db, "dB") and log != "db"):
        raise ConfigError(
            f"top_db is {top_db!r} with log={log!r}, expected log='db'", hint="leave top_db out"
        )
    rows = MelSpectrogram(rate, log=log, floor=floor, **options)._rows(x)
    if top_db is not None and rows.size:
        np.maximum(rows, np.max(rows) - np.float32(top_db), out=rows)
    return rows


def mel_filters(
    rate: int,
    n_fft: int,
    n_mels: int = 128,
    *,
    f_min_hz: float = 0.0,
    f_max_hz: float | None = None,
    scale: Scale = "slaney",
    norm: Norm = "slaney",
) -> Array:
    """Return the filters of a mel bank, (n_mels, n_fft // 2 + 1) float32; any thread.

    Arguments as for `MelSpectrogram`; n_fft may be any even number. A filter narrower than a bin
    can be empty. Raises ConfigError.

    >>> mel_filters(16_000, 512, 80).shape
    (80, 257)
    """
    low, high = band_limits(rate_of(rate), f_min_hz, f_max_hz)
    equal_area = _filters(scale, norm)
    whole("n_fft", n_fft, 2, MAX_N_FFT)
    whole("n_mels", n_mels, 1, MAX_BANDS)
    return weights(rate, n_fft, n_mels, low, high, scale, equal_area)
