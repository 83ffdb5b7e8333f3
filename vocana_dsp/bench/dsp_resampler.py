"""Resampling, in blocks of 10 ms and of a whole array, beside soxr and SciPy."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

import numpy as np
import numpy.typing as npt

from ..dsp.resampling import Resampler, resample
from .figure import Figure, Target
from .machine import on_one_processor
from .pairs import OURS, Runs, in_turn
from .peers import PeerAbsentError, peer

Samples = npt.NDArray[np.float32]

SECONDS = 8
BLOCKS_A_SECOND = 100
ROUNDS = 15
TONE_HZ = 1000.0

SOXR = "soxr.resample"
SOXR_STREAM = "soxr.ResampleStream, same blocks"
SCIPY = "scipy.signal.resample_poly"

# What libsoxr HQ took in C for one array, over what python-soxr took for it: in blocks we are to
# be as fast from Python as that is in C.
PAIRS = {
    (48_000, 16_000): Target("ratio", "<=", 2.0 / 2.1),
    (44_100, 48_000): Target("ratio", "<=", 4.7 / 5.1),
}
ALWAYS = Target("value", ">=", 1)
SOON = Target("value", "<=", 5)


def figures() -> list[Figure]:
    """Measure both pairs of rates."""
    with on_one_processor():
        return [figure for pair in PAIRS for figure in _pair(*pair)]


def _tone(from_rate: int) -> Samples:
    t = np.arange(SECONDS * from_rate) / from_rate
    return (0.5 * np.sin(2 * np.pi * TONE_HZ * t)).astype(np.float32)


def _error_db(y: Samples, rate: int) -> float:
    """Return what is not the tone in dB of it; its own level is within the ripple."""
    steady = y[len(y) // 8 : -len(y) // 8].astype(np.float64)
    t = 2 * np.pi * TONE_HZ * (np.arange(len(steady)) + len(y) // 8) / rate
    basis = np.stack([np.sin(t), np.cos(t)], axis=1)
    fit = basis @ np.linalg.lstsq(basis, steady, rcond=None)[0]
    return float(10 * np.log10(np.mean((steady - fit) ** 2) / np.mean(fit**2)))


def _timed(work: Callable[[], object], frames: int) -> Callable[[int], float]:
    def run(_: int) -> float:
        start = perf_counter_ns()
        work()
        return (perf_counter_ns() - start) / frames

    return run


def _through(process: Callable[[Samples], Samples], blocks: list[Samples]) -> list[int]:
    """Return the lengths of what the blocks became."""
    return [len(process(block)) for block in blocks]


def _pair(from_rate: int, to_rate: int) -> list[Figure]:
    x = _tone(from_rate)
    blocks = np.split(x, SECONDS * BLOCKS_A_SECOND)
    ours = Resampler(from_rate, to_rate).process
    whole = f"{OURS}, one array"
    works: dict[str, Callable[[], Any]] = {
        OURS: lambda: _through(ours, blocks),
        whole: lambda: resample(x, from_rate, to_rate),
    }
    absent: dict[str, str] = {}
    theirs: list[int] | None = None
    try:
        soxr = peer("soxr")
        stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32").resample_chunk
        theirs = _through(stream, blocks)
        works[SOXR] = lambda: soxr.resample(x, from_rate, to_rate)
        works[SOXR_STREAM] = lambda: _through(stream, blocks)
    except PeerAbsentError as error:
        absent[SOXR] = absent[SOXR_STREAM] = f"peer absent: {error}"
    try:
        poly = peer("scipy.signal", "scipy").resample_poly
        common = int(np.gcd(from_rate, to_rate))
        works[SCIPY] = lambda: poly(x, to_rate // common, from_rate // common)
    except PeerAbsentError as error:
        absent[SCIPY] = f"peer absent: {error}"
    runs = in_turn({name: _timed(work, len(x)) for name, work in works.items()}, ROUNDS)
    rates = f"{from_rate / 1000:g} to {to_rate / 1000:g} kHz"
    error_db = _error_db(resample(x, from_rate, to_rate), to_rate)
    return [
        *_speeds(
            f"resample {rates}, blocks of 10 ms",
            runs,
            OURS,
            absent,
            error_db,
            PAIRS[from_rate, to_rate],
        ),
        *_speeds(f"resample {rates}, one array", runs, whole, absent, error_db, None),
        *_promptness(f"resample {rates}", from_rate, to_rate, _through(ours, blocks), theirs),
    ]


def _speeds(
    name: str,
    runs: Runs,
    ours: str,
    absent: dict[str, str],
    error_db: float,
    target: Target | None,
) -> list[Figure]:
    """Nanoseconds for each frame of the input beside each peer; the target is against soxr."""
    found = []
    for rival in (SOXR, SOXR_STREAM, SCIPY):
        goal = target if rival == SOXR else None
        unit, value = "ns per input frame", runs.median(ours)
        if rival in absent:
            found.append(Figure(name, value, unit, rival, target=goal, note=absent[rival]))
            continue
        found.append(
            Figure(
                name,
                value,
                unit,
                rival,
                runs.median(rival),
                runs.ratio(ours, rival),
                goal,
                "one channel; soxr HQ, ours 'balanced'" if rival != SCIPY else "one channel",
                error_db,
            )
        )
    return found


def _promptness(
    name: str, from_rate: int, to_rate: int, ours: list[int], theirs: list[int] | None
) -> list[Figure]:
    """How many calls give frames, and after how long the first ones come in full."""
    share = float(np.mean(np.array(ours) > 0))
    other = None if theirs is None else float(np.mean(np.array(theirs) > 0))
    delay_ms = 1000.0 * Resampler(from_rate, to_rate).latency_frames / to_rate
    return [
        Figure(
            f"{name}, calls of 10 ms with an output",
            share,
            "of all",
            SOXR_STREAM,
            other,
            target=ALWAYS,
        ),
        Figure(f"{name}, delay", delay_ms, "ms", target=SOON),
    ]
