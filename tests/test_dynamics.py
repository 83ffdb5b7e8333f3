"""Gate, compressor and limiter as a chain runs them: curves, times, ceilings, cuts, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate, resample_poly

import vocana_dsp as vo

RATE = 48_000


def run(node, x, rate=RATE):
    return vo.Chain([node]).process(np.asarray(x, np.float32), rate=rate)


def db(x):
    return 20 * np.log10(np.maximum(np.abs(np.asarray(x, np.float64)), 1e-30))


def tone(level_db, seconds=0.5, hertz=1000, phase=0.0):
    t = np.arange(round(seconds * RATE)) / RATE
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * hertz * t + phase)).astype(np.float32)


# --- Compressor --------------------------------------------------------------


def steady_db(compressor, level_db):
    return db(run(compressor, np.full(RATE, 10 ** (level_db / 20)))[-1])


@pytest.mark.parametrize("ratio", [1.0, 2.0, 3.0, 20.0])
@pytest.mark.parametrize("knee_db", [0.0, 6.0, 24.0])
def test_the_static_curve_is_that_of_the_formula(ratio, knee_db):
    for level_db in range(-60, 1, 5):
        node = vo.Compressor(-20, ratio, knee_db=knee_db, makeup_db=3, release_ms=10)
        assert steady_db(node, level_db) == pytest.approx(node.curve(level_db), abs=1e-3)


def test_the_curve_knows_its_threshold_ratio_and_knee():
    hard, soft = vo.Compressor(-20, 4, knee_db=0), vo.Compressor(-20, 4, knee_db=10)
    assert hard.curve([-40, -20, -12, 0]) == pytest.approx([-40, -20, -18, -15])
    assert soft.curve([-25, -20, -15, 0]) == pytest.approx([-25, -20.9375, -18.75, -15])
    # The control: what the hard curve says at the threshold is not what the soft one does.
    assert abs(steady_db(vo.Compressor(-20, 4, knee_db=10), -20) - hard.curve(-20)) > 0.5


def test_rms_measures_a_sine_three_db_below_its_peak():
    by_rms = run(vo.Compressor(-20, 4, knee_db=0, rms_ms=50), tone(-6, 2))
    level = db(np.sqrt(np.mean(by_rms[-RATE // 2 :].astype(np.float64) ** 2)))
    # In dB: the mean square of 50 ms still moves with the sine.
    assert level == pytest.approx(vo.Compressor(-20, 4, knee_db=0).curve(-6 - 3.0103), abs=0.05)


@pytest.mark.parametrize("attack_ms", [1.0, 10.0, 50.0])
def test_after_the_attack_time_all_but_1_e_has_been_done(attack_ms):
    x = np.full(RATE, 1.0)
    y = db(run(vo.Compressor(-20, 4, attack_ms=attack_ms, release_ms=200, knee_db=0), x))
    done = y[round(attack_ms * RATE / 1000) - 1] / y[-1]
    assert done == pytest.approx(1 - 1 / math.e, abs=1e-3)


@pytest.mark.parametrize("release_ms", [20.0, 100.0, 500.0])
def test_after_the_release_time_1_e_is_left(release_ms):
    x = np.full(3 * RATE, 1.0)
    x[RATE:] = 0.05  # below the threshold
    y = db(run(vo.Compressor(-20, 4, attack_ms=0, release_ms=release_ms, knee_db=0), x)) - db(x)
    left = y[RATE + round(release_ms * RATE / 1000) - 1] / y[RATE - 1]
    assert left == pytest.approx(1 / math.e, abs=1e-3)


def reference(x, threshold_db, ratio, attack_ms, release_ms):
    """The detector of Giannoulis, Massberg and Reiss, section 2.3, in float64, without a knee."""
    attack, release = (math.exp(-1000 / (ms * RATE)) for ms in (attack_ms, release_ms))
    peak = down = 0.0
    y = np.empty(len(x))
    for i, sample in enumerate(x.astype(np.float64)):
        asked = max(0.0, float(db(sample)) - threshold_db) * (1 - 1 / ratio)
        peak = max(asked, release * peak + (1 - release) * asked)
        down = attack * down + (1 - attack) * peak
        y[i] = sample * 10 ** (-down / 20)
    return y


def test_steps_are_those_of_the_reference():
    levels = np.repeat([0.01, 1.0, 0.05, 0.5, 0.0, 0.8], 4000)
    x = (levels * np.sin(0.1 * np.arange(len(levels)))).astype(np.float32)
    y = run(vo.Compressor(-20, 3, knee_db=0), x)
    assert db(y - reference(x, -20, 3, 5, 100)).max() < -100
    assert db(y - reference(x, -20, 3, 5, 101)).max() > -80  # the control: 1 ms more


def test_the_gain_reduction_can_be_read():
    chain = vo.Chain([vo.Compressor(-20, 4, knee_db=0, makeup_db=6)])
    assert chain["Compressor"].gain_reduction_db == 0
    chain.process(np.ones(RATE, np.float32), rate=RATE)
    assert chain["Compressor"].gain_reduction_db == pytest.approx(15, abs=1e-3)


# --- Gate ---------------------------------------------------------------------


def test_a_gate_opens_at_its_threshold_and_shuts_after_its_hold():
    levels_db = np.repeat([-51.0, -49.0, -53.0, -55.0], RATE // 4)
    x = 10 ** (levels_db / 20)
    gate = vo.Gate(-50, attack_ms=0, hold_ms=100, release_ms=0, range_db=60, hysteresis_db=4)
    gain = db(run(gate, x)) - levels_db
    opens, falls = RATE // 4, 3 * RATE // 4
    shuts = falls + RATE // 10
    assert gain[:opens] == pytest.approx(-60, abs=1e-3)
    assert gain[opens:shuts] == pytest.approx(0, abs=1e-4)
    assert gain[shuts:] == pytest.approx(-60, abs=1e-3)


def test_a_gate_takes_its_times():
    x = np.concatenate([np.full(RATE // 4, 0.5), np.full(RATE, 1e-3)])
    y = run(vo.Gate(-50, attack_ms=10, hold_ms=0, release_ms=100, range_db=120), x)
    gain = y.astype(np.float64) / x
    assert gain[RATE // 100 - 1] == pytest.approx(1 - 1 / math.e, abs=1e-3)
    assert gain[RATE // 4 + RATE // 10] == pytest.approx(1 / math.e, abs=1e-3)


def test_speech_passes_an_open_gate_bit_for_bit():
    x = tone(-30)
    y = run(vo.Gate(-50, attack_ms=0), x)
    first = np.flatnonzero(np.abs(x) >= 10 ** (-50 / 20))[0]
    assert np.array_equal(x[first:], y[first:])


# --- Limiter --------------------------------------------------------------------

HOSTILE = st.one_of(
    st.builds(
        lambda seed, level: np.random.default_rng(seed).normal(0, level, 3000),
        st.integers(0, 99),
        st.floats(0.01, 100),
    ),
    st.builds(
        lambda hertz, level, phase: level * np.sin(hertz * np.arange(3000) + phase),
        st.floats(0.001, 3.14),
        st.floats(0.01, 1000),
        st.floats(0, 6),
    ),
    st.builds(
        lambda period, level: np.where(np.arange(3000) % period < 2, level, 0.3),
        st.integers(2, 500),
        st.floats(-1000, 1000),
    ),
)


@settings(max_examples=60, deadline=None)
@given(HOSTILE, st.floats(-40, 0), st.floats(1, 500), st.floats(0.5, 8), st.booleans())
def test_no_sample_exceeds_the_ceiling(x, ceiling_db, release_ms, lookahead_ms, true_peak):
    node = vo.Limiter(
        ceiling_db, release_ms=release_ms, lookahead_ms=lookahead_ms, true_peak=true_peak
    )
    assert np.abs(run(node, x)).max() <= np.float32(10 ** (ceiling_db / 20)) * (1 + 1e-7)


def true_peak_db(x):
    """The greatest of 16 points a sample; a filter of 64 samples each way."""
    return db(resample_poly(x.astype(np.float64), 16, 1, window=("kaiser", 10.0))).max()


def loud_noise(seed):
    """Noise, and bursts of it, that ends at 19 kHz."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(0, 1, RATE // 4))
    spectrum[round(19_000 / 4) :] = 0
    x = np.fft.irfft(spectrum)
    return x * (np.sin(np.arange(len(x)) / 300) > 0)


