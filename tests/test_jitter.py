"""Jitter: never nothing, uniform, and each thread draws by itself."""

import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vocana_dsp as vo
from vocana_dsp.control.jitter import Jitter, thread_rng


def chi_square(values, low, high, cells=50):
    """How far counts in equal cells are from equal."""
    counts = [0] * cells
    for value in values:
        counts[min(cells - 1, int((value - low) / (high - low) * cells))] += 1
    expected = len(values) / cells
    return sum((count - expected) ** 2 / expected for count in counts)


# 49 degrees of freedom: 0.999 of all uniform draws are below (scipy.stats.chi2.ppf).
LIMIT = 85.35


@given(st.floats(allow_nan=False), st.floats(0.01, 0.99), st.integers(0, 2**32))
def test_a_delay_is_within_its_bounds_whatever_is_in_use(used_percent, floor, seed):  # N8
    delay_ms = Jitter(200, floor=floor, seed=seed).delay_ms(used_percent)
    used = min(max(used_percent / 100, floor), 1.0)
    assert 200 * floor * used <= delay_ms <= 200 * used


@pytest.mark.parametrize("used_percent", [-50, 0, 100, 900])
def test_idle_callers_are_kept_apart_too(used_percent):  # N8
    jitter = Jitter(100, floor=0.2, seed=1)
    drawn = [jitter.delay_ms(used_percent) for _ in range(1000)]
    share = 0.2 if used_percent <= 0 else 1.0
    assert min(drawn) < 21 * share < 99 * share < max(drawn)


def test_delays_are_uniform():  # N8
    jitter = Jitter(100, floor=0.1, seed=3)
    drawn = [jitter.delay_ms(100) for _ in range(50_000)]
    assert chi_square(drawn, 10, 100) < LIMIT
    bent = [10 + 90 * ((value - 10) / 90) ** 1.05 for value in drawn]
    assert chi_square(bent, 10, 100) > LIMIT, "a slight bend is found"


def test_a_seed_gives_the_same_delays_thread_by_thread():  # N8
    def two_threads(seed):
        jitter = Jitter(100, seed=seed)
        drawn = []
        for _ in range(2):
            thread = threading.Thread(
                target=lambda: drawn.append([jitter.delay_ms(100) for _ in range(9)])
            )
            thread.start()
            thread.join()
        return drawn

    first, second = two_threads(4)
    assert first != second
    assert two_threads(4) == [first, second]
    assert two_threads(None) != two_threads(None)


def test_every_thread_has_its_own_generator():
    mine, others = thread_rng(), []
    thread = threading.Thread(target=lambda: others.append(thread_rng()))
    thread.start()
    thread.join()
    assert others[0] is not mine is thread_rng()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"max_ms": 0}, "max_ms is 0, expected more than 0 ms"),
        ({"max_ms": 1, "floor": 0}, "floor is 0, expected more than 0"),
        ({"max_ms": 1, "floor": 1}, "floor is 1, expected a share above 0 and below 1"),
    ],
)
def test_what_makes_no_delay_is_refused(wrong, told):
    with pytest.raises(vo.ConfigError, match=told):
        Jitter(**wrong)
    with pytest.raises(vo.ConfigError, match="used_percent is nan"):
        Jitter(1).delay_ms(math.nan)
