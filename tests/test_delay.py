"""GCC-PHAT: known delays under noise, and what there is to say about signals that share nothing."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meter_signals import cuts, speech_like

import vocana_dsp as vo

RATE = 16_000


def pair(source, delay_frames, snr_db, seed=1):
    """Two recordings of a source, the second later, each with noise of its own."""
    rng = np.random.default_rng(seed)
    most = 1000
    noise = (
        np.sqrt(np.mean(source**2))
        * 10 ** (-snr_db / 20)
        * rng.standard_normal((2, len(source) - 2 * most))
    )
    count = noise.shape[1]
    first = source[most : most + count] + noise[0]
    second = source[most - delay_frames : most - delay_frames + count] + noise[1]
    return first, second


SOURCES = {
    "noise": np.random.default_rng(4).standard_normal(3 * RATE),
    "speech": speech_like(4, RATE),
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("delay", [0, 1, -1, 37, -250, 799, -800])
@pytest.mark.parametrize("seed", range(3))
def test_a_known_delay_within_a_sample(source, delay, seed):  # D16
    first, second = pair(SOURCES[source], delay, 10, seed)
    kept = first.copy(), second.copy()
    found = vo.delay(first, second, RATE)
    assert found.frames == pytest.approx(delay, abs=1)  # frame, as D16 has it
    assert found.seconds == pytest.approx(found.frames / RATE)
    assert np.array_equal(kept[0], first)
    assert np.array_equal(kept[1], second)


def test_between_two_samples():
    spectrum = np.fft.rfft(SOURCES["noise"])
    ramp = np.exp(-2j * np.pi * np.fft.rfftfreq(len(SOURCES["noise"])) * 7.25)
    later = np.fft.irfft(spectrum * ramp)
    found = vo.delay(SOURCES["noise"], later, RATE)
    assert found.frames == pytest.approx(7.25, abs=0.15)  # a parabola through a sinc


def test_confidence():
    first, second = pair(SOURCES["noise"], 100, 60)
    assert vo.delay(first, second, RATE).confidence > 0.95
    unrelated = np.random.default_rng(9).standard_normal(len(first))
    assert vo.delay(first, unrelated, RATE).confidence < 0.15
    nothing = vo.delay(first, 0 * first, RATE)
    assert (nothing.frames, nothing.seconds, nothing.confidence) == (0, 0, 0)


@pytest.mark.parametrize("count", [100, 1000, 5000])
def test_short_signals(count):
    first, second = pair(SOURCES["noise"], 20, 20)
    found = vo.delay(first[:count], second[:count], RATE, max_delay_ms=3)
    assert found.frames == pytest.approx(20, abs=1)  # frame, as D16 has it


def test_a_stream_that_changes():
    meter = vo.DelayMeter(RATE, memory_ms=200)
    for delay in (30, -60):
        meter.process(*pair(SOURCES["noise"], delay, 10))
        assert meter.read().frames == pytest.approx(delay, abs=1)  # frame, as D16 has it
    meter.reset()
    assert meter.read().confidence == 0


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 5000), min_size=1, max_size=6).filter(any))
def test_cuts_make_no_difference(lengths):
    first, second = pair(SOURCES["noise"], 12, 10)
    whole, cut = vo.DelayMeter(RATE), vo.DelayMeter(RATE)
    whole.process(first, second)
    for a, b in zip(cuts(first, lengths), cuts(second, lengths), strict=True):
        cut.process(a, b)
    assert whole.read() == cut.read()


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"rate": 0}, "rate is 0"),
        ({"b": np.zeros(999)}, "1000 and 999 frames"),
        ({"a": np.zeros((1000, 2))}, "a has 2 channels, expected 1"),
        ({"a": np.zeros(1000, int)}, "a is int64"),
        ({"a": np.zeros(10), "b": np.zeros(10)}, "a has 10 frames"),
        ({"a": [], "b": []}, "a is float64|a has 0 frames"),
        ({"max_delay_ms": 0}, "max_delay_ms is 0"),
        ({"max_delay_ms": -1}, "max_delay_ms is -1"),
        ({"max_delay_ms": math.nan}, "max_delay_ms is nan"),
        ({"max_delay_ms": 1e12}, "max_delay_ms is 1000000000000.0"),
        ({"max_delay_ms": 63}, "a has 1000 frames, expected more"),
    ],
)
def test_bad_input(arguments, match):
    signals = {"a": np.zeros(1000), "b": np.zeros(1000), "rate": RATE, "max_delay_ms": 10}
    with pytest.raises(vo.ConfigError, match=match) as caught:
        vo.delay(**signals | arguments)
    assert caught.value.hint


def test_bad_memory():
    for memory in (0, -1, math.nan):
        with pytest.raises(vo.ConfigError, match="memory_ms"):
            vo.DelayMeter(RATE, memory_ms=memory)
