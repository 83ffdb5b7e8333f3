"""Kernels over samples in C, beside plain loops of a compiler, Intel's, and what Python has."""

from __future__ import annotations

import math
from contextlib import ExitStack
from timeit import Timer
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import simd
from .._native.bench import Nothing
from .._native.bench_samples import PASSES, Samples, memcpy, passed
from ..dsp import pcm
from ..dsp.chain import Chain
from ..dsp.dynamics import Compressor, Gate, Limiter
from ..dsp.filters import DCBlock, HighPass
from .figure import Figure, Target
from .machine import on_one_processor
from .pairs import OURS, in_turn
from .peers import PeerAbsentError, ipp, loops, peer
from .timing import Run, error_db, of_calls

Floats = npt.NDArray[np.float32]

SAMPLES = 512
FADE_SAMPLES = 240
ROUNDS = 41
CALLS = 2000
PYTHON_CALLS = 400

UNIT = "ns/sample"
BEST_C = Target("ratio", "<=", 1.2)
# 40 ns and 8 of work, beside the 406 that NumPy takes, where that was measured.
PYTHON_CALL = Target("ratio", "<=", 0.118)

#: A block of denormals by one of noise.
DENORMAL = Target("ratio", "<=", 1.2)
TINY = 1e-39  # noise of this height has denormals only
CHAIN_BLOCKS, RATE = 64, 48_000

LOOP = "C loop, -O3 -march=native"
IPP = "IPP"
NUMPY = "NumPy"
PLAIN = "the same of noise"
MEMCPY = "memcpy of one array (limit)"
EMPTY = "call of an empty Cython method, and the work in C"

#: What is timed, and how it is called in a figure.
WORKS = {
    "gain": f"gain of {SAMPLES} in place",
    "mix": f"mix y += g x of {SAMPLES}",
    "interleave": f"interleave to {SAMPLES} of stereo",
    "deinterleave": f"deinterleave {SAMPLES} of stereo",
    "from_int16": f"int16 to float of {SAMPLES}",
    "to_int16": f"float to int16 of {SAMPLES}",
    "level": f"peak and energy of {SAMPLES}",
    "fade": f"crossfade of {FADE_SAMPLES}",
}


def figures() -> list[Figure]:
    """Measure the kernels."""
    with ExitStack() as stack:
        contenders: dict[str, Samples] = {}
        absent: dict[str, str] = {}
        for name, made in ((LOOP, loops()), (IPP, ipp(simd))):
            try:
                contenders[name] = stack.enter_context(made)
            except PeerAbsentError as error:
                absent[name] = f"peer absent: {error}"
        with on_one_processor():
            found = [f for work in WORKS for f in _in_c(work, contenders, absent)]
            return [*found, *_denormals(), *_python_call()]


def _in_c(work: str, contenders: dict[str, Samples], absent: dict[str, str]) -> list[Figure]:
    n = FADE_SAMPLES if work == "fade" else SAMPLES
    ours = Samples.ours()
    runs = in_turn(
        {
            OURS: lambda _: ours.time(work, n, CALLS),
            MEMCPY: lambda _: memcpy(n, CALLS),
            **{name: _timed(theirs, work, n) for name, theirs in contenders.items()},
            **_from_python(work),
        },
        ROUNDS,
    )
    name = f"kernel, {WORKS[work]}"
    note, error = _error(work)
    found: list[Figure] = []
    for beside in runs.scores:
        if beside != OURS and runs.median(beside) >= 0:  # below 0: it has no such kernel
            target = BEST_C if beside in (LOOP, IPP) else None
            found.append(runs.figure(name, UNIT, beside, target, note, error))
    value = runs.median(OURS)
    if LOOP in absent:
        found.append(
            Figure(name, value, UNIT, LOOP, target=BEST_C, note=absent[LOOP], error_db=error)
        )
    if IPP in absent and work == "mix":
        found.append(
            Figure(name, value, UNIT, IPP, target=BEST_C, note=absent[IPP], error_db=error)
        )
    return found


def _timed(theirs: Samples, work: str, n: int) -> Run:
    return lambda _: theirs.time(work, n, CALLS)


def _python_call() -> list[Figure]:
    x = _noise(0)
    things = {"gain": pcm.gain, "x": x, "take": Nothing().take, "multiply": np.multiply}
    ours, empty, theirs, loop = (
        Timer(statement, globals=things)
        for statement in ("gain(x, -1.0, out=x)", "take(x)", "multiply(x, -1.0, out=x)", "pass")
    )

    def net(timer: Timer) -> float:
        return (timer.timeit(CALLS) - loop.timeit(CALLS)) / CALLS * 1e9

    kernels = Samples.ours()
    runs = in_turn(
        {
            OURS: lambda _: net(ours),
            NUMPY: lambda _: net(theirs),
            EMPTY: lambda _: net(empty) + SAMPLES * kernels.time("gain", SAMPLES, CALLS),
        },
        ROUNDS,
    )
    name = f"kernel, vo.pcm.gain of {SAMPLES} in place, from Python"
    note, error = "40 ns and the work, as a part of what NumPy takes", _error("gain")[1]
    return [
        runs.figure(name, "ns", NUMPY, PYTHON_CALL, note, error),
        runs.figure(name, "ns", EMPTY, error_db=error),
    ]


# --- Denormals ------------------------------------------------------------------


