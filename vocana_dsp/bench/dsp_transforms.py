"""Fourier transforms: of one size in C, and of a minute of sound from Python."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from .._native.bench_fft import forward_ns
from ..dsp.transforms import stft
from ..dsp.windows import window_factors
from . import peer_ffts
from .figure import Figure, Target
from .machine import on_one_processor
from .peers import peer
from .timing import Run, beside, error_db, milliseconds

SIZES = (512, 1024, 2048, 4096)
OTHER_SIZES = (320, 400, 480, 960, 1536)
ROUNDS = 41
SAMPLES_A_ROUND = 1 << 17

IPP, FFTW = "Intel IPP", "FFTW, measured plan"
LIBROSA, SCIPY = "librosa.stft", "numpy windows, scipy.fft.rfft"

# A tie with the best there is; and what 1.3 of librosa's 9.7 ms, 7 of SciPy's 18.5 ms are.
AS_IPP = Target("ratio", "<=", 1.3)
AS_LIBROSA = Target("ratio", "<=", 1.3 / 9.7)
AS_SCIPY = Target("ratio", "<=", 7.0 / 18.5)
ACCURATE = Target("value", "<=", -136.0)

MINUTE_S = 60
MINUTE_ROUNDS = 11


def figures() -> list[Figure]:
    """Measure transforms."""
    with on_one_processor():
        found = [figure for n in SIZES for figure in _one_size(n, {IPP: AS_IPP, FFTW: None})]
        found += [figure for n in OTHER_SIZES for figure in _one_size(n, {FFTW: None})]
        found += _minute(512, 160, 16_000, {LIBROSA: AS_LIBROSA, SCIPY: None})
        found += _minute(2048, 512, 48_000, {LIBROSA: None, SCIPY: AS_SCIPY})
        return [*found, *_minute(960, 480, 48_000, {LIBROSA: None, SCIPY: None})]


def _sound(frames: int) -> npt.NDArray[np.float32]:
    """Return a sweep that fills the band, the same in every run."""
    time = np.arange(frames, dtype=np.float64)
    return np.asarray(0.5 * np.sin(0.37 * time + 1e-3 * (time % 3001) ** 2), np.float32)


# --- One size, in C -------------------------------------------------------------------------------


def _one_size(n: int, targets: dict[str, Target | None]) -> list[Figure]:
    """Return the time of one size beside each peer, and its error."""
    x, spectrum = _sound(n), np.zeros(n + 2, np.float32)
    calls = SAMPLES_A_ROUND // n
    forward_ns(x, spectrum, 1)
    error = error_db(spectrum.view(np.complex64), np.fft.rfft(x.astype(np.float64)))

    def of(make: Callable[..., Callable[[int], float]]) -> Run:
        timed = make(x.copy(), np.zeros(n + 2, np.float32))
        return lambda _: timed(calls)

    peers = {IPP: lambda: of(peer_ffts.ipp), FFTW: lambda: of(peer_ffts.fftw)}
    name = f"transform, FFT of {n} real samples, in C"
    return [
        *beside(
            name,
            "ns",
            lambda _: forward_ns(x, spectrum, calls),
            {who: peers[who] for who in targets},
            ROUNDS,
            targets,
            error_db=error,
        ),
        Figure(f"{name}, error", error, "dB", target=ACCURATE, note="to NumPy in float64"),
    ]


# --- A minute, from Python ------------------------------------------------------------------------


def _minute(n_fft: int, hop: int, rate: int, targets: dict[str, Target | None]) -> list[Figure]:
    x = _sound(MINUTE_S * rate)
    factors = window_factors("hann", n_fft)

    def librosa() -> Run:
        them = peer("librosa")
        return milliseconds(lambda: them.stft(x, n_fft=n_fft, hop_length=hop))

    def scipy() -> Run:
        rfft = peer("scipy.fft", "scipy").rfft
        frames = np.lib.stride_tricks.sliding_window_view(np.pad(x, n_fft // 2), n_fft)[::hop]
        return milliseconds(lambda: rfft(frames * factors))

    padded = np.pad(x[: 10 * rate], (n_fft // 2, 0)).astype(np.float64)
    frames_in_double = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    right = np.fft.rfft(frames_in_double * factors.astype(np.float64)).T
    return beside(
        f"transform, STFT {n_fft}/{hop} of {MINUTE_S} s at {rate // 1000} kHz",
        "ms",
        milliseconds(lambda: stft(x, n_fft, hop)),
        {LIBROSA: librosa, SCIPY: scipy},
        MINUTE_ROUNDS,
        targets,
        "the memory of the result included",
        error_db(stft(x, n_fft, hop)[:, : right.shape[1]], right),
    )
