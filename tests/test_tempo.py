"""Onset strengths beside librosa, and the tempo of clicks."""

import math

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vocana_dsp as vo


def clicks(bpm, rate, seconds=15.0, noise=0.0, seed=4):
    """Decaying bursts of noise at a tempo, from the first third of a second on."""
    rng = np.random.default_rng(seed)
    x = noise * rng.standard_normal(int(seconds * rate))
    burst = rng.standard_normal(rate // 50) * np.exp(-np.arange(rate // 50) / (rate / 200))
    for at in np.arange(rate / 3, len(x) - len(burst), 60 / bpm * rate):
        x[int(at) : int(at) + len(burst)] += burst
    return (0.2 * x).astype(np.float32)


# --- Onsets -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "n_fft", "hop"), [(22_050, 2048, 512), (16_000, 1024, 128)])
def test_strengths_are_those_of_librosa(rate, n_fft, hop):
    x = clicks(130, rate, 4.0, noise=0.05)
    found = vo.onset_strength(x, rate, n_fft=n_fft, hop=hop)
    bands = librosa.feature.melspectrogram(y=x, sr=rate, n_fft=n_fft, hop_length=hop)
    wanted = librosa.onset.onset_strength(
        S=librosa.power_to_db(bands, top_db=None), sr=rate, n_fft=n_fft, hop_length=hop
    )
    assert found.shape == wanted.shape == (1 + len(x) // hop,)
    np.testing.assert_allclose(found, wanted, atol=1e-3)


@given(sizes=st.lists(st.integers(0, 4000), max_size=20))
@settings(deadline=None, max_examples=40)
def test_a_stream_has_the_bits_of_the_whole(sizes):
    x = clicks(150, 16_000, 1.0, noise=0.1)
    onsets, tempo = vo.OnsetStrength(16_000), vo.Tempo(16_000, memory_s=math.inf)
    pieces = np.split(x, np.minimum(np.cumsum(sizes), len(x)))
    found = np.concatenate([onsets.process(piece) for piece in pieces])
    assert np.array_equal(found, vo.onset_strength(x, 16_000))
    for piece in pieces:
        tempo.process(piece)
    assert tempo.now.bpm == vo.tempo(x, 16_000)


# --- Tempo ------------------------------------------------------------------------------------


def off(x, rate, bpm):
    """By what share the tempo is missed."""
    return abs(vo.tempo(x, rate) / bpm - 1)


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
@pytest.mark.parametrize(
    "bpm", [40, 48, 60, 73, 90, 100, 119.5, 120, 128, 140, 161, 174, 187, 200, 222, 240]
)
@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_the_tempo_of_clicks_is_found_within_2_percent(rate, bpm, noise):  # D13
    assert off(clicks(bpm, rate, noise=noise), rate, bpm) <= 0.02


def test_another_tempo_is_no_match():  # D13
    """What a constant 120, half or double would give."""
    x = clicks(90, 16_000)
    assert off(x, 16_000, 120) > 0.02
    assert off(x, 16_000, 180) > 0.02
    assert off(x, 16_000, 45) > 0.02


def test_what_does_not_repeat_has_no_tempo():  # D13
    assert vo.tempo(np.zeros(160_000), 16_000) == 0
    assert vo.tempo(np.zeros(1), 16_000) == 0
    assert vo.Tempo(16_000).now == vo.Beat(0.0, 0.0)
    steady = vo.Tempo(16_000)
    steady.process(np.random.default_rng(5).standard_normal(160_000).astype(np.float32))
    sure = vo.Tempo(16_000)
    sure.process(clicks(100, 16_000))
    assert sure.now.confidence > 0.5 > 0.2 > steady.now.confidence


@pytest.mark.parametrize("rate", [16_000, 22_050, 48_000])
@pytest.mark.parametrize("hertz", [25, 40, 82.4, 110, 440, 1000, 1234.5, 7000])
@pytest.mark.parametrize("amplitude", [1, 0.1, 0.001])
def test_a_steady_tone_has_no_tempo(rate, hertz, amplitude):  # D13
    steady = vo.Tempo(rate, memory_s=math.inf)
    steady.process(amplitude * np.sin(2 * np.pi * hertz / rate * np.arange(10 * rate)))
    assert steady.now == vo.Beat(0.0, 0.0)


def test_clicks_on_a_tone_have_their_tempo():  # D13
    """The negative control: that it is the tone which has none."""
    x = 0.1 * np.sin(2 * np.pi * 1000 / 48_000 * np.arange(15 * 48_000))
    assert vo.tempo(x, 48_000) == 0
    assert off(x + 0.1 * clicks(150, 48_000), 48_000, 150) <= 0.02


def test_strengths_of_a_steady_tone_are_flat_above_a_floor():  # D13
    tone = 0.1 * np.sin(2 * np.pi * 440 / 48_000 * np.arange(2 * 48_000))
    floor = vo.onset_strength(tone, 48_000, range_db=60)[6:]
    assert floor.max() < 0.02 < vo.onset_strength(tone, 48_000)[6:].max()


def test_a_stream_follows_a_change_of_tempo():  # D13
    tempo = vo.Tempo(16_000, memory_s=6)
    tempo.process(clicks(150, 16_000, 30))
    assert tempo.now.bpm == pytest.approx(150, rel=0.02)  # as D13 has it
    tempo.process(clicks(87, 16_000, 30))
    assert tempo.now.bpm == pytest.approx(87, rel=0.02)  # as D13 has it
    tempo.reset()
    assert tempo.now.bpm == 0


@pytest.mark.parametrize(
    ("rate", "options", "message"),
    [
        (0, {}, "rate is 0"),
        (999, {}, "rate is 999, expected 1000 or more"),
        (16_000, {"memory_s": 0}, "memory_s is 0"),
        (16_000, {"memory_s": -1.0}, "memory_s is -1"),
        (16_000, {"memory_s": math.nan}, "memory_s is nan"),
    ],
)
def test_options_out_of_range_are_refused(rate, options, message):
    with pytest.raises(vo.ConfigError, match=message):
        vo.Tempo(rate, **options)


def test_channels_have_strengths_of_their_own_and_one_tempo():
    left, right = clicks(100, 16_000), clicks(100, 16_000, seed=5)
    both = np.stack([left, right], axis=1)
    found = vo.onset_strength(both, 16_000)
    assert np.array_equal(found[0], vo.onset_strength(left, 16_000))
    assert np.array_equal(found[1], vo.onset_strength(right, 16_000))
    assert vo.tempo(both, 16_000) == vo.tempo((left + right) / 2, 16_000)
    for stream in (vo.Tempo(16_000), vo.OnsetStrength(16_000)):
        with pytest.raises(vo.ConfigError, match="expected one channel"):
            stream.process(both)


@pytest.mark.parametrize("rate", [1000, 8000, 11_025, 96_000, 192_000, 768_000])
def test_every_rate_has_a_shape(rate):
    assert vo.Tempo(rate).now.bpm == 0


@pytest.mark.parametrize("range_db", [0, -60, math.nan, "60"])
def test_a_floor_out_of_range_is_refused(range_db):
    with pytest.raises(vo.ConfigError, match="range_db is"):
        vo.onset_strength(np.zeros(10), 16_000, range_db=range_db)


@pytest.mark.parametrize("function", [vo.tempo, vo.onset_strength])
def test_signals_that_are_none_are_refused(function):
    for x, error in [
        (np.zeros(0), vo.FormatError),
        (np.array([0, np.inf]), vo.FormatError),
        (np.zeros((4, 0)), vo.ConfigError),
        (np.zeros((4, 2, 1)), vo.ConfigError),
    ]:
        with pytest.raises(error):
            function(x, 16_000)
