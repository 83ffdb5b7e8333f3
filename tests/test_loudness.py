"""EBU R 128: the signals of EBU Tech 3341 and 3342, pyloudnorm, cuts, and ten hours."""

import math

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meter_signals import RATE, cuts, speech_like, stereo, tone

import vocana_dsp as vo

SILENCE = -np.inf
CLOSE_LU = 0.1  # as EBU Tech 3341 asks


# --- EBU Tech 3341, programmes -----------------------------------------------------------------

PROGRAMMES = {
    1: ([(20, -23)], -23.0),
    2: ([(20, -33)], -33.0),
    3: ([(10, -36), (60, -23), (10, -36)], -23.0),
    4: ([(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)], -23.0),
    5: ([(20, -26), (20.1, -20), (20, -26)], -23.0),
}


@pytest.mark.parametrize("case", PROGRAMMES)
@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_a_programme_of_tech_3341(case, rate):
    segments, expected = PROGRAMMES[case]
    found = vo.loudness(stereo(tone(segments, rate=rate)), rate)
    assert found.integrated_lufs == pytest.approx(expected, abs=CLOSE_LU)
    if case < 3:
        assert found.max_momentary_lufs == pytest.approx(expected, abs=CLOSE_LU)
        assert found.max_short_term_lufs == pytest.approx(expected, abs=CLOSE_LU)


def test_case_6_five_channels():
    levels = (-28, -28, -24, -30, -30)  # L R C Ls Rs
    x = np.stack([tone([(20, level)]) for level in levels], axis=1)
    assert vo.loudness(x, RATE).integrated_lufs == pytest.approx(-23.0, abs=CLOSE_LU)
    with_lfe = np.insert(x, 3, tone([(20, 0)]), axis=1)  # a sixth that does not count
    assert vo.loudness(with_lfe, RATE).integrated_lufs == pytest.approx(-23.0, abs=CLOSE_LU)


# --- EBU Tech 3341, meters ---------------------------------------------------------------------


