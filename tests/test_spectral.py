"""Spectral features beside NumPy in float64 and librosa, and streams beside the whole."""

import dataclasses

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vocana_dsp as vo

RATE = 48_000
N_FFT, HOP = 2048, 512


def material(seconds=1.0, rate=RATE, seed=2):
    """Noise that rises and falls under a tone that rises, then silence.

    It never falls below -60 dB: the spread of a pure tone would be that of the rounding of float32.
    """
    t = np.arange(int(seconds * rate)) / rate
    noise = np.random.default_rng(seed).standard_normal(len(t))
    noise *= np.where(np.sin(40 * t) > 0, 1, 0.01)
    x = 0.1 * noise + 0.3 * np.sin(2 * np.pi * (300 * t + 2000 * t**2))
    x[t > 0.9 * seconds] = 0
    return x.astype(np.float32)


# --- Reference --------------------------------------------------------------------------------


def frames_of(x):
    padded = np.pad(x.astype(np.float64), N_FFT // 2)
    return np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP]


def reference(x, rate, *, itself=False, of_spectrum=False):
    """Every number from its definition; `itself` and `of_spectrum` are mistakes to be found."""
    frames = frames_of(x)
    window = np.hanning(N_FFT + 1)[:-1]
    spectrum = np.fft.rfft(frames * window)
    magnitude, power = np.abs(spectrum), np.abs(spectrum) ** 2
    hz = np.arange(N_FFT // 2 + 1) * rate / N_FFT
    total = magnitude.sum(axis=1)
    heard = total > 0
    share = magnitude / np.where(heard, total, 1)[:, None]
    centroid = share @ hz
    spread = np.sqrt((share * (hz - centroid[:, None]) ** 2).sum(axis=1))
    rolloff = hz[np.argmax(np.cumsum(magnitude, axis=1) >= 0.85 * total[:, None], axis=1)]
    before = magnitude if itself else np.vstack([magnitude[:1], magnitude[:-1]])
    floored = np.maximum(power, 1e-10)
    both_sides = np.full(len(hz), 2.0)
    both_sides[-1] = 1

    def energy(low, high):
        inside = (hz >= low) & (hz < high)
        return (power * both_sides)[:, inside].sum(axis=1) / N_FFT / (window**2).sum()

    signs = (magnitude if of_spectrum else frames) < 0
    power_sum = power.sum(axis=1)
    return {
        "centroid_hz": centroid,
        "spread_hz": spread,
        "rolloff_hz": rolloff,
        "flux": np.sqrt(((magnitude - before) ** 2).sum(axis=1)),
        "flatness": np.exp(np.log(floored).mean(axis=1)) / floored.mean(axis=1),
        "crest": magnitude.max(axis=1) / np.where(heard, total / len(hz), 1),
        "low_energy": energy(20, 250),
        "mid_energy": energy(250, 4000),
        "high_energy": energy(4000, np.inf),
        "brightness": power[:, hz >= 1000].sum(axis=1) / np.where(heard, power_sum, 1),
        "crossings_per_s": (signs[:, 1:] != signs[:, :-1]).sum(axis=1) * rate / (N_FFT - 1),
    }


def errors(found, wanted):
    """Names that differ by more than 1e-5 of the greatest value of their kind."""
    return [
        name
        for name, values in wanted.items()
        if np.abs(getattr(found, name) - values).max() > 1e-5 * np.abs(values).max()
    ]


@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_numbers_are_those_of_their_definitions(rate):  # D12
    x = material(rate=rate)
    found = vo.spectral_features(x, rate)
    assert len(found) == 1 + len(x) // HOP
    assert errors(found, reference(x, rate)) == []


def test_mistakes_are_reported():  # D12
    x = material()
    found = vo.spectral_features(x, RATE)
    assert errors(found, reference(x, RATE, itself=True)) == ["flux"]
    assert errors(found, reference(x, RATE, of_spectrum=True)) == ["crossings_per_s"]
    late = vo.spectral_features(np.roll(x, 100), RATE)
    assert len(errors(late, reference(x, RATE))) >= 9


def test_shapes_are_those_of_librosa():  # D12
    x = material()
    found = vo.spectral_features(x, RATE)
    features, given = librosa.feature, {"y": x, "sr": RATE}
    pairs = [
        (found.centroid_hz, features.spectral_centroid(**given)[0]),
        (found.spread_hz, features.spectral_bandwidth(**given)[0]),
        (found.rolloff_hz, features.spectral_rolloff(**given)[0]),
        (found.flatness, features.spectral_flatness(y=x)[0]),
    ]
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5 * theirs.max())


@pytest.mark.parametrize(("rate", "octaves"), [(16_000, 5), (22_050, 5), (44_100, 6), (48_000, 6)])
def test_contrast_is_that_of_librosa(rate, octaves):  # D12
    # Its power_to_db cuts 80 dB below the loudest frame: noise stays above.
    x = np.random.default_rng(3).standard_normal(rate).astype(np.float32)
    x *= np.linspace(0.01, 1, rate, dtype=np.float32)
    found = vo.spectral_features(x, rate).contrast_db
    wanted = librosa.feature.spectral_contrast(y=x, sr=rate, n_bands=octaves)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-3)
    assert vo.spectral_features(x, rate, contrast_octaves=0).contrast_db.shape[0] == 0


