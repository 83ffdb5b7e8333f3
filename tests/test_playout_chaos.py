"""Hours of random faults between a source and a consumer with another clock: latency comes back."""

import os
import random
from collections import Counter

import pytest
from playout_line import USUAL, Line

# Hours of the long run: ten, or as many as a nightly run asks for.
HOURS = float(os.environ.get("VOCANA_CHAOS_HOURS", "10"))
GLIDE_MS = 1.5  # by which the fill goes to a lower target in a second
LOOK_S = 0.1
FAULTS = ("jitter", "drift", "freeze", "loss", "burst")


class FaultyLine(Line):
    """A line whose source is late at random, and whose clock jumps and changes its speed."""

    def __init__(self, seed, **policy):
        super().__init__(policy=policy)
        self.random = random.Random(seed)
        self.jitter = self.late = self.began = 0.0
        self.sent_before = 0

    def step(self):
        while (due := self._due()) <= self.now:
            self.native.write(self._sound)
            self.sent += self.block
            self.last = max(self.last, due)
            self.late = self.jitter * self.random.random()
        found = self.native.pull_into(self._heard, round(self.now - self.last))
        self.now += self.block
        return found

    def _due(self):
        took = (self.sent + self.block - self.sent_before) / (1 + self.ppm * 1e-6)
        return max(self.began + took + self.late, self.mute_until)

    def break_it(self, kind):
        """Begin a fault, and return for how many seconds it lasts."""
        seconds = 10 ** self.random.uniform(-3, 0.7)
        frames = round(seconds * self.rate)
        if kind == "jitter":
            self.jitter = min(frames, 0.15 * self.rate)
            return self.random.uniform(0, 20)
        if kind == "drift":
            self.began += (self.sent - self.sent_before) / (1 + self.ppm * 1e-6)
            self.sent_before, self.ppm = self.sent, self.random.uniform(-1000, 1000)
            return 0.0
        if kind == "burst":  # the consumer stood still
            self.began -= frames
            return 0.0
        if kind == "loss":
            self.native.lose(frames)
            self.sent += frames
        self.mute_until = self.now + frames
        return seconds


def play(line, hours):
    """Play faults of every kind; return how many, and how far the fill was above its bound in ms.

    The bound is the target, or one of before, less the glide since then. It is looked at from a
    second after each fault on. The account, the target's bounds and the limit are at every look.
    """
    line.play(10)
    faults, farthest, bound_ms = Counter(), 0.0, line.stats.target_ms
    while line.now < hours * 3600 * line.rate:
        kind = line.random.choice(FAULTS)
        over = line.now + line.break_it(kind) * line.rate
        end = over + line.random.uniform(2, 60) * line.rate
        while line.now < end:
            line.play(LOOK_S)
            line.jitter = line.jitter if line.now < over else 0.0
            stats = line.stats
            assert USUAL["min_ms"] <= stats.target_ms <= USUAL["max_ms"]
            assert stats.fill_ms <= USUAL["limit_ms"]
            bound_ms = max(stats.target_ms, bound_ms - GLIDE_MS * LOOK_S)
            if line.now >= over + line.rate:
                farthest = max(farthest, stats.fill_ms - bound_ms)
        faults[kind] += 1
    return faults, farthest


@pytest.mark.fault(3, "an hour of jitter, drift, freezes, losses and bursts, of 1 ms to 5 s")
@pytest.mark.parametrize("seed", range(3))
def test_latency_comes_back_after_every_fault(seed, seen):  # B17 B19
    line = FaultyLine(seed)
    faults, farthest = play(line, 1.0)
    seen(
        f"{faults.total()} faults; a second after each at most {farthest:.1f} ms above the target, "
        f"or what 1.5 ms a second leave of an earlier one; {line.stats.skips} skips"
    )
    assert min(faults[kind] for kind in FAULTS) > 0
    assert farthest <= 2 * USUAL["block_ms"]


def test_latency_that_stays_is_found():
    """The control: what skips in larger steps keeps what a burst has left."""
    _, farthest = play(FaultyLine(0, block_ms=100.0), 1.0)
    assert farthest > 2 * USUAL["block_ms"]


def test_a_frame_that_nobody_sent_is_found():
    line = FaultyLine(0)
    line.play(1)
    line.sent += 1
    with pytest.raises(AssertionError):
        play(line, 1.0)


@pytest.mark.long
def test_hours_of_faults_leave_no_latency():  # B17 B19
    _, farthest = play(FaultyLine(99), HOURS)
    assert farthest <= 2 * USUAL["block_ms"]
