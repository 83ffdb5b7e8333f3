"""Short-time Fourier transforms: beside librosa and SciPy, there and back, arrays and streams."""

import threading

import librosa
import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

import vocana_dsp as vo
from vocana_dsp._native.window import names
from vocana_dsp.dsp.windows import window_factors

RATE = 48_000


def noise(*shape, seed=1):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def tone(hertz, frames=RATE):
    return np.cos(2 * np.pi * hertz / RATE * np.arange(frames)).astype(np.float32)


def error_db(found, right):
    difference = found.astype(np.complex128) - right
    return 20 * np.log10(np.linalg.norm(difference) / np.linalg.norm(right) + 1e-30)


def relative(found, right):
    return np.abs(found - right).max() / np.abs(right).max()


# --- Beside others ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n_fft", "hop"), [(512, 160), (960, 480), (2048, 512), (441, 147), (400, 160)]
)
@pytest.mark.parametrize("center", [True, False])
def test_it_is_what_librosa_gives(n_fft, hop, center):
    x = noise(20_000)
    window = "hann" if n_fft % 2 == 0 else scipy.signal.get_window("hann", n_fft)
    found = vo.stft(x, n_fft, hop, window, center)
    right = librosa.stft(x, n_fft=n_fft, hop_length=hop, center=center)
    assert found.shape == right.shape
    assert found.dtype == np.complex64
    assert relative(found, right) < 1e-6
    back = librosa.istft(right, hop_length=hop, n_fft=n_fft, center=center, length=len(x))
    mine = vo.istft(right, hop, window, center, length=len(x), n_fft=n_fft)
    inner = slice(None) if center else slice(n_fft // 8, -n_fft)  # ends are hardly covered
    assert relative(mine[inner], back[inner]) < 1e-6


def test_it_is_what_scipy_gives():
    x = noise(20_000)
    window = scipy.signal.get_window("hamming", 480)
    theirs = scipy.signal.ShortTimeFFT(window, 120, RATE, fft_mode="onesided")
    found = vo.stft(x, 480, 120, "hamming")
    right = theirs.stft(x.astype(np.float64), p0=0, p1=found.shape[1])
    assert relative(np.abs(found), np.abs(right)) < 1e-6  # phases count from another sample


@pytest.mark.parametrize("name", ["hann", "hamming", "blackman"])
def test_windows_are_those_of_scipy(name):  # D8
    assert np.abs(window_factors(name, 960) - scipy.signal.get_window(name, 960)).max() < 1e-7


def test_every_window_has_a_name():
    assert names() == ("rectangular", "hann", "sqrt_hann", "hamming", "blackman", "vorbis")


def test_a_tone_of_1_khz_is_bin_20_of_every_frame():  # D3
    spectra = vo.stft(tone(1000), 960, 480, window="vorbis")
    assert spectra.shape == (481, 101)
    assert (np.abs(spectra[:, 1:-1]).argmax(axis=0) == 20).all()


# --- There and back ---------------------------------------------------------------------------


@pytest.mark.parametrize("window", ["hann", "sqrt_hann", "vorbis"])
@pytest.mark.parametrize("part", [2, 4])
@pytest.mark.parametrize("hertz", [20, 1000, 23_000, 24_000, None])
def test_signals_come_back(window, part, hertz):  # D3 D4
    x = noise(RATE) if hertz is None else tone(hertz)
    back = vo.istft(vo.stft(x, 960, 960 // part, window), 960 // part, window, length=len(x))
    assert error_db(back, x) < -120


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize(("n_fft", "hop"), [(512, 100), (441, 100), (320, 320), (15, 4), (2, 1)])
def test_any_size_and_hop_comes_back(n_fft, hop, center):  # D4
    x = noise(3000)
    spectra = vo.stft(x, n_fft, hop, "hamming", center)
    back = vo.istft(spectra, hop, "hamming", center, n_fft=n_fft)
    covered = min(len(back), len(x))
    assert covered >= len(x) - n_fft - hop
    assert error_db(back[:covered], x[:covered]) < -120


def test_a_wrong_window_does_not_bring_it_back():
    x = noise(RATE)
    assert error_db(vo.istft(vo.stft(x, 960, 480, "hann"), 480, "vorbis", length=RATE), x) > -60


def test_channels_are_apart():
    x = noise(5000, 3)
    spectra = vo.stft(x, 512, 128)
    assert spectra.shape == (3, 257, 40)
    for channel in range(3):
        assert np.array_equal(spectra[channel], vo.stft(x[:, channel], 512, 128))
    back = vo.istft(spectra, 128, length=5000)
    assert back.shape == (5000, 3)
    assert error_db(back, x) < -120


def test_memory_lies_frame_after_frame():
    assert vo.stft(noise(5000), 512, 128).T.flags.c_contiguous
    assert vo.stft(noise(5000, 2), 512, 128)[1].T.flags.c_contiguous


def test_length_cuts_and_pads():
    x = noise(1000)
    spectra = vo.stft(x, 256, 64)
    assert np.array_equal(vo.istft(spectra, 64, length=100), vo.istft(spectra, 64)[:100])
    long = vo.istft(spectra, 64, length=5000)
    assert len(long) == 5000
    assert not long[1200:].any()
    assert vo.istft(spectra, 64, length=0).shape == (0,)


def test_tiny_signals_are_framed_or_refused():
    assert vo.stft(np.ones(1, np.float32), 512, 128).shape == (257, 1)
    assert vo.stft(np.ones(1, np.float32), 2, 1, "rectangular").shape == (2, 2)
    with pytest.raises(vo.ConfigError, match="x has 0 samples, expected 1 or more"):
        vo.stft(np.empty(0, np.float32), 512, 128)
    with pytest.raises(vo.ConfigError, match="x has 511 samples, expected 512 or more"):
        vo.stft(np.ones(511, np.float32), 512, 128, center=False)


# --- Streams ----------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([(64, 16), (64, 64), (60, 7), (480, 160), (512, 512)]),
    st.lists(st.integers(0, 700), max_size=12),
    st.integers(1, 2),
)
def test_cuts_make_no_difference(sizes, cuts, channels):
    n_fft, hop = sizes
    x = noise(2000, channels)
    whole, cut = (vo.Stft(n_fft, hop, "hamming", channels) for _ in range(2))
    right = np.concatenate([whole.process(x), whole.flush()], axis=-1)
    parts, at = [], 0
    for length in [*cuts, len(x)]:
        parts.append(cut.process(x[at : at + length]))
        at = min(len(x), at + length)
    parts.append(cut.flush())
    assert np.array_equal(np.concatenate(parts, axis=-1), right)
    back = vo.Istft(n_fft, hop, "hamming", channels)
    late = back.latency_frames
    pieces = [*(back.process(part) for part in parts), back.flush()]
    y = np.concatenate(pieces)
    assert error_db(y[late : late + 2000], x if channels == 2 else x[:, 0]) < -120
    assert not np.abs(y[:late]).max(initial=0) > 1e-6


@pytest.mark.parametrize(("n_fft", "hop"), [(960, 480), (512, 128), (400, 160), (64, 64)])
def test_latency_is_exact(n_fft, hop):  # D5
    stft, istft = vo.Stft(n_fft, hop, "hamming"), vo.Istft(n_fft, hop, "hamming")
    assert (stft.latency_frames, istft.latency_frames) == (0, n_fft - hop)
    for at in (0, 1, hop - 1, hop, 3 * hop + 5):
        x = np.zeros(20 * hop, np.float32)
        x[at] = 1
        y = istft.process(stft.process(x))
        assert np.abs(y).argmax() == at + n_fft - hop
        assert y[at + n_fft - hop] == pytest.approx(1, abs=1e-6)
        stft.reset()
        istft.reset()


def test_a_hop_in_is_a_hop_out():  # D5
    stft, istft = vo.Stft(512, 128), vo.Istft(512, 128)
    for _ in range(10):
        spectra = stft.process(noise(128))
        assert spectra.shape == (257, 1)
        assert istft.process(spectra).shape == (128,)
    assert stft.process(noise(127)).shape == (257, 0)
    assert istft.process(np.empty((257, 0), np.complex64)).shape == (0,)


def test_streams_begin_anew():
    stft = vo.Stft(64, 16)
    first = stft.process(noise(100))
    stft.reset()
    assert np.array_equal(stft.process(noise(100)), first)
    stft.flush()
    assert np.array_equal(stft.process(noise(100)), first)
    assert vo.Stft(64, 16).flush().shape == (33, 0)


def test_the_gil_is_released():
    x = noise(10_000_000)
    transform = threading.Thread(target=vo.stft, args=(x, 512, 256))
    transform.start()
    turns = 0
    while transform.is_alive():
        turns += 1
    assert turns > 1000


# --- Bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_fft": 0}, "n_fft is 0, expected a whole number from 2"),
        ({"n_fft": 1}, "n_fft is 1, expected a whole number from 2"),
        ({"n_fft": 512.0}, r"n_fft is 512.0, expected a whole number"),
        ({"hop": 0}, "hop is 0, expected a whole number from 1"),
        ({"hop": -3}, "hop is -3"),
        ({"hop": float("nan")}, "hop is nan"),
        ({"window": "hanning"}, "window is 'hanning', expected one of 'rectangular', 'hann'"),
        ({"window": np.ones(511)}, r"window is an array of shape \(511,\), .*512 numbers"),
        ({"window": np.full(512, np.nan)}, r"window\[0\] is nan, expected a finite number"),
        ({"window": 3}, "window is 3, expected a name or 512 numbers"),
        ({"x": np.zeros(1000, np.int16)}, "x is int16, expected floats"),
        (
            {"x": np.zeros((10, 10, 10), np.float32)},
            r"expected \(frames,\) or \(frames, channels\)",
        ),
        ({"x": np.zeros((1000, 0), np.float32)}, r"expected \(frames,\) or \(frames, channels\)"),
        ({"x": np.float32(1)}, r"expected \(frames,\) or \(frames, channels\)"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    usual = {"x": np.zeros(1000, np.float32), "n_fft": 512, "hop": 128}
    with pytest.raises(vo.ConfigError, match=message):
        vo.stft(**{**usual, **arguments})


@pytest.mark.parametrize(
    ("window", "hop"), [("hann", 512), ("vorbis", 512), ("hann", 511), (np.zeros(512), 128)]
)
def test_windows_that_lose_samples_are_refused(window, hop):  # D4
    with pytest.raises(vo.ConfigError, match=rf"at a hop of {hop} the squares .*add up to"):
        vo.Istft(512, hop, window)
    with pytest.raises(vo.ConfigError, match="expected more than 1e-08"):
        vo.istft(np.zeros((257, 4), np.complex64), hop, window)


@pytest.mark.parametrize(
    ("spectra", "more", "message"),
    [
        (np.zeros((257, 4), np.float32), {}, "spectra are float32"),
        (np.zeros(257, np.complex64), {}, r"spectra are complex64 \(257,\)"),
        (np.zeros((257, 0), np.complex64), {}, r"complex64 \(257, 0\)"),
        (np.zeros((257, 4), np.complex64), {"n_fft": 510}, "n_fft is 510, which has 256 bins"),
        (np.zeros((257, 4), np.complex64), {"length": -1}, "length is -1"),
        (np.zeros((257, 4), np.complex64), {"hop": 513}, "hop is 513"),
    ],
)
def test_bad_spectra_are_named(spectra, more, message):
    with pytest.raises(vo.ConfigError, match=message):
        vo.istft(spectra, **{"hop": 128, **more})


def test_streams_say_what_does_not_fit():
    with pytest.raises(vo.ConfigError, match=r"n_fft is 441, expected an even .*take 450"):
        vo.Stft(441, 147)
    with pytest.raises(vo.ConfigError, match="hop is 513, expected a whole number from 1 to 512"):
        vo.Stft(512, 513)
    with pytest.raises(vo.ConfigError, match="channels is 0"):
        vo.Istft(512, 128, channels=0)
    with pytest.raises(vo.ConfigError, match=r"block has the shape \(100, 2\), expected .*, 3\)"):
        vo.Stft(512, 128, channels=3).process(np.zeros((100, 2), np.float32))
    with pytest.raises(vo.ConfigError, match=r"expected \(1, 257, frames\)"):
        vo.Istft(512, 128).process(np.zeros((256, 3), np.complex64))
    stft = vo.Stft(512, 128)
    right = stft.process(noise(1000))
    stft.reset()
    with pytest.raises(vo.ConfigError, match="block is int64"):
        stft.process(np.arange(5))
    assert np.array_equal(stft.process(noise(1000)), right)
