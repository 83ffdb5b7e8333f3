"""Levels and Loudness in a chain: the sound as it is, the readings of the meters."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meter_signals import RATE, cuts, stereo, tone

import vocana_dsp as vo

SPEECH = np.random.default_rng(6).uniform(-0.5, 0.5, (4 * RATE, 2)).astype(np.float32)


def played(x, lengths, *nodes):
    chain = vo.Chain(nodes)
    parts = [chain.process(part, rate=RATE) for part in cuts(x, lengths)]
    return chain, np.concatenate(parts)


def test_the_sound_is_not_changed():
    _, out = played(SPEECH, [1000], vo.Levels(), vo.Loudness())
    assert np.array_equal(out, SPEECH)


def test_levels_as_the_meter_reads_them():
    chain, _ = played(SPEECH, [4 * RATE], vo.Levels())
    meter, correlation = vo.LevelMeter(RATE, 2), vo.CorrelationMeter(RATE)
    meter.process(SPEECH)
    correlation.process(SPEECH)
    found = chain["Levels"].snapshot()
    assert [(c.peak, c.rms, c.held) for c in found.channels] == [
        (c.peak, c.rms, c.held) for c in meter.read()
    ]
    assert found.correlation == correlation.read()


def test_loudness_as_the_meter_reads_it():
    chain, _ = played(SPEECH, [4 * RATE], vo.Loudness(), vo.Loudness(False, name="quick"))
    meter = vo.LoudnessMeter(RATE, 2)
    meter.process(SPEECH)
    assert chain["Loudness"].snapshot() == meter.read()
    quick = chain["quick"].snapshot()
    assert quick.integrated_lufs == meter.read().integrated_lufs
    assert quick.true_peak_db == -math.inf


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=6))
def test_cuts_make_no_difference(lengths):
    x = SPEECH[:RATE]
    whole, _ = played(x, [RATE], vo.Levels(), vo.Loudness())
    cut, _ = played(x, lengths, vo.Levels(), vo.Loudness())
    for name in ("Levels", "Loudness"):
        assert whole[name].snapshot() == cut[name].snapshot()


def test_flags_are_of_the_last_second():  # I12
    chain = vo.Chain([vo.Levels()])
    good = stereo(tone([(1, -20)]))
    for x, flags in (
        (good, [set(), set()]),
        (0 * good, [{"silent", "flat"}] * 2),
        (good * [1, 0.1], [set(), {"imbalance"}]),
        (good + 0.1, [{"dc"}] * 2),
        (good, [set(), set()]),
    ):
        chain.process(x.astype(np.float32), rate=RATE)
        channels = chain["Levels"].snapshot().channels
        assert [c.flags - {"correlated"} for c in channels] == flags  # both are the same


def test_before_anything_was_heard():
    assert vo.Levels().snapshot() == vo.LevelsReading((), None)
    assert vo.Loudness().snapshot().integrated_lufs == -math.inf
    chain = vo.Chain([vo.Levels(), vo.Loudness()])
    chain.process(np.zeros((0, 1), np.float32), rate=RATE)
    (channel,) = chain["Levels"].snapshot().channels
    assert (channel.rms_db, channel.flags) == (-math.inf, frozenset())
    assert chain["Levels"].snapshot().correlation is None
    assert chain["Loudness"].snapshot().momentary_lufs == -math.inf


def test_bad_parameters():
    with pytest.raises(vo.ConfigError, match="rms_ms is -1"):
        vo.Levels(rms_ms=-1)
    with pytest.raises(vo.ConfigError, match="hold_ms is nan"):
        vo.Levels(hold_ms=math.nan)
    with pytest.raises(vo.ConfigError, match="true_peak is 2"):
        vo.Loudness(2)
    with pytest.raises(vo.ConfigError, match="Loudness"):
        vo.Chain([vo.Loudness()]).process(np.zeros(10, np.float32), rate=4000)


@pytest.mark.parametrize(
    ("node", "rate", "least"), [(vo.Levels, 50, 100), (vo.Loudness, 4000, 8000)]
)
def test_a_rate_too_low_is_named_with_the_least(node, rate, least):  # E9
    said = f"{node.__name__}: rate is {rate}, expected a whole number from {least} to 768000"
    with pytest.raises(vo.ConfigError, match=said):
        vo.Chain([node()]).prepare(rate, 1)
    vo.Chain([node()]).prepare(least, 1)
