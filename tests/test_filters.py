"""Filters beside SciPy in float64, in any blocks, turned while they play."""

import os
import subprocess
import sys

import numpy as np
import pytest
from filtering import RNG, error_db, noise, played
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

import vocana_dsp as vo

CUT_OFFS = (10, 20, 50, 80, 440, 1000, 3000, 8000, 12_000, 20_000)
RATES = (8000, 16_000, 44_100, 48_000, 96_000, 192_000)
ORDERS = range(1, 9)

# --- Accuracy: D1 ---------------------------------------------------------------


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("kind", "name"), [(vo.LowPass, "lowpass"), (vo.HighPass, "highpass")])
def test_every_cut_off_and_order_is_scipy_in_float64(kind, name, rate):
    x = noise()
    worst = max(
        error_db(
            played(kind(hertz, order=order), x, rate),
            signal.sosfilt(signal.butter(order, hertz, name, fs=rate, output="sos"), x, axis=0),
        )
        for order in ORDERS
        for hertz in CUT_OFFS
        if hertz < 0.49 * rate
    )
    assert worst <= -120


def test_a_cut_off_that_is_off_by_little_would_be_reported():
    x = noise()
    for hertz in (20, 1000, 20_000):
        wrong = signal.butter(2, hertz * 1.0005, "high", fs=48_000, output="sos")
        assert error_db(played(vo.HighPass(hertz), x), signal.sosfilt(wrong, x)) > -120


def cookbook(kind, hertz, rate, q=None, gain_db=0.0, slope=1.0):
    """Return one row of sections in the Cookbook's own words."""
    w, a = 2 * np.pi * hertz / rate, 10 ** (gain_db / 40)
    cos, sin = np.cos(w), np.sin(w)
    alpha = sin / 2 * (1 / q if q else np.sqrt((a + 1 / a) * (1 / slope - 1) + 2))
    root = 2 * np.sqrt(a) * alpha
    up, down = a + 1, a - 1
    b, d = {
        "low": ([(1 - cos) / 2, 1 - cos, (1 - cos) / 2], [1 + alpha, -2 * cos, 1 - alpha]),
        "high": ([(1 + cos) / 2, -1 - cos, (1 + cos) / 2], [1 + alpha, -2 * cos, 1 - alpha]),
        "band": ([alpha, 0, -alpha], [1 + alpha, -2 * cos, 1 - alpha]),
        "notch": ([1, -2 * cos, 1], [1 + alpha, -2 * cos, 1 - alpha]),
        "peak": (
            [1 + alpha * a, -2 * cos, 1 - alpha * a],
            [1 + alpha / a, -2 * cos, 1 - alpha / a],
        ),
        "low shelf": (
            [a * (up - down * cos + root), 2 * a * (down - up * cos), a * (up - down * cos - root)],
            [up + down * cos + root, -2 * (down + up * cos), up + down * cos - root],
        ),
        "high shelf": (
            [
                a * (up + down * cos + root),
                -2 * a * (down + up * cos),
                a * (up + down * cos - root),
            ],
            [up - down * cos + root, 2 * (down - up * cos), up - down * cos - root],
        ),
    }[kind]
    return np.array([b + d]) / d[0]


def designs(hertz, rate):
    """Return (node, rows) of every design at a frequency."""
    return [
        (vo.LowPass(hertz, q=3), cookbook("low", hertz, rate, 3)),
        (vo.HighPass(hertz, q=0.5), cookbook("high", hertz, rate, 0.5)),
        (vo.BandPass(hertz, q=2), cookbook("band", hertz, rate, 2)),
        (vo.Notch(hertz, q=30), cookbook("notch", hertz, rate, 30)),
        (vo.Peaking(hertz, 12, q=1.5), cookbook("peak", hertz, rate, 1.5, 12)),
        (vo.Peaking(hertz, -24, q=4), cookbook("peak", hertz, rate, 4, -24)),
        (vo.LowShelf(hertz, 9), cookbook("low shelf", hertz, rate, None, 9)),
        (vo.LowShelf(hertz, -15, slope=0.4), cookbook("low shelf", hertz, rate, None, -15, 0.4)),
        (vo.HighShelf(hertz, -6), cookbook("high shelf", hertz, rate, None, -6)),
        (vo.HighShelf(hertz, 18, slope=0.7), cookbook("high shelf", hertz, rate, None, 18, 0.7)),
    ]


