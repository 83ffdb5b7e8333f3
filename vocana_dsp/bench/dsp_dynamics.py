"""Gate, compressor and limiter beside pedalboard's, and how far ours are from float64.

Both get a sound of a second in one call and work in blocks of 512 frames: what is timed is the
node, and not the way to it. What a chain costs from call to call is measured where chains are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..dsp.chain import Chain
from ..dsp.dynamics import Compressor, Gate, Limiter
from ..dsp.node import Node
from .figure import Figure
from .machine import on_one_processor
from .pairs import OURS, in_turn
from .peers import PeerAbsentError, peer

RATE = 48_000
BLOCK = 512
SECONDS = 1
ROUNDS = 15
PEER = "pedalboard"

Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """A node of ours, pedalboard's, and what is right; None where pedalboard has no such thing."""

    make: Callable[[], Node]
    make_peer: Callable[[Any], Any]
    reference: Callable[[Samples], Samples] | None


def figures() -> list[Figure]:
    """Measure each node on bursts like syllables, mono, 48 kHz."""
    with on_one_processor():
        return [_figure(name, case) for name, case in _cases().items()]


def _cases() -> dict[str, Case]:
    return {
        "gate": Case(
            lambda: Gate(-30, attack_ms=1, hold_ms=50, release_ms=100),
            lambda theirs: theirs.NoiseGate(-30, ratio=10, attack_ms=1, release_ms=100),
            _gated,
        ),
        "compressor": Case(
            lambda: Compressor(-20, 3, knee_db=0, attack_ms=5, release_ms=100),
            lambda theirs: theirs.Compressor(-20, ratio=3, attack_ms=5, release_ms=100),
            _compressed,
        ),
        "limiter": Case(
            lambda: Limiter(-6, release_ms=50),
            lambda theirs: theirs.Limiter(-6, release_ms=50),
            _limited,
        ),
        "limiter by true peaks": Case(
            lambda: Limiter(-6, release_ms=50, true_peak=True),
            lambda theirs: theirs.Limiter(-6, release_ms=50),
            None,
        ),
    }


def _sound() -> NDArray[np.float32]:
    """Syllables: tones and their neighbours, four a second, with rests between them."""
    t = np.arange(SECONDS * RATE) / RATE
    voice = sum(np.sin(2 * np.pi * 140 * k * t + k * k) / k for k in range(1, 20))
    syllables = np.maximum(np.sin(2 * np.pi * 2 * t), 0) ** 2
    sound: NDArray[np.float32] = (0.5 * voice * syllables + 1e-3 * np.sin(9e3 * t)).astype(
        np.float32
    )
    return sound


def _figure(name: str, case: Case) -> Figure:
    x = _sound()
    chain = Chain([case.make()])
    error = None
    if case.reference is not None:
        off = chain.process(x, rate=RATE) - case.reference(x.astype(np.float64))
        error = _db(float(np.abs(off).max()))
    chain.reset()

    def timed(work: Callable[[], Any]) -> Callable[[int], float]:
        def run(_: int) -> float:
            start = perf_counter_ns()
            work()
            return (perf_counter_ns() - start) / x.size

        return run

    contenders = {OURS: timed(lambda: chain.process(x, rate=RATE))}
    title, unit = f"dsp {name}, blocks of {BLOCK}", "ns a sample"
    try:
        theirs = case.make_peer(peer(PEER))
    except PeerAbsentError as absent:
        ours = in_turn(contenders, ROUNDS).median(OURS)
        note = f"peer absent: {absent}"
        return Figure(title, ours, unit, PEER, note=note, error_db=error)
    contenders[PEER] = timed(lambda: theirs.process(x, RATE, buffer_size=BLOCK, reset=False))
    runs = in_turn(contenders, ROUNDS)
    (stage,) = chain.times.stages.values()
    inside = stage.p50_us * 1e3 / x.size
    note = f"{inside:.2f} ns of ours in the node, the rest is the way in and out"
    return runs.figure(title, unit, PEER, note=note, error_db=error)


# --- What is right, in float64 ----------------------------------------------------


def _db(x: float) -> float:
    return 20 * math.log10(max(x, 1e-30))


def _pole(ms: float) -> float:
    return math.exp(-1000 / (ms * RATE))


def _gated(x: Samples) -> Samples:
    attack, release, hold = _pole(1), _pole(100), round(0.05 * RATE)
    opens, keeps, floor = 10 ** (-30 / 20), 10 ** (-34 / 20), 10 ** (-80 / 20)
    gain = np.empty_like(x)
    is_open, below, way = False, 0, 0.0
    for i, level in enumerate(np.abs(x).tolist()):
        below = 0 if level >= keeps else below + 1
        is_open = level >= opens or (is_open and below <= hold)
        way = 1 + attack * (way - 1) if is_open else release * way
        gain[i] = way + floor * (1 - way)
    return x * gain


def _compressed(x: Samples) -> Samples:
    attack, release = _pole(5), _pole(100)
    asked_db = np.maximum(20 * np.log10(np.maximum(np.abs(x), 1e-30)) + 20, 0) * (1 - 1 / 3)
    down_db = np.empty_like(x)
    peak = down = 0.0
    for i, asked in enumerate(asked_db.tolist()):
        peak = max(asked, release * peak + (1 - release) * asked)
        down = attack * down + (1 - attack) * peak
        down_db[i] = down
    compressed: Samples = x * 10 ** (-down_db / 20)
    return compressed


def _limited(x: Samples) -> Samples:
    ceiling, release, late = 10 ** (-6 / 20), _pole(50), round(0.002 * RATE)
    needed = 1 - ceiling / np.maximum(np.abs(x), ceiling)
    padded = np.concatenate([np.zeros(late), needed])
    held = np.lib.stride_tricks.sliding_window_view(padded, late + 1).max(axis=1)
    memory = 0.0
    for i, most in enumerate(held.tolist()):
        held[i] = memory = max(most, release * memory)
    for length in (late // 2 + 1, late + 1 - late // 2):
        held = np.convolve(held, np.full(length, 1 / length))[: x.size]
    limited: Samples = np.concatenate([np.zeros(late), x[: x.size - late]]) * (1 - held)
    return limited
