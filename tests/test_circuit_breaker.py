"""CircuitBreaker: every sequence of calls, presets, and how many get through after a rest."""

import itertools
import random
import threading

import pytest

import vocana_dsp as vo
from vocana_dsp.control.breaker import NORMAL, RESILIENT, SENSITIVE, CircuitBreaker, Trip


class Clock:
    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s


def fail():
    raise vo.DeviceError("planted")


def attempt(function):
    """What comes of a call: "ok", "failed" or "refused"."""
    try:
        function()
    except vo.ResourceBusy:
        return "refused"
    except vo.DeviceError:
        return "failed"
    return "ok"


def work(breaker):
    return attempt(lambda: breaker.call(lambda: None))


def break_it(breaker):
    return attempt(lambda: breaker.call(fail))


@pytest.mark.parametrize(
    ("trip", "failures", "window_s", "rest_s"),
    [(NORMAL, 3, 300, 120), (SENSITIVE, 2, 600, 300), (RESILIENT, 5, 180, 60)],
)
def test_presets(trip, failures, window_s, rest_s):  # N13
    """One failure less does nothing, nor does one too many in too long a time."""
    clock = Clock()
    breaker = CircuitBreaker(trip, clock=clock)
    for _ in range(failures - 1):
        break_it(breaker)
    assert breaker.state == "closed"
    clock.now_s += window_s + 1
    for n in range(failures):
        assert breaker.state == "closed"
        break_it(breaker)
        if n < failures - 1:
            clock.now_s += window_s / (failures - 1)
    assert (breaker.state, breaker.rest_s) == ("open", rest_s)
    clock.now_s += rest_s - 0.5
    assert (work(breaker), breaker.rest_s) == ("refused", 0.5)
    clock.now_s += 0.5
    assert (breaker.state, breaker.rest_s) == ("open", 0.0)
    assert (work(breaker), breaker.state) == ("ok", "closed")


def model(events, failures, window, rest):
    """The rules of a breaker with one probe at a time, written down once more, in integers."""
    state, failed, over, now, outcomes = "closed", [], 0, 0, []
    for event in events:
        if isinstance(event, int):
            now += event
            continue
        if state == "open" and now >= over:
            state = "half_open"
        if state == "open":
            outcomes.append("refused")
        elif event == "ok":
            outcomes.append("ok")
            if state == "half_open":
                state, failed = "closed", []
        else:
            outcomes.append("failed")
            failed = [at for at in failed if now - at <= window] + [now]
            if state == "half_open" or len(failed) == failures:
                state, failed, over = "open", [], now + rest
    return outcomes, state


@pytest.mark.parametrize(("failures", "length"), [(1, 6), (2, 8), (3, 6)])
def test_every_sequence_of_calls_and_pauses(failures, length):  # N13, fault 35
    """All sequences of success, failure, a short pause and a long one."""
    window, rest = 5, 3
    for events in itertools.product(["ok", "fail", 2, 3], repeat=length):
        clock = Clock()
        breaker = CircuitBreaker(Trip(failures, window, rest), clock=clock)
        outcomes = []
        for event in events:
            if isinstance(event, int):
                clock.now_s += event
            else:
                outcomes.append(work(breaker) if event == "ok" else break_it(breaker))
        assert (outcomes, breaker.state) == model(events, failures, window, rest), events


def test_what_is_open_is_not_called_and_says_for_how_long():  # N13
    clock = Clock()
    breaker = CircuitBreaker(Trip(failures=1, rest_s=30), clock=clock)
    break_it(breaker)
    with pytest.raises(vo.ResourceBusy, match="1 calls failed, expected none for 30 s") as caught:
        breaker.call(lambda: pytest.fail("called"))
    assert (caught.value.code, caught.value.retryable) == ("breaker_open", True)
    assert [(change.source, change.target) for change in breaker.history] == [("closed", "open")]


def test_a_change_that_the_table_forbids_raises():  # fault 35
    breaker = CircuitBreaker()
    with pytest.raises(vo.StateError, match="'closed' cannot become 'half_open'"):
        breaker._become("half_open", "planted")


