"""Gate, compressor and limiter in blocks of 512, beside pedalboard's, and how right ours are."""

from __future__ import annotations

import math
from collections.abc import Callable
from timeit import default_timer
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..dsp.chain import Chain
from ..dsp.dynamics import Compressor, Gate, Limiter
from ..dsp.node import Node
from .figure import Figure, Target
from .machine import on_one_processor
from .pairs import OURS, in_turn
from .peers import PeerAbsentError, peer

RATE = 48_000
BLOCK = 512
BLOCKS = 90
ROUNDS = 15
PEER = "pedalboard"

#: The share of pedalboard's time that all of a chain may take, and so each of its nodes.
TARGET = Target("ratio", "<=", 5 / 26.2)

Samples = NDArray[np.float64]


def figures() -> list[Figure]:
    """Measure each node on speech-like bursts, mono, 48 kHz."""
    with on_one_processor():
        return [_figure(name, *case) for name, case in _cases().items()]


def _cases() -> dict[str, tuple[Callable[[], Node], Callable[[Any], Any], Callable[..., Samples]]]:
    return {
        "gate": (
            lambda: Gate(-30, attack_ms=1, hold_ms=50, release_ms=100),
            lambda theirs: theirs.NoiseGate(-30, ratio=10, attack_ms=1, release_ms=100),
            _gated,
        ),
        "compressor": (
            lambda: Compressor(-20, 3, knee_db=0, attack_ms=5, release_ms=100),
            lambda theirs: theirs.Compressor(-20, ratio=3, attack_ms=5, release_ms=100),
            _compressed,
        ),
        "limiter": (
            lambda: Limiter(-6, release_ms=50),
            lambda theirs: theirs.Limiter(-6, release_ms=50),
            _limited,
        ),
        "limiter by true peaks": (
            lambda: Limiter(-6, release_ms=50, true_peak=True),
            lambda theirs: theirs.Limiter(-6, release_ms=50),
            lambda x: None,
        ),
    }


def _sound() -> NDArray[np.float32]:
    """Syllables: tones and their neighbours, four a second, with rests between them."""
    t = np.arange(BLOCKS * BLOCK) / RATE
    voice = sum(np.sin(2 * np.pi * 140 * k * t + k * k) / k for k in range(1, 20))
    syllables = np.maximum(np.sin(2 * np.pi * 2 * t), 0) ** 2
    sound: NDArray[np.float32] = (0.5 * voice * syllables + 1e-3 * np.sin(9e3 * t)).astype(
        np.float32
    )
    return sound


def _figure(
    name: str,
    make: Callable[[], Node],
    make_peer: Callable[[Any], Any],
    reference: Callable[..., Samples | None],
) -> Figure:
    x = _sound()
    blocks = x.reshape(BLOCKS, BLOCK)
    chain = Chain([make()])
    wanted = reference(x.astype(np.float64))
    error = None if wanted is None else _db(np.abs(chain.process(x, rate=RATE) - wanted).max())
    chain.reset()

    def ours(_: int) -> float:
        start = default_timer()
        for block in blocks:
            chain.process(block, rate=RATE)
        return (default_timer() - start) / x.size * 1e9

    contenders: dict[str, Callable[[int], float]] = {OURS: ours}
    title = f"{name}, 512 frames"
    try:
        effect = make_peer(peer("pedalboard"))
    except PeerAbsentError as absent:
        value = in_turn(contenders, ROUNDS).median(OURS)
        return Figure(title, value, "ns/sample", PEER, target=TARGET, note=f"peer absent: {absent}")

    def theirs(_: int) -> float:
        start = default_timer()
        for block in blocks:
            effect.process(block, RATE, buffer_size=BLOCK, reset=False)
        return (default_timer() - start) / x.size * 1e9

    runs = in_turn({**contenders, PEER: theirs}, ROUNDS)
    (stage,) = chain.times.stages.values()
    note = f"of which {stage.p50_us / BLOCK * 1e3:.2f} ns in the node, the rest around it"
    return runs.figure(title, "ns/sample", PEER, TARGET, note, error)


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
    return x * 10 ** (-down_db / 20)


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
    return np.concatenate([np.zeros(late), x[: x.size - late]]) * (1 - held)
