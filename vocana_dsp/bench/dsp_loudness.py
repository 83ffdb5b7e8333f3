"""Meters beside others: loudness, levels, true peak, delay; each with its error to float64."""

from __future__ import annotations

from collections.abc import Callable
from math import log10
from timeit import Timer

import numpy as np
import numpy.typing as npt

from ..features.delay import delay
from ..features.levels import LevelMeter
from ..features.loudness import loudness, true_peak_db
from .figure import Figure, Target
from .machine import on_one_processor
from .peers import PeerAbsentError, peer
from .timing import Run, Work, beside, error_db, milliseconds, of_calls

RATE = 48_000
SECONDS = 60
ROUNDS = 5
LEVEL_ROUNDS = 21
LEVEL_CALLS = 2000
LEVEL_FRAMES = 512
DELAY_FRAMES = 4321

PYLOUDNORM = "pyloudnorm"
SCIPY = "scipy.signal.resample_poly by 4"
NUMPY_LEVEL = "numpy: abs, max, square, mean"
NUMBA = "numba, one loop"
NUMPY_DELAY = "numpy: FFT of the whole, in float64"

LOUDNESS = Target("ratio", "<=", 0.1)
TRUE_PEAK = Target("ratio", "<=", 0.25)
LEVELS = Target("ratio", "<=", 1.0)
DELAY = Target("ratio", "<=", 1.0)

Samples = npt.NDArray[np.float32]


def figures() -> list[Figure]:
    """Measure the meters on signals in memory, on one processor."""
    with on_one_processor():
        x = _stereo()
        return [_loudness(x), _true_peak(x), *_levels(x), _delay(x)]


def _stereo() -> Samples:
    """Return a minute of two channels, with loud and quiet seconds; the same in every run."""
    at = np.arange(SECONDS * RATE)
    chirp = np.sin(2 * np.pi * (200 + 0.02 * at) * at / RATE) * np.sin(np.pi * at / RATE) ** 2
    other = np.sin(0.37 * at + 5 * np.sin(0.0101 * at))
    return np.stack([0.4 * chirp + 0.1 * other, 0.3 * chirp - 0.1 * other], 1).astype(np.float32)


def _beside(
    name: str,
    ours: Work,
    who: str,
    theirs: Callable[[], Work],
    target: Target,
    error: float | None,
    note: str,
) -> Figure:
    """Return our milliseconds beside those of one peer."""
    peers = {who: lambda: milliseconds(theirs())}
    name, run = f"meter, {name}", milliseconds(ours)
    return beside(name, "ms", run, peers, ROUNDS, {who: target}, note, error)[0]


def _power_error_db(found_db: float, exact_db: float) -> float:
    """Error of a power that is given in dB, in dB of that power."""
    return 10 * log10(max(abs(10 ** ((found_db - exact_db) / 10) - 1), 1e-16))


def _loudness(x: Samples) -> Figure:
    wide, error, note = x.astype(np.float64), None, "ours also gives range and maxima"
    try:
        meter = peer(PYLOUDNORM).Meter(RATE, filter_class="DeMan")
        exact, found = meter.integrated_loudness(wide), loudness(x, RATE).integrated_lufs
        error = _power_error_db(found, exact)
        note += f"; {abs(found - exact):.4f} LU from theirs, which is in float64"
    except PeerAbsentError:
        pass  # then theirs is not timed either

    def theirs() -> Work:
        peer(PYLOUDNORM)
        return lambda: meter.integrated_loudness(wide)

    return _beside(
        "loudness, integrated, 60 s of stereo at 48 kHz",
        lambda: loudness(x, RATE, true_peak=False),
        PYLOUDNORM,
        theirs,
        LOUDNESS,
        error,
        note,
    )


