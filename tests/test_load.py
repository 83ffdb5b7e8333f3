"""A load counts when it stays: peaks and short pauses change nothing."""

import pytest

import vocana_dsp as vo


class Trace:
    """A load that is told every half second on a clock of its own."""

    def __init__(self, **options):
        self.now_s = 0.0
        self.load = vo.SustainedLoad(clock=lambda: self.now_s, **options)

    def play(self, percent, seconds):
        """Return whether the load was high at each look."""
        told = []
        for _ in range(round(2 * seconds)):
            self.load.update(percent)
            told.append(self.load.high)
            self.now_s += 0.5
        return told


def test_a_peak_is_not_high_and_a_plateau_is():  # I5
    trace = Trace()
    assert not any(trace.play(30, 10) + trace.play(100, 3) + trace.play(30, 10))
    told = trace.play(95, 20)
    assert not any(told[:10])
    assert told[-1]
    assert told == sorted(told)  # once, and it stays


def test_between_the_limits_nothing_changes():
    trace = Trace()
    assert not any(trace.play(79, 60))
    assert trace.play(90, 30)[-1]
    assert all(trace.play(61, 60))
    told = trace.play(40, 30)
    assert told[0]
    assert not told[-1]


def test_a_load_around_the_limit_changes_once():
    trace = Trace(smoothing_s=0.1)
    told = [trace.play(percent, 0.5)[0] for percent in [79, 81] * 100]
    assert sum(told) == 0  # it never stays
    told = [trace.play(percent, 0.5)[0] for percent in [79, 81, 82, 83] * 5 + [85] * 200]
    assert told == sorted(told)


def test_the_average_forgets_by_time_and_not_by_count():
    often, seldom = Trace(smoothing_s=2), Trace(smoothing_s=2)
    for trace in (often, seldom):
        trace.load.update(0)
    for i in range(400):
        often.now_s = (i + 1) / 100
        often.load.update(80)
    seldom.now_s = 4
    seldom.load.update(80)
    assert often.load.percent == pytest.approx(seldom.load.percent)
    assert seldom.load.percent == pytest.approx(80 * (1 - 2.718281828**-2))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"high_percent": 0}, "high_percent is 0"),
        ({"calm_percent": 81}, "calm_percent is 81, above high_percent 80"),
        ({"sustain_s": -1}, "sustain_s is -1"),
        ({"smoothing_s": 0}, "smoothing_s is 0"),
    ],
)
def test_bad_values_are_named(values, told):
    with pytest.raises(vo.ConfigError, match=told):
        vo.SustainedLoad(**values)


@pytest.mark.parametrize("percent", [-1, float("nan"), "80", None])
def test_what_is_no_load_is_refused(percent):
    with pytest.raises(vo.ConfigError, match="the load is"):
        vo.SustainedLoad().update(percent)