@pytest.mark.parametrize("rate", RATES)
def test_every_design_is_the_cookbook_in_float64(rate):
    x = noise()
    for hertz in CUT_OFFS:
        if hertz < 0.49 * rate:
            for node, rows in designs(hertz, rate):
                got = played(node, x, rate)
                assert error_db(got, signal.sosfilt(rows, x)) <= -120, (node, rate)


def test_a_response_is_what_is_heard_and_what_scipy_says():
    impulse = np.zeros(1 << 16, np.float32)
    impulse[0] = 1
    frequencies = np.fft.rfftfreq(len(impulse), 1 / 48_000)
    for node, rows in [*designs(1000, 48_000), *designs(9000, 48_000)]:
        said = node.response(frequencies, 48_000)
        _, wanted = signal.sosfreqz(rows, frequencies, fs=48_000)
        assert np.max(np.abs(said - wanted)) < 1e-9
        assert np.max(np.abs(np.fft.rfft(played(node, impulse)) - said)) < 1e-5


def test_corners_are_at_minus_3_db():
    for rate in RATES:
        for hertz in (h for h in CUT_OFFS if h < 0.49 * rate):
            for kind in (vo.LowPass, vo.HighPass):
                for order in ORDERS:
                    gain = abs(kind(hertz, order=order).response(hertz, rate))
                    assert gain == pytest.approx(np.sqrt(0.5), rel=1e-9)


def test_a_constant_is_taken_out_and_all_else_passes():
    x = noise(48_000) * 0.1 + 0.5
    y = played(vo.DCBlock(), x)
    assert abs(np.mean(y[24_000:], dtype=np.float64)) < 1e-4
    reference = signal.sosfilt(signal.butter(1, 10, "high", fs=48_000, output="sos"), x)
    assert error_db(y, reference) <= -120


# --- Blocks, levels of instructions, changes ----------------------------------------

MAKERS = [
    lambda: vo.HighPass(80, order=7),
    lambda: vo.LowPass(3000, order=3),
    lambda: vo.Peaking(1000, 6),
    lambda: vo.DCBlock(),
    lambda: vo.Sos(signal.butter(11, 500, fs=48_000, output="sos")),
    lambda: vo.Fir(np.hanning(100)),
    lambda: vo.Fir(np.hanning(1500) / 100),
]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_blocks_make_no_difference(data):
    maker = data.draw(st.sampled_from(MAKERS))
    channels = data.draw(st.integers(1, 3))
    cuts = data.draw(st.lists(st.integers(0, 700), max_size=40))
    x = np.random.default_rng(3).normal(size=(2000, channels)).astype(np.float32)
    whole = played(maker(), x)
    chain, parts, at = vo.Chain([maker()]), [], 0
    for length in [*cuts, len(x)]:
        parts.append(chain.process(x[at : at + length], rate=48_000))
        at += length
    assert np.array_equal(np.concatenate(parts), whole)
    chain.reset()
    assert np.array_equal(chain.process(x, rate=48_000), whole)


LEVELS = """
import sys
import numpy as np, vocana_dsp as vo
x = np.random.default_rng(5).uniform(-1, 1, (4000, 2)).astype(np.float32)
nodes = [vo.DCBlock(), vo.HighPass(80, order=8), vo.Peaking(900, 9), vo.Fir(np.hanning(200) / 100)]
sys.stdout.buffer.write(vo.Chain(nodes).process(x, rate=48_000).tobytes())
"""


