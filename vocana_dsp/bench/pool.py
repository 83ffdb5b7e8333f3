"""The pool in C beside malloc and free of the same size."""

from __future__ import annotations

from .._native.bench import malloc, pool
from .figure import Figure, Target
from .machine import on_one_processor
from .pairs import OURS, in_turn

FRAMES = 480  # 10 ms at 48 kHz
CHANNELS = 2
BYTES = FRAMES * CHANNELS * 4
ROUNDS = 61
TURNS = 20_000

PAIR = Target("ratio", "<=", 0.25)
MALLOC = f"malloc+free of {BYTES} bytes"
NOTE = "in a program with threads, as every capture has: malloc takes a lock there"


def figures() -> list[Figure]:
    """Measure an acquire and a release by one thread, in both ways of sharing."""
    found = []
    with on_one_processor():
        for shared, target in ((False, PAIR), (True, None)):
            runs = in_turn(
                {
                    OURS: lambda _, shared=shared: pool(FRAMES, CHANNELS, shared, TURNS),  # type: ignore[misc]
                    MALLOC: lambda _: malloc(BYTES, TURNS),
                },
                ROUNDS,
            )
            who = "any threads" if shared else "one acquiring and one releasing thread"
            found.append(runs.figure(f"pool in C, get+put, for {who}", "ns", MALLOC, target, NOTE))
    return found