def readings(x, rate=RATE):
    """A reading for every tenth of a second."""
    meter = vo.LoudnessMeter(rate, x.shape[1], true_peak=False)
    for part in cuts(x, [rate // 10]):
        meter.process(part)
        yield meter.read()


def test_case_9_short_term_loudness_is_steady():
    x = stereo(tone([(1.34, -20), (1.66, -30)] * 5))
    for number, found in enumerate(readings(x), 1):
        if number >= 30:
            assert found.short_term_lufs == pytest.approx(-23.0, abs=CLOSE_LU)


def test_case_12_momentary_loudness_is_steady():
    x = stereo(tone([(0.18, -20), (0.22, -30)] * 25))
    for number, found in enumerate(readings(x), 1):
        if number >= 10:
            assert found.momentary_lufs == pytest.approx(-23.0, abs=CLOSE_LU)


@pytest.mark.parametrize("number", range(20))
def test_cases_10_and_13_bursts_anywhere(number):
    x = stereo(tone([(number * 0.15, SILENCE), (3, -23), (1, SILENCE)]))
    assert vo.loudness(x, RATE).max_short_term_lufs == pytest.approx(-23.0, abs=CLOSE_LU)
    x = stereo(tone([(number * 0.02, SILENCE), (0.4, -23), (1, SILENCE)]))
    assert vo.loudness(x, RATE).max_momentary_lufs == pytest.approx(-23.0, abs=CLOSE_LU)


@pytest.mark.parametrize("duration", [3.0, 0.4])
def test_cases_11_and_14_successive_bursts(duration):
    meter = vo.LoudnessMeter(RATE, 2, true_peak=False)
    for number in range(20):
        before = number * duration / 20
        level = -38 + number
        meter.process(stereo(tone([(before, SILENCE), (duration, level)])))
        meter.process(stereo(tone([(duration - before, SILENCE)])))
        found = meter.read()
        most = found.max_short_term_lufs if duration == 3 else found.max_momentary_lufs
        assert most == pytest.approx(level, abs=CLOSE_LU)


# --- EBU Tech 3341, true peaks -----------------------------------------------------------------


def faded(x):
    """Without a step at either end, which would be a peak of its own."""
    slope = np.sin(np.linspace(0, np.pi / 2, 2400)) ** 2
    return x * np.concatenate([slope, np.ones(len(x) - 4800), slope[::-1]])


@pytest.mark.parametrize(
    ("case", "part_of_rate", "degrees", "amplitude", "expected"),
    [
        (15, 4, 0.0, 0.50, -6.0),
        (16, 4, 45.0, 0.50, -6.0),
        (17, 6, 60.0, 0.50, -6.0),
        (18, 8, 67.5, 0.50, -6.0),
        (19, 4, 45.0, 1.41, 3.0),
    ],
)
def test_true_peak_of_a_sine(case, part_of_rate, degrees, amplitude, expected):
    phase = 2 * np.pi / part_of_rate * np.arange(RATE) + math.radians(degrees)
    x = faded(amplitude * np.sin(phase))
    for found in (vo.true_peak_db(x, RATE), vo.loudness(x, RATE).true_peak_db):
        assert expected - 0.4 <= found <= expected + 0.2


@pytest.mark.parametrize("offset", range(4))  # cases 20 to 23
def test_true_peak_of_a_pulse_between_the_samples(offset):
    """A pulse that reaches 0 dBTP at four times the rate, taken at each of four offsets."""
    at = np.arange(-2000, 2000)
    pulse = np.sinc(at / 12) * np.blackman(len(at) + 1)[:-1]  # up to 16 kHz
    x = pulse[offset::4] / np.abs(pulse).max()
    assert -0.4 <= vo.true_peak_db(x, RATE) <= 0.2
    assert -0.4 <= vo.loudness(x, RATE).true_peak_db <= 0.2


def test_sample_peaks_would_not_do():
    """Negative control: what lies between the samples of case 16 is 3 dB above them."""
    x = faded(0.5 * np.sin(np.pi / 2 * np.arange(RATE) + np.pi / 4))
    assert 20 * math.log10(np.abs(x).max()) < -9


def test_a_peak_in_the_last_sample_counts():
    x = np.zeros(1000, np.float32)
    x[-1] = 0.5
    assert vo.true_peak_db(x, RATE) >= -6.03
    assert vo.loudness(x, RATE).true_peak_db >= -6.03


# --- EBU Tech 3342 -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "levels", "expected"),
    [
        (1, (-20, -30), 10),
        (2, (-20, -15), 5),
        (3, (-40, -20), 20),
        (4, (-50, -35, -20, -35, -50), 15),
    ],
)
def test_loudness_range(case, levels, expected):
    x = stereo(tone([(20, level) for level in levels]))
    # LU: as EBU Tech 3342 asks.
    assert vo.loudness(x, RATE).range_lu == pytest.approx(expected, abs=1)


# --- Beside pyloudnorm ---------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_the_same_as_pyloudnorm(rate, channels):
    meter = pyloudnorm.Meter(rate, filter_class="DeMan")  # the filters that the standard prints
    signals = {
        "noise": np.random.default_rng(3).uniform(-0.3, 0.3, (8 * rate, channels)),
        "speech": np.stack([speech_like(12, rate, seed) for seed in range(channels)], axis=1),
    }
    for name, x in signals.items():
        expected = meter.integrated_loudness(x.astype(np.float64))
        assert vo.loudness(x, rate).integrated_lufs == pytest.approx(expected, abs=CLOSE_LU), name


def test_another_weighting_would_be_seen():
    """Negative control: without the filters noise is more than 1 LU off."""
    x = np.random.default_rng(4).uniform(-0.3, 0.3, 4 * RATE)
    plain = -0.691 + 10 * math.log10(np.mean(x**2))
    assert abs(vo.loudness(x, RATE).integrated_lufs - plain) > 1


# --- Streams -------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 3000), min_size=1, max_size=8).filter(any), st.sampled_from([1, 2]))
def test_cuts_make_no_difference(lengths, channels):
    rate = 22_050  # has hops of two lengths
    x = np.random.default_rng(5).uniform(-0.5, 0.5, (2 * rate, channels)).astype(np.float32)
    whole, cut = vo.LoudnessMeter(rate, channels), vo.LoudnessMeter(rate, channels)
    whole.process(x)
    for part in cuts(x, lengths):
        cut.process(part)
    assert whole.read() == cut.read()
    cut.reset()
    assert cut.read().integrated_lufs == -math.inf
    cut.process(x)
    assert whole.read() == cut.read()


@pytest.mark.long
def test_ten_hours_in_memory_that_does_not_grow():  # C10
    import resource

    meter = vo.LoudnessMeter(RATE, 1)
    minute = tone([(30, -20), (30, -30)]).astype(np.float32)
    meter.process(minute)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(600):
        meter.process(minute)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 5 * 1024  # kB
    found = meter.read()
    expected = -23.01 + 10 * math.log10((1 + 0.1) / 2)
    # LU: gates cut blocks of both levels.
    assert found.integrated_lufs == pytest.approx(expected, abs=0.05)
    assert found.range_lu == pytest.approx(10, abs=CLOSE_LU)


# --- Edges and bad input -------------------------------------------------------------------------


def test_silence_and_nothing():
    for x in (np.zeros(RATE), np.zeros(0), np.zeros(1), np.zeros((0, 2))):
        found = vo.loudness(x, RATE)
        assert found.integrated_lufs == found.true_peak_db == -math.inf
        assert found.range_lu == 0
    short = vo.loudness(np.full(RATE // 4, 0.5), RATE)  # 250 ms
    assert short.max_momentary_lufs == -math.inf
    assert short.true_peak_db > -7


def test_what_no_converter_delivers_counts_as_nothing():  # E5
    x = tone([(2, -20)]).astype(np.float32)
    clean = vo.loudness(x, RATE)
    x[[100, 2000, 30_000, 50_000]] = np.nan, np.inf, -np.inf, 1e9
    found = vo.loudness(x, RATE)
    assert found.integrated_lufs == pytest.approx(clean.integrated_lufs, abs=1e-3)
    assert found.true_peak_db < -18
    assert vo.true_peak_db(x, RATE) < -18


def test_weights():
    x = stereo(tone([(2, -20)]))
    alone = vo.loudness(x[:, 0], RATE).integrated_lufs
    assert vo.loudness(x, RATE, weights=[1, 0]).integrated_lufs == pytest.approx(alone)
    assert vo.loudness(x, RATE, weights=[0, 0]).integrated_lufs == -math.inf


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"rate": 0}, "rate is 0, expected a whole number from 8000"),
        ({"rate": 4000}, "rate is 4000"),
        ({"rate": 48_000.5}, "rate is 48000.5"),
        ({"rate": math.nan}, "rate is nan"),
        ({"x": np.zeros(4, np.int16)}, "x is int16"),
        ({"x": np.zeros((2, 2, 2))}, "x has 3 axes"),
        ({"x": np.zeros((2, 0))}, "x has 0 channels"),
        ({"x": np.zeros((2, 65))}, "x has 65 channels"),
        ({"weights": [1, 1]}, "weights has 2 values"),
        ({"weights": [-1]}, "a weight is -1"),
        ({"weights": [math.nan]}, "a weight is nan"),
    ],
)
def test_bad_input(arguments, match):
    with pytest.raises(vo.ConfigError, match=match) as caught:
        vo.loudness(**{"x": np.zeros(100), "rate": RATE} | arguments)
    assert caught.value.hint


def test_a_meter_takes_its_own_channels():
    with pytest.raises(vo.ConfigError, match="block has 1 channels, expected 2"):
        vo.LoudnessMeter(RATE, 2).process(np.zeros(10, np.float32))
    with pytest.raises(vo.ConfigError, match="channels is 0"):
        vo.LoudnessMeter(RATE, 0)
