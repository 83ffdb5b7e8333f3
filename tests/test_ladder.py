"""What is done when memory is short: in order, all the way, undone in reverse, and no more."""

import itertools
import threading

import numpy as np
import pytest

import vocana_dsp as vo
from vocana_dsp.memory import Bypass, Ladder
from vocana_dsp.memory.pressure import LEVELS


class Part:
    """A stage that writes down what happens to it."""

    def __init__(self, name, told, raises=()):
        self.name, self.told, self.raises = name, told, raises

    def suspend(self):
        self._do("suspend")

    def resume(self):
        self._do("resume")

    def _do(self, action):
        self.told.append((self.name, action))
        if action in self.raises:
            raise RuntimeError(f"{self.name} cannot {action}")


def steps_of(ladder, levels):
    """Names of what is done at each level."""
    return [[step.name for step in ladder.step(level, now_s)] for now_s, level in enumerate(levels)]


def parts(told, **raises):
    return [Part(name, told, raises.get(name, ())) for name in ("picture", "mood", "voice")]


# --- Order ------------------------------------------------------------------------------------


def test_it_walks_up_in_order_and_down_in_reverse():  # G9, G14
    told = []
    ladder = Ladder(parts(told), pools=list)
    up = ["low", "moderate", "high", *["critical"] * 5]
    assert steps_of(ladder, up) == [
        [], ["trim"], ["shrink"], ["picture"], ["mood"], ["voice"], [], []
    ]  # fmt: skip
    assert ladder.suspended == ("picture", "mood", "voice")
    down = ["high", "moderate", *["low"] * 5]
    assert steps_of(ladder, down) == [
        ["voice"], ["mood"], ["picture"], ["shrink"], ["trim"], [], []
    ]  # fmt: skip
    assert ladder.suspended == ()
    names = ["picture", "mood", "voice"]
    assert told == [(n, "suspend") for n in names] + [(n, "resume") for n in reversed(names)]


def test_it_goes_as_far_as_the_level_and_turns_where_it_is():  # G14
    told = []
    ladder = Ladder(parts(told), pools=list)
    assert steps_of(ladder, ["critical", "critical", "high", "critical", "high", "high"]) == [
        ["trim", "shrink", "picture"],
        ["mood"],
        ["mood"],
        ["mood"],
        ["mood"],
        ["picture"],
    ]
    assert steps_of(ladder, ["high", "high", "moderate", "moderate"]) == [[], [], ["shrink"], []]


@pytest.mark.parametrize("seed", range(5))
def test_whatever_the_levels_are_the_suspended_are_the_first(seed):  # G14
    told = []
    ladder = Ladder(parts(told), pools=list)
    random = np.random.default_rng(seed)
    for now_s, level in enumerate(random.choice(LEVELS, 400, p=[0.2, 0.2, 0.2, 0.4])):
        before = len(ladder.suspended)
        ladder.step(level, now_s)
        assert ladder.suspended == ("picture", "mood", "voice")[: len(ladder.suspended)]
        wanted = 3 if level == "critical" else 0
        moved = len(ladder.suspended) - before
        assert moved == np.sign(wanted - before) or (moved == 0 and before == 0)
    out = {name: [action for who, action in told if who == name] for name, _ in told}
    for actions in out.values():  # never twice the same
        assert all(a != b for a, b in itertools.pairwise(actions))


# --- Stages that raise ------------------------------------------------------------------------


def test_a_stage_that_raises_is_told_and_the_walk_goes_on():  # G14
    told = []
    ladder = Ladder(parts(told, mood=("suspend",), voice=("resume",)), pools=list)
    up = [step for now_s in range(4) for step in ladder.step("critical", now_s)]
    assert [(step.name, str(step.error)) for step in up if step.error] == [
        ("mood", "mood cannot suspend")
    ]
    assert ladder.suspended == ("picture", "voice")
    down = [step for now_s in range(6) for step in ladder.step("low", now_s)]
    assert [(step.name, str(step.error)) for step in down if step.error] == [
        ("voice", "voice cannot resume")
    ]
    assert ladder.suspended == ()
    assert ("mood", "resume") not in told  # it never was suspended
    assert [step.name for step in down] == ["voice", "picture", "shrink", "trim"]


def test_a_pool_that_raises_is_told_and_the_others_are_trimmed():
    class Broken(vo.BufferPool):
        def trim(self, idle_s=0.0):
            raise RuntimeError("broken")

    broken, sound = Broken(8), vo.BufferPool(8)
    steps = Ladder(pools=lambda: [broken, sound]).step("critical", 0)
    assert [str(step.error) for step in steps if step.error] == ["broken"]
    assert sound.stats.free == 0


