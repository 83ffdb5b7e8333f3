"""Levels, ballistics, correlation and quality: reference values, flags and cuts."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meter_signals import RATE, cuts, stereo, tone

import vocana_dsp as vo

CUTS = st.lists(st.integers(0, 3000), min_size=1, max_size=8).filter(any)


# --- Levels --------------------------------------------------------------------------------------


@pytest.mark.parametrize("hertz", [100, 440, 997, 1000, 5000])
def test_a_sine_at_minus_20_dbfs(hertz):  # E1
    meter = vo.LevelMeter(RATE)
    meter.process(tone([(4, -20)], hertz))
    (level,) = meter.read()
    assert level.rms_db == pytest.approx(-23.0103, abs=1e-3)
    # In dB: the highest sample of a sine is below its peak.
    assert level.held_db == pytest.approx(-20, abs=0.02)


def needle(calls_a_second):
    """Peak and RMS at the end of each tenth of a second of a burst."""
    meter = vo.LevelMeter(RATE, attack_ms=20, release_ms=200)
    x = tone([(0.3, -40), (0.5, -6), (1.2, -50)]).astype(np.float32)
    block = RATE // calls_a_second
    found = []
    for number, part in enumerate(cuts(x, [block]), 1):
        meter.process(part)
        if number * block % (RATE // 10) == 0:
            found += [(level.peak, level.rms, level.held) for level in meter.read()]
    return found


def test_the_same_curve_at_10_and_at_100_calls_a_second():  # E2
    assert len(needle(10)) == 20
    assert needle(10) == needle(100) == needle(1000)


def test_time_constants_are_times():
    meter = vo.LevelMeter(RATE, rms_ms=100, release_ms=500, hold_ms=0)
    meter.process(np.ones(RATE * 2, np.float32))
    meter.process(np.zeros(RATE // 10, np.float32))
    (level,) = meter.read()
    assert level.rms == pytest.approx(math.exp(-0.5), rel=1e-6)  # of the mean square: exp(-1)
    assert level.peak == level.held == pytest.approx(math.exp(-0.2), rel=1e-6)


@settings(max_examples=30, deadline=None)
@given(CUTS)
def test_cuts_make_no_difference_to_levels(lengths):
    x = np.random.default_rng(1).uniform(-1, 1, (11_025, 3)).astype(np.float32)
    whole, cut = vo.LevelMeter(11_025, 3), vo.LevelMeter(11_025, 3)
    whole.process(x)
    for part in cuts(x, lengths):
        cut.process(part)
    assert whole.read() == cut.read()
    cut.reset()
    assert cut.read() == [vo.HeldLevel(0, 0, 0)] * 3


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"rate": 50}, "rate is 50"),
        ({"channels": 65}, "channels is 65"),
        ({"rms_ms": -1}, "rms_ms is -1"),
        ({"attack_ms": math.nan}, "attack_ms is nan"),
        ({"release_ms": math.inf}, "release_ms is inf"),
        ({"hold_ms": "long"}, "hold_ms is 'long'"),
    ],
)
def test_bad_needles(arguments, match):
    with pytest.raises(vo.ConfigError, match=match):
        vo.LevelMeter(**{"rate": RATE} | arguments)


# --- Correlation ---------------------------------------------------------------------------------


def test_stereo_correlation():
    rng = np.random.default_rng(2)
    left, other = rng.uniform(-1, 1, (2, 200_000))
    for right, expected in (
        (left, 1),
        (-0.1 * left, -1),
        (other, 0),
        (left + other, math.sqrt(0.5)),
        (0 * left, 0),
    ):
        x = np.stack([left, right], axis=1)
        # Noise of finite length correlates by chance.
        assert vo.stereo_correlation(x) == pytest.approx(expected, abs=0.01)
        reference = np.sum(x[:, 0] * x[:, 1]) / max(math.sqrt(np.prod(np.sum(x**2, axis=0))), 1e-9)
        assert vo.stereo_correlation(x) == pytest.approx(reference, abs=1e-6)
        meter = vo.CorrelationMeter(RATE)
        meter.process(x)
        # As above, over the memory of the meter alone.
        assert meter.read() == pytest.approx(expected, abs=0.03)
    assert vo.stereo_correlation(np.zeros((0, 2))) == 0
    assert vo.stereo_correlation([[0.5, -0.5]]) == pytest.approx(-1)


def test_correlation_needs_two_channels():
    for x in (np.zeros(10), np.zeros((10, 3))):
        with pytest.raises(vo.ConfigError, match="channels, expected 2"):
            vo.stereo_correlation(x)


# --- Quality: figures ----------------------------------------------------------------------------


def square(seconds, height):
    count = round(seconds * RATE)
    return np.where(np.arange(count) // 24 % 2, height, -height)


# signal: peak, rms, crest, noise floor in dB, clipped share; from their formulas
CLOSE_DB = 0.01  # dB, to which they are rounded
FIGURES = {
    "sine": (tone([(2, -20)]), -20.0, -23.01, 3.01, -23.01, 0.0),
    "square": (square(2, 0.5), -6.02, -6.02, 0.0, -6.02, 0.0),
    "clipped square": (square(2, 1.0), 0.0, 0.0, 0.0, 0.0, 1.0),
    "sine with a quiet quarter": (tone([(1, -60), (3, -20)]), -20.0, -24.26, 4.26, -63.01, 0.0),
    "impulse a second": (np.eye(1, 2 * RATE, 5)[0] / 2, -6.02, -55.84, 49.82, -np.inf, 0.0),
    "silence": (np.zeros(RATE), -np.inf, -np.inf, 0.0, -np.inf, 0.0),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_of_known_signals(name):  # I14
    x, peak_db, rms_db, crest_db, floor_db, clip_ratio = FIGURES[name]
    (found,) = vo.quality(x, RATE)
    assert found.peak_db == pytest.approx(peak_db, abs=CLOSE_DB)
    assert found.rms_db == pytest.approx(rms_db, abs=CLOSE_DB)
    assert found.crest_db == pytest.approx(crest_db, abs=CLOSE_DB)
    assert found.noise_floor_db == pytest.approx(floor_db, abs=CLOSE_DB)
    assert found.clip_ratio == clip_ratio


# --- Quality: flags, each with a signal that must not have it ------------------------------------

GOOD = tone([(2, -20)])


def with_samples(**at):
    x = GOOD.copy()
    for index, value in at.items():
        x[int(index[1:])] = value
    return x


FLAGS = [  # signal, the flags it has
    (GOOD, set()),
    (tone([(2, -78)]), {"silent"}),
    (tone([(2, -76)]), set()),
    (np.zeros(RATE), {"silent", "flat"}),
    (np.full(RATE, 0.3), {"silent", "flat", "dc"}),
    (GOOD + 0.1, {"dc"}),
    (GOOD - 0.021, {"dc"}),
    (GOOD + 0.019, set()),
    (np.clip(2 * tone([(2, 0)]), -1, 1), {"clipped"}),
    (tone([(2, 0)]), set()),  # touches full scale without staying there
    (with_samples(_5=1.0, _6=1.0), set()),
    (with_samples(_5=1.0, _6=-1.0, _7=1.0), {"clipped"}),
    (with_samples(_5=np.nan), {"invalid"}),
    (with_samples(_5=-np.inf), {"invalid"}),
    (with_samples(_5=10.5), {"invalid"}),
    (with_samples(_5=1e-40), {"invalid"}),
]


@pytest.mark.parametrize(("x", "flags"), FLAGS)
def test_flags(x, flags):  # E3 I12
    (found,) = vo.quality(x, RATE)
    assert found.flags == flags


def test_imbalance():
    for factor, flags in ((0.25, {"imbalance"}), (0.26, set()), (0.0, {"imbalance", "silent"})):
        one, other = vo.quality(np.stack([GOOD, factor * GOOD], axis=1), RATE)
        assert one.flags == set()
        assert other.flags - {"flat"} == flags
    assert all("imbalance" not in c.flags for c in vo.quality(np.zeros((RATE, 2)), RATE))


def test_limits():
    limits = vo.QualityLimits(silent_db=-20, dc=0.5, clip=0.05, clip_run=1)
    (found,) = vo.quality(GOOD + 0.1, RATE, limits)
    assert found.flags == {"silent", "clipped"}


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"silent_db": math.nan}, "silent_db is nan"),
        ({"dc": -0.1}, "dc is -0.1"),
        ({"flat": math.inf}, "flat is inf"),
        ({"imbalance_db": 0}, "imbalance_db is 0"),
        ({"clip": 0}, "clip is 0"),
        ({"clip_run": 0}, "clip_run is 0"),
    ],
)
def test_bad_limits(arguments, match):
    with pytest.raises(vo.ConfigError, match=match):
        vo.QualityLimits(**arguments)


@settings(max_examples=30, deadline=None)
@given(CUTS, st.integers(0, 30_000))
def test_cuts_make_no_difference_to_quality(lengths, frames):
    x = np.random.default_rng(3).uniform(-1.5, 1.5, (frames, 2)).clip(-1, 1).astype(np.float32)
    whole, cut = vo.QualityMeter(RATE, 2), vo.QualityMeter(RATE, 2)
    whole.process(x)
    for part in cuts(x, lengths):
        cut.process(part)
    assert whole.read() == cut.read() == vo.quality(x, RATE)


def test_nothing_has_no_flags():
    assert vo.quality(np.zeros((0, 2)), RATE)[0].flags == set()
    assert vo.quality([0.5], RATE)[0].rms == 0.5


# --- Ten hours -----------------------------------------------------------------------------------


@pytest.mark.long
def test_ten_hours_in_memory_that_does_not_grow():  # C10
    import resource

    minute = stereo(tone([(60, -20)], rate=RATE))
    levels, quality, correlation = (
        vo.LevelMeter(RATE, 2),
        vo.QualityMeter(RATE, 2),
        vo.CorrelationMeter(RATE),
    )
    before = 0
    for _ in range(600):
        for meter in (levels, quality, correlation):
            meter.process(minute)
        before = before or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 5 * 1024  # kB
    assert quality.read()[0].rms_db == pytest.approx(-23.0103, abs=1e-3)
    assert correlation.read() == pytest.approx(1)
