"""Calls that may hang: waited for so long, and undone when they return after all."""

import threading
import time

import pytest

import vocana_dsp as vo
from vocana_dsp.capture.opening import Opening

NEVER = threading.Event()


def wait_until(condition):
    end = time.monotonic() + 30.0
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


class Late:
    """A call that returns when it is let go."""

    def __init__(self):
        self.let_go = threading.Event()
        self.undone = []
        self.opening = Opening(self.call, self.undo)

    def call(self):
        assert self.let_go.wait(30.0)
        return "open"

    def undo(self, result):
        self.undone.append((result, threading.current_thread().name))
        raise RuntimeError("which nobody hears")

    def within(self, limit_s, cancel=NEVER, clock=time.monotonic):
        return self.opening.within(limit_s, cancel, clock)


def test_what_returns_too_late_is_undone_where_it_returns():  # faults 10
    late = Late()
    with pytest.raises(vo.DeviceError) as told:
        late.within(time.monotonic())
    assert (told.value.code, told.value.retryable) == ("device_hangs", False)
    assert not late.undone
    late.let_go.set()
    wait_until(lambda: late.undone)
    assert late.undone == [("open", "vocana-opening")]


def test_a_stop_does_not_wait():  # L8
    late = Late()
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(vo.Cancelled):
        late.within(time.monotonic() + 3600, stopped)
    late.let_go.set()
    wait_until(lambda: late.undone)


def test_what_returns_at_the_last_moment_is_taken():
    """Between the look at the call and the decision to give it up."""
    late = Late()

    def clock():
        late.let_go.set()
        wait_until(lambda: late.opening._returned)
        return 1.0

    assert late.within(0.0, clock=clock) == "open"
    assert not late.undone


def test_what_takes_a_while_is_waited_for():
    late, looks = Late(), []

    def clock():
        looks.append(None)
        if len(looks) == 3:
            late.let_go.set()
        return 0.0

    assert late.within(1.0, clock=clock) == "open"
    assert len(looks) >= 3


def test_what_a_call_raises_is_raised_here():
    with pytest.raises(ZeroDivisionError):
        Opening(lambda: 1 / 0, print).within(time.monotonic() + 30.0, NEVER, time.monotonic)
