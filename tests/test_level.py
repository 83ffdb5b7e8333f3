"""Peak and RMS of a block, whatever is in it."""

import math

import numpy as np
import pytest

import vocana_dsp as vo


def test_a_sine_at_minus_20_dbfs_has_an_rms_of_minus_23():  # E1
    sine = 10 ** (-20 / 20) * np.sin(2 * np.pi * 1000 / 48_000 * np.arange(48_000))
    (level,) = vo.levels(sine.astype(np.float32))
    assert level.rms_db == pytest.approx(-23.0103, abs=1e-3)
    assert level.peak_db == pytest.approx(-20, abs=1e-3)


@pytest.mark.parametrize(
    ("samples", "peak", "rms"),
    [
        ([], 0.0, 0.0),
        ([0.0], 0.0, 0.0),
        ([1.0], 1.0, 1.0),
        ([-1.0, 1.0], 1.0, 1.0),
        ([0.5, -0.5, 0.5, -0.5], 0.5, 0.5),
        ([0.6, 0.8], 0.8, math.sqrt(0.5)),
        ([2.0, -2.0], 1.0, 1.0),
        ([np.nan, 0.5], 0.5, 0.5 / math.sqrt(2)),
        ([np.inf, -np.inf], 0.0, 0.0),
        ([10.5, -10.5, 0.0, 0.5], 0.5, 0.25),
        ([1e-40, -1e-40], 0.0, 0.0),
        ([np.nan] * 100, 0.0, 0.0),
    ],
)
def test_what_no_converter_delivers_counts_as_nothing(samples, peak, rms):  # E5
    (level,) = vo.levels(np.array(samples, np.float32))
    assert level.peak == pytest.approx(peak, abs=1e-6)
    assert level.rms == pytest.approx(rms, abs=1e-6)


@pytest.mark.parametrize("frames", [1, 7, 8, 100, 4801])
def test_channels_are_apart(frames):
    data = np.random.default_rng(2).uniform(-1, 1, (frames, 3)).astype(np.float32)
    data[:, 1] = 0
    found = vo.levels(data)
    for channel, level in enumerate(found):
        column = data[:, channel].astype(np.float64)
        assert level.peak == pytest.approx(np.abs(column).max())
        assert level.rms == pytest.approx(math.sqrt(np.mean(column**2)), rel=1e-5)
    assert found[1] == vo.Level(0.0, 0.0)
    assert (found[1].peak_db, found[1].rms_db) == (-math.inf, -math.inf)


def test_other_arrays_are_converted():
    assert vo.levels([0.5, -0.5])[0].peak == 0.5
    assert vo.levels(np.array([[0.25, 1.0]], np.float64)) == [
        vo.Level(0.25, 0.25),
        vo.Level(1.0, 1.0),
    ]
    strided = np.zeros((10, 4), np.float32)
    strided[:, 2] = 0.5
    assert [level.peak for level in vo.levels(strided[::2, ::2])] == [0.0, 0.5]
    assert vo.levels(np.empty((5, 0), np.float32)) == []


@pytest.mark.parametrize("data", [0.5, np.zeros((2, 2, 2))])
def test_another_number_of_axes_is_refused(data):
    with pytest.raises(vo.ConfigError, match="axes"):
        vo.levels(data)


def test_a_very_long_block_keeps_its_precision():
    quiet = np.full(1_000_000, 1e-3, np.float32)
    assert vo.levels(quiet)[0].rms == pytest.approx(1e-3, rel=1e-5)
