"""What a picture of a whole recording shows, in memory that does not grow with its length."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .._native.loudness import LEAST_RATE
from .blocks import block, cleaned, mixed, rate_hz
from .loudness import LoudnessMeter
from .mel import MelSpectrogram

Array = npt.NDArray[np.float32]

COLUMNS = 1400  # about as many as a picture has pixels
BANDS = 128
FRAME_S = 2048 / 48_000
LOUDNESS_STEPS_PER_S = 10
_FLOOR = 1e-12


class _Columns:
    """Rows of numbers, joined by a ufunc into at most twice `COLUMNS` columns of equal width.

    Each column is made of `step` items. When there are too many, neighbours become one: an item
    costs the same however long the recording is, and its length need not be known.
    """

    def __init__(self, join: np.ufunc, rows: int, items: int) -> None:
        self.step = max(1, -(-items // COLUMNS))
        self._join = join
        self._held = self.step  # items in the last column
        self._columns = np.zeros((0, rows), np.float32)

    def add(self, items: npt.NDArray[np.floating]) -> None:
        """Take (items, rows)."""
        room = self.step - self._held
        if room and len(items):
            last = self._join.reduce(items[:room], axis=0)
            self._columns[-1] = self._join(self._columns[-1], last)
            self._held += min(room, len(items))
        rest = items[room:]
        if len(rest):
            starts = np.arange(0, len(rest), self.step)
            new = self._join.reduceat(rest, starts, axis=0).astype(np.float32)
            self._columns = np.concatenate([self._columns, new])
            self._held = len(rest) - int(starts[-1])
        while len(self._columns) > 2 * COLUMNS:
            self._halve()

    def _halve(self) -> None:
        whole = len(self._columns) // 2 * 2
        halves = self._join(self._columns[:whole:2], self._columns[1:whole:2])
        if whole == len(self._columns):
            self._held += self.step  # the last column has taken in a full one
        self._columns = np.concatenate([halves, self._columns[whole:]])
        self.step *= 2

    def read(self) -> Array:
        """Return (rows, columns)."""
        return self._columns.T

    def counts(self) -> npt.NDArray[np.int64]:
        """Return how many items are in each column."""
        found = np.full(len(self._columns), self.step)
        found[-1:] = self._held
        return found


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A recording over time; column i of an array begins at i times its step.

    Attributes:
        duration_s: length of it all.
        low, high: (channels, columns), least and greatest sample.
        wave_step_s: width of their columns.
        spectrogram_db: (bands, columns), 0 for the loudest.
        spectrogram_step_s: width of its columns.
        highest_hz: where the last band ends.
        momentary_lufs, short_term_lufs: greatest in each column, minus infinity where there is
            none; without a column below 8000 Hz.
        loudness_step_s: width of their columns.
    """

    duration_s: float
    low: Array
    high: Array
    wave_step_s: float
    spectrogram_db: Array
    spectrogram_step_s: float
    highest_hz: float
    momentary_lufs: Array
    short_term_lufs: Array
    loudness_step_s: float


class Overview:
    """A stream to a `View`: `process` its blocks, then `finish` once. One thread at a time.

    Args:
        rate: frames per second, 100 or more.
        channels: 1 to 64.
        frames: about how many will come; it decides how fine the columns are.

    >>> import numpy as np
    >>> overview = Overview(16_000, 1, 16_000)
    >>> overview.process(np.full(16_000, 0.5))
    >>> view = overview.finish()
    >>> view.high.shape, float(view.high.min()), view.duration_s
    ((1, 1334), 0.5, 1.0)
    """

    def __init__(self, rate: int, channels: int, frames: int) -> None:
        n_fft = max(64, 2 ** math.ceil(math.log2(rate_hz(rate) * FRAME_S)))
        self.rate, self.channels = rate, channels
        self._frames = 0
        self._low = _Columns(np.minimum, channels, frames)
        self._high = _Columns(np.maximum, channels, frames)
        bands = min(BANDS, n_fft // 4)
        self._mel = MelSpectrogram(rate, n_fft=n_fft, hop=n_fft // 4, n_mels=bands)
        self._power = _Columns(np.add, bands, frames // self._mel.hop)
        # Loudness is read whenever so many frames are full.
        self._every = -(-rate // LOUDNESS_STEPS_PER_S)
        self._meter = LoudnessMeter(rate, channels, None, False) if rate >= LEAST_RATE else None
        self._loudness = _Columns(np.maximum, 2, frames // self._every)

    def process(self, data: npt.ArrayLike) -> None:
        """Take the next frames: floats, (frames, channels) or with one channel (frames,)."""
        x = cleaned(block(data, self.channels))
        self._low.add(x)
        self._high.add(x)
        self._power.add(self._mel.process(mixed(x)).T)
        if self._meter is not None:
            self._follow(self._meter, x)
        self._frames += len(x)

    def _follow(self, meter: LoudnessMeter, x: Array) -> None:
        at = 0
        while at < len(x):
            part = x[at : at + self._every - (self._frames + at) % self._every]
            meter.process(part)
            at += len(part)
            if (self._frames + at) % self._every == 0:
                now = meter.read()
                self._loudness.add(np.array([[now.momentary_lufs, now.short_term_lufs]]))

    def finish(self) -> View:
        """Return what was heard; the stream has ended."""
        self._power.add(self._mel.flush().T)
        power = self._power.read() / self._power.counts()
        most = float(np.max(power, initial=_FLOOR))
        momentary, short_term = self._loudness.read()
        return View(
            self._frames / self.rate,
            self._low.read(),
            self._high.read(),
            self._low.step / self.rate,
            10 * np.log10(np.maximum(power / most, _FLOOR)),
            self._power.step * self._mel.hop / self.rate,
            self.rate / 2,
            momentary,
            short_term,
            self._loudness.step * self._every / self.rate,
        )
