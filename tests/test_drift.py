"""A ratio that is steered while it runs: counted exactly, without a click."""

import math
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vocana_dsp as vo

BLOCK = 480
RAMP_FRAMES = 256


def positions(ratios, blocks, unit=2**62):
    """Where in the input each output lies, in whole numbers of 2**-62 frames, by definition."""
    step = target = round(unit / 1.0)
    left = slope = at = 0
    found = []
    last = 1.0
    for block in range(blocks):
        ratio = ratios[block % len(ratios)]
        if ratio != last:
            last, target, left = ratio, round(unit / ratio), RAMP_FRAMES
            slope = int(math.copysign(abs(target - step) // RAMP_FRAMES, target - step))
        while at < (block + 1) * BLOCK * unit:
            found.append(at)
            left = max(0, left - 1)
            step = step + slope if left else target
            at += step
    return found


@pytest.mark.parametrize("ratios", [[1.000_1], [0.999], [1.001, 0.9995, 1.0], [1.01, 0.99]])
def test_every_output_is_the_input_at_its_position(ratios):  # B19
    blocks, cycles = 150, 0.05
    drift = vo.DriftResampler()
    tone = np.sin(2 * np.pi * cycles * np.arange(blocks * BLOCK)).astype(np.float32)
    out = []
    for block in range(blocks):
        drift.ratio = ratios[block % len(ratios)]
        out.append(drift.process(tone[block * BLOCK : (block + 1) * BLOCK]))
    y = np.concatenate(out).astype(np.float64)
    at = np.array([p / 2**62 for p in positions(ratios, blocks)])
    assert len(y) == len(at)
    expected = np.sin(2 * np.pi * cycles * (at - drift.latency_frames))[200:]
    gain = y[200:] @ expected / (expected @ expected)
    rest = y[200:] - gain * expected
    assert abs(20 * math.log10(gain)) < 0.01
    assert 10 * math.log10(np.mean(rest**2) / np.mean(expected**2)) < -110


def test_two_million_frames_at_100_ppm_are_two_hundred_more():  # B19 C10
    ratio, unit = 1.000_1, 2**62
    drift = vo.DriftResampler(ratio=ratio)
    block = np.zeros(10_000, np.float32)
    made = sum(len(drift.process(block)) for _ in range(200))
    assert made == -(-2_000_000 * unit // round(unit / ratio))
    assert made - 2_000_200 in (0, 1)  # a step is rounded, by 2**-63 of a frame at most


def test_a_sweep_of_the_ratio_does_not_click():  # B19
    t = np.arange(48_000) / 48_000
    x = (0.5 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
    drift = vo.DriftResampler()
    out = []
    for i in range(0, len(x), BLOCK):
        drift.ratio_ppm = 5000 if i // BLOCK % 2 else -5000
        out.append(drift.process(x[i : i + BLOCK]))
    y = np.concatenate(out)[500:].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(y * np.blackman(len(y))))
    above = round(4000 / 48_000 * len(y))
    assert 20 * math.log10(spectrum[above:].max() / spectrum.max()) < -100


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(0, 900), min_size=1, max_size=10),
    st.floats(0.99, 1.01),
    st.integers(1, 3),
)
def test_cuts_do_not_matter(cuts, ratio, channels):
    x = np.random.default_rng(1).uniform(-1, 1, (sum(cuts), channels)).astype(np.float32)
    whole = vo.DriftResampler(channels)
    whole.ratio = ratio
    cut = vo.DriftResampler(channels)
    cut.ratio = ratio
    blocks = [cut.process(block) for block in np.split(x, np.cumsum(cuts)[:-1])]
    assert np.array_equal(np.concatenate(blocks), whole.process(x))


def test_other_threads_may_steer():
    drift = vo.DriftResampler()
    done = threading.Event()

    def steer():
        while not done.is_set():
            for ppm in range(-1000, 1001, 100):
                drift.ratio_ppm = ppm

    thread = threading.Thread(target=steer)
    thread.start()
    x = np.full(BLOCK, 0.25, np.float32)
    try:
        y = np.concatenate([drift.process(x) for _ in range(200)])
    finally:
        done.set()
        thread.join()
    assert y[200:] == pytest.approx(0.25, abs=3e-4)  # ripple at DC
    assert abs(len(y) - 200 * BLOCK) <= 200 * BLOCK * 0.001 + 1


def test_reset_holds_what_is_set_at_once():
    drift = vo.DriftResampler(channels=2, ratio=1.005)
    assert drift.ratio_ppm == pytest.approx(5000)
    x = np.random.default_rng(1).uniform(-1, 1, (1000, 2)).astype(np.float32)
    first = drift.process(x)
    drift.reset()
    assert np.array_equal(drift.process(x), first)
    assert len(first) == math.ceil(1000 * 1.005)


@pytest.mark.parametrize("value", [math.nan, math.inf, 0, -1, 0.98, 1.02, "1", None, True + 1])
def test_a_ratio_out_of_range_is_named(value):
    drift = vo.DriftResampler()
    with pytest.raises(vo.ConfigError, match=f"ratio is {value!r}, expected 0.99 to 1.01"):
        drift.ratio = value
    with pytest.raises(vo.ConfigError, match="ratio is"):
        vo.DriftResampler(ratio=value)
    assert drift.ratio == 1.0


@pytest.mark.parametrize("value", [math.nan, -10_001, 10_001, "0"])
def test_parts_per_million_out_of_range_are_named(value):
    drift = vo.DriftResampler()
    with pytest.raises(vo.ConfigError, match=f"ratio_ppm is {value!r}"):
        drift.ratio_ppm = value
    drift.ratio_ppm = 10_000
    drift.ratio_ppm = -10_000
    assert drift.ratio == 0.99


def test_channels_out_of_range_are_named():
    for channels in (0, 1025, 1.5):
        with pytest.raises(vo.ConfigError, match="channels is"):
            vo.DriftResampler(channels)
