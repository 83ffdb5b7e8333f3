"""The spectrum inside a chain, beside the same frames offline."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vocana_dsp as vo

RATE = 48_000


def material(frames=20_000):
    noise = np.random.default_rng(6).standard_normal((frames, 2))
    return (0.1 * noise).astype(np.float32)


def test_it_reads_what_the_features_say_offline():
    x = material()
    chain = vo.Chain([vo.Spectrum(1024, 480)])
    assert np.array_equal(chain.process(x, rate=RATE), x)
    found = chain["Spectrum"].snapshot()
    mono = 0.5 * x[:, 0] + 0.5 * x[:, 1]
    wanted = vo.spectral_features(mono, RATE, n_fft=1024, hop=480, center=False)
    assert found.frame == 1024 + (len(wanted) - 1) * 480
    for field in dataclasses.fields(vo.SpectrumReading)[2:]:
        expected = getattr(wanted, field.name)[-1]
        assert getattr(found, field.name) == pytest.approx(expected, rel=1e-6), field.name
    window = np.hanning(1025)[:-1]
    last = mono[found.frame - 1024 : found.frame] * window
    magnitude = 2 * np.abs(np.fft.rfft(last)) / window.sum()
    np.testing.assert_allclose(found.magnitude_db, 20 * np.log10(magnitude), atol=1e-3)


@given(sizes=st.lists(st.integers(0, 3000), max_size=12))
@settings(deadline=None, max_examples=30)
def test_a_reading_does_not_depend_on_blocks(sizes):
    x = material(8000)
    whole, cut = vo.Chain([vo.Spectrum()]), vo.Chain([vo.Spectrum()])
    whole.process(x, rate=RATE)
    for piece in np.split(x, np.minimum(np.cumsum(sizes), len(x))):
        cut.process(piece, rate=RATE)
    a, b = whole["Spectrum"].snapshot(), cut["Spectrum"].snapshot()
    assert a.frame == b.frame == 7680
    assert np.array_equal(a.magnitude_db, b.magnitude_db)
    assert (a.flux, a.crest) == (b.flux, b.crest)


def test_before_the_first_frame_there_is_silence():
    node = vo.Spectrum()
    assert node.snapshot().frame == 0
    assert node.snapshot().magnitude_db.shape == (0,)
    chain = vo.Chain([node])
    chain.process(material(100), rate=RATE)
    assert node.snapshot().frame == 0
    assert (node.snapshot().magnitude_db == -200).all()
    chain.process(material(5000), rate=RATE)
    assert node.snapshot().frame == 4608
    chain.reset()
    assert node.snapshot().frame == 0


@pytest.mark.parametrize("options", [{"n_fft": 15}, {"n_fft": 2046}, {"hop": 0}, {"hop": np.nan}])
def test_sizes_out_of_range_are_refused(options):
    with pytest.raises(vo.ConfigError):
        vo.Chain([vo.Spectrum(**options)]).process(material(100), rate=RATE)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"n_fft": 2044}, r"n_fft is 2044, expected .* 2, 3 and 5 \(hint: pass n_fft=2048\)"),
        ({"n_fft": 2048.5}, "n_fft is 2048.5, expected a whole number from 16 to 65536"),
        ({"n_fft": 8}, "n_fft is 8, expected a number from 16 to 65536"),
        ({"n_fft": "2048"}, "n_fft is '2048', expected"),
        ({"hop": 0.5}, "hop is 0.5, expected a whole number from 1 to 65536"),
    ],
)
def test_a_size_that_cannot_be_is_named(options, said):  # E9
    with pytest.raises(vo.ConfigError, match=said):
        vo.Spectrum(**options)
    spectrum = vo.Spectrum()
    with pytest.raises(vo.ConfigError, match=said):
        setattr(spectrum, *next(iter(options.items())))
    assert (spectrum.n_fft, spectrum.hop) == (2048, 512)
