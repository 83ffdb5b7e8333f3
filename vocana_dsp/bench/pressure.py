"""Pools in Python: how long a buffer takes, and how soon memory is given back when it is short."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from .._native.bench import BenchError
from ..memory.limits import MemoryUse
from ..memory.watch import STEP_S, MemoryPressure
from ..pool.pool import BufferPool
from .figure import Figure, Target
from .machine import on_one_processor
from .pairs import OURS, in_turn

FRAMES = 480  # 10 ms at 48 kHz
CHANNELS = 2
CALLS = 2_000
ROUNDS = 21
TRIMS = 9
HANGS_S = 10.0

PROMPT = Target("value", "<=", 5.0)
SOON = Target("value", "<=", 1.0)
NUMPY = "numpy.empty of the same shape"


def figures() -> list[Figure]:
    """Measure acquire and release, and the time from critical pressure to trimmed pools."""
    return [_acquires(), _trims()]


def _acquires() -> Figure:
    pool = BufferPool(FRAMES, CHANNELS)

    def pooled() -> None:
        pool.acquire().release()

    def fresh() -> None:
        np.empty((FRAMES, CHANNELS), np.float32)

    with pool, on_one_processor():
        runs = in_turn({OURS: lambda _: _p99_us(pooled), NUMPY: lambda _: _p99_us(fresh)}, ROUNDS)
    note = "99 of 100 calls take no longer; the reading of the clock is in it"
    return runs.figure("pool in Python, acquire+release, p99", "us", NUMPY, PROMPT, note)


def _p99_us(call: Callable[[], None]) -> float:
    taken = []
    for _ in range(CALLS):
        began = time.perf_counter_ns()
        call()
        taken.append(time.perf_counter_ns() - began)
    return float(np.percentile(taken, 99)) / 1e3


def _trims() -> Figure:
    slowest = max(_trim_s(n * STEP_S / TRIMS) for n in range(TRIMS))
    note = f"the slowest of {TRIMS} times, by the maintenance thread; buffers in use stay"
    return Figure("pool, from critical pressure to trimmed", slowest, "s", target=SOON, note=note)


def _trim_s(after_s: float) -> float:
    """Seconds from a reading that turns critical to a pool without free buffers."""
    ratio = 0.5
    pool = BufferPool(FRAMES, CHANNELS)
    with (
        pool,
        MemoryPressure(
            pools=[pool], read=lambda: MemoryUse(round(1000 * ratio), 1000, None, "a bench")
        ),
    ):
        held = pool.acquire()
        time.sleep(after_s)
        began, ratio = time.monotonic(), 0.96
        while pool.stats.free:
            if time.monotonic() > began + HANGS_S:
                raise BenchError(f"a pool is not trimmed {HANGS_S:g} s after critical pressure")
            time.sleep(0.001)
        took_s = time.monotonic() - began
        if pool.stats.live != 1:
            raise BenchError("a buffer in use was trimmed")
        held.release()
    return took_s