def test_levels_of_instructions_agree():
    found = []
    for level in ("scalar", "avx2", "avx512", "neon"):
        environment = {**os.environ, "VOCANA_SIMD": level}
        done = subprocess.run(
            [sys.executable, "-c", LEVELS], env=environment, capture_output=True, check=True
        )
        found.append(np.frombuffer(done.stdout, np.float32))
    assert max(np.max(np.abs(y - found[0])) for y in found) <= 1e-6


def high_band_db(y):
    """Return the loudest millisecond above 8 kHz in dB of the loudest of all."""
    taps = -signal.firwin(257, 8000, fs=48_000, window=("kaiser", 14))
    taps[128] += 1
    high = np.convolve(y, taps, "valid")
    loudest = [np.sum(z[: len(z) // 48 * 48].reshape(-1, 48) ** 2, axis=1).max() for z in (high, y)]
    return 10 * np.log10(loudest[0] / loudest[1])


@pytest.mark.parametrize("most", [37, 512])
def test_a_sweep_in_every_block_is_not_heard(most):
    chain = vo.Chain([vo.HighPass(20, order=4, name="high"), vo.LowPass(20_000, name="low")])
    x = (0.5 * np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000)).astype(np.float32)
    parts = []
    for at in range(0, len(x), most):
        parts.append(chain.process(x[at : at + most], rate=48_000))
        chain["high"].cutoff_hz = 20 * 100 ** float(RNG.random())
        chain["low"].cutoff_hz = 200 * 100 ** float(RNG.random())
    y = np.concatenate(parts)
    assert np.max(np.abs(y)) < 2
    assert high_band_db(y[2000:]) < -60
    # A click of -40 dB is reported.
    y[24_000] += 0.01
    assert high_band_db(y[2000:]) > -60


def test_what_was_set_is_what_is_heard_after_the_fade():
    chain = vo.Chain([vo.Peaking(1000, 0)])
    x = noise(48_000)
    chain.process(x[:100], rate=48_000)
    chain["Peaking"].gain_db = 12
    y = chain.process(x[100:], rate=48_000)
    wanted = signal.sosfilt(cookbook("peak", 1000, 48_000, np.sqrt(0.5), 12), x)[100:]
    assert np.max(np.abs(y[:200] - wanted[:200])) > 1e-3
    assert error_db(y[2000:], wanted[2000:]) <= -120


# --- Refusals ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: vo.HighPass(0), "cutoff_hz is 0"),
        (lambda: vo.HighPass(float("nan")), "cutoff_hz is nan"),
        (lambda: vo.LowPass(-100), "cutoff_hz is -100"),
        (lambda: vo.LowPass(100, order=9), "order is 9"),
        (lambda: vo.LowPass(100, order=2.5), "order is 2.5"),
        (lambda: vo.LowPass(100, q=0), "q is 0"),
        (lambda: vo.Peaking(100, 50), "gain_db is 50"),
        (lambda: vo.LowShelf(100, 3, slope=2), "slope is 2"),
    ],
)
def test_what_makes_no_sense_is_refused(make, says):
    with pytest.raises(vo.ConfigError, match=says):
        make()


def test_a_cut_off_above_half_the_rate_is_refused():
    with pytest.raises(vo.ConfigError, match="cutoff_hz is"):
        played(vo.HighPass(5000), np.zeros(10, np.float32), rate=8000)
    chain = vo.Chain([vo.LowPass(1000)])
    chain.process(np.zeros(10, np.float32), rate=8000)
    with pytest.raises(vo.ConfigError, match="cutoff_hz is 4000"):
        chain[0].cutoff_hz = 4000
    assert chain[0].cutoff_hz == 1000
    with pytest.raises(vo.ConfigError, match="rate"):
        vo.LowPass(1000).response(100, 0)


def test_short_arrays_are_filtered():
    for maker in MAKERS:
        chain = vo.Chain([maker()])
        assert chain.process(np.zeros(0, np.float32), rate=48_000).shape == (0,)
        assert chain.process(np.ones(1, np.float32), rate=48_000).shape == (1,)
        assert chain.latency_frames == 0
