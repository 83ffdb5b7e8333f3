"""Retry: how often, how long in between, what ends it, and what the last error tells."""

import contextlib
import itertools
import random
import threading
import time
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vocana_dsp as vo
from vocana_dsp.control.retry import Retry


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self):
        self.now_s = 100.0
        self.slept_s = []

    def __call__(self):
        return self.now_s

    def sleep(self, delay_s):
        self.slept_s.append(delay_s)
        self.now_s += delay_s


class Fails:
    """A function that fails so many times."""

    def __init__(self, times, clock=None, takes_s=0.0, error=vo.DeviceError):
        self.times, self.clock, self.takes_s, self.error = times, clock, takes_s, error
        self.called_s = []

    def __call__(self):
        if self.clock:
            self.called_s.append(self.clock.now_s - 100.0)
            self.clock.now_s += self.takes_s
        self.times -= 1
        if self.times >= 0:
            raise self.error(f"{self.times} to go")
        return "done"


def run(policy, function, clock, **more):
    return policy.call(function, clock=clock, sleep=clock.sleep, **more)


def test_attempts_are_made_at_once_then_after_the_base_then_after_twice_that():  # G11
    clock = Clock()
    function = Fails(4, clock)
    assert run(Retry(attempts=5, jitter="none"), function, clock) == "done"
    assert function.called_s == [0.0, 1.0, 3.0, 7.0, 12.0]
    assert clock.slept_s == [1.0, 2.0, 4.0, 5.0], "the last at its cap"


def test_what_succeeds_is_not_tried_again():
    clock = Clock()
    assert run(Retry(), Fails(0, clock), clock) == "done"
    assert clock.slept_s == []


def test_the_last_error_tells_of_all_attempts():  # G11
    clock = Clock()
    with pytest.raises(vo.DeviceError, match="0 to go") as caught:
        run(Retry(jitter="none"), Fails(3, clock, takes_s=0.25), clock)
    notes = caught.value.__notes__
    assert [note.split(":")[0] for note in notes] == [
        "attempt 1 failed after 0.250 s",
        "attempt 2 failed after 1.500 s",
        "attempt 3 failed after 3.750 s",
    ]
    assert "2 to go" in notes[0]


@given(
    st.integers(0, 2**32),
    st.floats(1, 1e4),
    st.floats(1, 1e5),
    st.floats(1, 10),
    st.integers(1, 400),
)
def test_delays_have_their_limits(seed, base_ms, cap_ms, factor, attempts):  # G10, fault 36
    policy = Retry(attempts, base_ms, cap_ms, factor)
    delays = policy.delays_s(random.Random(seed))
    assert len(delays) == attempts - 1
    limit_ms = base_ms
    for delay_s in delays:
        assert 0 <= delay_s * 1000 <= min(cap_ms, limit_ms) * (1 + 1e-9)
        limit_ms *= factor


@pytest.mark.parametrize("jitter", ["full", "slight", "none"])
def test_a_rest_comes_on_top_of_each_delay(jitter):  # L5
    policy, rested = Retry(5, jitter=jitter), Retry(5, jitter=jitter, rest_ms=500)
    drawn = policy.delays_s(random.Random(3))
    assert rested.delays_s(random.Random(3)) == [0.5 + delay_s for delay_s in drawn]


def test_delays_follow_from_the_seed():  # G10
    policy = Retry(attempts=6)
    first = policy.delays_s(random.Random(5))
    assert first == policy.delays_s(random.Random(5)) != policy.delays_s(random.Random(6))
    clock = Clock()
    with pytest.raises(vo.DeviceError):
        run(policy, Fails(6, clock), clock, rng=random.Random(5))
    assert clock.slept_s == first


def test_the_mean_of_full_jitter_is_half_the_limit():  # fault 36
    policy, rng = Retry(attempts=2, base_ms=1000), random.Random(1)
    drawn = [policy.delays_s(rng)[0] for _ in range(20_000)]
    # Five standard errors of a uniform mean: 0.289 / sqrt(20 000) each.
    assert sum(drawn) / len(drawn) == pytest.approx(0.5, abs=0.0102)
    assert min(drawn) < 0.001
    assert max(drawn) > 0.999


def test_slight_jitter_stays_within_a_fifth():  # N14
    policy, rng = Retry(attempts=4, jitter="slight"), random.Random(2)
    drawn = [policy.delays_s(rng) for _ in range(2000)]
    for limit_s, delays in zip((1.0, 2.0, 4.0), zip(*drawn, strict=True), strict=True):
        assert all(0.8 * limit_s <= delay_s <= 1.2 * limit_s for delay_s in delays)
        assert min(delays) < 0.81 * limit_s
        assert max(delays) > 1.19 * limit_s


def test_the_deadline_counts_sleep_and_work():  # G11, L5
    clock = Clock()
    function = Fails(9, clock, takes_s=0.5)
    with pytest.raises(vo.DeviceError):
        run(Retry(attempts=9, jitter="none", deadline_s=5.0), function, clock)
    assert function.called_s == [0.0, 1.5, 4.0], "the next would be at 8.5 s"
    assert clock.now_s - 100.0 <= 5.0