# --- Crossings --------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
@pytest.mark.parametrize("hertz", [1000, 2500, 5000])
def test_a_tone_crosses_zero_twice_a_period(rate, hertz):  # D12: ZCR(1 kHz) = 2000/s +-1 %
    tone = np.sin(2 * np.pi * hertz / rate * np.arange(rate) + 0.1)
    found = vo.zero_crossing_rate(tone, rate, n_fft=4800, center=False)
    np.testing.assert_allclose(found, 2 * hertz, rtol=0.01)  # as D12 has it


def test_crossings_are_those_of_the_features():
    x = material()
    for center in (True, False):
        alone = vo.zero_crossing_rate(x, RATE, center=center)
        assert np.array_equal(alone, vo.spectral_features(x, RATE, center=center).crossings_per_s)
    assert not vo.zero_crossing_rate(np.ones(5000), RATE).any()
    assert not vo.zero_crossing_rate(np.zeros(5000), RATE).any()


# --- Streams and edges ------------------------------------------------------------------------


def together(parts):
    return {
        field.name: np.concatenate([getattr(part, field.name) for part in parts], axis=-1)
        for field in dataclasses.fields(vo.SpectralFrames)
    }


@given(sizes=st.lists(st.integers(0, 4000), max_size=20), center=st.booleans())
@settings(deadline=None, max_examples=40)
def test_a_stream_has_the_bits_of_the_whole(sizes, center):
    x = material(0.3)
    stream = vo.SpectralFeatures(RATE, center=center)
    pieces = np.split(x, np.minimum(np.cumsum(sizes), len(x)))
    found = together([*(stream.process(piece) for piece in pieces), stream.flush()])
    wanted = vo.spectral_features(x, RATE, center=center)
    for name, values in found.items():
        assert np.array_equal(values, getattr(wanted, name)), name


def test_channels_are_as_each_alone():
    x = np.stack([material(0.3), material(0.3)[::-1] / 100], axis=1)
    found = vo.spectral_features(x, RATE)
    crossings = vo.zero_crossing_rate(x, RATE)
    assert len(found) == 1 + len(x) // HOP
    for channel in range(2):
        alone = vo.spectral_features(x[:, channel], RATE)
        for field in dataclasses.fields(alone):
            values = getattr(found, field.name)[channel]
            assert np.array_equal(values, getattr(alone, field.name)), field.name
        assert np.array_equal(crossings[channel], alone.crossings_per_s)
    with pytest.raises(vo.ConfigError, match="expected one channel"):
        vo.SpectralFeatures(RATE).process(x)


def test_flux_begins_anew_after_a_reset():
    x = material(0.3)
    stream = vo.SpectralFeatures(RATE, center=False)
    first = stream.process(x).flux
    stream.reset()
    again = stream.process(x).flux
    assert first[0] == again[0] == 0
    assert np.array_equal(first, again)


def test_silence_has_no_shape():
    found = vo.spectral_features(np.zeros(10_000), RATE)
    for field in dataclasses.fields(found):
        expected = 1 if field.name == "flatness" else 0
        assert (getattr(found, field.name) == expected).all(), field.name


@pytest.mark.parametrize("length", [1, 2, 2047, 2048])
def test_short_signals_have_the_frames_that_they_have(length):
    x = material()[:length] + np.float32(0.1)
    assert len(vo.spectral_features(x, RATE)) == 1 + length // HOP
    assert len(vo.spectral_features(x, RATE, center=False)) == (length == 2048)
    assert len(vo.zero_crossing_rate(x, RATE)) == 1 + length // HOP


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_fft": 2046}, "n_fft 2046"),
        ({"hop": 0}, "hop is 0"),
        ({"rolloff": 1.5}, "rolloff is 1.5"),
        ({"rolloff": float("nan")}, "rolloff is nan"),
        ({"contrast_octaves": 7}, "contrast_octaves is 7, expected a whole number from 0 to 6"),
        ({"contrast_octaves": -1}, "contrast_octaves is -1"),
        ({"window": np.zeros(2048)}, "window is zero everywhere"),
        ({"rate": 0}, "rate is 0"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(vo.ConfigError, match=message):
        vo.spectral_features(np.zeros(10), **{"rate": RATE, **options})


@pytest.mark.parametrize("function", [vo.spectral_features, vo.zero_crossing_rate])
def test_signals_that_are_none_are_refused(function):
    for x, error in [
        (np.zeros(0), vo.FormatError),
        (np.array([0, np.nan]), vo.FormatError),
        (np.zeros((4, 0)), vo.ConfigError),
        (np.zeros((4, 2, 1)), vo.ConfigError),
        (np.zeros(4, np.int32), vo.ConfigError),
    ]:
        with pytest.raises(error):
            function(x, RATE)
