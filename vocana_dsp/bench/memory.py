"""What the engine costs in memory: at rest, and for every block."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .._native.bench import BenchError
from .child import PACKAGE, run_python
from .figure import Figure, Target
from .pairs import OURS, in_turn
from .peers import PeerAbsentError, preload

ROUNDS = 5
MIB = 2**20
IDLE = Target("value", "<=", 20.0)
NO_ALLOCATION = Target("value", "<=", 0.0)
FLAT = Target("value", "<", 1.0)  # bytes a block: less than anything that is kept
NUMPY = "interpreter with numpy"

_RESIDENT = """
import os
print(int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
"""
_NUMPY = "import numpy\n" + _RESIDENT
_IDLE = f"""
import time
import vocana_dsp as vo
device = vo.testing.SimulatedDevice("silence", channels=2)
with vo.Capture(device) as mic:
    time.sleep(0.3)
    {_RESIDENT.strip().replace(chr(10), chr(10) + "    ")}
"""

# Every block is dropped as soon as it came, so whatever stays was kept by the package.
_STEADY = """
import ctypes, gc, json, os, tracemalloc
import vocana_dsp as vo

counted = bool(os.environ.get("LD_PRELOAD"))
calls = ctypes.CDLL(None).vocana_bench_allocations if counted else lambda: 0
blocks = 2000
device = vo.testing.SimulatedDevice(channels=2, block_frames=64, pace="lockstep")
with vo.Capture(device, block_ms=20, ring_ms=200) as mic:
    opened = calls()
    for _ in range(500):
        mic.read(960)
    before = calls()
    for _ in range(blocks):
        mic.read(960)
    in_c = calls() - before
    if not counted:
        tracemalloc.start()
        for _ in range(500):
            mic.read(960)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(blocks):
            mic.read(960)
        gc.collect()
        kept = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
    else:
        kept = 0
    dropped = mic.stats.dropped
print(json.dumps({"blocks": blocks, "opened": opened, "in_c": in_c, "kept": kept,
                  "dropped": dropped}))
"""


def figures() -> list[Figure]:
    """Measure memory in interpreters of their own."""
    return [_idle(), _allocations(), _growth()]


def _idle() -> Figure:
    name = "capture, memory of an idle engine over the interpreter with numpy"
    if not Path("/proc/self/statm").exists():
        return Figure(name, None, "MiB", NUMPY, target=IDLE, note="not measured: needs /proc")
    runs = in_turn(
        {
            OURS: lambda _: float(run_python(_IDLE)) / MIB,
            NUMPY: lambda _: float(run_python(_NUMPY)) / MIB,
        },
        ROUNDS,
    )
    more = runs.median(OURS) - runs.median(NUMPY)
    note = f"resident: {runs.median(OURS):.1f} MiB with a capture open"
    return Figure(name, more, "MiB", NUMPY, runs.median(NUMPY), None, IDLE, note)


def _allocations() -> Figure:
    name = "capture, allocations a block in C, steady state"
    try:
        with preload("count_allocations.c") as counter:
            code = str(PACKAGE / "_native") + os.sep
            counts = _steady(LD_PRELOAD=counter, VOCANA_BENCH_CODE=code)
    except PeerAbsentError as absent:
        return Figure(name, None, "", target=NO_ALLOCATION, note=f"not measured: {absent}")
    if not counts["opened"]:
        raise BenchError("the counter of allocations saw none while a capture was opened")
    note = (
        f"{counts['in_c']} calls of the allocator by the engine's code or on its threads in "
        f"{counts['blocks']} blocks; {counts['opened']} while the capture was opened"
    )
    return Figure(name, counts["in_c"] / counts["blocks"], "", target=NO_ALLOCATION, note=note)


def _growth() -> Figure:
    counts = _steady(LD_PRELOAD="")
    note = f"{counts['kept']} bytes more after {counts['blocks']} blocks, by tracemalloc"
    growth = counts["kept"] / counts["blocks"]
    return Figure(
        "capture, growth a block in Python, steady state", growth, "bytes", target=FLAT, note=note
    )


def _steady(**environment: str) -> dict[str, Any]:
    counts: dict[str, Any] = json.loads(run_python(_STEADY, **environment))
    if counts["dropped"]:
        raise BenchError(f"{counts['dropped']} frames lost on a device that waits for the reader")
    return counts
