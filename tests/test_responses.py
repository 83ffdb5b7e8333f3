"""Sections and taps beside SciPy in float64."""

import numpy as np
import pytest
from filtering import RNG, error_db, noise, played
from scipy import signal

import vocana_dsp as vo


def test_rows_of_scipy_are_scipy_in_float64():
    x = noise(channels=2)
    tables = [
        signal.butter(12, [300, 3400], "band", fs=48_000, output="sos"),
        signal.ellip(8, 0.1, 90, 6000, fs=48_000, output="sos"),
        signal.cheby1(6, 1, 30, "high", fs=48_000, output="sos"),
        signal.butter(4, 10, fs=48_000, output="sos") * 3.5,
        signal.butter(16, 20, fs=192_000, output="sos"),  # the first gain is 1e-55
        signal.cheby2(20, 80, [200, 250], "bandstop", fs=48_000, output="sos")[:16],
        np.array([[1, 0, 0, -2, 0.4, 0]]),
        np.array([[1, 0, 0, 1, 0.5, 0], [1e-30, 0, 0, 1, 0, 0], [1e30, 0, 0, 1, -0.9, 0]]),
    ]
    for rows in tables:
        normal = rows / rows[:, 3:4]
        node = vo.Sos(rows)
        assert error_db(played(node, x), signal.sosfilt(normal, x, axis=0)) <= -120
        frequencies = np.array([0, 10, 440, 5000, 23_999.0])
        _, wanted = signal.sosfreqz(normal, frequencies, fs=48_000)
        assert np.allclose(node.response(frequencies, 48_000), wanted, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("count", [1, 2, 63, 64, 128, 129, 1000, 1500, 5000])
def test_taps_are_a_convolution(count):
    x, taps = noise(6000), RNG.normal(size=count) * np.exp(-4 * np.arange(count) / count)
    kept = taps.astype(np.float32).astype(np.float64)
    assert error_db(played(vo.Fir(taps), x), np.convolve(x, kept)[: len(x)]) <= -120
    frequencies = np.array([0, 440, 24_000.0])
    _, wanted = signal.freqz(kept, worN=frequencies, fs=48_000)
    assert np.allclose(vo.Fir(taps).response(frequencies, 48_000), wanted, atol=1e-9)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: vo.Sos(np.zeros((2, 5))), r"shape \(2, 5\)"),
        (lambda: vo.Sos(np.zeros((0, 6))), r"shape \(0, 6\)"),
        (lambda: vo.Sos([1, 0, 0, 1, 0, 0]), r"shape \(6,\)"),
        (lambda: vo.Sos(np.tile([1, 0, 0, 1, 0, 0], (17, 1))), r"shape \(17, 6\)"),
        (lambda: vo.Sos([[1, 0, 0, 1, 0, 0], [1, 0, 0, 1, -2, 1.01]]), "section 1"),
        (lambda: vo.Sos([[1, 0, 0, 0, 0, 0]]), "section 0"),
        (lambda: vo.Sos([[np.nan, 0, 0, 1, 0, 0]]), "not finite"),
        (lambda: vo.Sos("biquad"), "no array"),
        (lambda: vo.Fir([]), r"shape \(0,\)"),
        (lambda: vo.Fir([[1, 2]]), r"shape \(1, 2\)"),
        (lambda: vo.Fir([1, np.inf]), "not finite"),
        (lambda: vo.Fir([1e300]), "beyond float32"),
    ],
)
def test_what_makes_no_sense_is_refused(make, says):
    with pytest.raises(vo.ConfigError, match=says):
        make()