@pytest.mark.parametrize("seed", range(4))
def test_no_true_peak_exceeds_the_ceiling_by_a_tenth_of_a_db(seed):
    x = loud_noise(seed)
    assert true_peak_db(run(vo.Limiter(-3, true_peak=True), x)) < -2.9
    assert true_peak_db(run(vo.Limiter(-3), x)) > -2.9  # the control: samples alone


def test_a_sine_at_a_quarter_of_the_rate_has_peaks_between_its_samples():  # E1
    x = tone(0, hertz=RATE / 4, phase=math.pi / 4)
    assert db(np.abs(x).max()) == pytest.approx(-3.01, abs=0.01)  # dB: rounded
    steady = slice(RATE // 8, RATE // 4)
    by_samples = db(np.abs(run(vo.Limiter(-3), x)[steady]).max())
    by_peaks = db(np.abs(run(vo.Limiter(-3, true_peak=True), x)[steady]).max())
    assert by_samples == pytest.approx(-3.01, abs=0.01)  # dB: rounded
    assert by_peaks == pytest.approx(-6.01, abs=0.1)  # dB: as BS.1770 allows


@pytest.mark.parametrize("true_peak", [False, True])
@pytest.mark.parametrize("rate", [8000, 44_100, 48_000, 192_000])
def test_below_the_ceiling_a_limiter_is_the_delay_that_it_declares(rate, true_peak):
    x = np.random.default_rng(1).uniform(-0.5, 0.5, 8000).astype(np.float32)
    node = vo.Limiter(-1, true_peak=true_peak)
    y = run(node, x, rate)
    late = int(np.argmax(correlate(y, x, "full"))) - (len(x) - 1)
    assert late == node.latency_frames == round(0.002 * rate) + 24 * true_peak
    assert np.array_equal(y[late:], x[: len(x) - late])


# --- All -----------------------------------------------------------------------------

NODES = [
    lambda: vo.Gate(-30, hold_ms=1, release_ms=20),
    lambda: vo.Compressor(-30, 4, makeup_db=3),
    lambda: vo.Compressor(-30, 4, rms_ms=5),
    lambda: vo.Limiter(-20),
    lambda: vo.Limiter(-20, true_peak=True),
]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(NODES),
    st.lists(st.integers(1, 700), min_size=1, max_size=30),
    st.integers(1, 3),
    st.integers(0, 99),
)
def test_cuts_make_no_difference(make, cuts, channels, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 0.2, (sum(cuts), channels)).astype(np.float32)
    x *= np.repeat(rng.uniform(0, 1, len(cuts)) ** 4, cuts)[:, None].astype(np.float32)
    chain = vo.Chain([make()])
    parts = [chain.process(part, rate=RATE) for part in np.split(x, np.cumsum(cuts)[:-1])]
    assert np.array_equal(np.concatenate(parts), vo.Chain([make()]).process(x, rate=RATE))


