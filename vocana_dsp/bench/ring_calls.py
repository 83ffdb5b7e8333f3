"""The ring from Python: one block in and out, beside a call that does nothing and other queues."""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Callable
from timeit import Timer
from typing import Any

import numpy as np

from .._native.bench import BenchError, Nothing
from .._native.ring import RingBuffer
from .figure import Figure, Target
from .machine import on_one_processor
from .pairs import OURS, in_turn
from .peers import PeerAbsentError, pa_ringbuffer

BLOCKS = (64, 256, 1024)  # frames
CAPACITY = 4096  # frames
CHANNELS = 2
FRAME_BYTES = 4 * CHANNELS
ROUNDS = 41
CALLS = 2000

TARGET_BLOCK = 64
EMPTY_CALL = Target("ratio", "<=", 2.8)
PA_RING = Target("ratio", "<=", 1 / 8)

LOOP = "empty loop"
FUNCTION = "call of an empty Python function"
METHOD = "call of an empty Cython method"
DEQUE = "collections.deque, copies in and out"
SIMPLE_QUEUE = "queue.SimpleQueue, copies in and out"
PA = "pa-ringbuffer"


def nothing(block: object) -> None:
    """Do nothing."""


def figures() -> list[Figure]:
    """Measure the ring from Python."""
    with on_one_processor():
        return [figure for block in BLOCKS for figure in _calls(block)]


def _calls(block: int) -> list[Figure]:
    given = np.arange(block * CHANNELS, dtype=np.float32).reshape(block, CHANNELS)
    got = np.zeros_like(given)
    ring = RingBuffer(CAPACITY, CHANNELS)
    things: dict[str, Any] = {
        "given": given,
        "got": got,
        "copyto": np.copyto,
        "nothing": nothing,
        "take": Nothing().take,
        "ring": ring,
        "line": deque(),
        "simple": queue.SimpleQueue(),
    }
    statements = {
        OURS: "ring.write(given); ring.read_into(got)",
        FUNCTION: "nothing(given)",
        METHOD: "take(given)",
        DEQUE: "line.append(given.copy()); copyto(got, line.popleft())",
        SIMPLE_QUEUE: "simple.put(given.copy()); copyto(got, simple.get())",
    }
    absent = ""
    try:
        things["pa"] = pa_ringbuffer()(FRAME_BYTES, CAPACITY)
        statements[PA] = f"pa.write(given, {block}); pa.readinto(got)"
    except PeerAbsentError as error:
        absent = f"peer absent: {error}"

    loop = Timer("pass", globals=things)
    carries = {OURS, DEQUE, SIMPLE_QUEUE, PA}

    def timed(name: str) -> Callable[[int], float]:
        timer = Timer(statements[name], globals=things)

        def run(_: int) -> float:
            got.fill(-1)
            net = timer.timeit(CALLS) - loop.timeit(CALLS)
            if name in carries and not np.array_equal(given, got):
                raise BenchError(f"{name}: the block that came out is not the one that went in")
            return net / CALLS * 1e9

        return run

    runs = in_turn({name: timed(name) for name in statements}, ROUNDS)
    name = f"ring from Python, push+pop of {block} frames"
    at_target = block == TARGET_BLOCK
    found = [
        runs.figure(name, "ns", FUNCTION, EMPTY_CALL if at_target else None),
        runs.figure(name, "ns", METHOD, note="two calls, so 2 would be two calls and no work"),
        runs.figure(name, "ns", DEQUE),
        runs.figure(name, "ns", SIMPLE_QUEUE),
    ]
    target = PA_RING if at_target else None
    if absent:
        found.append(Figure(name, runs.median(OURS), "ns", PA, target=target, note=absent))
    else:
        times = 1 / runs.ratio(OURS, PA)
        found.append(runs.figure(name, "ns", PA, target, note=f"{times:.1f} times as fast"))
    return found
