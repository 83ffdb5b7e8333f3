"""Bands as wide as the ear's filters."""

from itertools import pairwise

import numpy as np
import pytest

import vocana_dsp as vo

WIDTHS = [2] * 13 + [5, 5, 7, 7, 8, 10, 12, 13, 15, 18, 20, 24, 28, 31, 37, 42, 50, 56, 67]


def test_the_bands_of_deep_filter_net():  # D6
    assert vo.erb_bands().tolist() == WIDTHS
    assert sum(WIDTHS) == 481


def reference(bands, rate, n_fft, least):
    """Ends of bands from the formula; what a band took too much is missing from the next."""
    scale = 24.7 * 9.265
    top = 9.265 * np.log1p(rate / 2 / scale)
    ends = scale * np.expm1(top * np.arange(1, bands + 1) / bands / 9.265) * n_fft / rate
    widths, used = [], 0
    for end in np.rint(ends).astype(int):
        widths.append(max(least, end - used))
        used += widths[-1]
    widths[-1] += n_fft // 2 + 1 - used
    return widths


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
@pytest.mark.parametrize("n_fft", [512, 960, 2048])
@pytest.mark.parametrize("bands", [1, 24, 32, 40])
def test_bands_are_those_of_the_formula(rate, n_fft, bands):  # D6
    found = vo.erb_bands(bands, rate=rate, n_fft=n_fft)
    assert found.sum() == n_fft // 2 + 1
    assert found.min() >= 2 or bands == 1
    assert found.tolist() == reference(bands, rate, n_fft, 2)


def test_widths_in_hertz():  # D6
    assert vo.erb_width_hz(0) == 24.7
    widths = [vo.erb_width_hz(f) for f in range(0, 24_000, 100)]
    assert all(a < b for a, b in pairwise(widths))
    assert vo.erb_width_hz(1000) == pytest.approx(24.7 * 5.37)


@pytest.mark.parametrize(
    "options",
    [
        {"n_bands": 0},
        {"n_bands": 500},
        {"rate": 0},
        {"n_fft": 1},
        {"n_fft": 64},
        {"least_bins": 0},
        {"least_bins": 16},
    ],
)
def test_what_does_not_fit_is_refused(options):
    with pytest.raises(vo.ConfigError):
        vo.erb_bands(**options)


@pytest.mark.parametrize("f_hz", [-1, float("nan"), float("inf"), "1"])
def test_frequencies_that_are_none_are_refused(f_hz):
    with pytest.raises(vo.ConfigError, match="f_hz is"):
        vo.erb_width_hz(f_hz)
