"""Hours of faults on a virtual clock, from a seed, with consumers that check every frame."""

import random
import threading
import time
from collections import namedtuple
from contextlib import ExitStack

import numpy as np
import soundfile

import vocana_dsp as vo
from vocana_dsp._native.tap import Tap
from vocana_dsp.testing import (
    BlockSizes,
    Jitter,
    RateDrift,
    SilenceFrom,
    SimulatedDevice,
    Stall,
    Unplug,
)

RATE = 8000  # frames are what costs; faults are what counts
RECOVERY = vo.Recovery(settle_ms=0, delay_ms=0.1, attempts=5, deadline_s=60)


Found = namedtuple("Found", "faults unplugged lost recoveries states")


def script(seed, hours, each_s):
    """Return faults of every kind, one each `each_s` seconds on the average."""
    rng = random.Random(seed)
    frame, end, faults = 0, round(hours * 3600 * RATE), []
    while (frame := frame + rng.randint(RATE, 2 * each_s * RATE)) < end - 60 * RATE:
        ms = rng.randint(1, 5000)
        kind = rng.randrange(8)
        if kind == 0:
            faults.append(Stall(frame, ms, lost=rng.random() < 0.7))
        elif kind == 1:
            faults.append(SilenceFrom(frame, ms))
        elif kind == 2:
            faults.append(Jitter(frame, ms / 10, ms))
        elif kind == 3:
            faults.append(RateDrift(frame, rng.randint(-1000, 1000)))
        elif kind == 4:
            faults.append(BlockSizes(frame, [rng.randint(1, 2000) for _ in range(4)]))
        else:
            faults.append(Unplug(frame, ms=ms, refusals=rng.randrange(4)))
    return faults


class Consumer:
    """Reads a tap to its end: each frame has the value of its place, or is one of a silence."""

    def __init__(self, tap):
        self.tap = tap
        self.delivered = self.lost = self.zeros = self.next = 0

    def take(self, block, frame, gap):
        assert frame == self.next + gap, f"{frame} after {self.next} and a gap of {gap}"
        expected = (np.arange(frame, frame + len(block)) % 2**24).astype(np.float32)
        wrong = block != expected
        assert not np.any(block[wrong]), f"a wrong frame in {frame}..{frame + len(block)}"
        self.zeros += int(np.count_nonzero(wrong))
        self.delivered += len(block)
        self.lost += gap
        self.next = frame + len(block)
        stats = self.tap.stats()
        assert stats["captured"] == stats["delivered"] + stats["dropped"] + stats["queued"]

    def run(self):
        data = np.empty((RATE, 1), np.float32)
        while True:
            ended = self.tap.ended
            frames, frame, gap, _, _ = self.tap.read_into(data)
            if frames:
                self.take(data[:frames, 0], frame, gap)
            elif ended:
                return
            else:
                self.tap.wait(1, 1.0)


def heard(path):
    """How many frames a recording has, and how many of them are silent instead of theirs."""
    frames = silent = 0
    for block in soundfile.blocks(path, 60 * RATE, dtype="float32"):
        wrong = block != np.arange(frames, frames + len(block)) % 2**24
        assert not np.any(block[wrong]), f"a wrong frame in the recording after {frames}"
        silent += int(np.count_nonzero(wrong))
        frames += len(block)
    return frames, silent


def play(seed, hours, each_s, look=lambda: None, path=None):
    """Play that long, and return what was found; `look` is called now and then.

    With `path` it is recorded too: the file has each frame at its place, and silence for the rest.
    """
    faults = script(seed, hours, each_s)
    device = SimulatedDevice(
        rate=RATE, block_frames=400, pace="lockstep", script=faults, seconds=hours * 3600, seed=seed
    )
    beside = Consumer(Tap(1, (4 * RATE, 0, 1, 0, 0, 0, 1024), (5, 100, 1000)))
    mic = vo.Capture(device, block_ms=500, ring_ms=4000, recovery=RECOVERY)
    mic.outlets.attach(beside.tap)  # before the first frame, so that both count alike
    with ExitStack() as opened:
        recorder = opened.enter_context(vo.Recorder(path, mic)) if path else None
        opened.enter_context(mic)
        reading = threading.Thread(target=beside.run)
        reading.start()
        main = Consumer(mic._tap)
        for number, block in enumerate(mic):
            main.take(block.data[:, 0], block.frame, block.gap)
            if number % 1000 == 0:
                look()
        reading.join()
        stats, gaps = mic.stats, mic.gaps
        while mic.transitions[-1].target != "running":  # said by a thread of its own
            time.sleep(0.001)
        mic.stop()
        states = [change.target for change in mic.transitions]
        if recorder:
            assert recorder.wait(60)
            assert recorder.stats.frames_durable == stats.captured
    whole = round(hours * 3600 * RATE)
    assert stats.captured == whole == main.next
    assert beside.next == whole
    assert stats.delivered == main.delivered
    assert stats.dropped == main.lost == whole - main.delivered == sum(gap.frames for gap in gaps)
    if recorder:
        assert heard(path) == (whole, main.lost + main.zeros)
    unplugged = sum(isinstance(fault, Unplug) for fault in faults)
    return Found(len(faults), unplugged, main.lost, mic.recoveries.stats, states)
