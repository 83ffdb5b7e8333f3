"""Short-time Fourier transforms of whole signals."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .._native.fft import supports
from .._native.stft import Istft as _Istft
from .._native.stft import Stft as _Stft
from .._native.stft import least_overlap
from ..arrays import Samples, cast
from ..config import whole
from ..errors import ConfigError
from .arguments import Spectra, check_overlap, framing, signal, stacked
from .fourier import Fft
from .windows import Window

MAX_HOP = 2**31 - 1
MAX_LENGTH = 2**48


def stft(
    x: npt.ArrayLike, n_fft: int, hop: int, window: Window = "hann", center: bool = True
) -> Spectra:
    """Return the short-time Fourier transform of a signal, as librosa and SciPy count it.

    Args:
        x: (frames,) or (frames, channels) floats.
        n_fft: samples of a frame, 2 to 2**20. Sizes of 2^a 3^b 5^c that are even are fastest.
        hop: samples from one frame to the next, 1 or more.
        window: a name or n_fft factors; see `window_factors`.
        center: whether n_fft // 2 zeros stand before and after x, so that the middle of frame t is
            at sample t * hop, and there are 1 + len(x) // hop frames (as librosa.stft). Otherwise
            frame t begins there, and there are as many as fit.

    Returns:
        (bins, frames) complex64, bins = n_fft // 2 + 1; of x (frames, channels) it is (channels,
        bins, frames). Not scaled. The memory lies frame after frame: ``S.T`` is contiguous.

    Raises:
        ConfigError: an argument is out of range, or x is shorter than one frame.

    Any thread; the GIL is released.

    >>> x = np.cos(2 * np.pi * 1000 / 48_000 * np.arange(48_000)).astype(np.float32)
    >>> S = stft(x, 960, 480, window="vorbis")
    >>> S.shape, int(np.abs(S[:, 50]).argmax())
    ((481, 101), 20)
    """
    samples = signal("x", x)
    n, step, factors = framing(n_fft, hop, window, MAX_HOP)
    pad = n // 2 if center else 0
    if len(samples) + 2 * pad < n or not len(samples):
        raise ConfigError(
            f"x has {len(samples)} samples, expected {1 if center else n} or more",
            hint="pass a longer signal, or a smaller n_fft",
        )
    columns = samples[:, None] if samples.ndim == 1 else samples
    found = [_spectra(column, factors, step, pad).T for column in columns.T]
    return found[0] if samples.ndim == 1 else stacked(found)


def istft(
    spectra: npt.ArrayLike,
    hop: int,
    window: Window = "hann",
    center: bool = True,
    length: int | None = None,
    n_fft: int | None = None,
) -> Samples:
    """Return the signal whose short-time Fourier transform was taken.

    Frames are added up, each times the window, and divided by the sum of the squares of the windows
    that were there (Griffin and Lim 1984), so a signal that was not changed comes back.

    Args:
        spectra: (bins, frames), or (channels, bins, frames).
        hop: as it was, at most n_fft.
        window: as it was.
        center: as it was.
        length: samples to return; what is missing is zero. None: all that frames cover, without the
            padding.
        n_fft: as it was; None is 2 * (bins - 1).

    Returns:
        (frames,) or (frames, channels) float32.

    Raises:
        ConfigError: an argument is out of range, or windows at this hop leave samples uncovered.

    Any thread; the GIL is released.

    >>> x = np.sin(np.arange(5000)).astype(np.float32)
    >>> y = istft(stft(x, 512, 128), 128, length=5000)
    >>> bool(np.abs(x - y).max() < 1e-6)
    True
    """
    values = np.asarray(spectra)
    if values.ndim not in (2, 3) or values.dtype.kind != "c" or 0 in values.shape:
        raise ConfigError(
            f"spectra are {values.dtype} {values.shape}, expected complex (bins, frames) or "
            "(channels, bins, frames)",
            hint="pass what stft returned",
        )
    bins = values.shape[-2]
    n, step, factors = framing(2 * (bins - 1) if n_fft is None else n_fft, hop, window)
    if n // 2 + 1 != bins:
        raise ConfigError(
            f"n_fft is {n}, which has {n // 2 + 1} bins, expected {bins} as in spectra",
            hint=f"pass {2 * bins - 2} or {2 * bins - 1} as n_fft",
        )
    check_overlap(factors, step)
    wanted = None if length is None else whole("length", length, 0, MAX_LENGTH)
    channels = values[None] if values.ndim == 2 else values
    rows = [_samples(channel.T, factors, step, center, wanted) for channel in channels]
    return rows[0] if values.ndim == 2 else np.ascontiguousarray(np.stack(rows, axis=1))


def _spectra(column: Samples, factors: Samples, hop: int, pad: int) -> Spectra:
    """Frames of one channel, (frames, bins), `pad` zeros before and after it."""
    n = len(factors)
    if supports(n):
        return _Stft(factors, hop, pad).process(np.ascontiguousarray(column), pad)
    padded = np.pad(column, pad)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n)[::hop]
    return Fft(n).forward(frames * factors)


def _samples(
    frames: Spectra, factors: Samples, hop: int, center: bool, length: int | None
) -> Samples:
    """Signal of one channel's frames, (frames, bins)."""
    n, count = len(factors), len(frames)
    frames = cast(frames, np.complex64)
    whole_length = n + hop * (count - 1)
    if supports(n):
        engine = _Istft(factors, hop)
        y = np.concatenate([engine.process(frames), engine.rest()])
    else:
        y = _added(Fft(n).inverse(frames), factors / np.resize(_squares(factors, hop), n), hop)
    _mend(y, factors, hop, count)
    first = n // 2 if center else 0
    last = whole_length - first if length is None else first + length
    y = y[first : max(first, min(last, whole_length))]
    return y if length is None else np.pad(y, (0, length - len(y)))


def _added(frames: Samples, factors: npt.NDArray[np.float64], hop: int) -> Samples:
    """Sum of the frames, each at its place, times the factors."""
    count, n = frames.shape
    y = np.zeros(n + hop * (count - 1), np.float32)
    for t, frame in enumerate(frames):
        y[t * hop : t * hop + n] += frame * factors
    return y


def _squares(factors: Samples, hop: int) -> npt.NDArray[np.float64]:
    """Sum of the squares of all windows that cover a sample, for each sample of a hop."""
    padded = np.zeros(-(-len(factors) // hop) * hop)
    padded[: len(factors)] = factors.astype(np.float64) ** 2
    sums: npt.NDArray[np.float64] = padded.reshape(-1, hop).sum(axis=0)
    return sums


def _mend(y: Samples, factors: Samples, hop: int, count: int) -> None:
    """Where fewer windows cover a sample, at both ends, divide by those that do."""
    n = len(factors)
    side = -(-n // hop)
    near = min(count, 2 * side)
    there = np.zeros(n + hop * (near - 1))
    for t in range(near):
        there[t * hop : t * hop + n] += factors.astype(np.float64) ** 2
    usual = np.resize(_squares(factors, hop), len(there))
    covered = there > least_overlap() * np.max(usual)
    scale = np.divide(usual, there, out=np.zeros_like(there), where=covered)
    split = side * hop if near < count else len(there)
    y[:split] *= scale[:split]
    y[len(y) - len(there) + split :] *= scale[split:]
