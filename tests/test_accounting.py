"""captured == delivered + dropped + queued, to the frame, whatever happens in whatever order."""

import numpy as np
import pytest
from account_checker import AccountChecker
from hand_device import HandDevice
from hypothesis import given, settings
from hypothesis import strategies as st

import vocana_dsp as vo
from vocana_dsp.testing import BlockSizes, SilenceFrom, SimulatedDevice, Stall

RATE = 1000  # a millisecond is a frame: policies in ms are policies in frames


class Timeline:
    """What a hand-played device has played, with what the input policy makes of it."""

    def __init__(self, device):
        self.device = device
        self.cleaned = set()

    def play(self, n, lost, dirty):
        first = self.device.frame + lost
        block = np.arange(first, first + n, dtype=np.float32)[:, None]
        if dirty and n:
            place = dirty % n
            block[place] = (np.nan, 1e-42)[dirty % 2]
            self.cleaned.add(first + place)
        self.device.play(block, lost=lost)

    def wave(self, first, n):
        frames = np.arange(first, first + n, dtype=np.float32)[:, None]
        for frame in self.cleaned:
            if first <= frame < first + n:
                frames[frame - first] = 0
        return frames


steps = st.one_of(
    st.tuples(st.just("play"), st.integers(0, 150), st.just(0), st.just(0)),
    st.tuples(st.just("play"), st.integers(0, 150), st.integers(0, 90), st.integers(0, 99)),
    st.tuples(st.just("burst"), st.integers(1, 60), st.integers(2, 12)),
    st.tuples(st.just("read"), st.integers(1, 200)),
    st.tuples(st.just("drain"), st.integers(1, 200)),
)

captures = st.fixed_dictionaries(
    {
        "ring": st.integers(2, 300),
        "policy": st.sampled_from(["drop_newest", "skip", "fail"]),
        "target": st.floats(0.01, 0.95),
        "high_water": st.none() | st.floats(0.0, 1.0),
        "fade": st.sampled_from([0, 1, 5, 24]),
        "trips_after": st.integers(1, 4),
        "rest": st.integers(1, 400),
        "nonfinite": st.sampled_from(["clean", "reject"]),
    }
)


def make(device, c):
    target = max(1, int(c["target"] * (c["ring"] - 1)))
    high = c["high_water"]
    if high is not None:
        high = target + int(high * (c["ring"] - target))
    return vo.Capture(
        device,
        block_ms=1,
        ring_ms=c["ring"],
        overflow=vo.Overflow(c["policy"], c["fade"], target, high),
        breaker=vo.Breaker(c["trips_after"], c["rest"], 4 * c["rest"]),
        input=vo.InputPolicy(c["nonfinite"], "clean", limit=2.0**24),
    )


def read_once(mic, checker, n):
    while True:
        try:
            block = mic.read(n, timeout=0)
        except vo.RingOverflow:
            continue
        checker.block(block)
        return len(block)


@settings(max_examples=400, deadline=None)
@given(captures, st.lists(steps, min_size=10, max_size=80))
def test_the_account_is_exact_at_every_step(config, schedule):  # B16, faults 1 and 2
    device = HandDevice(rate=RATE)
    with make(device, config) as mic:
        timeline = Timeline(device)
        checker = AccountChecker(timeline.wave, config["fade"])
        for step in schedule:
            match step:
                case ("play", n, lost, dirty):
                    timeline.play(n, lost, dirty)
                case ("burst", n, times):
                    for _ in range(times):
                        timeline.play(n, 0, 0)
                case ("read", n):
                    read_once(mic, checker, n)
                case ("drain", n):
                    while read_once(mic, checker, n):
                        pass
            checker.account(mic.stats, mic.gaps)
            assert checker.problems == [], (step, checker.problems)
            assert mic.stats.queued <= config["ring"]
        device.end()
        while read_once(mic, checker, 64):
            pass
        checker.account(mic.stats, mic.gaps)
        checker.end(mic.stats)
    assert checker.problems == []


