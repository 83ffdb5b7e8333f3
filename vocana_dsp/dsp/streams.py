"""Short-time Fourier transforms of streams."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .._native.busy import Turn
from .._native.stft import Istft as _Istft
from .._native.stft import Stft as _Stft
from ..arrays import Samples, cast
from ..config import MAX_CHANNELS, whole
from ..errors import ConfigError
from .arguments import Spectra, check_overlap, framing, signal, stacked
from .windows import Window


class Stft:
    """Spectra of a stream: for each hop of samples one frame, which ends with that hop.

    What goes in may be cut in any way; what comes out is the same, bit for bit.

    Args:
        n_fft: samples of a frame; 2^a 3^b 5^c and even, up to 2**20.
        hop: samples from one frame to the next, 1 to n_fft.
        window: a name or n_fft factors.
        channels: of the blocks, 1 or more.

    Raises:
        ConfigError: an argument is out of range.

    One thread at a time; ConfigError in a second one.

    >>> stft, istft = Stft(960, 480), Istft(960, 480)
    >>> x = np.sin(np.arange(4800)).astype(np.float32)
    >>> y = istft.process(stft.process(x))
    >>> late = istft.latency_frames
    >>> len(y), late, bool(np.abs(y[late:] - x[:-late]).max() < 1e-6)
    (4800, 480, True)
    """

    #: A frame is there with its last sample; it is `Istft` that is late.
    latency_frames = 0

    def __init__(self, n_fft: int, hop: int, window: Window = "hann", channels: int = 1) -> None:
        self.n_fft, self.hop, factors = framing(n_fft, hop, window, native=True)
        self.channels = whole("channels", channels, 1, MAX_CHANNELS)
        before = self.n_fft - self.hop
        self._engines = [_Stft(factors, self.hop, before) for _ in range(self.channels)]
        self._taken = 0
        self._turn = Turn()

    def process(self, block: npt.ArrayLike) -> Spectra:
        """Return the frames that a block completes: (bins, frames), or (channels, bins, frames).

        block: (n,) or (n, channels) floats, of any n; with one channel the result has two axes.
        """
        columns = signal("block", block, self.channels)
        with self._turn:
            found = [
                engine.process(np.ascontiguousarray(column)).T
                for engine, column in zip(self._engines, columns.T, strict=True)
            ]
            self._taken += len(columns)
        return found[0] if self.channels == 1 else stacked(found)

    def flush(self) -> Spectra:
        """Return the frames that samples so far are still in, zeros after them; then reset."""
        frames = (self._taken + self.n_fft - 1) // self.hop if self._taken else 0
        missing = frames * self.hop - self._taken if frames else 0
        rest = self.process(np.zeros((missing, self.channels), np.float32))
        self.reset()
        return rest

    def reset(self) -> None:
        """Start again, as new."""
        with self._turn:
            self._taken = 0
            for engine in self._engines:
                engine.reset()


class Istft:
    """The stream that spectra came from: for each frame one hop of samples.

    Behind a `Stft` of the same n_fft, hop and window it gives what went in there,
    `latency_frames` later. Arguments, errors and thread as of `Stft`; ConfigError as well when
    windows at this hop leave samples uncovered.
    """

    def __init__(self, n_fft: int, hop: int, window: Window = "hann", channels: int = 1) -> None:
        self.n_fft, self.hop, factors = framing(n_fft, hop, window, native=True)
        check_overlap(factors, self.hop)
        self.channels = whole("channels", channels, 1, MAX_CHANNELS)
        self._engines = [_Istft(factors, self.hop) for _ in range(self.channels)]
        self._turn = Turn()

    @property
    def latency_frames(self) -> int:
        """n_fft - hop, to the sample."""
        return self.n_fft - self.hop

    def process(self, spectra: npt.ArrayLike) -> Samples:
        """Return hop samples for each frame: (n,), or (n, channels) of more than one channel.

        spectra: (bins, frames) or (channels, bins, frames), complex, of any number of frames.
        """
        values = np.asarray(spectra)
        bins = self.n_fft // 2 + 1
        channels = values[None] if values.ndim == 2 else values
        if channels.ndim != 3 or channels.shape[:2] != (self.channels, bins):
            raise ConfigError(
                f"spectra have the shape {values.shape}, expected "
                f"({self.channels}, {bins}, frames)",
                hint="pass what a Stft of the same n_fft and channels gave",
            )
        with self._turn:
            columns = [
                engine.process(cast(channel.T, np.complex64))
                for engine, channel in zip(self._engines, channels, strict=True)
            ]
        return self._joined(columns)

    def flush(self) -> Samples:
        """Return the n_fft - hop samples that frames so far still give; then reset."""
        with self._turn:
            rest = self._joined([engine.rest() for engine in self._engines])
        self.reset()
        return rest

    def reset(self) -> None:
        """Start again, as new."""
        with self._turn:
            for engine in self._engines:
                engine.reset()

    def _joined(self, columns: list[Samples]) -> Samples:
        return columns[0] if self.channels == 1 else np.stack(columns, axis=1)