@pytest.mark.parametrize("stages", [[object()], ["stage"], [vo.Gain(-6)]])
def test_what_is_no_stage(stages):
    with pytest.raises(vo.ConfigError, match="stages holds"):
        Ladder(stages)
    with pytest.raises(vo.ConfigError, match="nodes holds"):
        Bypass(object())


def test_a_level_that_does_not_exist():
    with pytest.raises(vo.ConfigError, match="level is 'medium'"):
        Ladder(pools=list).step("medium", 0)


# --- Pools ------------------------------------------------------------------------------------


def test_free_buffers_are_given_back_and_those_in_use_are_not():  # G3, G9, faults 38
    pool = vo.BufferPool(64, initial=8, maximum=8)
    kept = [pool.acquire() for _ in range(3)]
    for mark, buffer in enumerate(kept):
        buffer.array[:] = mark
    ladder = Ladder(pools=lambda: [pool])
    ladder.step("critical", 0)
    assert (pool.stats.live, pool.stats.free, pool.stats.maximum) == (3, 0, 3)
    assert [buffer.array.max() for buffer in kept] == [0.0, 1.0, 2.0]
    for buffer in kept:
        buffer.release()
    ladder.step("critical", 1)  # what has come back since
    assert pool.stats.free == 0
    for now_s in range(2, 5):
        ladder.step("low", now_s)
    assert pool.stats.maximum == 8
    more = [pool.acquire() for _ in range(8)]
    for buffer in more:
        buffer.release()


def test_threads_and_a_ladder_share_pools():  # G9: no lost buffer, no deadlock
    pool = vo.BufferPool(16, initial=4, maximum=16, reserve=4)
    ladder = Ladder([Part("part", [])], pools=lambda: [pool])
    done, wrong = threading.Event(), []

    def work(mark):
        for n in range(1_500):
            try:
                with pool.acquire(timeout=0.001) as buffer:
                    buffer.array[:] = mark + n
                    if not (buffer.array == mark + n).all():
                        wrong.append(mark)
            except vo.PoolExhausted:
                pass

    def press():
        now_s = 0
        while not done.is_set():
            ladder.step(LEVELS[now_s * 7 % 4], now_s)
            now_s += 1

    workers = [threading.Thread(target=work, args=(10_000.0 * k,)) for k in range(6)]
    presser = threading.Thread(target=press)
    for thread in (*workers, presser):
        thread.start()
    for thread in workers:
        thread.join(60)
    done.set()
    presser.join(60)
    assert not wrong
    assert not any(thread.is_alive() for thread in (*workers, presser))
    while ladder.step("low", 0):
        pass
    assert (pool.stats.live, pool.stats.maximum, pool.stats.leaked) == (0, 16, 0)


# --- Nodes ------------------------------------------------------------------------------------


def largest_step(y):
    return float(np.abs(np.diff(y)).max())


def test_nodes_are_left_out_and_come_back_without_a_click():  # C4
    tone = np.sin(2 * np.pi * 100 / 48_000 * np.arange(48_000)).astype(np.float32)
    gain = vo.Gain(-12)
    chain, stage = vo.Chain([gain]), Bypass(gain)
    heard = [chain.process(tone[:12_000], 48_000)]
    stage.suspend()
    heard.append(chain.process(tone[12_000:24_000], 48_000))
    stage.resume()
    heard.append(chain.process(tone[24_000:], 48_000))
    y = np.concatenate(heard)
    assert np.abs(y[13_000:24_000]).max() == pytest.approx(1.0, abs=1e-4)
    assert np.abs(y[25_000:]).max() == pytest.approx(10 ** (-12 / 20), abs=1e-4)
    assert largest_step(y) < 1.5 * largest_step(tone)
    hard = np.where((np.arange(48_000) // 12_050) % 2, tone, tone / 4)  # the control
    assert largest_step(hard) > 10 * largest_step(tone)


def test_a_node_that_was_bypassed_stays_so():
    first, second = vo.Gain(-6), vo.Mute()
    second.bypass = True
    stage = Bypass(first, second)
    assert stage.name == "Gain, Mute"
    stage.suspend()
    stage.suspend()
    assert (first.bypass, second.bypass) == (True, True)
    stage.resume()
    assert (first.bypass, second.bypass) == (False, True)