@pytest.mark.parametrize("probes", [1, 3, 10])
def test_exactly_so_many_probes_among_32_threads(probes):  # fault 37
    clock = Clock()
    breaker = CircuitBreaker(Trip(failures=1, rest_s=1, probes=probes), clock=clock)
    break_it(breaker)
    clock.now_s += 1
    inside, outcomes = [], []
    start, go_on = threading.Barrier(32), threading.Event()

    def probe():
        inside.append(1)
        assert go_on.wait(60)

    def race():
        start.wait()
        outcomes.append(attempt(lambda: breaker.call(probe)))
        if outcomes.count("refused") == 32 - probes:
            go_on.set()

    threads = [threading.Thread(target=race) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(inside) == probes
    assert (outcomes.count("ok"), outcomes.count("refused")) == (probes, 32 - probes)
    assert breaker.state == "closed"


def test_one_probe_of_several_that_fails_opens_it_again():  # fault 37
    clock = Clock()
    breaker = CircuitBreaker(Trip(failures=1, rest_s=1, probes=3), clock=clock)
    break_it(breaker)
    clock.now_s += 1
    assert [work(breaker), work(breaker)] == ["ok", "ok"]
    assert (breaker.state, break_it(breaker), breaker.state) == ("half_open", "failed", "open")
    clock.now_s += 1
    assert [work(breaker), work(breaker), breaker.state, work(breaker), breaker.state] == [
        "ok",
        "ok",
        "half_open",
        "ok",
        "closed",
    ]


def test_a_probe_without_an_answer_makes_room_for_another():
    """An interrupt, or a mistake of the caller, says nothing about what was called."""
    clock = Clock()
    breaker = CircuitBreaker(Trip(failures=1, rest_s=1), clock=clock)
    break_it(breaker)
    clock.now_s += 1
    for error in (KeyboardInterrupt, vo.ConfigError):
        with pytest.raises(error):
            breaker.call(lambda error=error: (_ for _ in ()).throw(error("planted")))
        assert breaker.state == "half_open"
    assert (work(breaker), breaker.state) == ("ok", "closed")


def test_a_probe_that_hangs_mutes_nothing_for_ever():  # fault 37
    """After a rest without an answer it opens; after another one the next probe comes through."""
    clock = Clock()
    breaker = CircuitBreaker(Trip(failures=1, rest_s=10), clock=clock)
    break_it(breaker)
    clock.now_s += 10
    inside, go_on = threading.Event(), threading.Event()
    hung = threading.Thread(target=breaker.call, args=(lambda: inside.set() or go_on.wait(60),))
    hung.start()
    assert inside.wait(60)
    clock.now_s += 9
    assert (work(breaker), breaker.state) == ("refused", "half_open")
    clock.now_s += 1
    assert (work(breaker), breaker.state, breaker.rest_s) == ("refused", "open", 10.0)
    clock.now_s += 9
    go_on.set()
    hung.join(60)
    assert (work(breaker), breaker.state) == ("refused", "open"), "it came too late to count"
    clock.now_s += 1
    assert (work(breaker), breaker.state) == ("ok", "closed")


def test_what_counts_can_be_chosen():
    breaker = CircuitBreaker(Trip(failures=1), counts=lambda error: isinstance(error, OSError))
    assert (break_it(breaker), breaker.state) == ("failed", "closed")
    with pytest.raises(FileNotFoundError):
        breaker.call(lambda: open("/nowhere/at/all"))  # noqa: PTH123, SIM115
    assert breaker.state == "open"


def test_a_call_that_ends_late_counts_for_nothing():  # fault 35
    """It began before the breaker opened; its success does not close it, its failure nothing."""
    clock = Clock()
    breaker = CircuitBreaker(Trip(failures=1, rest_s=1), clock=clock)
    for late in (lambda: None, fail):

        def slow(late=late):
            break_it(breaker)
            clock.now_s += 1
            with pytest.raises(ZeroDivisionError):
                breaker.call(lambda: 1 // 0)
            late()

        attempt(lambda slow=slow: breaker.call(slow))
        assert (breaker.state, breaker.rest_s) == ("open", 1.0)
        clock.now_s += 1
        assert work(breaker) == "ok"


def test_rests_are_spread_by_chance():  # fault 35
    clock = Clock()
    trip = Trip(failures=1, rest_s=0.025, spread_s=0.025)
    rests = []
    for seed in range(200):
        breaker = CircuitBreaker(trip, clock=clock, rng=random.Random(seed))
        break_it(breaker)
        rests.append(breaker.rest_s)
    assert 0.025 <= min(rests) < 0.026
    assert 0.049 < max(rests) <= 0.050001


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"failures": 0}, "failures is 0"),
        ({"window_s": 0}, "window_s is 0"),
        ({"rest_s": -1}, "rest_s is -1"),
        ({"spread_s": -1}, "spread_s is -1"),
        ({"probes": 0}, "probes is 0"),
    ],
)
def test_a_trip_out_of_range_is_refused(wrong, told):
    with pytest.raises(vo.ConfigError, match=told):
        Trip(**wrong)


def test_a_breaker_needs_a_trip():
    with pytest.raises(vo.ConfigError, match=r"trip is 3, expected Trip"):
        CircuitBreaker(3)
