"""Levels of memory pressure: where they begin, when they end, and that they do not flap."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vocana_dsp as vo
from vocana_dsp.memory import Budget, PressureChange, PressureMonitor, Throttle, throttle
from vocana_dsp.memory.pressure import LEVELS

POLICY = vo.PressurePolicy()


def walk(readings, policy=POLICY):
    """The level after each (ratio, seconds)."""
    monitor = PressureMonitor(policy)
    return [monitor.update(ratio, now_s) for ratio, now_s in readings]


# --- Thresholds -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("percent", "level"),
    [
        (0, "low"),
        (74.9, "low"),
        (75, "moderate"),
        (84.9, "moderate"),
        (85, "high"),
        (94.9, "high"),
        (95, "critical"),
        (120, "critical"),
    ],
)
def test_each_level_begins_at_its_threshold(percent, level):  # G4
    assert walk([(percent / 100, 0)]) == [level]


@pytest.mark.parametrize(
    ("used_gb", "level"), [(1.39, "low"), (1.41, "moderate"), (1.69, "moderate"), (1.71, "high")]
)
def test_seventy_and_eighty_five_percent_of_two_gigabytes(used_gb, level):  # N3
    assert walk([(used_gb / 2, 0)], vo.PressurePolicy(moderate=0.70, high=0.85)) == [level]


def test_thresholds_can_be_set():  # G5
    policy = vo.PressurePolicy(critical=0.90, high=0.80, moderate=0.70)
    levels = [walk([(ratio, 0)], policy)[0] for ratio in (0.69, 0.70, 0.80, 0.90)]
    assert levels == list(LEVELS)


@pytest.mark.parametrize(
    "values",
    [
        {"moderate": 0.9},
        {"high": 0.75},
        {"critical": 0.85},
        {"critical": 1.01},
        {"moderate": 0},
        {"moderate": -0.1},
        {"moderate": float("nan")},
        {"high": "0.8"},
        {"exit_band": -0.01},
        {"exit_band": 0.75},
        {"dwell_s": -1},
        {"dwell_s": float("inf")},
        {"dwell_s": 31},
        {"stall_percent": 0},
        {"stall_percent": 101},
    ],
)
def test_policies_that_cannot_be(values):  # G5
    with pytest.raises(ValueError, match=next(iter(values))) as caught:
        vo.PressurePolicy(**values)
    assert isinstance(caught.value, vo.ConfigError)


@pytest.mark.parametrize("ratio", [-0.1, float("nan"), float("inf"), "0.5", True])
def test_ratios_that_are_none(ratio):
    monitor = PressureMonitor()
    monitor.update(0.96, 0)
    with pytest.raises(vo.ConfigError, match="ratio"):
        monitor.update(ratio, 100)
    assert monitor.level == "critical"


# --- Time -------------------------------------------------------------------------------------


def test_a_rise_is_never_delayed():  # G6
    assert walk([(0.5, 0), (0.96, 0.001)]) == ["low", "critical"]


def test_a_fall_takes_five_seconds_below_the_exit():  # G6, C4
    assert walk([(0.96, 0), (0.89, 10), (0.89, 14.99), (0.89, 15)])[2:] == ["critical", "high"]
    assert walk([(0.96, 0), (0.91, 10), (0.91, 20)])[-1] == "critical"  # within the band
    interrupted = [(0.96, 0), (0.89, 10), (0.91, 14), (0.89, 14.5), (0.89, 19), (0.89, 19.5)]
    assert walk(interrupted)[-2:] == ["critical", "high"]


def test_after_thirty_seconds_below_its_threshold_a_level_ends_within_the_band_too():  # C4
    held = [(0.96, 0), *((0.93, now_s) for now_s in range(1, 32))]
    assert walk(held)[-2:] == ["critical", "high"]
    assert walk(held)[:-1] == ["critical"] * 31
    touched = [(0.96, 0), *((0.93, s) for s in range(1, 30)), (0.95, 30), (0.93, 31), (0.93, 60)]
    assert walk(touched)[-1] == "critical"  # the control: it was up there in between


def test_it_comes_down_one_level_at_a_time():  # G6
    levels = walk([(0.99, 0), *((0.1, now_s) for now_s in range(1, 25))])
    falls = [now_s for now_s, (a, b) in enumerate(itertools.pairwise(levels)) if a != b]
    assert [levels[now_s + 1] for now_s in falls] == ["high", "moderate", "low"]
    assert min(b - a for a, b in itertools.pairwise(falls)) >= 5


def test_no_limit_is_never_short():
    assert walk([(None, 0)]) == ["low"]
    assert walk([(0.96, 0), *((None, s) for s in range(1, 25))])[-1] == "low"


def test_a_clock_that_goes_back_stands_still():
    assert walk([(0.96, 100), (0.1, 101), (0.1, -1e9), (0.1, 105.9), (0.1, 106)])[-2:] == [
        "critical",
        "high",
    ]
    assert walk([(0.96, 100), (0.1, 50), (0.1, 104.9)])[-1] == "critical"


@pytest.mark.parametrize("period_s", [0.4, 1.0, 3.0, 10.5, 40.0, 140.0])
@pytest.mark.parametrize("swing", [0.01, 0.04, 0.05, 0.06])
def test_a_sawtooth_around_a_threshold_changes_the_level_once_a_dwell(period_s, swing):  # G6
    monitor = PressureMonitor()
    for n in range(6_000):
        now_s = n / 10
        monitor.update(0.85 - swing + 2 * swing * (now_s / period_s % 1), now_s)
    changes = [change.at_s for change in monitor.changes if change.at_s > period_s]
    assert all(later - earlier >= 5 for earlier, later in itertools.pairwise(changes))
    # Only the slowest is below its threshold for 30 s, or below the band for 5 s.
    assert bool(changes) == (period_s > 60)


def test_without_a_band_and_a_dwell_it_would_flap():
    """The control: the same sawtooth, and nothing that holds it."""
    monitor = PressureMonitor(vo.PressurePolicy(exit_band=0, dwell_s=0))
    for n in range(600):
        monitor.update(0.84 + 0.02 * (n / 10 % 1), n / 10)
    assert len(monitor.changes) == 64  # all that is remembered


@given(st.lists(st.tuples(st.floats(0, 1.2), st.floats(0, 20)), max_size=80))
def test_whatever_comes_it_is_as_high_as_it_must_be(steps):  # G6
    monitor, now_s = PressureMonitor(), 0.0
    for ratio, step_s in steps:
        now_s += step_s
        before = monitor.level
        after = monitor.update(ratio, now_s)
        assert LEVELS.index(after) >= LEVELS.index(POLICY.level(ratio))
        assert LEVELS.index(after) >= LEVELS.index(before) - 1
    falls = [c for c in monitor.changes if LEVELS.index(c.after) < LEVELS.index(c.before)]
    assert all(b.at_s - a.at_s >= 5 for a, b in itertools.pairwise(falls))


def test_changes_are_remembered():
    monitor = PressureMonitor()
    monitor.update(0.9, 1)
    monitor.update(0.97, 2)
    assert monitor.changes == [
        PressureChange(1, "low", "high", 0.9),
        PressureChange(2, "high", "critical", 0.97),
    ]


# --- What follows -----------------------------------------------------------------------------


def test_the_plan_of_each_level():  # N4
    plans = [throttle(level) for level in LEVELS]
    assert plans[0] == Throttle(0.0, False)
    assert plans[1].delay_s > 0
    assert [plan.shed for plan in plans] == [False, False, True, True]
    assert [plan.delay_s for plan in plans] == sorted(plan.delay_s for plan in plans)
    with pytest.raises(vo.ConfigError, match="level"):
        throttle("medium")


@pytest.mark.parametrize(
    ("latency_ms", "memory_mb", "cpu_percent", "status"),
    [
        (50, 50, 50, "normal"),
        (50.1, 50, 50, "warning"),
        (50, 50.1, 50, "warning"),
        (50, 50, 50.1, "warning"),
        (100, 100, 80, "warning"),
        (100.1, 0, 0, "degraded"),
        (0, 100.1, 0, "degraded"),
        (0, 0, 80.1, "degraded"),
        (60, 60, 80.1, "degraded"),
        (100.1, 100.1, 0, "critical"),
        (100.1, 0, 80.1, "critical"),
        (0, 100.1, 80.1, "critical"),
        (101, 101, 81, "critical"),
    ],
)
def test_targets_and_limits_of_latency_memory_and_processor(  # G8
    latency_ms, memory_mb, cpu_percent, status
):
    figures = {"latency_ms": latency_ms, "cpu_percent": cpu_percent}
    assert Budget().status(memory_bytes=memory_mb * 1e6, **figures) == status


@pytest.mark.parametrize("pair", [(50,), (60, 50), (0, 50), 50, (50, float("nan")), ("1", "2")])
def test_budgets_that_cannot_be(pair):  # G8
    with pytest.raises(vo.ConfigError, match="latency_ms"):
        Budget(latency_ms=pair)


def test_figures_that_are_none():  # G8
    with pytest.raises(vo.ConfigError, match="memory_bytes"):
        Budget().status(latency_ms=1, memory_bytes=-1, cpu_percent=1)
