"""Gate, compressor and limiter beside pedalboard's, and how far ours are from float64.

Both get a sound of a second in one call and work in blocks of 512 frames: what is timed is the
node, and not the way to it. What a chain costs from call to call is measured where chains are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..dsp.chain import Chain
from ..dsp.dynamics import Compressor, Gate, Limiter
from ..dsp.node import Node
from . import references
from .figure import Figure
from .machine import on_one_processor
from .peers import peer
from .timing import Run, beside, error_db, nanoseconds

RATE = 48_000
BLOCK = 512
SECONDS = 1
ROUNDS = 15
CEILING_DB = -6.0
PEER = "pedalboard"

Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """A node of ours, pedalboard's, and what is right; None where no formula says it."""

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
            lambda x: references.gate(x, RATE, -30),
        ),
        "compressor": Case(
            lambda: Compressor(-20, 3, knee_db=0, attack_ms=5, release_ms=100),
            lambda theirs: theirs.Compressor(-20, ratio=3, attack_ms=5, release_ms=100),
            lambda x: references.compressor(x, RATE, -20, 3, knee_db=0),
        ),
        "limiter": Case(
            lambda: Limiter(CEILING_DB, release_ms=50),
            lambda theirs: theirs.Limiter(CEILING_DB, release_ms=50),
            lambda x: references.limiter(x, RATE, CEILING_DB),
        ),
        "limiter by true peaks": Case(
            lambda: Limiter(CEILING_DB, release_ms=50, true_peak=True),
            lambda theirs: theirs.Limiter(CEILING_DB, release_ms=50),
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
    y, error = chain.process(x, rate=RATE), None
    if case.reference is not None:
        error = error_db(y, case.reference(x.astype(np.float64)))
    chain.reset()

    def theirs() -> Run:
        node = case.make_peer(peer(PEER))
        return nanoseconds(lambda: node.process(x, RATE, buffer_size=BLOCK, reset=False), x.size)

    ours = nanoseconds(lambda: chain.process(x, rate=RATE), x.size)
    ours(0)
    (stage,) = chain.times.stages.values()
    inside = stage.p50_us * 1e3 / x.size
    note = f"{inside:.2f} ns of ours in the node, the rest is the way in and out"
    if case.reference is None:
        over = 20 * math.log10(_true_peak(y)) - CEILING_DB
        note += f"; true peak {over:+.2f} dB from the ceiling, where each interpolation has its own"
    title = f"dynamics, {name}, blocks of {BLOCK}"
    (figure,) = beside(title, "ns/sample", ours, {PEER: theirs}, ROUNDS, None, note, error)
    return figure


def _true_peak(y: NDArray[np.float32]) -> float:
    """Return the peak of a Fourier interpolation by 16."""
    spectrum = np.fft.rfft(y.astype(np.float64))
    return float(np.abs(16 * np.fft.irfft(spectrum, 16 * y.size)).max())
