"""Fourier transforms: of one size in C, and of a minute of sound from Python."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, perf_counter_ns
from typing import Any

import numpy as np
import numpy.typing as npt

from .._native.bench_fft import forward_ns
from ..dsp.fourier import Fft
from ..dsp.transforms import stft
from ..dsp.windows import window_factors
from . import peer_ffts
from .figure import Figure, Target
from .machine import on_one_processor
from .pairs import OURS, Runs, in_turn
from .peers import PeerAbsentError, peer

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
SHARE = Target("value", "<", 1.0)

MINUTE_S = 60
FRAME_RATE = 44_100
LONG_FRAME = 4096


def figures() -> list[Figure]:
    """Measure transforms."""
    with on_one_processor():
        found = [figure for n in SIZES for figure in _one_size(n, {IPP: AS_IPP, FFTW: None})]
        found += [figure for n in OTHER_SIZES for figure in _one_size(n, {FFTW: None})]
        found += _minute(512, 160, 16_000, {LIBROSA: AS_LIBROSA, SCIPY: None})
        found += _minute(2048, 512, 48_000, {LIBROSA: None, SCIPY: AS_SCIPY})
        found += _minute(960, 480, 48_000, {LIBROSA: None, SCIPY: None})
    return [*found, _share()]


def _sound(frames: int) -> npt.NDArray[np.float32]:
    """Return a sweep that fills the band, the same in every run."""
    time = np.arange(frames, dtype=np.float64)
    return np.asarray(0.5 * np.sin(0.37 * time + 1e-3 * (time % 3001) ** 2), np.float32)


def _error_db(found: npt.NDArray[Any], right: npt.NDArray[Any]) -> float:
    error = np.linalg.norm(found.astype(np.complex128) - right) / np.linalg.norm(right)
    return float(20 * np.log10(error))


# --- One size, in C -------------------------------------------------------------------------------


def _one_size(n: int, targets: dict[str, Target | None]) -> list[Figure]:
    x, spectrum = _sound(n), np.zeros(n + 2, np.float32)
    calls = SAMPLES_A_ROUND // n
    contenders: dict[str, Callable[[int], float]] = {OURS: lambda _: forward_ns(x, spectrum, calls)}
    absent: dict[str, str] = {}
    for name, make in ((IPP, peer_ffts.ipp), (FFTW, peer_ffts.fftw)):
        if name not in targets:
            continue
        try:
            timed = make(x, np.zeros(n + 2, np.float32))
            contenders[name] = lambda _, timed=timed: timed(calls)  # type: ignore[misc]
        except PeerAbsentError as error:
            absent[name] = f"peer absent: {error}"
    runs = in_turn(contenders, ROUNDS)
    error_db = _error_db(spectrum.view(np.complex64), np.fft.rfft(x.astype(np.float64)))
    name = f"FFT of {n} real samples, in C"
    return _beside(name, "ns", runs, targets, absent, error_db)


def _beside(
    name: str,
    unit: str,
    runs: Runs,
    targets: dict[str, Target | None],
    absent: dict[str, str],
    error_db: float,
    note: str = "",
) -> list[Figure]:
    """Return one figure for each peer, with what is missing where it is absent."""
    ours = runs.median(OURS)
    return [
        Figure(name, ours, unit, other, target=target, note=absent[other], error_db=error_db)
        if other in absent
        else runs.figure(name, unit, other, target, note, error_db)
        for other, target in targets.items()
    ]


# --- A minute, from Python ------------------------------------------------------------------------


def _minute(n_fft: int, hop: int, rate: int, targets: dict[str, Target | None]) -> list[Figure]:
    x = _sound(MINUTE_S * rate)
    factors = window_factors("hann", n_fft)
    calls: dict[str, Callable[[], Any]] = {OURS: lambda: stft(x, n_fft, hop)}
    absent: dict[str, str] = {}
    try:
        librosa = peer("librosa")
        calls[LIBROSA] = lambda: librosa.stft(x, n_fft=n_fft, hop_length=hop)
        rfft = peer("scipy.fft", "scipy").rfft
        frames = np.lib.stride_tricks.sliding_window_view(np.pad(x, n_fft // 2), n_fft)[::hop]
        calls[SCIPY] = lambda: rfft(frames * factors)
    except PeerAbsentError as error:
        missing = set(targets) - set(calls)
        absent = dict.fromkeys(missing, f"peer absent: {error}")
    for call in calls.values():
        call()
    runs = in_turn({name: _milliseconds(call) for name, call in calls.items()}, 11)
    padded = np.pad(x[: 10 * rate], (n_fft // 2, 0)).astype(np.float64)
    frames_in_double = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    right = np.fft.rfft(frames_in_double * factors.astype(np.float64)).T
    error_db = _error_db(stft(x, n_fft, hop)[:, : right.shape[1]], right)
    name = f"STFT {n_fft}/{hop} of {MINUTE_S} s at {rate // 1000} kHz"
    note = "the memory of the result included"
    return _beside(name, "ms", runs, targets, absent, error_db, note)


def _milliseconds(call: Callable[[], Any]) -> Callable[[int], float]:
    def run(_: int) -> float:
        start = perf_counter()
        call()
        return (perf_counter() - start) * 1e3

    return run


# --- One long frame -------------------------------------------------------------------------------


def _share() -> Figure:
    """D11: what the analysis of one long frame takes of its duration."""
    x, spectrum = _sound(LONG_FRAME), np.zeros(LONG_FRAME // 2 + 1, np.complex64)
    factors, windowed = window_factors("hann", LONG_FRAME), np.empty(LONG_FRAME, np.float32)
    bound = Fft(LONG_FRAME).bind(windowed, spectrum)
    times = []
    for _ in range(2000):
        start = perf_counter_ns()
        np.multiply(x, factors, out=windowed)
        bound.forward()
        np.abs(spectrum)
        times.append(perf_counter_ns() - start)
    p99_s = sorted(times)[len(times) * 99 // 100] * 1e-9
    right = np.fft.rfft(x.astype(np.float64) * factors)
    return Figure(
        f"analysis of one frame of {LONG_FRAME} at {FRAME_RATE / 1000} kHz, p99 of its duration",
        p99_s / (LONG_FRAME / FRAME_RATE) * 100,
        "%",
        target=SHARE,
        note=f"window, FFT and magnitudes from Python: {p99_s * 1e6:.1f} us",
        error_db=_error_db(spectrum, right),
    )
