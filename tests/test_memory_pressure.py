"""MemoryPressure: what it sees, what it does about it second by second."""

import threading
from collections import deque

import numpy as np
import pytest
from memory_machine import Machine, Part
from test_maintenance import until

import vocana_dsp as vo
from vocana_dsp.memory import Bypass, Growth, LadderStep, PressureChange
from vocana_dsp.memory.ladder import IDLE_S
from vocana_dsp.testing import SimulatedDevice


@pytest.fixture
def machine():
    return Machine()


# --- Suspension -------------------------------------------------------------------------------


def test_critical_suspends_and_five_seconds_below_the_exit_resume(machine):  # C4
    part = Part("mood")
    with machine.pressure(stages=[part]) as pressure:
        machine.ratio = 0.96
        machine.wait(1)
        assert part.suspended
        assert pressure.status.suspended == ("mood",)
        machine.ratio = 0.91
        machine.wait(20)
        assert part.suspended  # the exit is at 0.90
        machine.ratio = 0.89
        machine.wait(5)
        assert part.suspended
        machine.wait(1)
        assert not part.suspended
        assert pressure.level == "high"


def test_after_thirty_seconds_below_critical_it_resumes_within_the_band(machine):  # C4
    part = Part("mood")
    with machine.pressure(stages=[part]):
        machine.ratio = 0.96
        machine.wait(60)
        machine.ratio = 0.93
        machine.wait(30)
        assert part.suspended
        machine.wait(1)
        assert not part.suspended


def test_stages_of_a_running_capture_are_left_out_and_come_back(machine):  # C4, G14
    device = SimulatedDevice(np.full(48_000, 0.5, np.float32), pace="lockstep")
    chain, levels = vo.Chain([vo.Gain(-6)]), vo.Levels()
    stages = [Bypass(levels), Bypass(chain["Gain"])]
    with (
        vo.Capture(device, chain=chain, analyzers=[levels], ring_ms=50) as mic,
        machine.pressure(stages=stages) as pressure,
    ):
        heard = [mic.read(4_800).data[-1, 0]]
        machine.ratio = 0.99
        machine.wait(2)
        assert pressure.status.suspended == ("Levels", "Gain")
        mic.read(9_600)
        heard.append(mic.read(4_800).data[-1, 0])
        machine.ratio = 0.1
        machine.wait(30)
        mic.read(9_600)
        heard.append(mic.read(4_800).data[-1, 0])
        assert mic.stats.dropped == 0
    quiet = 0.5 * 10 ** (-6 / 20)
    np.testing.assert_allclose(heard, [quiet, 0.5, quiet], atol=1e-4)


# --- Pools ------------------------------------------------------------------------------------


@pytest.mark.fault(38, "used / limit goes from 0.50 to 0.96 with 9 buffers free, 1 in use")
def test_a_pool_is_trimmed_within_a_second_of_critical(machine, seen):  # G9
    with vo.BufferPool(64, initial=10) as pool, machine.pressure(pools=[pool]):
        machine.wait(3)
        assert pool.stats.free == 10
        kept = pool.acquire()
        kept.array[:] = 7.0
        machine.ratio = 0.96
        machine.wait(1)
        assert (pool.stats.live, pool.stats.free) == (1, 0)
        assert (kept.array == 7.0).all()
        seen("1 s later 0 buffers are free, and the one in use is as it was")
        kept.release()


def test_every_pool_of_the_process_unless_some_are_named(machine):
    with vo.BufferPool(64) as one, vo.BufferPool(64) as other:
        machine.ratio = 0.96
        machine.pressure(pools=(pool for pool in [one])).step()
        assert (one.stats.free, other.stats.free) == (0, 10)
        machine.pressure().step()
        assert other.stats.free == 0


def test_a_minute_of_rest_gives_back_what_is_idle(machine, monkeypatch):  # G3, H10
    assert list(IDLE_S.values()) == [30.0, 10.0, 5.0, 0.0]
    with vo.BufferPool(64) as pool, machine.pressure(pools=[pool]):
        machine.wait(60)
        assert pool.stats.free == 10  # they have not been free for half a minute
        monkeypatch.setitem(IDLE_S, "low", 0.0)
        machine.wait(59)
        assert pool.stats.free == 10
        machine.wait(1)
        assert pool.stats.free == 0


