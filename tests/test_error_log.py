"""ErrorLog: what is counted, who is told in which order, and when errors come in bursts."""

import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vocana_dsp as vo
from vocana_dsp.control.bucket import TokenBucket
from vocana_dsp.control.error_log import Burst, ErrorLog
from vocana_dsp.control.states import StateMachine


class Clock:
    def __init__(self):
        self.now_s = 50.0

    def __call__(self):
        return self.now_s


def bursts(log):
    return [(failure.time_s, failure.code) for failure in log.failures if failure.burst]


def test_five_in_ten_seconds_are_a_burst():  # G13
    clock = Clock()
    log = ErrorLog(clock=clock)
    for _ in range(4):
        log.record(vo.DeviceError("gone"))
        clock.now_s += 2.5
    assert bursts(log) == []
    log.record(vo.FormatError("another code does not count"))
    log.record(vo.DeviceError("gone"))
    assert bursts(log) == [(60.0, "device")]


def test_four_in_ten_seconds_are_none():  # G13
    clock = Clock()
    log = ErrorLog(clock=clock)
    for _ in range(100):
        log.record(vo.DeviceError("gone"))
        clock.now_s += 2.51
    assert bursts(log) == []


def test_a_storm_is_told_once_in_each_window():  # G13
    clock = Clock()
    log = ErrorLog(kept=10_000, clock=clock)
    for _ in range(1000):
        log.record(vo.DeviceError("gone"))
        clock.now_s += 0.1
    times_s = [time_s for time_s, _ in bursts(log)]
    assert len(times_s) == 10
    assert all(b - a > 10 for a, b in itertools.pairwise(times_s))


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 9)), max_size=80), st.integers(1, 5))
def test_counts_are_those_of_a_list(errors, kept):  # G13
    clock = Clock()
    log = ErrorLog(kept=kept, clock=clock)
    noted = []
    for code, later_s in errors:
        clock.now_s += later_s
        log.record(vo.VocanaError("planted", code=code))
        noted.append((code, clock.now_s))
    codes = [code for code, _ in noted]
    assert log.totals == {code: codes.count(code) for code in set(codes)}
    recent = [code for code, time_s in noted[-kept:] if clock.now_s - time_s <= 10]
    assert log.counts(window_s=10) == {code: recent.count(code) for code in set(recent)}
    assert [failure.number for failure in log.failures] == list(range(len(noted)))[-kept:]


def test_listeners_are_called_in_their_order():  # G12
    log, told = ErrorLog(), []
    log.on_error(lambda failure: told.append(("first", failure.code)))
    forget = log.on_error(lambda failure: told.append(("second", failure.code)))
    log.on_error(lambda failure: told.append(("third", failure.code)))
    log.record(vo.DeviceError("gone"))
    forget()
    forget()
    log.record(OSError("no code"))
    assert told == [
        ("first", "device"),
        ("second", "device"),
        ("third", "device"),
        ("first", "OSError"),
        ("third", "OSError"),
    ]


def test_an_error_that_a_listener_records_is_told_after_the_one_it_hears():  # G12
    log, told = ErrorLog(), []

    def recover(failure):
        if failure.number == 0:
            log.record(vo.StreamClosed("while recovering"))

    log.on_error(recover)
    log.on_error(lambda failure: told.append((failure.number, failure.code)))
    log.record(vo.DeviceError("gone"))
    assert told == [(0, "device"), (1, "closed")]


def test_errors_that_nobody_hears_are_counted():  # G12
    log, heard = ErrorLog(kept=2), []

    def slow(failure):
        heard.append(failure.number)
        for _ in range(5 if failure.number == 0 else 0):
            log.record(vo.StreamClosed("meanwhile"))

    log.on_error(slow)
    log.record(vo.DeviceError("gone"))
    assert (heard, log.untold, log.totals) == ([0, 4, 5], 3, {"device": 1, "closed": 5})


def test_every_thread_s_errors_are_told_once_and_in_order():  # G12
    log, told = ErrorLog(kept=10_000), []
    log.on_error(lambda failure: told.append(failure.number))

    def work():
        for _ in range(200):
            log.record(vo.VocanaError("planted"))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert told == list(range(1600))


def test_a_listener_that_raises_harms_nobody_and_is_left_out_in_the_end():  # fault 33
    log, heard = ErrorLog(), []
    calls = []

    def broken(failure):
        calls.append(failure.number)
        if failure.number != 3:
            raise ValueError(failure.number)

    log.on_error(broken)
    log.on_error(lambda failure: heard.append(failure.number))
    for _ in range(20):
        log.record(vo.DeviceError("gone"))
    assert calls == list(range(9)), "three, one that is well, and five in a row"
    assert heard == list(range(20))
    assert [str(error) for error in log.listener_errors] == ["0", "1", "2", *"45678"]
    assert log.listener_errors[0].__traceback__ is not None


def test_an_interrupted_listener_ends_no_log():
    log, heard = ErrorLog(), []

    def interrupted(failure):
        heard.append(failure.number)
        if failure.number == 0:
            raise KeyboardInterrupt

    log.on_error(interrupted)
    with pytest.raises(KeyboardInterrupt):
        log.record(vo.DeviceError("gone"))
    log.record(vo.DeviceError("gone"))
    assert heard == [0, 1]


def busy():
    inside, go_on = threading.Event(), threading.Event()
    machine = StateMachine(
        {"a": ["b"], "b": ["a"]}, "a", before=lambda change: inside.set() or go_on.wait(60)
    )
    thread = threading.Thread(target=machine.to, args=("b",))
    thread.start()
    inside.wait(60)
    try:
        machine.to("a", timeout_s=0.001)
    finally:
        go_on.set()
        thread.join(60)


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (lambda: TokenBucket(1, initial=0).acquire(timeout_s=0.001), vo.TimedOut, "timed_out"),
        (busy, vo.ResourceBusy, "busy"),
        (lambda: StateMachine({"a": []}, "a").to("a"), vo.StateError, "bad_state"),
    ],
)
def test_each_fault_arrives_with_its_code_hint_and_whether_to_try_again(fault, kind, code):  # G12
    log, heard = ErrorLog(), []
    log.on_error(heard.append)
    with pytest.raises(kind) as caught:
        fault()
    log.record(caught.value)
    (failure,) = heard
    assert (failure.code, type(failure.error)) == (code, kind)
    assert failure.error.hint
    assert failure.error.retryable == (kind is not vo.StateError)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: Burst(count=0), "count is 0"),
        (lambda: Burst(window_s=0), "window_s is 0"),
        (lambda: ErrorLog(kept=0), "kept is 0"),
        (lambda: ErrorLog(burst=5), r"burst is 5, expected Burst\(...\)"),
        (lambda: ErrorLog().counts(0), "window_s is 0"),
    ],
)
def test_what_is_out_of_range_is_refused(wrong, told):
    with pytest.raises(vo.ConfigError, match=told):
        wrong()
