"""The maintenance thread: what it does when, and how it ends."""

import threading
import time

import pytest
from child import run_ok
from hypothesis import given
from hypothesis import strategies as st

import vocana_dsp as vo
from vocana_dsp.memory.maintenance import SHARED, Maintenance


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


def until(holds, limit_s=30.0):
    """Wait for another thread."""
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.001)


# --- By hand ----------------------------------------------------------------------------------


def test_a_job_is_done_every_sixty_seconds():  # H10
    clock, done = Clock(), []
    maintenance = Maintenance(clock)
    maintenance.every(60, lambda: done.append(clock.now_s))
    for clock.now_s in range(0, 200):
        wait_s = maintenance.step()
        assert wait_s == 60 - clock.now_s % 60
    assert done == [60, 120, 180]


def test_a_job_that_is_late_is_done_once():  # J6
    clock, done = Clock(), []
    maintenance = Maintenance(clock)
    maintenance.every(1, lambda: done.append(clock.now_s))
    clock.now_s = 100.5
    assert maintenance.step() == 1
    assert maintenance.step() == 1
    assert done == [100.5]


@given(
    st.lists(st.floats(0.5, 20), min_size=1, max_size=4),
    st.lists(st.floats(0, 5), min_size=1, max_size=60),
)
def test_every_job_is_done_when_it_is_due_and_not_before(intervals, steps):  # J6
    clock = Clock()
    maintenance = Maintenance(clock)
    done = [[] for _ in intervals]
    for interval_s, times in zip(intervals, done, strict=True):
        maintenance.every(interval_s, lambda times=times: times.append(clock.now_s))
    longest = 0.0
    for step_s in steps:
        clock.now_s += step_s
        longest = max(longest, step_s)
        wait_s = maintenance.step()
        assert 0 <= wait_s <= min(intervals) * 1.001
        for interval_s, times in zip(intervals, done, strict=True):
            last_s = times[-1] if times else 0.0
            assert clock.now_s - last_s < interval_s * 1.001
    for interval_s, times in zip(intervals, done, strict=True):
        gaps = [b - a for a, b in zip([0.0, *times], times, strict=False)]
        assert all(interval_s * 0.999 <= gap <= interval_s + longest for gap in gaps)


def test_a_job_that_raises_is_done_again_and_so_are_the_others():  # J6
    clock, done = Clock(), []

    def fail():
        done.append("fail")
        raise OSError("planted")

    maintenance = Maintenance(clock)
    job = maintenance.every(1, fail)
    maintenance.every(1, lambda: done.append("other"))
    for clock.now_s in (1, 2):
        maintenance.step()
    assert done == ["fail", "other"] * 2
    assert str(job.error) == "planted"


def test_a_cancelled_job_is_done_no_more():
    clock, done = Clock(), []
    maintenance = Maintenance(clock)
    job = maintenance.every(1, lambda: done.append(1))
    assert maintenance.has(job)
    maintenance.cancel(job)
    maintenance.cancel(job)
    assert not maintenance.has(job)
    clock.now_s = 10
    assert maintenance.step() is None
    assert done == []


def test_a_job_may_cancel_one_that_is_due_with_it():
    clock, done = Clock(), []
    maintenance = Maintenance(clock)
    maintenance.every(1, lambda: maintenance.cancel(other))
    other = maintenance.every(1, lambda: done.append(1))
    clock.now_s = 1
    maintenance.step()
    assert done == []


@pytest.mark.parametrize("interval_s", [0, -1, float("nan"), "1", None])
def test_intervals_that_are_none(interval_s):
    with pytest.raises(vo.ConfigError, match="interval_s"):
        Maintenance().every(interval_s, list)


# --- The thread -------------------------------------------------------------------------------


def named(name="vocana-maintenance"):
    return [thread for thread in threading.enumerate() if thread.name == name]


def test_the_thread_lives_as_long_as_there_are_jobs():
    maintenance, done = Maintenance(), threading.Event()
    assert not maintenance.running
    job = maintenance.every(0.001, done.set)
    maintenance.start()
    maintenance.start()
    assert done.wait(30)
    assert maintenance.running
    (thread,) = named()
    assert thread.daemon
    maintenance.cancel(job)
    thread.join(30)
    assert not thread.is_alive()
    assert not maintenance.running
    done.clear()
    maintenance.every(0.001, done.set)
    maintenance.start()
    assert done.wait(30)
    maintenance.stop()
    assert not named()


def test_a_new_job_does_not_wait_for_an_old_one():
    maintenance, done = Maintenance(), threading.Event()
    maintenance.every(1e300, list)  # longer than a lock can be waited for
    maintenance.start()
    until(lambda: maintenance._changed._waiters)  # it waits for that
    maintenance.every(0.001, done.set)
    assert done.wait(30)
    maintenance.stop()


def test_stop_gives_up_on_a_job_that_hangs(monkeypatch):
    monkeypatch.setattr("vocana_dsp.memory.maintenance.JOIN_S", 0.01)
    maintenance, hangs, inside = Maintenance(), threading.Event(), threading.Event()

    def hang():
        inside.set()
        hangs.wait()

    maintenance.every(0.001, hang)
    maintenance.start()
    assert inside.wait(30)
    (thread,) = named()
    maintenance.stop()
    assert thread.is_alive()
    hangs.set()
    thread.join(30)
    assert not thread.is_alive()


def test_a_job_may_stop_its_own_thread():
    maintenance = Maintenance()
    maintenance.every(0.001, maintenance.stop)
    maintenance.start()
    until(lambda: not named())


# --- Of the package ---------------------------------------------------------------------------


def test_the_shared_thread_ends_with_its_last_user():
    with vo.MemoryPressure(), vo.MemoryPressure():
        until(lambda: len(named()) == 1)
        assert SHARED.running
    until(lambda: not named())


def test_it_ends_with_the_interpreter():  # faults 42
    told = run_ok("""
        import atexit, threading
        atexit.register(lambda: print(threading.active_count()))  # told last
        import vocana_dsp as vo
        pressure = vo.MemoryPressure()
        pressure.start()
        print(pressure.step(), threading.active_count())
    """)
    assert told == "low 2\n1\n"


def test_a_forked_child_has_none_and_may_start_one():  # faults 41
    told = run_ok("""
        import os, sys, threading, warnings
        import vocana_dsp as vo
        warnings.simplefilter("ignore")

        def threads():
            return sum(t.name == "vocana-maintenance" for t in threading.enumerate())

        pressure = vo.MemoryPressure()
        pressure.start()
        child = os.fork()
        if not child:
            before = threads()
            pressure.start()
            after = threads()
            pressure.close()
            sys.exit(7 if (before, after) == (0, 1) else 8)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(status, threads())
        pressure.close()
    """)
    assert told == "7 1\n"
