"""Other rates: what tones become, that cuts do not matter, and what is refused."""

import math
import re
import runpy
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

import vocana_dsp as vo
from vocana_dsp.bench import resampler_tones as quality

NOISE = np.random.default_rng(3).uniform(-1, 1, (20_000, 2)).astype(np.float32)


def passband_hz(from_rate, to_rate, name="balanced"):
    return vo.Resampler(from_rate, to_rate, quality=name).passband_hz


# --- Quality -----------------------------------------------------------------


@pytest.mark.parametrize(("from_rate", "to_rate"), list(permutations(quality.RATES, 2)))
def test_every_pair_of_usual_rates(from_rate, to_rate):  # D14
    edge = passband_hz(from_rate, to_rate)
    found = quality.measure(vo.resample, from_rate, to_rate, edge, tones=5)
    lower = min(from_rate, to_rate)
    assert edge >= (0.41 if lower < 12_800 else 0.448) * lower
    assert found.ripple_db <= 0.01
    assert found.alias_db <= -110
    assert found.image_db <= -110
    assert found.delay_frames < 1e-3


@pytest.mark.parametrize("name", ["fast", "balanced", "best"])
@pytest.mark.parametrize(
    ("from_rate", "to_rate"),
    [(48_000, 16_000), (44_100, 48_000), (44_101, 48_000), (96_000, 44_101), (11_025, 16_000)],
)
def test_every_quality(from_rate, to_rate, name):  # D14
    edge = passband_hz(from_rate, to_rate, name)
    found = quality.measure(
        lambda x, a, b: vo.resample(x, a, b, quality=name), from_rate, to_rate, edge
    )
    assert found.ripple_db <= 0.01
    assert max(found.alias_db, found.image_db) <= -110
    assert found.delay_frames < 1e-3


@pytest.mark.parametrize(("from_rate", "to_rate"), [(48_000, 16_000), (44_100, 48_000)])
def test_soxr_hq_gives_the_same_signal(from_rate, to_rate):  # D14
    x = sum(quality.tone(f, from_rate) for f in (50, 1000, 3333, 7000)) / 4
    difference = vo.resample(x, from_rate, to_rate) - soxr.resample(x, from_rate, to_rate)
    # Both are flat: to 0.007 dB ours, which is 8e-4 of a tone of 0.125, to 1e-5 dB theirs.
    assert np.abs(difference[2000:-2000]).max() < 4 * 8e-4 * 0.125
    theirs = quality.measure(soxr.resample, from_rate, to_rate, 0.45 * min(from_rate, to_rate))
    assert theirs.ripple_db < 0.01
    assert max(theirs.alias_db, theirs.image_db) < -110


