"""What a chain costs by itself, and a whole one beside pedalboard's."""

from __future__ import annotations

from timeit import Timer
from typing import Any

import numpy as np
import numpy.typing as npt

from .._native.bench import Nothing
from ..dsp.chain import Chain
from ..dsp.dynamics import Compressor, Gate, Limiter
from ..dsp.filters import DCBlock, HighPass
from ..dsp.nodes import Gain, Mute
from ..dsp.times import StageTimes
from . import references
from .figure import Figure, Target
from .machine import on_one_processor
from .pairs import OURS, in_turn
from .peers import peer
from .timing import Run, beside, error_db, of_calls

RATE = 48_000
BLOCK = 512  # frames
BLOCKS = 64  # in one call, so that Python's share of it is small
SHORT = 64  # frames
ROUNDS = 41
CALLS = 8

COPY = "numpy.copyto"
FUNCTION = "call of an empty Python function"
METHOD = "call of an empty Cython method"
NOTHING = "a chain of nothing"

PEDALBOARD = "pedalboard"

SUM = Target("value", "<=", 5.0)
#: 5 ns a sample where pedalboard takes 26.2, and has no DC-block.
WHOLE = Target("ratio", "<=", 0.19)


def nothing(block: object) -> None:
    """Do nothing."""


def figures() -> list[Figure]:
    """Measure chains that do next to nothing, and one for speech."""
    with on_one_processor():
        return [_empty(1), _empty(2), _stage(), *_call(), _sum_of_stages(), *_whole()]


def _sound(frames: int, channels: int) -> npt.NDArray[np.float32]:
    """Return a tone with a slow swell, other in each channel."""
    time = np.arange(frames)[:, None] / RATE
    tone = np.sin(2 * np.pi * (440 + 110 * np.arange(channels)) * time)
    return np.asarray(tone * (0.5 + 0.5 * np.sin(2 * np.pi * time)), np.float32)


def _timed(statement: str, things: dict[str, Any], parts: int, calls: int) -> Run:
    """Return a run that gives the nanoseconds of a part of a call."""
    return of_calls(Timer(statement, globals=things), calls, parts)


def _empty(channels: int) -> Figure:
    x = _sound(BLOCKS * BLOCK, channels)
    things = {
        "chain": Chain().prepare(RATE, channels),
        "x": x,
        "out": np.zeros_like(x),
        "copyto": np.copyto,
    }
    runs = in_turn(
        {
            OURS: _timed("chain.process(x)", things, BLOCKS, CALLS),
            COPY: _timed("copyto(out, x)", things, BLOCKS, CALLS),
        },
        ROUNDS,
    )
    return runs.figure(
        f"chain, nothing in it, {BLOCK} frames of {'mono' if channels == 1 else 'stereo'}",
        "ns",
        COPY,
        note="into rows and back, repaired and timed",
    )


def _stage() -> Figure:
    """Measure a node that changes nothing: its call, repair, bypass and timer."""
    things = {
        "chain": Chain([Mute(False) for _ in range(10)]).prepare(RATE, 1),
        "empty": Chain().prepare(RATE, 1),
        "x": _sound(BLOCKS * BLOCK, 1),
    }
    runs = in_turn(
        {
            OURS: _timed("chain.process(x)", things, BLOCKS, CALLS),
            NOTHING: _timed("empty.process(x)", things, BLOCKS, CALLS),
        },
        ROUNDS,
    )
    each = (runs.median(OURS) - runs.median(NOTHING)) / 10
    return Figure(f"chain, a stage of nothing, {BLOCK} frames of mono", each, "ns")


def _call() -> list[Figure]:
    things: dict[str, Any] = {
        "chain": Chain([Gain(-6)]),
        "x": _sound(SHORT, 1),
        "nothing": nothing,
        "take": Nothing().take,
    }
    runs = in_turn(
        {
            OURS: _timed(f"chain.process(x, rate={RATE})", things, 1, 50 * CALLS),
            FUNCTION: _timed("nothing(x)", things, 1, 50 * CALLS),
            METHOD: _timed("take(x)", things, 1, 50 * CALLS),
        },
        ROUNDS,
    )
    name = f"chain, process of {SHORT} frames with a gain"
    note = "checks its array and makes a new one"
    return [runs.figure(name, "ns", FUNCTION, note=note), runs.figure(name, "ns", METHOD)]


def _sum_of_stages() -> Figure:  # F5 H1
    chain = Chain([Gain(-3), Gain(-6), Mute(False)])
    x = _sound(BLOCK, 2)
    for _ in range(200 * CALLS):
        chain.process(x, rate=RATE)
    times = chain.times
    parts: list[StageTimes] = [*times.stages.values(), times.copying]
    apart = sum(part.p50_us for part in parts) / times.total.p50_us - 1
    return Figure(
        "chain, median times of its stages, their sum against the whole",
        abs(apart) * 100,
        "%",
        target=SUM,
        note=f"{len(parts)} stages, {times.total.p50_us:.2f} us",
    )


def _exact(x: npt.NDArray[np.float32]) -> references.Exact:
    """Return what the chain for speech makes of one channel, in float64."""
    y = references.cascade(references.dc_block(10, RATE), x)
    y = references.cascade(references.butterworth("highpass", 2, 80, RATE), y)
    y = references.gate(y, RATE, -50)
    return references.limiter(references.compressor(y, RATE, -20, 3), RATE, -1)


def _whole() -> list[Figure]:
    """Measure a chain for speech, called once a block, and once for many."""
    chain = Chain([DCBlock(), HighPass(80), Gate(-50), Compressor(-20, ratio=3), Limiter(-1)])
    x = _sound(BLOCKS * BLOCK, 1)
    row = np.ascontiguousarray(x.T)
    error = error_db(chain.process(x, rate=RATE)[:, 0], _exact(x[:, 0]))
    things: dict[str, Any] = {
        "RATE": RATE,
        "chain": chain,
        "x": x,
        "blocks": np.split(x, BLOCKS),
        "row": row,
        "rows": np.split(row, BLOCKS, axis=1),
    }

    def theirs(statement: str) -> Run:
        them = peer(PEDALBOARD)
        parts = [
            them.HighpassFilter(80),
            them.NoiseGate(-50),
            them.Compressor(-20, ratio=3),
            them.Limiter(-1),
        ]
        return _timed(statement, {**things, "board": them.Pedalboard(parts)}, x.size, 1)

    options = f"RATE, buffer_size={BLOCK}, reset=False"
    ways = [
        (
            f"chain, DC-block, high-pass, gate, compressor, limiter, {BLOCK} frames a call",
            "for block in blocks: chain.process(block, rate=RATE)",
            f"for block in rows: board.process(block, {options})",
            WHOLE,
        ),
        (
            f"chain, the same, {BLOCKS} times {BLOCK} frames a call",
            "chain.process(x, rate=RATE)",
            f"board.process(row, {options})",
            None,
        ),
    ]
    return [
        figure
        for name, ours, other, target in ways
        for figure in beside(
            name,
            "ns/sample",
            _timed(ours, things, x.size, 1),
            {PEDALBOARD: lambda other=other: theirs(other)},  # type: ignore[misc]
            ROUNDS,
            {PEDALBOARD: target},
            "theirs has no DC-block",
            error,
        )
    ]
