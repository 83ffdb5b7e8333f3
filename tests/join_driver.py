"""Drives a real engine by hand into losing frames, and keeps what its reader gets."""

import numpy as np
from reference_join import ALIGN, FADE

from vocana_dsp._native.capture import CaptureEngine

TARGET = 960  # 20 ms: what a skip leaves queued
HIGH_WATER = 1200
POLICIES = {"drop_newest": 0, "skip": 1}  # vo_overflow_policy


def engine(policy, capacity, *, channels=1, fade=FADE, align=ALIGN):
    return CaptureEngine(
        channels=channels,
        capacity=capacity,
        policy=POLICIES[policy],
        target=min(TARGET, capacity // 2),
        high_water=HIGH_WATER if policy == "skip" else 0,
        fade=fade,
        align=align,
        events=64,
        breaker=(5, 1200, 76_800),
        inputs=(0, 0, 0, 1.0),  # whatever comes in is passed on unchanged
    )


class Driver:
    """Feeds an engine blocks of random sizes, keeps what it delivers."""

    def __init__(self, made, stream, seed):
        self.engine = made
        self.stream = np.ascontiguousarray(stream.reshape(len(stream), -1), np.float32)
        self.rng = np.random.default_rng(seed)
        self.pushed = 0
        self.pieces = []
        self.delivered = 0
        self.jumps = []  # (index in the output, first frame delivered, frames lost, cause)

    def push(self, until, largest=480):
        """Let the device deliver the stream up to a frame."""
        while self.pushed < until:
            size = min(until - self.pushed, int(self.rng.integers(1, largest + 1)))
            self.engine.push(self.stream[self.pushed : self.pushed + size])
            self.pushed += size

    def read(self, frames):
        """Take up to so many frames; how many there were."""
        out = np.empty((frames, self.engine.channels), np.float32)
        got, frame, gap, cause, _ = self.engine.read_into(out)
        piece = out[:got]
        if len(piece):
            if gap:
                self.jumps.append((self.delivered, frame, gap, cause))
            self.pieces.append(np.array(piece))
            self.delivered += len(piece)
        return len(piece)

    def drain(self, until=None):
        """Take all that is queued, or so much that `until` frames have been delivered."""
        while until is None or self.delivered < until:
            want = int(self.rng.integers(1, 500))
            if not self.read(want if until is None else min(want, until - self.delivered)):
                break

    def flow(self, until):
        """Deliver and take by turns up to a frame."""
        while self.pushed < until:
            self.push(min(until, self.pushed + 480))
            self.drain()

    def output(self):
        return np.concatenate(self.pieces)

    def account(self):
        """Frames dropped, after checking that none is missing."""
        stats = self.engine.stats()
        assert stats["captured"] == self.pushed
        assert stats["delivered"] == self.delivered
        assert stats["captured"] == stats["delivered"] + stats["dropped"] + stats["queued"]
        return stats["dropped"]


def drive_skip(stream, cut, gap, *, seed=0, **options):
    """The reader stops at frame `cut` until `gap` frames and the target fill are queued."""
    driver = Driver(engine("skip", 16_384, **options), stream, seed)
    driver.flow(cut)
    driver.push(cut + gap + TARGET)
    driver.drain()
    driver.flow(len(stream))
    return driver


def drive_drop(stream, cut, gap, *, seed=0, **options):
    """The ring is full when frame `cut` comes, and until `gap` frames have been lost."""
    capacity = 2000
    driver = Driver(engine("drop_newest", capacity, **options), stream, seed)
    driver.flow(cut - capacity)
    driver.push(cut - 1)
    # The block that no longer fits is cut in two: the ring takes its first frame.
    driver.engine.push(driver.stream[cut - 1 : cut + gap // 2])
    driver.pushed = cut + gap // 2
    driver.engine.push(driver.stream[driver.pushed : cut + gap])
    driver.pushed = cut + gap
    driver.drain(until=cut - capacity + int(driver.rng.integers(1, capacity)))
    driver.push(driver.pushed + 1)
    driver.drain()
    driver.flow(len(stream))
    return driver