@given(st.integers(0, 2**32), st.floats(0.01, 20), st.integers(1, 50))
def test_no_attempt_begins_after_the_deadline(seed, deadline_s, attempts):
    clock = Clock()
    function = Fails(100, clock)
    policy = Retry(attempts, deadline_s=deadline_s)
    with pytest.raises(vo.DeviceError):
        run(policy, function, clock, rng=random.Random(seed))
    assert 1 <= len(function.called_s) <= attempts
    assert function.called_s[-1] <= deadline_s + 1e-9


@pytest.mark.parametrize(
    "error", [ValueError, vo.ConfigError, MemoryError, KeyboardInterrupt, SystemExit]
)
def test_what_is_not_retryable_is_raised_at_once(error):
    clock = Clock()
    with pytest.raises(error, match="2 to go"):
        run(Retry(), Fails(3, error=error), clock)
    assert clock.slept_s == []


def test_another_rule_may_say_what_is_worth_another_attempt():
    clock = Clock()
    function = Fails(2, error=ConnectionError)
    assert run(Retry(), function, clock, when=lambda e: isinstance(e, OSError)) == "done"
    with pytest.raises(KeyboardInterrupt):
        run(Retry(), Fails(2, error=KeyboardInterrupt), clock, when=lambda e: True)


@pytest.mark.parametrize("times", [2, 3])
def test_failures_go_without_a_collection(times):  # I9
    """Whether another attempt succeeds or all fail: their tracebacks hold what they ran in."""
    failures = []

    def failure(text):
        error = type("Failure", (vo.DeviceError,), {})(text)
        failures.append(weakref.ref(error))
        return error

    clock = Clock()
    with vo.gc_policy(disable=True), contextlib.suppress(vo.DeviceError):
        run(Retry(attempts=3), Fails(times, error=failure), clock)
    assert [told() for told in failures] == [None] * times


def test_a_cancel_before_the_first_attempt_calls_nothing():  # N14
    cancel = threading.Event()
    cancel.set()
    function = Fails(0)
    with pytest.raises(vo.Cancelled, match="cancelled after 0 attempts") as caught:
        Retry().call(function, cancel=cancel, when=lambda e: True)
    assert (function.times, caught.value.code, caught.value.retryable) == (0, "cancelled", False)


def test_a_cancel_during_an_attempt_is_the_last_of_it():  # N14
    cancel, clock = threading.Event(), Clock()

    def gone():
        cancel.set()
        raise vo.DeviceError("gone")

    with pytest.raises(vo.Cancelled, match="after 1 attempts") as caught:
        run(Retry(deadline_s=0.1, base_ms=5000, jitter="none"), gone, clock, cancel=cancel)
    assert isinstance(caught.value.__cause__, vo.DeviceError)
    assert len(caught.value.__notes__) == 1
    assert clock.slept_s == []


def test_a_cancel_ends_a_delay_at_once():  # N14
    cancel, failed = threading.Event(), threading.Event()
    ends = []

    def fail():
        failed.set()
        raise vo.DeviceError("gone")

    def call():
        try:
            Retry(base_ms=1e300, cap_ms=1e300, jitter="none").call(fail, cancel=cancel)
        except vo.Cancelled as error:
            ends.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    assert failed.wait(30)
    cancel.set()
    thread.join(60)  # centuries without it
    assert not thread.is_alive()
    assert isinstance(ends[0].__cause__, vo.DeviceError)


def test_a_function_that_is_cancelled_by_somebody_else_is_not_tried_again():
    clock = Clock()
    with pytest.raises(vo.Cancelled, match="1 to go"):
        run(Retry(), Fails(2, error=vo.Cancelled), clock)


def test_real_time_is_the_default():
    began = time.monotonic()
    assert Retry(base_ms=20, jitter="none").call(Fails(2)) == "done"
    assert time.monotonic() - began >= 0.06


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"attempts": 0}, "attempts is 0, expected a whole number from 1"),
        ({"base_ms": 0}, "base_ms is 0, expected more than 0 ms"),
        ({"cap_ms": -1}, "cap_ms is -1, expected more than 0 ms"),
        ({"factor": 0.5}, "factor is 0.5, expected 1 or more"),
        ({"deadline_s": float("nan")}, "deadline_s is nan, expected a number of s"),
        ({"rest_ms": -1}, "rest_ms is -1, expected 0 or more"),
        ({"jitter": "half"}, "jitter is 'half', expected one of 'full'"),
    ],
)
def test_a_policy_out_of_range_is_refused(wrong, told):
    with pytest.raises(vo.ConfigError, match=told):
        Retry(**wrong)


def test_many_threads_share_a_policy():
    policy = Retry(base_ms=0.01)
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(policy.call(Fails(2)))) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["done"] * 16


def test_clients_that_fail_together_do_not_come_back_together():  # fault 36
    policy = Retry(attempts=2, base_ms=1000)
    back_s = sorted(policy.delays_s(random.Random(n))[0] for n in range(1000))
    busiest = max(
        sum(1 for s in group) for _, group in itertools.groupby(back_s, key=lambda s: int(s * 100))
    )
    assert busiest < 40, "of 1000 in the same hundredth; without jitter all of them"
