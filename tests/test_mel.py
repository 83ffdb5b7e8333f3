"""Mel bands and cepstra beside librosa, and streams beside the whole."""

import functools

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vocana_dsp as vo

RATE = 16_000
RELATIVE = 1e-4  # of each band, as asked for; librosa computes in float32 too


def material(seconds=2.0, rate=RATE, seed=1):
    """Noise under a rising tone, quiet in the middle: bands over 80 dB."""
    t = np.arange(int(seconds * rate)) / rate
    noise = np.random.default_rng(seed).standard_normal(len(t))
    loudness = np.where(abs(t - seconds / 2) < 0.2, 1e-3, 1)
    return (loudness * (0.1 * noise + 0.3 * np.sin(800 * t + 600 * t**2))).astype(np.float32)


def relative_error(found, wanted):
    return float(np.max(np.abs(found - wanted) / np.abs(wanted)))


# ours -> librosa's names
CASES = {
    "defaults": ({}, {}),
    "slaney": (
        {"n_fft": 512, "hop": 160, "n_mels": 80},
        {"n_fft": 512, "hop_length": 160, "n_mels": 80},
    ),
    "htk": (
        {"n_fft": 400, "hop": 160, "n_mels": 40, "scale": "htk", "norm": None},
        {"n_fft": 400, "hop_length": 160, "n_mels": 40, "htk": True, "norm": None},
    ),
    "magnitude": (
        {"n_fft": 1024, "hop": 256, "n_mels": 64, "power": 1.0, "center": False},
        {"n_fft": 1024, "hop_length": 256, "n_mels": 64, "power": 1.0, "center": False},
    ),
    "limits": (
        {"n_fft": 512, "hop": 200, "n_mels": 23, "f_min_hz": 20, "f_max_hz": 7600},
        {"n_fft": 512, "hop_length": 200, "n_mels": 23, "fmin": 20, "fmax": 7600},
    ),
    "short window": (
        {"n_fft": 512, "hop": 160, "n_mels": 40, "win_length": 400, "window": "hamming"},
        {"n_fft": 512, "hop_length": 160, "n_mels": 40, "win_length": 400, "window": "hamming"},
    ),
    "hop beyond the frame": (
        {"n_fft": 400, "hop": 1000, "n_mels": 20, "window": "blackman", "center": False},
        {"n_fft": 400, "hop_length": 1000, "n_mels": 20, "window": "blackman", "center": False},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_bands_are_those_of_librosa(case):
    ours, theirs = CASES[case]
    x = material()
    found = vo.mel_spectrogram(x, RATE, **ours)
    wanted = librosa.feature.melspectrogram(y=x, sr=RATE, **theirs)
    assert found.dtype == np.float32
    assert found.shape == wanted.shape
    assert relative_error(found, wanted) <= RELATIVE


@pytest.mark.parametrize(("rate", "n_fft", "n_mels"), [(16_000, 512, 80), (48_000, 2048, 128)])
@pytest.mark.parametrize("htk", [False, True])
@pytest.mark.parametrize("norm", ["slaney", None])
def test_filters_are_those_of_librosa(rate, n_fft, n_mels, htk, norm):
    found = vo.mel_filters(rate, n_fft, n_mels, scale="htk" if htk else "slaney", norm=norm)
    wanted = librosa.filters.mel(sr=rate, n_fft=n_fft, n_mels=n_mels, htk=htk, norm=norm)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("top_db", [None, 80.0, 20.0])
def test_levels_are_those_of_librosa(top_db):
    x = material()
    found = vo.log_mel(x, RATE, top_db=top_db, n_fft=512, hop=160, n_mels=80)
    bands = librosa.feature.melspectrogram(y=x, sr=RATE, n_fft=512, hop_length=160, n_mels=80)
    np.testing.assert_allclose(found, librosa.power_to_db(bands, top_db=top_db), atol=1e-3)


@pytest.mark.parametrize(("log", "function"), [("ln", np.log), ("log10", np.log10)])
def test_logarithms_have_other_bases(log, function):
    x = material(0.5)
    bands = vo.mel_spectrogram(x, RATE).astype(np.float64)
    found = vo.log_mel(x, RATE, log=log, floor=1e-3)
    np.testing.assert_allclose(found, function(np.maximum(bands, 1e-3)), atol=1e-6)


@pytest.mark.parametrize(("n_mfcc", "n_mels"), [(13, 40), (20, 128), (40, 40)])
@pytest.mark.parametrize("lifter", [0, 22])
@pytest.mark.parametrize("htk", [False, True])
def test_cepstra_are_those_of_librosa(n_mfcc, n_mels, lifter, htk):
    x = material()
    shape = {"n_fft": 512, "n_mels": n_mels}
    scale = "htk" if htk else "slaney"
    found = vo.mfcc(x, RATE, n_mfcc, lifter=lifter, hop=160, scale=scale, **shape)
    wanted = librosa.feature.mfcc(
        y=x, sr=RATE, n_mfcc=n_mfcc, lifter=lifter, hop_length=160, htk=htk, **shape
    )
    # Each coefficient against its own size: single values go through zero.
    size = np.abs(wanted).max(axis=1)
    assert np.all(np.abs(found - wanted).max(axis=1) <= RELATIVE * size)


def test_a_wrong_scale_or_a_late_frame_is_reported():
    """What the comparisons above must not let pass."""
    x = material()
    wanted = librosa.feature.melspectrogram(y=x, sr=RATE)
    assert relative_error(vo.mel_spectrogram(x, RATE, scale="htk"), wanted) > 100 * RELATIVE
    assert relative_error(vo.mel_spectrogram(x, RATE, norm=None), wanted) > 100 * RELATIVE
    assert relative_error(vo.mel_spectrogram(x[1:], RATE)[:, :60], wanted[:, :60]) > RELATIVE


# --- Streams ----------------------------------------------------------------------------------


def cut(x, sizes):
    """Pieces of x of these sizes, and what is left."""
    return np.split(x, np.minimum(np.cumsum(sizes), len(x)))


SIZES = st.lists(st.integers(0, 3000), max_size=30)


@given(sizes=SIZES, center=st.booleans(), hop=st.integers(1, 700))
@settings(deadline=None, max_examples=60)
def test_a_stream_has_the_bits_of_the_whole(sizes, center, hop):
    x = material(0.5)
    options = {"n_fft": 512, "hop": hop, "n_mels": 40, "center": center}
    mel, cepstra = vo.MelSpectrogram(RATE, **options), vo.Mfcc(RATE, 13, **options)
    pieces = cut(x, sizes)
    bands = np.hstack([*(mel.process(piece) for piece in pieces), mel.flush()])
    coefficients = np.hstack([*(cepstra.process(piece) for piece in pieces), cepstra.flush()])
    assert np.array_equal(bands, vo.mel_spectrogram(x, RATE, **options))
    assert np.array_equal(coefficients, vo.mfcc(x, RATE, 13, top_db=None, **options))


def test_a_stream_begins_anew_after_flush_and_reset():
    x = material(0.5)
    mel = vo.MelSpectrogram(RATE)
    first = np.hstack([mel.process(x), mel.flush()])
    mel.process(x[:777])
    mel.reset()
    assert np.array_equal(first, np.hstack([mel.process(x), mel.flush()]))
    mel.process(x[:777])
    assert np.array_equal(first, mel.whole(x))


def test_a_block_that_is_refused_leaves_the_stream_as_it_was():
    x = material(0.5)
    mel = vo.MelSpectrogram(RATE)
    parts = [mel.process(x[:3000])]
    with pytest.raises(vo.FormatError, match="nan at sample 2"):
        mel.process(np.array([0, 1, np.nan], np.float32))
    parts += [mel.process(x[3000:]), mel.flush()]
    assert np.array_equal(np.hstack(parts), vo.mel_spectrogram(x, RATE))


# --- Edges ------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 2, 511, 512, 2047, 2048, 2049])
def test_short_signals_have_the_frames_that_they_have(length):
    x = material()[:length]
    assert vo.mel_spectrogram(x, RATE).shape == (128, 1 + length // 512)
    frames = 1 + (length - 2048) // 512 if length >= 2048 else 0
    assert vo.mel_spectrogram(x, RATE, center=False).shape == (128, frames)
    assert vo.mfcc(x, RATE, center=False).shape == (20, frames)
    assert np.isfinite(vo.log_mel(x, RATE)).all()


def test_one_channel_comes_in_any_float():
    x = material(0.3)
    wanted = vo.mel_spectrogram(x, RATE)
    assert np.array_equal(vo.mel_spectrogram(x[:, None], RATE)[0], wanted)
    assert np.array_equal(vo.mel_spectrogram(x.astype(np.float64), RATE), wanted)
    assert np.array_equal(vo.mel_spectrogram(x.astype(">f4"), RATE), wanted)
    assert np.array_equal(vo.mel_spectrogram(np.repeat(x, 2)[::2], RATE), wanted)
    assert np.array_equal(vo.mel_spectrogram(list(map(float, x)), RATE), wanted)


def test_channels_are_as_each_alone():
    x = np.stack([material(0.3), material(0.3)[::-1] / 100], axis=1)
    for function in (vo.mel_spectrogram, vo.log_mel, functools.partial(vo.mfcc, top_db=None)):
        found = function(x, RATE)
        assert found.shape[0] == 2
        for channel in range(2):
            assert np.array_equal(found[channel], function(x[:, channel], RATE))


def test_cepstra_of_channels_are_those_of_librosa():
    x = np.stack([material(0.3), material(0.3)[::-1] / 100], axis=1)
    wanted = librosa.feature.mfcc(y=x.T, sr=RATE)  # top_db is below the greatest of both
    np.testing.assert_allclose(vo.mfcc(x, RATE), wanted, atol=0.01)


def test_a_stream_has_one_channel():
    for stream in (vo.MelSpectrogram(RATE), vo.Mfcc(RATE)):
        with pytest.raises(vo.ConfigError, match=r"shape \(10, 2\), expected one channel"):
            stream.process(np.zeros((10, 2)))


def test_huge_samples_are_finite():
    x = np.full(3000, 3e38, np.float32)
    assert vo.mel_spectrogram(x * np.float32(0.5), RATE).shape == (128, 6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_fft": 2046}, "n_fft 2046: bad argument, expected an even n_fft"),
        ({"n_fft": 0}, "n_fft is 0, expected a whole number from 2"),
        ({"n_fft": 513}, "n_fft 513"),
        ({"hop": 0}, "hop is 0"),
        ({"hop": -1}, "hop is -1"),
        ({"hop": 1.5}, "hop is 1.5"),
        ({"win_length": 4096}, "win_length is 4096"),
        ({"window": "kaiser"}, "window is 'kaiser'"),
        ({"window": np.ones(7)}, "expected a name or 2048 numbers"),
        ({"window": np.full(2048, np.nan)}, "expected a finite number"),
        ({"power": 3.0}, "power is 3.0"),
        ({"power": float("nan")}, "power is nan"),
        ({"n_mels": 0}, "n_mels is 0"),
        ({"f_max_hz": 8000.1}, "f_max_hz 8000.1, expected .* <= 8000, half of the rate"),
        ({"f_min_hz": 4000, "f_max_hz": 4000}, "f_min_hz is 4000"),
        ({"f_min_hz": -1}, "f_min_hz is -1"),
        ({"f_min_hz": float("nan")}, "f_min_hz is nan"),
        ({"scale": "bark"}, "scale is 'bark'"),
        ({"norm": "l2"}, "norm is 'l2'"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(vo.ConfigError, match=message):
        vo.mel_spectrogram(np.zeros(10), RATE, **options)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.zeros(0), vo.FormatError, "x is empty"),
        (np.zeros((10, 0)), vo.ConfigError, r"shape \(10, 0\), expected \(frames,\) or"),
        (np.zeros((2, 1025)), vo.ConfigError, "with 1 to 1024 channels"),
        (np.zeros((2, 3, 4)), vo.ConfigError, r"expected \(frames,\) or \(frames, channels\)"),
        (np.zeros((0, 2)), vo.FormatError, "x is empty"),
        (np.zeros(10, np.int16), vo.ConfigError, "x is int16, expected floats"),
        (np.array([0, np.inf]), vo.FormatError, "x is inf at sample 1"),
        (np.array([np.nan] * 3), vo.FormatError, "x is nan at sample 0"),
    ],
)
@pytest.mark.parametrize("function", [vo.mel_spectrogram, vo.log_mel, vo.mfcc])
def test_signals_that_are_none_are_refused(function, x, error, message):
    with pytest.raises(error, match=message):
        function(x, RATE)


@pytest.mark.parametrize("rate", [0, -1, 1e9, 16_000.5, None, True])
def test_rates_that_are_none_are_refused(rate):
    with pytest.raises(vo.ConfigError, match="rate is"):
        vo.mel_spectrogram(np.zeros(10), rate)


def test_logarithms_and_cepstra_out_of_range_are_refused():
    x = np.zeros(10)
    for options in ({"log": "log2"}, {"floor": 0.0}, {"floor": 1e-31}, {"top_db": -1.0}):
        with pytest.raises(vo.ConfigError):
            vo.log_mel(x, RATE, **options)
    with pytest.raises(vo.ConfigError, match="log='db'"):
        vo.log_mel(x, RATE, log="ln", top_db=80.0)
    for n_mels in (0, "a", 40.5):
        with pytest.raises(vo.ConfigError, match=f"n_mels is {n_mels!r}, expected"):
            vo.mfcc(x, RATE, n_mels=n_mels)
    for options in ({"n_mfcc": 0}, {"n_mfcc": 41, "n_mels": 40}, {"lifter": -1}):
        with pytest.raises(vo.ConfigError):
            vo.mfcc(x, RATE, **options)
    with pytest.raises(vo.ConfigError, match="lifter is nan"):
        vo.mfcc(x, RATE, lifter=float("nan"))
