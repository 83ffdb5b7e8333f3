"""Mel frequency cepstral coefficients."""

from __future__ import annotations

from typing import Unpack

import numpy.typing as npt

from .._native.mfcc import Cepstra
from ..config import number_of, whole
from ..errors import ConfigError
from .mel import FLOOR, MAX_BANDS, MelOptions, MelSpectrogram, log_rows
from .signal import Array

DEFAULT_BANDS = 128


def _cepstra(n_mels: int, n_mfcc: int, lifter: float) -> Cepstra:
    whole("n_mfcc", n_mfcc, 1, whole("n_mels", n_mels, 1, MAX_BANDS))
    number = number_of(lifter)
    if number is None or number < 0:
        raise ConfigError(f"lifter is {lifter!r}, expected 0 or more", hint="pass lifter=0")
    return Cepstra(n_mels, n_mfcc, number)


class Mfcc:
    """A stream of samples to cepstra: the cosine transform of mel bands in dB.

    Args:
        rate: samples per second.
        n_mfcc: coefficients.
        lifter: L of the sine lifter 1 + L/2 sin(pi (k + 1) / L); 0 for none.
        floor: what the power of a band is raised to.
        **options: as for `MelSpectrogram`.

    Raises ConfigError. One thread at a time.

    >>> import numpy as np
    >>> Mfcc(16_000, 13, n_mels=40).process(np.zeros(16_000, np.float32)).shape
    (13, 30)
    """

    def __init__(
        self,
        rate: int,
        n_mfcc: int = 20,
        *,
        lifter: float = 0,
        floor: float = FLOOR,
        **options: Unpack[MelOptions],
    ) -> None:
        self._mel = MelSpectrogram(rate, log="db", floor=floor, **options)
        self._cepstra = _cepstra(self._mel.n_mels, n_mfcc, lifter)

    def process(self, block: npt.ArrayLike) -> Array:
        """Return the frames that a block completes, (n_mfcc, frames); as `MelSpectrogram`."""
        return self._cepstra.apply(self._mel.process(block).T).T

    def flush(self) -> Array:
        """Return the frames that reach beyond the end, (n_mfcc, frames), and be as new."""
        return self._cepstra.apply(self._mel.flush().T).T

    def reset(self) -> None:
        """Forget what was heard."""
        self._mel.reset()


def mfcc(
    x: npt.ArrayLike,
    rate: int,
    n_mfcc: int = 20,
    *,
    lifter: float = 0,
    floor: float = FLOOR,
    top_db: float | None = 80.0,
    **options: Unpack[MelOptions],
) -> Array:
    """Return mel frequency cepstral coefficients, (n_mfcc, frames) float32; any thread.

    With the same arguments these are the numbers of ``librosa.feature.mfcc``. Those of the stream
    `Mfcc` come with top_db=None: a stream does not know its greatest value.

    Args:
        x: (frames,) floats; of (frames, channels) the result is (channels, n_mfcc, frames).
        rate: samples per second.
        n_mfcc: coefficients, at most n_mels.
        lifter: L of the sine lifter 1 + L/2 sin(pi (k + 1) / L); 0 for none.
        floor: what the power of a band is raised to.
        top_db: bands this far below the loudest of all are raised to there; None for none.
        **options: as for `mel_spectrogram`.

    Raises:
        ConfigError: an argument, or the shape of x.
        FormatError: x is empty, or has NaN or infinity.

    >>> import numpy as np
    >>> mfcc(np.zeros(16_000), rate=16_000, n_mfcc=13).shape
    (13, 32)
    """
    cepstra = _cepstra(options.get("n_mels", DEFAULT_BANDS), n_mfcc, lifter)
    rows = log_rows(x, rate, "db", floor, top_db, options)
    found = cepstra.apply(rows.reshape(-1, rows.shape[-1]))
    return found.reshape(*rows.shape[:-1], n_mfcc).swapaxes(-1, -2)
