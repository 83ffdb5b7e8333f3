"""Memory that grows is found, and told once; noise, steps and single figures are no growth."""

import numpy as np
import pytest

import vocana_dsp as vo
from vocana_dsp.memory import GrowthWatch, History, theil_sen

MB = 1_000_000
NOISE = 100_000  # bytes, of the resident set of a program that keeps nothing
NOISY = 0.3  # what NOISE does to a slope over a minute: 2 standard deviations are 9 %
SEEDS = range(5)


def resident(seconds, per_min=0.0, seed=0, noise=NOISE):
    """The resident set of a program, each second."""
    random = np.random.default_rng(seed)
    return 80 * MB + per_min / 60 * np.arange(seconds) + random.normal(0, noise, seconds)


def told(figures):
    """(second, growth) of all that a watch tells."""
    watch = GrowthWatch()
    found = [(s, watch.update(int(figure), s)) for s, figure in enumerate(figures)]
    return [(s, growth) for s, growth in found if growth]


# --- Growth -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_a_megabyte_a_minute_is_found_within_two_minutes(seed):  # H4, faults 40
    ((second, growth),) = told(resident(30 * 60, MB, seed))  # and told once in half an hour
    assert second < 120
    assert growth.least_kib_per_min * 1024 < MB < growth.kib_per_min * 1024 * 1.5
    assert growth.kib_per_min * 1024 == pytest.approx(MB, rel=NOISY)
    assert growth.bytes_now == pytest.approx(80 * MB + MB / 60 * second, abs=10 * NOISE)
    assert growth.seconds >= 60


@pytest.mark.parametrize("seed", SEEDS)
def test_half_an_hour_without_a_leak_is_quiet(seed):  # H4: the control
    figures = resident(30 * 60, 0, seed)
    assert told(figures) == []
    slope = theil_sen(np.arange(1800.0)[::10], figures[::10], deviations=4)
    assert abs(slope.per_s * 60 / 1024) < 10
    assert slope.least_per_s < 0 < slope.most_per_s


@pytest.mark.parametrize("seed", SEEDS)
def test_a_step_is_no_growth(seed):  # H12
    figures = resident(600, 0, seed)
    figures[200:] += 20 * MB  # a model is loaded
    figures[400:] -= 10 * MB
    assert told(figures) == []


def test_outliers_are_no_growth():  # H12
    figures = resident(600)
    figures[::7] += 30 * MB
    assert told(figures) == []


def test_a_leak_that_ends_and_begins_again_is_told_again():  # H12
    figures = np.concatenate([resident(300, MB, noise=0)] * 2)
    figures[300:] += figures[299] - figures[0]
    figures = np.insert(figures, 300, np.full(300, figures[299]))
    seconds = [second for second, _ in told(figures)]
    assert len(seconds) == 2
    assert seconds[0] < 120 < 600 < seconds[1] < 720


def test_a_leak_that_slows_down_for_a_while_is_told_once():  # H12
    per_s = np.repeat([MB / 60, 8 * 1024 / 60, MB / 60], 300)  # below the limit, and it grows
    assert len(told(80 * MB + np.cumsum(per_s))) == 1


def test_more_samples_than_are_wanted_are_left_out():
    watch = GrowthWatch(interval_s=1)
    for n in range(1_000):
        watch.update(MB, n / 100)
    assert len(watch.history) == 10


def test_the_slope_is_that_of_most_pairs():
    times = np.arange(21.0)
    values = 3 * times + 1
    values[:6] += 1_000 * np.random.default_rng(1).normal(size=6)
    # 15 of 21 points are exact, so half of the slopes nearly are
    assert theil_sen(times, values).per_s == pytest.approx(3, abs=0.2)
    least_squares = np.polyfit(times, values, 1)[0]
    assert abs(least_squares - 3) > 5  # the control: the usual line is far off


def test_the_bounds_hold_the_truth():
    random, held = np.random.default_rng(7), 0
    for _ in range(200):
        times = np.sort(random.uniform(0, 100, 40))
        slope = theil_sen(times, 0.5 * times + random.normal(0, 10, 40), deviations=2)
        held += slope.least_per_s <= 0.5 <= slope.most_per_s
    assert 0.90 < held / 200 <= 1.0


@pytest.mark.parametrize("name", ["limit_kib_per_min", "window_s", "interval_s", "deviations"])
def test_watches_that_cannot_be(name):
    with pytest.raises(vo.ConfigError, match=name):
        GrowthWatch(**{name: 0})


def test_a_window_of_too_many_samples_is_refused():
    GrowthWatch(window_s=1000)
    with pytest.raises(vo.ConfigError, match=r"window_s is 1001\.0, expected 1000 times"):
        GrowthWatch(window_s=1001.0)
    GrowthWatch(window_s=1001.0, interval_s=2)


@pytest.mark.parametrize("rss_bytes", [-1, float("nan"), "1", None])
def test_memory_that_is_none(rss_bytes):
    watch = GrowthWatch()
    with pytest.raises(vo.ConfigError, match="rss_bytes"):
        watch.update(rss_bytes, 0)
    assert len(watch.history) == 0


@pytest.mark.parametrize(
    ("times", "values"),
    [([], []), ([0], [1]), ([0, 1], [1]), ([0, 0], [1, 2]), ([1, 0], [1, 2]),
     ([0, 1], [1, np.nan]), ([0, np.nan], [1, 2])],
)  # fmt: skip
def test_figures_that_have_no_slope(times, values):
    with pytest.raises(vo.ConfigError, match="times_s and values"):
        theil_sen(np.array(times, float), np.array(values, float))


# --- History ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_a_history_is_the_end_of_a_list(size):  # H9, J9
    history, all_of_them = History(size), []
    assert history.summary() is None
    for n in range(250):
        history.add(n * n, n)
        all_of_them.append(float(n * n))
        assert history.values.tolist() == all_of_them[-size:]
        assert history.times_s.tolist() == list(map(float, range(n + 1)))[-size:]
        assert len(history) == min(n + 1, size)
    summary = history.summary()
    assert (summary.count, summary.most) == (min(250, size), 249.0**2)


def test_a_history_takes_no_memory_as_it_grows():  # H9, J9
    import tracemalloc

    def kept(add):
        tracemalloc.start()
        try:
            for n in range(200):
                add(n)
            before = tracemalloc.get_traced_memory()[0]
            for n in range(20_000):
                add(n)
            return tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()

    history, grows = History(100), []
    place = history._rows.ctypes.data
    assert kept(lambda n: history.add(1.0, 2.0)) < 1_000
    assert history._rows.ctypes.data == place
    assert kept(lambda n: grows.append(float(n))) > 100_000  # the control