@pytest.mark.parametrize("make", NODES)
def test_all_channels_get_the_gain_that_the_loudest_needs(make):
    rng = np.random.default_rng(5)
    loud = rng.normal(0, 0.3, 9000) * np.repeat(rng.uniform(0, 1, 9), 1000)
    x = np.stack([loud / 8, loud], axis=1)
    pair = vo.Chain([make()]).process(x, rate=RATE)
    assert np.allclose(pair[:, 0] * 8, pair[:, 1], atol=1e-5)


@pytest.mark.parametrize("make", NODES)
def test_one_sample_and_none_are_blocks(make):
    chain = vo.Chain([make()])
    assert chain.process(np.empty(0, np.float32), rate=RATE).shape == (0,)
    assert chain.process(np.ones(1, np.float32), rate=RATE).shape == (1,)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (vo.Gate, "threshold_db", 1),
        (vo.Gate, "hold_ms", -1),
        (vo.Gate, "range_db", math.nan),
        (vo.Gate, "attack_ms", "fast"),
        (vo.Compressor, "ratio", 0.5),
        (vo.Compressor, "ratio", math.inf),
        (vo.Compressor, "attack_ms", -0.1),
        (vo.Compressor, "threshold_db", math.nan),
        (vo.Compressor, "knee_db", 41),
        (vo.Limiter, "ceiling_db", 0.1),
        (vo.Limiter, "lookahead_ms", 0),
        (vo.Limiter, "release_ms", None),
        (vo.Limiter, "true_peak", 0.5),
    ],
)
def test_a_value_out_of_range_is_named(kind, name, value):  # E9
    with pytest.raises(vo.ConfigError, match=name) as caught:
        kind(**{name: value})
    assert repr(value) in str(caught.value)
    assert "expected" in str(caught.value)


def test_what_is_fixed_cannot_be_set_while_it_works():
    chain = vo.Chain([vo.Limiter(-1), vo.Compressor()])
    chain["Limiter"].lookahead_ms = 5
    chain.process(np.zeros(10, np.float32), rate=RATE)
    with pytest.raises(vo.ConfigError, match="lookahead_ms"):
        chain["Limiter"].lookahead_ms = 3
    with pytest.raises(vo.ConfigError, match="rms_ms"):
        chain["Compressor"].rms_ms = 3
    chain["Compressor"].ratio = 8
    assert chain["Compressor"].ratio == 8
