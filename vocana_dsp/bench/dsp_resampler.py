"""Resampling, in blocks of 10 ms and of a whole array, beside soxr and SciPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..dsp.resampling import Resampler, resample
from . import resampler_tones as tones
from .figure import Figure, Target
from .machine import on_one_processor
from .peers import PeerAbsentError, peer
from .timing import Run, beside, nanoseconds

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
RIPPLE = Target("value", "<=", 0.01)
ALIAS = Target("value", "<=", -110)


def figures() -> list[Figure]:
    """Measure both pairs of rates."""
    with on_one_processor():
        return [figure for pair in PAIRS for figure in _pair(*pair)]


def _through(process: Callable[[Samples], Samples], blocks: list[Samples]) -> list[int]:
    """Return the lengths of what the blocks became."""
    return [len(process(block)) for block in blocks]


def _pair(from_rate: int, to_rate: int) -> list[Figure]:
    x = tones.tone(TONE_HZ, from_rate, SECONDS)
    blocks = np.split(x, SECONDS * BLOCKS_A_SECOND)
    ours = Resampler(from_rate, to_rate).process

    def soxr() -> Run:
        them = peer("soxr")
        return nanoseconds(lambda: them.resample(x, from_rate, to_rate), len(x))

    def soxr_stream() -> Run:
        them = peer("soxr").ResampleStream(from_rate, to_rate, 1, dtype="float32")
        return nanoseconds(lambda: _through(them.resample_chunk, blocks), len(x))

    def scipy() -> Run:
        poly = peer("scipy.signal", "scipy").resample_poly
        common = int(np.gcd(from_rate, to_rate))
        return nanoseconds(lambda: poly(x, to_rate // common, from_rate // common), len(x))

    name = f"resampler, {from_rate / 1000:g} to {to_rate / 1000:g} kHz"
    error = tones.hear(resample(x, from_rate, to_rate), TONE_HZ, to_rate)[2]
    ways: list[tuple[str, Callable[[], object], Target | None]] = [
        ("blocks of 10 ms", lambda: _through(ours, blocks), PAIRS[from_rate, to_rate]),
        ("one array", lambda: resample(x, from_rate, to_rate), None),
    ]
    speeds = [
        figure
        for way, work, target in ways
        for figure in beside(
            f"{name}, {way}",
            "ns per input frame",
            nanoseconds(work, len(x)),
            {SOXR: soxr, SOXR_STREAM: soxr_stream, SCIPY: scipy},
            ROUNDS,
            {SOXR: target},
            "one channel; soxr HQ, ours 'balanced'",
            error,
        )
    ]
    return [
        *speeds,
        *_quality(name, from_rate, to_rate),
        *_promptness(name, from_rate, to_rate, blocks),
    ]


def _quality(name: str, from_rate: int, to_rate: int) -> list[Figure]:
    """Return what is done to tones: going down they may fold back, going up they have images."""
    passband_hz = Resampler(from_rate, to_rate).passband_hz
    found = tones.measure(resample, from_rate, to_rate, passband_hz)
    down = to_rate < from_rate
    heard = found.alias_db if down else found.image_db
    note = f"the worst of {tones.TONES} tones in {passband_hz:.0f} Hz"
    beyond = f"the worst of {tones.TONES} tones beyond {to_rate // 2} Hz" if down else note
    return [
        Figure(f"{name}, ripple", found.ripple_db, "dB", target=RIPPLE, note=note),
        Figure(f"{name}, {'alias' if down else 'image'}", heard, "dB", target=ALIAS, note=beyond),
    ]


def _promptness(name: str, from_rate: int, to_rate: int, blocks: list[Samples]) -> list[Figure]:
    """Return how many calls give frames, and after how long the first ones come in full."""
    other = None
    try:
        stream = peer("soxr").ResampleStream(from_rate, to_rate, 1, dtype="float32")
        other = _share(_through(stream.resample_chunk, blocks))
    except PeerAbsentError:
        pass  # ours is held to a share, not to theirs
    ours = Resampler(from_rate, to_rate)
    share = _share(_through(ours.process, blocks))
    calls, delay_ms = f"{name}, calls of 10 ms with an output", 1000 * ours.latency_frames / to_rate
    return [
        Figure(calls, share, "of all", SOXR_STREAM, other, target=ALWAYS),
        Figure(f"{name}, delay", delay_ms, "ms", target=SOON),
    ]


def _share(lengths: list[int]) -> float:
    return float(np.mean(np.array(lengths) > 0))