def _true_peak(x: Samples) -> Figure:
    spectrum = np.fft.rfft(x[: 2 * RATE].astype(np.float64), axis=0)
    exact = 20 * log10(np.abs(16 * np.fft.irfft(spectrum, 32 * RATE, axis=0)).max())
    found = true_peak_db(np.concatenate([x[: 2 * RATE]] * 2), RATE)

    def theirs() -> Work:
        resample = peer("scipy.signal", "scipy").resample_poly
        return lambda: float(np.abs(resample(x, 4, 1, axis=0)).max())

    return _beside(
        "true peak, 60 s of stereo at 48 kHz",
        lambda: true_peak_db(x, RATE),
        SCIPY,
        theirs,
        TRUE_PEAK,
        _power_error_db(found, exact),
        f"{abs(found - exact):.3f} dB from a Fourier interpolation by 16",
    )


def _numpy_level(x: Samples) -> tuple[float, float]:
    return float(np.abs(x).max()), float(np.sqrt(np.mean(np.square(x, dtype=np.float64))))


def _numba_level() -> Callable[[Samples], tuple[float, float]]:
    def level(x: Samples) -> tuple[float, float]:
        peak = 0.0
        energy = 0.0
        for value in x:
            peak = max(peak, abs(value))
            energy += value * value
        return peak, (energy / len(x)) ** 0.5

    compiled: Callable[[Samples], tuple[float, float]] = peer("numba").njit(level)
    compiled(np.zeros(1, np.float32))
    return compiled


def _levels(x: Samples) -> list[Figure]:
    block = np.ascontiguousarray(x[RATE : RATE + LEVEL_FRAMES, :1])
    flat = block[:, 0]
    meter = LevelMeter(RATE, rms_ms=0)

    def timed(work: Work) -> Run:
        return of_calls(Timer(work), LEVEL_CALLS)

    def numba() -> Run:
        compiled = _numba_level()
        return timed(lambda: compiled(flat))

    fresh = LevelMeter(RATE, rms_ms=0)
    fresh.process(x[:480, 0])
    error = _power_error_db(fresh.read()[0].rms_db, 20 * log10(_numpy_level(x[:480, 0])[1]))
    return beside(
        f"meter, levels, peak and RMS of {LEVEL_FRAMES} frames from Python",
        "ns",
        timed(lambda: meter.process(block)),
        {NUMPY_LEVEL: lambda: timed(lambda: _numpy_level(block)), NUMBA: numba},
        LEVEL_ROUNDS,
        dict.fromkeys((NUMPY_LEVEL, NUMBA), LEVELS),
        "ours also cleans, keeps ballistics and holds peaks",
        error,
    )


def _numpy_delay(a: Samples, b: Samples, most: int) -> int:
    size = 2 * len(a)
    cross = np.conj(np.fft.rfft(a, size)) * np.fft.rfft(b, size)
    found = np.fft.irfft(cross / np.maximum(np.abs(cross), 1e-12), size)
    near = np.concatenate([found[-most:], found[: most + 1]])
    return int(np.argmax(near)) - most


def _delay(x: Samples) -> Figure:
    at = np.arange(10 * RATE)
    noise = ((at * 1103515245 + 12345) % 2**31 / 2**30 - 1).astype(np.float32)
    hiss = ((at * 22695477 + 1) % 2**32 / 2**31 - 1).astype(np.float32)
    a = x[DELAY_FRAMES : DELAY_FRAMES + len(at), 0] + 0.3 * noise
    b = x[: len(at), 0] + 0.3 * np.roll(noise, DELAY_FRAMES) + 0.05 * hiss
    most_ms = 100.0
    most = round(most_ms * RATE / 1000)
    found = delay(a, b, RATE, most_ms)
    return _beside(
        "delay (GCC-PHAT), 10 s at 48 kHz, up to 100 ms",
        lambda: delay(a, b, RATE, most_ms),
        NUMPY_DELAY,
        lambda: lambda: _numpy_delay(a, b, most),
        DELAY,
        error_db([found.frames], np.array([DELAY_FRAMES])),
        f"{abs(found.frames - DELAY_FRAMES):.3f} frames off, confidence {found.confidence:.2f}; "
        f"numpy's is {abs(_numpy_delay(a, b, most) - DELAY_FRAMES)} off",
    )
