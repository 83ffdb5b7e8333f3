"""When a supervisor tries again, how long it goes on, and how long the gap is that stays."""

import random
import time

import numpy as np
import pytest
from recovery_scene import Scene, Scripted, Talking

import vocana_dsp as vo
from vocana_dsp.cli import record

GONE = vo.DeviceError("gone")


def recoveries(main, policy, *fallbacks):
    """Play a recovery with each of many seeds: the times of its attempts, after the fault."""
    for seed in range(100):
        source = main(seed)
        scene = Scene(source, *fallbacks, policy=policy)
        scene.supervisor._rng = random.Random(seed)
        scene.step()
        scene.player.unplug()
        began_s = scene.time.now
        yield scene.step(), [at_s - began_s for at_s in source.times[1:]], scene.time
        scene.close()


def test_attempts_are_apart():
    """L1 L5: by the rest at least, and full jitter on top, so that three of them always fit."""
    apart_s = []
    other = Scripted(Talking)
    for state, (first_s, second_s, third_s), _ in recoveries(
        lambda _: Scripted(Talking(), GONE), vo.Recovery(), other
    ):
        assert state == "degraded"
        assert first_s == pytest.approx(0.5)
        assert 0.5 <= second_s - first_s <= 0.75
        assert 0.5 <= third_s - second_s <= 1.0
        apart_s += [second_s - first_s, third_s - second_s]
    assert min(apart_s) < 0.52
    assert max(apart_s) > 0.95


def test_a_device_is_found_as_long_as_there_is_patience():
    """L5: of attempts without end, no two are further apart than a second and the rest."""
    policy = vo.Recovery(record.ATTEMPTS, deadline_s=record.PATIENCE_S + record.FOUND_S)

    class Back(Scripted):
        def open(self, channels):
            if self.times and self.clock() < self.back_s:
                self.times.append(self.clock())
                raise GONE
            return super().open(channels)

    def main(seed):
        source = Back(Talking(), Talking())
        source.back_s = time.monotonic() + 0.1 * (seed + 1)
        return source

    for state, tried_s, passed in recoveries(main, policy):
        assert state == "running", tried_s
        assert max(np.diff([0.0, *tried_s])) <= 1.5
        assert passed.passed <= record.PATIENCE_S + record.FOUND_S


def test_a_slow_device_leaves_the_others_their_share():
    """L1: what one does not use is there for those after it."""

    class Slow(Scripted):
        def open(self, channels):
            if self.times:
                scene.time.now += 1.0
            return super().open(channels)

    sources = [Slow(Talking(), GONE), Slow(GONE), Scripted(Talking())]
    sources[1].times.append(0.0)
    scene = Scene(*sources, policy=vo.Recovery(100, settle_ms=100, deadline_s=6))
    scene.step()
    scene.player.unplug()
    began_s = scene.time.now
    assert scene.step() == "degraded"
    tried_s = [at_s - began_s for at_s in sources[0].times[1:]]
    assert len(tried_s) > 1
    assert max(tried_s) <= 0.1 + 5.9 / 3 + 1.0  # a third of the time, and the last opening's second
    assert sources[2].times[-1] - began_s < 6
    scene.close()


def test_the_gap_is_the_time_that_passed_to_the_frame():
    """L2: between the last block's end and the first one's begin, by the callbacks' own clock."""
    scene = Scene(Scripted(Talking(), Talking()))
    scene.step()
    for _ in range(4):
        scene.player.play(480)
    before = scene.path.session
    scene.player.unplug()
    time.sleep(0.05)  # the callbacks' clock is the real one
    scene.step()
    last_ns = before.engine.last_callback()[0]
    begins_ns = scene.path.session.engine.last_callback()[0] - 480 * 1e9 / 48_000
    gap = round((begins_ns - last_ns) * 48_000 / 1e9)
    assert gap > 1000
    scene.player.end()
    scene.close()
    stats = scene.path.tap.stats()
    assert stats["captured"] == 5 * 480 + gap + 480
    assert stats["dropped"] == gap
    assert scene.path.session.counts()["callbacks"] == 6