@pytest.mark.parametrize(("from_rate", "to_rate"), [(48_000, 16_000), (44_100, 48_000)])
def test_a_sweep_keeps_its_level_and_nothing_else_appears(from_rate, to_rate):  # D14
    t = np.arange(from_rate) / from_rate
    top = min(from_rate, to_rate) / 2

    def sweep(start, end):
        return 0.5 * np.sin(2 * np.pi * (start * t + (end - start) * t**2 / 2)).astype(np.float32)

    y = vo.resample(sweep(100, passband_hz(from_rate, to_rate)), from_rate, to_rate)
    peaks = np.abs(y[to_rate // 10 : -to_rate // 10]).reshape(-1, to_rate // 20).max(axis=1)
    assert peaks == pytest.approx(0.5, rel=5e-3)  # samples miss a sine's peak by a little
    if from_rate > to_rate:
        beyond = vo.resample(sweep(top * 1.001, from_rate / 2), from_rate, to_rate)
        edge = to_rate // 10
        assert quality.db(np.abs(beyond[edge:-edge]).max() / 0.5) < -110


def spoilt(x, from_rate, to_rate, *, phase=None, bits=None):
    """Ours with a fault: one phase late by a hundredth of its neighbour, or short of precision."""
    y = vo.resample(x, from_rate, to_rate).copy()
    if phase is not None:
        late = np.roll(y, 1)
        y[phase::160] += 0.01 * (late - y)[phase::160]
    if bits is not None:
        y = np.round(y * 2**bits) / np.float32(2**bits)
    return y.astype(np.float32)


def cut_short(x, from_rate, to_rate):
    """A filter of a third of the length."""
    n = np.arange(-60, 61)
    taps = np.sinc(n / 3) / 3 * np.kaiser(121, 9)
    return np.convolve(x, taps, "same")[:: from_rate // to_rate].astype(np.float32)


def test_the_measure_finds_planted_faults():
    edge = passband_hz(44_100, 48_000)
    for fault in ({"phase": 7}, {"bits": 15}):
        found = quality.measure(lambda x, a, b, f=fault: spoilt(x, a, b, **f), 44_100, 48_000, edge)
        assert found.image_db > -110
    short = quality.measure(cut_short, 48_000, 16_000, passband_hz(48_000, 16_000))
    assert short.ripple_db > 0.01
    assert short.alias_db > -110
    late = quality.measure(lambda x, a, b: np.roll(vo.resample(x, a, b), 1), 48_000, 16_000, 7000)
    assert late.delay_frames > 0.9


# --- Streams -----------------------------------------------------------------

PAIRS = st.sampled_from(
    [(48_000, 16_000), (16_000, 48_000), (44_100, 48_000), (44_101, 48_000), (8000, 44_100)]
)


@settings(max_examples=60, deadline=None)
@given(PAIRS, st.lists(st.integers(0, 1500), min_size=1, max_size=12), st.integers(1, 2))
def test_cuts_do_not_matter(pair, cuts, channels):  # D14
    x = np.ascontiguousarray(NOISE[: sum(cuts), :channels])
    whole = vo.Resampler(*pair, channels=channels).process(x)
    stream = vo.Resampler(*pair, channels=channels)
    blocks, at = [], 0
    for n in cuts:
        blocks.append(stream.process(x[at : at + n]))
        at += n
        assert sum(map(len, blocks)) == math.ceil(at * pair[1] / pair[0])
    assert np.array_equal(np.concatenate(blocks), whole)


@settings(max_examples=30, deadline=None)
@given(PAIRS, st.integers(0, 3000), st.sampled_from(["fast", "balanced", "best"]))
def test_offline_is_the_stream_without_its_latency(pair, n, name):
    stream = vo.Resampler(*pair, channels=2, quality=name)
    late = np.concatenate([stream.process(NOISE[:n]), stream.flush()])
    offline = vo.resample(NOISE[:n], *pair, quality=name)
    assert np.array_equal(late[stream.latency_frames :], offline)
    assert len(offline) == math.ceil(n * pair[1] / pair[0])


@pytest.mark.parametrize(("from_rate", "to_rate"), [(48_000, 16_000), (44_100, 48_000)])
def test_output_in_every_call_and_no_more_than_5_ms_late(from_rate, to_rate):  # D14
    stream = vo.Resampler(from_rate, to_rate)
    block = np.zeros(from_rate // 100, np.float32)
    assert [len(stream.process(block)) for _ in range(20)] == [to_rate // 100] * 20
    assert stream.latency_frames / to_rate <= 0.005


def test_a_million_frames_are_a_million_frames():  # C10
    stream = vo.Resampler(44_100, 48_000)
    block = np.ones(4410, np.float32)
    made = [stream.process(block) for _ in range(250)]
    assert sum(map(len, made)) == 250 * 4800
    assert np.abs(made[-1] - 1).max() < 1e-3  # ripple at DC is below 0.01 dB


def test_reset_and_flush_start_anew():
    stream = vo.Resampler(48_000, 16_000)
    first = stream.process(NOISE[:480, 0].copy())
    stream.reset()
    assert np.array_equal(stream.process(NOISE[:480, 0].copy()), first)
    assert stream.flush().shape == (64,)
    assert np.array_equal(stream.process(NOISE[:480, 0].copy()), first)
    assert vo.Resampler(48_000, 16_000, channels=3).flush().shape == (64, 3)


def test_equal_rates_copy():
    x = NOISE[:100]
    assert np.array_equal(vo.resample(x, 48_000, 48_000), x)
    stream = vo.Resampler(44_100, 44_100, channels=2)
    assert np.array_equal(stream.process(x), x)
    assert (stream.latency_frames, stream.ratio, len(stream.flush())) == (0, 1.0, 0)


@pytest.mark.parametrize("shape", [(0,), (1,), (2,), (0, 2), (1, 1), (3, 5)])
def test_tiny_arrays(shape):
    x = np.ones(shape, np.float32)
    y = vo.resample(x, 44_100, 48_000)
    assert y.shape == (math.ceil(shape[0] * 48_000 / 44_100), *shape[1:])
    assert y.dtype == np.float32
    assert np.isfinite(y).all()


def test_nan_is_gone_after_the_filter():
    x = NOISE[:4000, 0].copy()
    clean = vo.resample(x, 48_000, 16_000)
    x[1000] = np.nan
    found = vo.resample(x, 48_000, 16_000)
    assert np.isnan(found[333])
    assert np.array_equal(found[:200], clean[:200])
    assert np.array_equal(found[500:], clean[500:])


def test_other_arrays_are_converted():
    x = NOISE[:1000].astype(np.float64)
    expected = vo.resample(NOISE[:1000], 48_000, 16_000)
    assert np.array_equal(vo.resample(x, 48_000, 16_000), expected)
    assert np.array_equal(vo.resample(np.asfortranarray(x), 48_000, 16_000), expected)
    assert vo.resample([0.0, 0.5], 16_000, 48_000).shape == (6,)


# --- Refusals ----------------------------------------------------------------


@pytest.mark.parametrize("rate", [0, -1, 7999, 768_001, 44_100.5, math.nan, "48000", True, None])
def test_a_rate_out_of_range_is_named(rate):
    for make in (vo.Resampler, lambda a, b: vo.resample(np.zeros(8), a, b)):
        with pytest.raises(vo.ConfigError, match=f"from_rate is {rate!r}, expected"):
            make(rate, 48_000)
        with pytest.raises(vo.ConfigError, match="to_rate is"):
            make(48_000, rate)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"channels": 0}, "channels is 0"),
        ({"channels": 1025}, "channels is 1025"),
        ({"channels": math.nan}, "channels is nan"),
        ({"quality": "HQ"}, "quality is 'HQ', expected one of 'fast'"),
    ],
)
def test_other_arguments_are_named(arguments, text):
    with pytest.raises(vo.ConfigError, match=text):
        vo.Resampler(48_000, 16_000, **arguments)


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (np.zeros((2, 2, 2)), "3 axes"),
        (np.float32(1), "0 axes"),
        (np.zeros(5, np.int16), "int16, expected floats"),
        (np.zeros((5, 0)), "channels is 0"),
    ],
)
def test_arrays_of_another_kind_are_refused(x, text):
    with pytest.raises(vo.ConfigError, match=text):
        vo.resample(x, 48_000, 16_000)


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (np.zeros((4, 3), np.float32), "block has 3 channels, expected 1"),
        (np.zeros(4, np.int16), "block is int16, expected floats"),
        (None, "block is object, expected floats"),
    ],
)
def test_blocks_that_do_not_fit_are_refused(block, said):
    for stream in (vo.Resampler(48_000, 16_000), vo.DriftResampler()):
        with pytest.raises(vo.ConfigError, match=said):
            stream.process(block)


def test_the_low_pass_is_the_one_that_the_program_finds():
    root = Path(__file__).resolve().parents[1]
    table = re.search(
        r"edge\[COUNT\] = \{(.*?)\}", (root / "csrc/src/lowpass.c").read_text(), re.DOTALL
    )
    assert table
    numbers = [float(number) for number in table[1].replace("\n", "").split(",") if number.strip()]
    found = runpy.run_path(str(root / "bench/resampler_edge.py"))["edge"]()
    assert numbers == pytest.approx(found.tolist(), abs=1e-9)
