"""The capture on a virtual clock, one run a call; see also `vocana bench capture`."""

import numpy as np
import pytest

import vocana_dsp as vo

SECONDS = 1.0
RATE = 48_000


@pytest.mark.parametrize("block_frames", [64, 480])
def bench_capture_in_lockstep(benchmark, block_frames):
    def capture():
        device = vo.testing.SimulatedDevice(
            block_frames=block_frames, rate=RATE, pace="lockstep", seconds=SECONDS
        )
        with vo.Capture(device) as mic:
            blocks = [block.data[:, 0] for block in mic]
            return np.concatenate(blocks), mic.stats

    frames, stats = benchmark(capture)
    assert np.array_equal(frames, np.arange(SECONDS * RATE, dtype=np.float32))
    assert (stats.dropped, stats.delivered) == (0, SECONDS * RATE)
