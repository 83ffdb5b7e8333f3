"""Filters beside a serial recursion, SciPy and Pedalboard, each with its error to float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .._native import bench_node
from ..dsp.chain import Chain
from ..dsp.filters import DCBlock, Filter, HighPass, LowPass, Notch, Peaking
from ..dsp.node import Node
from ..dsp.responses import Fir, Sos
from . import references
from .figure import Figure, Target
from .machine import on_one_processor
from .peers import peer
from .timing import Run, beside, error_db, nanoseconds

RATE = 48_000
BLOCK = 512
TAPS = 128
ROUNDS = 31
CALLS = 2000
PEER_CALLS = 200
UNIT = "ns/sample"

NUMBA = "numba, serial recursion"
NUMPY = "numpy.convolve"
PEDALBOARD = "pedalboard, four filters"
OVERLAP_ADD = "scipy.signal.oaconvolve of all at once"

# 0.6 ns where numba has 5.1; 1.1 ns where NumPy has 10.3.
CASCADE = Target("ratio", "<=", 0.6 / 5.1)
DIRECT = Target("ratio", "<=", 1.1 / 10.3)
FASTER = Target("ratio", "<=", 1.0)
ACCURATE = Target("value", "<=", -120.0)

Samples = npt.NDArray[np.float32]
Calls = Callable[[int], object]


def figures() -> list[Figure]:
    """Measure the filters on one processor."""
    with on_one_processor():
        return [*_cascades(), _from_python(), _dc_block(), *_responses(), *_errors()]


# --- What is filtered -------------------------------------------------------------


def _rows(channels: int, frames: int = BLOCK) -> Samples:
    """Return sound that is broad and never silent, one row a channel; the same in every run."""
    at = np.arange(frames) + 1000 * np.arange(1, channels + 1)[:, None]
    x = 0.4 * np.sin(0.37 * at + 5 * np.sin(0.0101 * at)) + 0.3 * np.sin(2.1 * at * np.sqrt(at))
    return np.ascontiguousarray(x, np.float32)


def _four() -> list[Filter]:
    """Return four filters with nothing in common: 80 Hz up, a notch, a peak, 12 kHz down."""
    return [HighPass(80), Notch(50), Peaking(3000, 6), LowPass(12_000)]


def _sections() -> npt.NDArray[np.float64]:
    rows = []
    for node in _four():
        for g, k, n0, n1, n2 in node.make(RATE, 1).sections():
            b = [n2 + g * (n1 + g * n0), 2 * (g * g * n0 - n2), n2 + g * (g * n0 - n1)]
            a = [1 + g * (k + g), 2 * (g * g - 1), 1 + g * (g - k)]
            rows.append([coefficient / a[0] for coefficient in [*b, *a]])
    return np.array(rows)


def _node_error_db(nodes: list[Node], sos: npt.NDArray[np.float64]) -> float | None:
    x = _rows(1, 1 << 15)[0]
    return error_db(Chain(nodes).process(x, rate=RATE), references.cascade(sos, x))


# --- How it is timed ---------------------------------------------------------------


def _timed(run: Calls, calls: int, samples: int) -> Run:
    """Return what times a run of many calls, each of so many samples."""
    return nanoseconds(lambda: run(calls), calls * samples)


def _in_c(node: Node, rows: Samples) -> Run:
    made = node.make(RATE, len(rows))
    return _timed(lambda calls: bench_node.run(made, rows, calls), CALLS, rows.size)


def _numba_cascade(sos: npt.NDArray[np.float64], rows: Samples) -> Calls:
    """Return a cascade in transposed direct form II, sample by sample, in float64."""
    jit = peer("numba").njit

    @jit  # type: ignore[untyped-decorator,unused-ignore]
    def cascade(x: Any, y: Any, sections: Any, state: Any, calls: int) -> None:
        for _ in range(calls):
            for c in range(x.shape[0]):
                for i in range(x.shape[1]):
                    v = float(x[c, i])
                    for k in range(sections.shape[0]):
                        w = sections[k, 0] * v + state[c, k, 0]
                        state[c, k, 0] = sections[k, 1] * v - sections[k, 4] * w + state[c, k, 1]
                        state[c, k, 1] = sections[k, 2] * v - sections[k, 5] * w
                        v = w
                    y[c, i] = v

    out, state = np.empty_like(rows), np.zeros((len(rows), len(sos), 2))
    cascade(rows, out, sos, state, 1)
    return lambda calls: cascade(rows, out, sos, state, calls)


def _beside(
    name: str,
    ours: Run,
    who: str,
    theirs: Callable[[], Calls],
    samples: int = BLOCK,
    target: Target | None = None,
    error: float | None = None,
    note: str = "",
) -> Figure:
    """Return ours beside one peer."""
    peers = {who: lambda: _timed(theirs(), PEER_CALLS, samples)}
    return beside(name, UNIT, ours, peers, ROUNDS, {who: target}, note, error)[0]


# --- Figures -----------------------------------------------------------------------


def _cascades() -> list[Figure]:
    sos = _sections()
    error = _node_error_db([Sos(sos)], sos)
    return [
        _beside(
            f"filter, 4 biquads {layout}, block of {BLOCK}, in C",
            _in_c(Sos(sos), _rows(channels)),
            NUMBA,
            lambda channels=channels: _numba_cascade(sos, _rows(channels)),  # type: ignore[misc]
            samples=BLOCK * channels,
            target=CASCADE,
            error=error,
            note="a sample of one channel; 0.6 ns in terms of the peer",
        )
        for layout, channels in (("mono", 1), ("stereo", 2))
    ]


def _from_python() -> Figure:
    x = _rows(1)[0]
    chain = Chain(_four())

    def ours(calls: int) -> None:
        for _ in range(calls):
            chain.process(x, rate=RATE)

    def theirs() -> Calls:
        board = peer("pedalboard")
        filters = board.Pedalboard(
            [
                board.HighpassFilter(80),
                board.PeakFilter(50, -20, 10),
                board.PeakFilter(3000, 6),
                board.LowpassFilter(12_000),
            ]
        )

        def run(calls: int) -> None:
            for _ in range(calls):
                filters.process(x, RATE, reset=False)

        return run

    ours(1)
    return _beside(
        f"filter, 4 filters mono, block of {BLOCK}, from Python",
        _timed(ours, PEER_CALLS, BLOCK),
        PEDALBOARD,
        theirs,
        target=FASTER,
        error=_node_error_db([*_four()], _sections()),
        note="a chain of four nodes, its timers and repair included",
    )


def _dc_block() -> Figure:
    row = references.dc_block(10, RATE)
    return _beside(
        f"filter, DCBlock mono, block of {BLOCK}, in C",
        _in_c(DCBlock(), _rows(1)),
        NUMBA,
        lambda: _numba_cascade(row, _rows(1)),
        target=FASTER,
        error=_node_error_db([DCBlock()], row),
    )


def _taps(count: int) -> npt.NDArray[np.float32]:
    return np.asarray(np.sin(np.arange(count) * 0.7) * np.hanning(count) / count, np.float32)


def _responses() -> list[Figure]:
    found = []
    for count, who, target in ((TAPS, NUMPY, DIRECT), (4096, OVERLAP_ADD, None)):
        taps = _taps(count)
        x = _rows(1, 1 << 15)[0]
        exact = np.convolve(x.astype(np.float64), taps.astype(np.float64))[: len(x)]

        def theirs(taps: Samples = taps, who: str = who) -> Calls:
            before = np.concatenate([np.zeros(len(taps) - 1, np.float32), _rows(1)[0]])
            convolve: Callable[..., object] = np.convolve
            if who == OVERLAP_ADD:
                whole = peer("scipy.signal", "scipy").oaconvolve
                long = _rows(1, BLOCK * PEER_CALLS)[0]
                return lambda _: whole(long, taps)

            def run(calls: int) -> None:
                for _ in range(calls):
                    convolve(before, taps, "valid")

            return run

        found.append(
            _beside(
                f"filter, FIR of {count} taps mono, block of {BLOCK}, in C",
                _in_c(Fir(taps), _rows(1)),
                who,
                theirs,
                target=target,
                error=error_db(Chain([Fir(taps)]).process(x, rate=RATE), exact),
                note="1.1 ns in terms of the peer" if target else "without latency, as a stream",
            )
        )
    return found


def _errors() -> list[Figure]:
    """Return the error of orders 2 and 8 at low, middle and high cut-offs."""
    kinds: list[tuple[type[HighPass | LowPass], Literal["highpass", "lowpass"]]]
    kinds = [(HighPass, "highpass"), (LowPass, "lowpass")]
    return [
        Figure(
            f"filter, {word} of order {order} at {hertz} Hz, rate {RATE}, error",
            _node_error_db(
                [kind(hertz, order=order)], references.butterworth(word, order, hertz, RATE)
            ),
            "dB",
            target=ACCURATE,
            note="to its recursion in float64",
        )
        for kind, word in kinds
        for order, hertz in ((2, 20), (8, 20), (8, 1000), (8, 20_000))
    ]