faults = st.one_of(
    st.builds(Stall, st.integers(0, 3000), st.floats(0.1, 900), st.booleans()),
    st.builds(
        BlockSizes, st.integers(0, 3000), st.lists(st.integers(1, 400), min_size=1, max_size=16)
    ),
)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["lockstep", "flatout"]),
    st.lists(faults, max_size=6),
    captures,
    st.lists(st.integers(1, 400), min_size=1, max_size=12),
    st.integers(1, 300),
)
def test_the_account_of_a_simulated_device(pace, script, config, reads, block_frames):  # B16
    device = SimulatedDevice(
        rate=RATE, seconds=3, pace=pace, block_frames=block_frames, script=script
    )
    checker = AccountChecker(
        lambda first, n: np.arange(first, first + n, dtype=np.float32)[:, None], config["fade"]
    )
    with make(device, config) as mic:
        turn = 0
        while mic.state == "running" or mic.stats.queued:
            read_once(mic, checker, reads[turn % len(reads)])
            snapshot = mic.stats
            assert snapshot.captured == snapshot.delivered + snapshot.dropped + snapshot.queued
            turn += 1
        checker.account(mic.stats, mic.gaps)
        checker.end(mic.stats)
    assert checker.problems == []


def test_silence_of_the_device_is_not_a_loss():
    device = SimulatedDevice(seconds=0.2, pace="lockstep", script=[SilenceFrom(100, ms=20)])
    with vo.Capture(device) as mic:
        assert sum(len(block) for block in mic) == 9600
        assert (mic.stats.dropped, mic.gaps) == (0, [])


# --- Planted faults: the checker must report each -------------------------------------------------


def shortened(block):
    return vo.Block(block.data[:-1], block.frame, block.time, block.gap, block.cause)


def shifted(block):
    return vo.Block(block.data, block.frame + 1, block.time, block.gap, block.cause)


def gapless(block):
    return vo.Block(block.data, block.frame, block.time, 0, None)


def causeless(block):
    return vo.Block(block.data, block.frame, block.time, block.gap, None)


def repeated(block):
    data = block.data.copy()
    data[-1] = data[-2]
    return vo.Block(data, block.frame, block.time, block.gap, block.cause)


PLANTED = {
    "nothing": (lambda block: block, lambda gaps: gaps, False),
    "a frame is lost": (shortened, lambda gaps: gaps, True),
    "a frame is repeated": (repeated, lambda gaps: gaps, True),
    "the number is one off": (shifted, lambda gaps: gaps, True),
    "the gap is not told": (gapless, lambda gaps: gaps, True),
    "the cause is not told": (causeless, lambda gaps: gaps, True),
    "the list lacks a gap": (lambda block: block, lambda gaps: gaps[:-1], True),
    "the list is out of order": (lambda block: block, lambda gaps: gaps[::-1], True),
    "a gap is one frame off": (
        lambda block: block,
        lambda gaps: [vo.Gap(gap.frame + 1, gap.frames, gap.cause) for gap in gaps],
        True,
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_the_checker_reports_planted_faults(planted):
    change, change_gaps, wrong = PLANTED[planted]
    device = HandDevice(rate=RATE)
    with vo.Capture(device, ring_ms=100, overflow=vo.Overflow(crossfade_ms=5)) as mic:
        timeline = Timeline(device)
        checker = AccountChecker(timeline.wave, 5)
        for _ in range(2):
            for _ in range(2):
                timeline.play(80, 0, 0)
            while len(block := mic.read(40, timeout=0)):
                checker.block(change(block) if block.gap else block)
        timeline.play(50, 0, 0)
        block = mic.read(50, timeout=0)
        assert block.gap
        checker.block(change(block))
        checker.account(mic.stats, change_gaps(mic.gaps))
        checker.end(mic.stats)
    assert bool(checker.problems) == wrong, checker.problems
