"""Fourier transforms of one size: right, of any size, and clear about what does not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vocana_dsp as vo
from vocana_dsp._native.fft import Fft as NativeFft
from vocana_dsp._native.fft import supports
from vocana_dsp.dsp.fourier import native_size

NATIVE = [2, 12, 30, 256, 320, 400, 480, 512, 960, 1024, 1536, 2048, 4096, 2**15]
UNUSUAL = [7, 15, 441, 882, 1001, 1103]


def noise(*shape, seed=1):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def error_db(found, right):
    found, right = found.astype(np.complex128), right.astype(np.complex128)
    return 20 * np.log10(np.linalg.norm(found - right) / np.linalg.norm(right) + 1e-30)


@pytest.mark.parametrize("n", NATIVE + UNUSUAL)
def test_spectra_are_those_of_numpy_in_double(n):  # D3
    fft = vo.Fft(n)
    x = noise(n)
    spectrum = fft.forward(x)
    assert fft.native == (n in NATIVE)
    assert spectrum.dtype == np.complex64
    assert spectrum.shape == (n // 2 + 1,)
    most_db = -136 if fft.native else -130  # FFTW makes primes into convolutions
    assert error_db(spectrum, np.fft.rfft(x.astype(np.float64))) < most_db
    assert error_db(fft.inverse(spectrum), x) < most_db + 3  # two transforms


@pytest.mark.parametrize("n", [1, 3, 5, 64, 480, 1000, 7, 77])
def test_complex_spectra_are_those_of_numpy_in_double(n):
    fft = vo.Fft(n, real=False)
    z = (noise(n) + 1j * noise(n, seed=2)).astype(np.complex64)
    assert error_db(fft.forward(z), np.fft.fft(z.astype(np.complex128))) < -134
    assert error_db(fft.inverse(fft.forward(z)), z) < -133


def test_the_check_of_spectra_sees_a_wrong_bin():
    right = np.fft.rfft(noise(512).astype(np.float64))
    wrong = right.copy()
    wrong[100] *= 1.0001
    assert error_db(wrong, right) > -136


def test_a_tone_of_1_khz_is_bin_20_of_960():  # D3
    tone = np.cos(2 * np.pi * 1000 / 48_000 * np.arange(960)).astype(np.float32)
    size = np.abs(vo.Fft(960).forward(tone))
    assert size.argmax() == 20
    assert size[20] == pytest.approx(480, rel=1e-6)
    assert np.delete(size, 20).max() < 480e-6


@pytest.mark.parametrize("n", [960, 441])
def test_rows_are_transformed_one_by_one(n):
    fft = vo.Fft(n)
    rows = noise(50, n)
    spectra = fft.forward(rows)
    assert spectra.shape == (50, n // 2 + 1)
    for row, spectrum in zip(rows, spectra, strict=True):
        assert np.array_equal(fft.forward(row), spectrum)
    assert error_db(fft.inverse(spectra), rows) < -133
    assert fft.forward(rows[:0]).shape == (0, n // 2 + 1)


def test_any_floats_of_any_layout_are_taken():
    fft = vo.Fft(480)
    x = noise(480)
    right = fft.forward(x)
    assert np.array_equal(fft.forward(x.astype(np.float64)), right)
    assert np.array_equal(fft.forward(np.repeat(x, 2)[::2]), right)
    assert np.array_equal(fft.forward(list(x.astype(float))), right)


@given(st.integers(1, 200))
def test_native_is_what_has_no_other_primes(n):
    left = n
    for prime in (2, 3, 5):
        while left % prime == 0:
            left //= prime
    assert supports(n, False) == (left == 1)
    assert supports(n) == (left == 1 and n % 2 == 0)
    assert supports(native_size(n))
    assert n <= native_size(n) < n + n // 4 + 8


def test_bound_arrays_are_transformed_in_place():
    x, spectrum = noise(512), np.empty(257, np.complex64)
    bound = vo.Fft(512).bind(x, spectrum)
    given = x.copy()
    bound.forward()
    assert np.array_equal(spectrum, vo.Fft(512).forward(given))
    x.fill(0)
    bound.inverse()
    assert error_db(x, given) < -133
    assert bound.x is x
    assert bound.spectrum is spectrum


# --- Bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, -2, 1.5, "512", None, True, 2**27])
def test_a_size_that_is_none_is_refused(n):
    with pytest.raises(vo.ConfigError, match=r"n is .*expected a whole number from 1 to 67108864"):
        vo.Fft(n)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (
            np.zeros(511, np.float32),
            r"x has the shape \(511,\), expected \(512,\) or \(rows, 512\)",
        ),
        (np.zeros((2, 2, 512), np.float32), r"expected \(512,\) or \(rows, 512\)"),
        (np.zeros(0, np.float32), r"x has the shape \(0,\)"),
        (np.float32(1), r"x has the shape \(\)"),
        (np.zeros(512, np.int16), "x is int16, expected floats"),
        (np.zeros(512, np.complex64), "x is complex64, expected floats"),
    ],
)
def test_what_does_not_fit_is_refused(x, message):
    with pytest.raises(vo.ConfigError, match=message):
        vo.Fft(512).forward(x)


def test_spectra_that_do_not_fit_are_refused():
    with pytest.raises(vo.ConfigError, match=r"spectrum has the shape \(256,\), expected \(257,\)"):
        vo.Fft(512).inverse(np.zeros(256, np.complex64))


def test_arrays_that_cannot_be_bound_are_refused():
    fft = vo.Fft(512)
    x, spectrum = np.zeros(512, np.float32), np.zeros(257, np.complex64)
    for wrong in (x[::-1], x.astype(np.float64), x[:-1], np.zeros((1, 512), np.float32)):
        with pytest.raises(vo.ConfigError, match="expected"):
            fft.bind(wrong, spectrum)
    spectrum.flags.writeable = False
    with pytest.raises(vo.ConfigError, match="does not fit"):
        fft.bind(x, spectrum)
    with pytest.raises(TypeError, match="list, expected a NumPy array"):
        fft.bind([0.0] * 512, spectrum)
    with pytest.raises(vo.ConfigError, match="take 450"):
        vo.Fft(441).bind(np.zeros(441, np.float32), np.zeros(221, np.complex64))


def test_the_native_layer_refuses_what_it_cannot_do():
    with pytest.raises(vo.ConfigError, match=r"a native transform of 441: .*2\^a 3\^b 5\^c"):
        NativeFft(441)
    fft = NativeFft(512)
    with pytest.raises(vo.ConfigError, match="the same in both"):
        fft.forward(np.zeros((3, 512), np.float32), np.zeros((2, 257), np.complex64))
    with pytest.raises(vo.ConfigError, match="out has 2 rows, expected 3"):
        vo.Fft(441)._engine.forward(
            np.zeros((3, 441), np.float32), np.zeros((2, 221), np.complex64)
        )
