"""A pull of 10 ms from a playout, beside soxr's streaming resampler on the same blocks."""

from __future__ import annotations

import numpy as np

from .._native.playout import Playout
from ..capture.playout import config_of
from .figure import Figure, Target
from .machine import on_one_processor
from .peers import peer
from .timing import Run, beside, nanoseconds

RATE = 48_000
CHANNELS = 2
FRAMES = 480  # 10 ms
BLOCKS = 200
ROUNDS = 15

SOXR_STREAM = "soxr.ResampleStream, 48000 to 48005 Hz"
PULL = Target("ratio", "<=", 1.5)
NOTE = "stereo; ours queues a block, follows drift and jitter, and gives 480 frames each time"


def figures() -> list[Figure]:
    """Measure writing and pulling blocks of 10 ms."""
    t = np.arange(FRAMES)[:, None] / RATE
    block = (0.5 * np.sin(2 * np.pi * t * [400, 500])).astype(np.float32)
    out = np.empty_like(block)
    playout = Playout(
        config_of(
            RATE,
            CHANNELS,
            block_ms=10.0,
            target_ms=20.0,
            min_ms=10.0,
            max_ms=200.0,
            limit_ms=1000.0,
            calm_s=60.0,
            max_ppm=3000.0,
        )
    )

    def ours() -> None:
        for _ in range(BLOCKS):
            playout.write(block)
            playout.pull_into(out, 0)

    def soxr() -> Run:
        stream = peer("soxr").ResampleStream(RATE, RATE + 5, CHANNELS, dtype="float32")

        def theirs() -> None:
            for _ in range(BLOCKS):
                stream.resample_chunk(block)

        return nanoseconds(theirs, BLOCKS * FRAMES)

    with on_one_processor():
        return beside(
            "playout, blocks of 10 ms",
            "ns per frame",
            nanoseconds(ours, BLOCKS * FRAMES),
            {SOXR_STREAM: soxr},
            ROUNDS,
            {SOXR_STREAM: PULL},
            NOTE,
        )
