"""TokenBucket: its account, to the nanosecond and for ever, and what is refused."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vocana_dsp as vo
from vocana_dsp.control.bucket import TokenBucket

HOUR_NS = 3600 * 10**9

RATES = st.one_of(
    st.integers(1, 10**6).map(lambda n: Fraction(n, 3600)),
    st.fractions(Fraction(1, 10**6), 10**6),
    st.floats(1e-6, 1e9),
)


class Clock:
    def __init__(self):
        self.now_ns = 5 * HOUR_NS

    def __call__(self):
        return self.now_ns


def test_ten_an_hour_are_ten_an_hour():  # N5
    """The original granted none, ever, at ten an hour."""
    clock = Clock()
    bucket = TokenBucket.per_hour(10, initial=0, clock=clock)
    granted = 0
    for hour in range(1, 201):
        for _ in range(60):
            clock.now_ns += HOUR_NS // 60
            granted += bucket.try_acquire()
        assert granted == 10 * hour


def test_asking_at_any_moment_loses_nothing():  # N5
    """Seven an hour do not divide an hour; asked every 97 s, they do not divide that either."""
    clock = Clock()
    bucket = TokenBucket.per_hour(7, burst=3, initial=0, clock=clock)
    granted = 0
    for n in range(1, 20_001):
        clock.now_ns += 97 * 10**9
        granted += bucket.try_acquire()
        assert granted == 97 * n * 7 // 3600


def test_credit_begins_when_the_bucket_is_made():  # N7
    clock = Clock()
    bucket = TokenBucket.per_hour(60, initial=0, clock=clock)
    clock.now_ns += 60 * 10**9
    assert bucket.try_acquire()


@given(RATES, st.integers(1, 1000), st.data())
def test_the_time_until_is_exact(rate, burst, data):  # N5
    clock = Clock()
    bucket = TokenBucket(rate, burst, initial=0, clock=clock)
    clock.now_ns += data.draw(st.integers(0, 10**12))
    cost = data.draw(st.integers(1, burst))
    until_ns = bucket.time_until(cost)
    if until_ns:
        clock.now_ns += until_ns - 1
        assert bucket.time_until(cost) == 1
        assert not bucket.try_acquire(cost)
        clock.now_ns += 1
    assert bucket.time_until(cost) == 0
    assert bucket.try_acquire(cost)


@given(
    RATES,
    st.integers(1, 50),
    st.lists(st.tuples(st.integers(0, 10**11), st.integers(1, 50)), max_size=60),
    st.booleans(),
)
def test_no_more_than_the_burst_and_what_came_is_ever_granted(rate, burst, asks, full):  # N5
    """Over every stretch of time; and a refusal means that it was not there."""
    clock = Clock()
    bucket = TokenBucket(rate, burst, initial=None if full else 0, clock=clock)
    exact = Fraction(rate)
    level, grants = Fraction(burst if full else 0), []
    for later_ns, cost in asks:
        clock.now_ns += later_ns
        level = min(Fraction(burst), level + exact * later_ns / 10**9)
        cost = min(cost, burst)
        assert bucket.tokens == math.floor(level)
        granted = bucket.try_acquire(cost)
        assert granted == (cost <= level)
        if granted:
            level -= cost
            grants.append((clock.now_ns, cost))
    for first in range(len(grants)):
        total = 0
        for time_ns, cost in grants[first:]:
            total += cost
            assert total <= burst + exact * (time_ns - grants[first][0]) / 10**9


@pytest.mark.parametrize("initial", [0, 3, 6, None])
def test_it_begins_with_what_it_is_told(initial):
    clock = Clock()
    bucket = TokenBucket(1, 6, initial=initial, clock=clock)
    assert bucket.tokens == (6 if initial is None else initial)


def test_a_clock_that_goes_back_gives_and_takes_nothing():  # fault 14
    clock = Clock()
    bucket = TokenBucket(1, 5, initial=0, clock=clock)
    clock.now_ns += 2 * 10**9
    assert bucket.tokens == 2
    clock.now_ns -= HOUR_NS
    assert bucket.tokens == 2
    clock.now_ns += HOUR_NS + 10**9
    assert bucket.tokens == 3


@pytest.mark.parametrize("ask", ["try_acquire", "acquire", "time_until"])
def test_a_cost_that_can_never_be_granted_is_an_error(ask):  # N6
    bucket = TokenBucket(1, 5)
    with pytest.raises(vo.ConfigError, match="cost is 6, expected a whole number from 1 to 5"):
        getattr(bucket, ask)(6)
    with pytest.raises(vo.ConfigError, match="cost is 0, expected"):
        getattr(bucket, ask)(0)
    assert (bucket.tokens, bucket.waiting) == (5, 0)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"rate_per_s": 0}, "rate_per_s is 0, expected more than 0"),
        ({"rate_per_s": -1.5}, "rate_per_s is -1.5, expected more than 0"),
        ({"rate_per_s": math.inf}, "rate_per_s is inf, expected a number"),
        ({"rate_per_s": True}, "rate_per_s is True, expected a number"),
        ({"rate_per_s": 1, "burst": 0}, "burst is 0, expected a whole number from 1"),
        ({"rate_per_s": 1, "initial": 2}, "initial is 2, expected a whole number from 0 to 1"),
        ({"rate_per_s": 1, "initial": -1}, "initial is -1, expected a whole number from 0 to 1"),
    ],
)
def test_a_bucket_out_of_range_is_refused(wrong, told):  # N5
    with pytest.raises(vo.ConfigError, match=told):
        TokenBucket(**wrong)


def test_rates_may_be_numbers_of_any_kind():
    clock = Clock()
    for rate in (2, 2.0, Fraction(2), np.float32(2), np.int64(2)):
        assert TokenBucket(rate, initial=0, clock=clock).time_until() == 500_000_000
    assert TokenBucket.per_minute(7, initial=0, clock=clock).time_until() == 8_571_428_572
    assert TokenBucket.per_hour(3600, burst=9, clock=clock).burst == 9
    with pytest.raises(vo.ConfigError, match="count is 0"):
        TokenBucket.per_hour(0)
