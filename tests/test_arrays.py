"""One rule for arrays, whoever takes them."""

import warnings

import numpy as np
import pytest

import vocana_dsp as vo

RATE = 16_000
X = np.sin(np.arange(4000) / 5)

# What takes one channel of sound and returns something about it; the name that it gives the sound.
TAKERS = {
    "Chain": ("x", lambda x: vo.Chain([vo.Gain(-6)]).process(x, rate=RATE)),
    "Resampler": ("block", lambda x: vo.Resampler(RATE, 8000).process(x)),
    "DriftResampler": ("block", lambda x: vo.DriftResampler().process(x)),
    "resample": ("x", lambda x: vo.resample(x, RATE, 8000)),
    "Stft": ("block", lambda x: vo.Stft(512, 256).process(x)),
    "stft": ("x", lambda x: vo.stft(x, 512, 256)),
    "Fft": ("x", lambda x: vo.Fft(4000).forward(x)),
    "mel": ("x", lambda x: vo.mel_spectrogram(x, RATE)),
    "MelSpectrogram": ("x", lambda x: vo.MelSpectrogram(RATE).process(x)),
    "levels": ("data", lambda x: vo.levels(x)),
    "loudness": ("x", lambda x: vo.loudness(x, RATE)),
    "true_peak_db": ("x", lambda x: vo.true_peak_db(x, RATE)),
    "quality": ("x", lambda x: vo.quality(x, RATE)),
    "LevelMeter": ("block", lambda x: read(vo.LevelMeter(RATE), x)),
    "LoudnessMeter": ("block", lambda x: read(vo.LoudnessMeter(RATE), x)),
}
SIGNALS = ("mel", "MelSpectrogram")  # which say where NaN and infinity are


def read(meter, x):
    meter.process(x)
    return meter.read()


def same(a, b):
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b


@pytest.mark.parametrize("name", TAKERS)
def test_floats_of_any_kind_are_converted(name):  # D3
    take = TAKERS[name][1]
    x = X.astype(np.float32)
    wanted = take(x)
    for given in (
        x.astype(np.float64),
        x.tolist(),
        x.astype(">f4"),
        np.repeat(x, 2)[::2],
        x.astype(np.longdouble),
    ):
        assert same(take(given), wanted)


@pytest.mark.parametrize("name", TAKERS)
@pytest.mark.parametrize(
    ("x", "said"),
    [
        (np.zeros(4000, np.int16), "int16, expected floats"),
        (np.zeros(4000, bool), "bool, expected floats"),
        (np.zeros(4000, np.complex64), "complex64, expected floats"),
        (None, "object, expected floats"),
        ("sound", "expected floats"),
        ([[0.5], [0.5, 0.5]], "no array"),
        (np.zeros((2, 2, 2)), "expected"),
        (np.float32(1), "expected"),
    ],
)
def test_all_else_is_refused_by_its_name(name, x, said):  # E9
    what, take = TAKERS[name]
    with pytest.raises(vo.ConfigError, match=said) as error:
        take(x)
    assert str(error.value).startswith(what)
    assert error.value.hint


@pytest.mark.parametrize("name", sorted(TAKERS.keys() - {"Fft"}))  # which takes rows of n_fft
def test_channels_first_are_told_so(name):  # E9
    what, take = TAKERS[name]
    with pytest.raises(vo.ConfigError) as error:
        take(np.zeros((1, 48_000)))
    assert str(error.value).startswith(what)
    assert error.value.hint == f"put channels last: {what}.T"


def test_so_are_those_of_a_simulated_device():
    with pytest.raises(vo.ConfigError, match="has 48000 channels, expected 1024") as error:
        vo.testing.SimulatedDevice(np.zeros((2, 48_000)))
    assert error.value.hint == "put channels last: signal.T"


def test_so_are_those_of_a_short_block():
    for process in (vo.LevelMeter(RATE, 2).process, vo.Resampler(RATE, 8000, 2).process):
        with pytest.raises(vo.ConfigError, match="block has 480 channels, expected 2") as error:
            process(np.zeros((2, 480)))
        assert error.value.hint == "put channels last: block.T"
    for few in (lambda x: vo.Chain([]).process(x, rate=RATE), lambda x: vo.loudness(x, RATE)):
        with pytest.raises(vo.ConfigError, match="x has 480 channels, expected 64") as error:
            few(np.zeros((2, 480)))
        assert error.value.hint == "put channels last: x.T"


@pytest.mark.parametrize("name", TAKERS)
def test_what_float32_cannot_hold_is_infinity_without_a_warning(name):
    take = TAKERS[name][1]
    beyond, infinite = X.copy(), X.copy()
    beyond[1000], infinite[1000] = 1e300, np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if name in SIGNALS:
            with pytest.raises(vo.FormatError, match="x is inf at sample 1000"):
                take(beyond)
            return
        found, wanted = take(beyond), take(infinite)
    assert (
        np.array_equal(found, wanted, equal_nan=True)
        if isinstance(found, np.ndarray)
        else repr(found) == repr(wanted)
    )


@pytest.mark.parametrize(
    "stream",
    [
        vo.Chain([vo.Gain(0)]),
        vo.Resampler(RATE, 8000),
        vo.DriftResampler(),
        vo.Stft(512, 256),
        vo.MelSpectrogram(RATE),
    ],
)
def test_a_stream_takes_no_frames_and_gives_none(stream):
    rate = {"rate": RATE} if isinstance(stream, vo.Chain) else {}
    assert stream.process([], **rate).size == 0


def test_frequencies_beyond_the_rate_are_named():  # E9
    for node in (vo.HighPass(80), vo.Sos([[1, 0, 0, 1, 0, 0]]), vo.Fir([1, 0.5])):
        for wrong, said in (
            ([100, 30_000], "frequencies_hz holds 30000, expected 0 to 24000 Hz"),
            (-5, "frequencies_hz holds -5, expected"),
            ([np.nan], "not finite"),
            ("a", "no array of numbers"),
        ):
            with pytest.raises(vo.ConfigError, match=said):
                node.response(wrong, 48_000)
        assert node.response([[0, 24_000]], 48_000).shape == (1, 2)