def _denormals() -> list[Figure]:  # E4
    """Measure what a fade to silence ends in: kernels, and a chain for speech."""
    plain = _noise(0)
    tiny = (plain * np.float64(TINY)).astype(np.float32)
    found = []
    for name in PASSES:
        timed = (lambda _, x=x, name=name: passed(name, x, CALLS) for x in (tiny, plain))
        runs = in_turn(dict(zip((OURS, PLAIN), timed, strict=True)), ROUNDS)
        note = "denormals off, as in a chain" if name == "gain" else ""
        found.append(
            runs.figure(f"kernel, {name} of {SAMPLES} denormals", UNIT, PLAIN, DENORMAL, note)
        )
    return [*found, _denormals_in_a_chain(plain, tiny)]


def _denormals_in_a_chain(plain: Floats, tiny: Floats) -> Figure:
    def run(block: Floats) -> Run:
        nodes = [DCBlock(), HighPass(80), Gate(-50), Compressor(-20, ratio=3), Limiter(-1)]
        native, x = Chain(nodes).prepare(RATE, 1), np.tile(block, CHAIN_BLOCKS)
        return of_calls(Timer(lambda: native.process(x)), 1, len(x))

    runs = in_turn({OURS: run(tiny), PLAIN: run(plain)}, ROUNDS)
    name = f"kernel, all of a chain for speech, {SAMPLES} denormals"
    return runs.figure(name, UNIT, PLAIN, DENORMAL)


# --- Peers from Python ---------------------------------------------------------


def _from_python(work: str) -> dict[str, Run]:
    """Return what times NumPy, SciPy or Numba at the same, where it is installed."""
    x, y = _noise(0), _noise(1)
    half = (x[:FADE_SAMPLES], y[:FADE_SAMPLES], abs(_noise(2)[:FADE_SAMPLES]))
    things: dict[str, Any] = {
        "np": np,
        "x": x,
        "y": y,
        "rows": np.ascontiguousarray(x.reshape(2, -1)),
        "frames": x.reshape(-1, 2),
        "whole": pcm.from_float(x),
        "unit": np.float32(2**-15),
        "source": half[0],
        "to": half[1],
        "weight": half[2],
    }
    statements = {
        "gain": (NUMPY, "np.multiply(x, -1.0, out=x)"),
        "mix": ("SciPy saxpy", "saxpy(x, y, a=1e-9)"),
        "interleave": (NUMPY, "np.ascontiguousarray(rows.T)"),
        "deinterleave": (NUMPY, "np.ascontiguousarray(frames.T)"),
        "from_int16": (NUMPY, "whole * unit"),
        "to_int16": ("Numba", "to_int16(x)"),
        "level": ("Numba", "level(x)"),
        "fade": (NUMPY, "to + weight * (source - to)"),
    }
    name, statement = statements[work]
    try:
        if name == "SciPy saxpy":
            things["saxpy"] = peer("scipy.linalg.blas", "scipy").saxpy
        if name == "Numba":
            things |= _compiled_by_numba()
    except PeerAbsentError:
        return {}
    n = FADE_SAMPLES if work == "fade" else SAMPLES
    timer = Timer(statement, globals=things)
    timer.timeit(1)
    return {name: of_calls(timer, PYTHON_CALLS, n)}


def _compiled_by_numba() -> dict[str, Any]:
    numba = peer("numba")

    def to_int16(x: Floats) -> npt.NDArray[np.int16]:
        out = np.empty(len(x), np.int16)
        for i in range(len(x)):
            v = x[i] * np.float32(32768)
            out[i] = np.int16(np.rint(min(max(v, np.float32(-32768)), np.float32(32767))))
        return out

    def level(x: Floats) -> tuple[float, float]:
        most, total = np.float32(0), 0.0
        for v in x:
            most = max(most, abs(v))
            total += np.float64(v) * v
        return float(most), total

    fast = numba.njit(fastmath=True)
    return {"to_int16": fast(to_int16), "level": fast(level)}


# --- Error ---------------------------------------------------------------------


def _noise(seed: int) -> Floats:
    """Return noise of full scale, the same in every run: multiples of a number, modulo 2**32."""
    steps = np.arange(SAMPLES, dtype=np.uint64) + np.uint64(SAMPLES * seed + 1)
    return ((steps * np.uint64(2654435761)) % 2**32 / 2**31 - 1).astype(np.float32)


def _error(work: str) -> tuple[str, float | None]:
    """Return what to say of the error of ours to float64, and the error."""
    x, y = _noise(0), _noise(1)
    wide, g = x.astype(np.float64), 0.7071
    if work == "gain":
        error = error_db(pcm.gain(x, g), g * wide)
    elif work == "mix":
        error = error_db(pcm.mix(y.copy(), x, g), y + g * wide)
    elif work == "to_int16":
        error = error_db(pcm.from_float(x), np.clip(np.rint(wide * 2**15), -(2**15), 2**15 - 1))
    elif work == "from_int16":
        whole = pcm.from_float(x)
        error = error_db(pcm.to_float(whole), whole / 2.0**15)
    elif work == "level":
        energy = Samples.ours().level(x)[1]
        error = error_db([energy], np.array([math.fsum(wide**2)]))
    elif work == "fade":
        out, weight = np.empty_like(x), abs(_noise(2))
        Samples.ours().fade(out, x, y, weight)
        error = error_db(out, y + weight.astype(np.float64) * (wide - y))
    else:
        rows = np.ascontiguousarray(x.reshape(2, -1))
        frames = pcm.interleave(rows)
        error = error_db(pcm.deinterleave(frames), rows.astype(np.float64))
    return ("" if error else "exact", error)