def test_maxima_follow_the_demand_without_any_pressure(machine):  # H11
    with vo.BufferPool(64, maximum=50) as pool, machine.pressure(pools=[pool]):
        for minute, (count, maximum) in enumerate([(8, 50), (8, 10), (2, 3), (2, 3)]):
            for buffer in [pool.acquire() for _ in range(count)]:
                buffer.release()
            machine.wait(60)
            assert pool.stats.maximum == maximum, minute


def test_pools_must_fit_the_limit(machine):  # J2
    pools = [vo.BufferPool(2**20, initial=0, maximum=10) for _ in range(3)]
    vo.MemoryPressure(pools=pools, limit_bytes=3 * 40 * 2**20)
    with pytest.raises(vo.ConfigError, match="may take 125829120 bytes, expected 125829119"):
        vo.MemoryPressure(pools=pools, limit_bytes=3 * 40 * 2**20 - 1)


# --- What is told -----------------------------------------------------------------------------


def test_events_are_told_once(machine):  # G9
    with machine.pressure(stages=[Part("mood")]) as pressure:
        machine.ratio = 0.97
        machine.wait(1)
        assert pressure.events() == [
            PressureChange(1, "low", "critical", 0.97),
            LadderStep("trim", "suspend"),
            LadderStep("shrink", "suspend"),
            LadderStep("mood", "suspend"),
        ]
        assert pressure.events() == []
        assert pressure.throttle.shed
        machine.ratio = 0.1
        machine.wait(20)
        names = [e.name for e in pressure.events() if isinstance(e, LadderStep)]
        assert names == ["mood", "shrink", "trim"]


def test_a_leak_is_told_once(machine):  # H4
    with machine.pressure() as pressure:
        for _ in range(30 * 60):
            machine.rss += 1_000_000 // 60
            machine.wait(1)
        (growth,) = pressure.events()
    assert isinstance(growth, Growth)
    # a second leaks 1e6 // 60 bytes
    assert growth.kib_per_min == pytest.approx(1_000_000 / 1024, rel=0.01)


def test_without_a_leak_nothing_is_told(machine):  # H4: the control
    with machine.pressure() as pressure:
        machine.wait(30 * 60)
        assert pressure.events() == []


def test_a_look_that_fails_is_told_and_the_next_one_is_taken(machine):
    machine.ratio = -1
    with machine.pressure() as pressure:
        assert pressure.error is None
        machine.wait(1)
        assert isinstance(pressure.error, vo.ConfigError)
        machine.ratio = 0.9
        machine.wait(1)
        assert pressure.level == "high"


def test_a_snapshot_says_where_memory_is():  # G7
    with vo.BufferPool(480, 2, initial=3) as pool:
        now = vo.memory.snapshot(vo.memory.MemoryLimit(2**40))
        (use,) = [each for each in now.pools if each.stats == pool.stats]
        assert (use.buffer_bytes, use.held_bytes) == (3840, 3 * 3840)
        assert now.pool_bytes >= use.held_bytes
        assert now.use.ratio == now.use.used_bytes / 2**40
        assert now.rss_bytes > 2**20
    assert not any(each.stats == pool.stats for each in vo.memory.snapshot().pools)


def test_what_happened_is_told_to_one_of_several_threads(machine):
    pressure = machine.pressure()

    class Vanishes(deque):
        """What another thread has taken since this one looked."""

        def __bool__(self):
            return True

    pressure._events = Vanishes([1, 2])
    assert pressure.events() == [1, 2]


# --- Its thread -------------------------------------------------------------------------------


def test_the_thread_of_the_package_does_it(machine, monkeypatch):  # H10
    monkeypatch.setattr("vocana_dsp.memory.watch.STEP_S", 0.01)
    seen = []
    part = Part("mood")
    part.suspend = lambda: seen.append(threading.current_thread().name)
    with vo.MemoryPressure(read=machine.read, stages=[part]):
        machine.ratio = 0.99
        until(lambda: seen)
    assert seen == ["vocana-maintenance"]


@pytest.mark.parametrize(
    "arguments", [{"policy": 0.9}, {"stages": [1]}, {"pools": [1]}, {"limit_bytes": 0}]
)
def test_arguments_that_cannot_be(arguments):
    with pytest.raises(vo.ConfigError):
        vo.MemoryPressure(**arguments)
