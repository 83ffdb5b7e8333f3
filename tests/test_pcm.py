"""Integers to float and back, arrays in place, and fragments as audioop had them."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from audioop_answers import RECORDED, WIDTHS, answers
from hypothesis import given
from hypothesis import strategies as st

import vocana_dsp as vo
from vocana_dsp import pcm

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import audioop
except ImportError:  # Python 3.13
    audioop = None

OURS_AND_THEIRS = [module for module in (pcm, audioop) if module]

samples = st.lists(
    st.floats(width=32)
    | st.floats(-1.5, 1.5, width=32)
    | st.integers(-9, 9).map(lambda i: i / 65536)
).map(lambda x: np.array(x, np.float32))


def nearest(x, bits):
    """What the conversion is, in float64: half to even, saturating, NaN to 0."""
    full = 2.0 ** (bits - 1)
    with np.errstate(over="ignore"):
        scaled = np.nan_to_num(x.astype(np.float64) * full, nan=0.0)
    return np.clip(np.round(scaled), -full, full - 1).astype(np.int64)


def unpacked(data):
    """Packed int24 as int32."""
    wide = np.zeros((data.size // 3, 4), np.uint8)
    wide[:, 1:] = data.reshape(-1, 3)
    return wide.view("<i4")[:, 0] >> 8


# --- Integers ------------------------------------------------------------------


@given(samples)
def test_floats_are_rounded_to_the_nearest_integer(x):  # D1
    assert np.array_equal(pcm.from_float(x), nearest(x, 16))
    assert np.array_equal(unpacked(pcm.from_float(x, 24)), nearest(x, 24))
    assert np.array_equal(pcm.from_float(x, 32), nearest(x, 32))


def test_what_was_an_integer_is_one_again():  # faults 32
    every = np.arange(-(2**15), 2**15, dtype=np.int16)
    assert np.array_equal(pcm.from_float(pcm.to_float(every)), every)
    packed = np.random.default_rng(3).integers(0, 256, 3 * 99_999, dtype=np.uint8)
    assert np.array_equal(pcm.from_float(pcm.to_float(packed), 24), packed)
    words = np.random.default_rng(4).integers(-(2**31), 2**31, 9_999, dtype=np.int32)
    assert np.array_equal(pcm.to_float(words), (words / 2.0**31).astype(np.float32))


def test_shapes_stay_and_bytes_are_of_the_last_axis():
    x = np.random.default_rng(5).uniform(-1, 1, (7, 2)).astype(np.float32)
    assert pcm.from_float(x).shape == pcm.from_float(x, 32).shape == (7, 2)
    packed = pcm.from_float(x, 24)
    assert packed.shape == (7, 6)
    assert pcm.to_float(packed).shape == (7, 2)
    assert np.abs(pcm.to_float(packed) - x).max() <= 2.0**-24
    assert pcm.to_float(np.empty((0, 2), np.int16)).shape == (0, 2)
    assert pcm.from_float(x[::2, ::-1])[0, 1] == pcm.from_float(x)[0, 0]


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (np.zeros(4, np.float32), "float32"),
        (np.zeros(4, np.uint16), "uint16"),
        (np.zeros(4, ">i2"), ">i2"),
        (np.zeros(4, np.uint8), "multiple of 3"),
        (np.zeros((2, 2, 3), np.int16), "3 axes"),
        (np.int16(1), "0 axes"),
    ],
)
def test_what_is_no_pcm_is_refused(data, match):
    with pytest.raises(vo.FormatError, match=match) as refused:
        pcm.to_float(data)
    assert refused.value.hint


def test_only_floats_become_integers():
    with pytest.raises(vo.FormatError, match="int64"):
        pcm.from_float([1, 2])
    with pytest.raises(vo.FormatError, match="0 axes"):
        pcm.from_float(0.5)
    with pytest.raises(vo.ConfigError, match="bits is 20"):
        pcm.from_float([0.5], 20)


# --- Arrays ---------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1, 15, 512, 40_000])
def test_gain_and_mix_round_once_a_step(n):
    rng = np.random.default_rng(6)
    x, y = rng.uniform(-1, 1, (2, n)).astype(np.float32)
    g = np.float32(0.3)
    assert np.array_equal(pcm.gain(x, g), g * x)
    assert np.array_equal(pcm.mix(y.copy(), x, g), y + g * x)
    assert np.array_equal(pcm.mix(y.copy(), x), y + x)
    kept = x.copy()
    assert pcm.gain(x, g, out=x) is x
    assert np.array_equal(x, g * kept)
    assert pcm.gain(np.zeros((3, 2), np.float32), 1.0).shape == (3, 2)


@pytest.mark.parametrize("channels", [1, 2, 3, 64])
def test_rows_and_frames(channels):
    rows = np.random.default_rng(7).uniform(-1, 1, (channels, 123)).astype(np.float32)
    frames = pcm.interleave(rows)
    assert np.array_equal(frames, rows.T)
    assert frames.flags.c_contiguous
    assert np.array_equal(pcm.deinterleave(frames), rows)
    assert pcm.interleave(rows[:, :0]).shape == (0, channels)
    assert pcm.deinterleave(frames[:0]).shape == (channels, 0)


ONES = np.ones(8, np.float32)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: pcm.gain([1.0], 2), TypeError, "x is list"),
        (lambda: pcm.gain(ONES.astype(np.float64), 2), vo.ConfigError, "float32"),
        (lambda: pcm.gain(ONES.astype(">f4"), 2), vo.ConfigError, "native"),
        (lambda: pcm.gain(ONES[::2], 2), vo.ConfigError, "in one piece"),
        (lambda: pcm.gain(ONES, np.nan), vo.ConfigError, "g is nan"),
        (lambda: pcm.gain(ONES, 1, out=np.ones(7, np.float32)), vo.ConfigError, "has 7 samples"),
        (lambda: pcm.gain(ONES[1:], 1, out=ONES[:-1]), vo.ConfigError, "overlaps"),
        (lambda: pcm.mix(np.broadcast_to(ONES, 8), ONES), vo.ConfigError, "read-only"),
        (lambda: pcm.mix(ONES[1:], ONES[:-1]), vo.ConfigError, "overlaps"),
        (lambda: pcm.interleave(ONES), vo.ConfigError, r"\(channels, frames\)"),
        (lambda: pcm.deinterleave(np.zeros((2, 65))), vo.ConfigError, "1 to 64"),
        (lambda: pcm.deinterleave(np.zeros((2, 0))), vo.ConfigError, "1 to 64"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(call, error, match):
    with pytest.raises(error, match=match):
        call()
    assert np.array_equal(ONES, np.ones(8))


# --- Fragments ------------------------------------------------------------------


@pytest.mark.parametrize("module", OURS_AND_THEIRS)
def test_fragments_are_answered_as_audioop_did(module):  # D15
    assert answers(module) == RECORDED


def test_the_record_tells_one_wrong_rounding():
    def up(fragment, width):
        return pcm.rms(fragment, width) + (width == 3)

    def toward_zero(fragment, width, left, right):
        return pcm.tomono(fragment, width, left, right).replace(b"\xff", b"\x00")

    flawed = dict(vars(pcm))
    for name, fault in (("rms", up), ("tomono", toward_zero)):
        assert answers(SimpleNamespace(**{**flawed, name: fault})) != RECORDED


@given(st.sampled_from(WIDTHS), st.sampled_from(WIDTHS), st.binary(max_size=480), st.data())
def test_any_fragment(width, newwidth, noise, data):  # D15
    fragment = noise[: len(noise) // (2 * width) * 2 * width]
    factor = st.floats(-1e12, 1e12)
    left, right = data.draw(factor), data.draw(factor)
    widened = pcm.lin2lin(fragment, width, newwidth)
    assert len(widened) * width == len(fragment) * newwidth
    if newwidth >= width:
        assert pcm.lin2lin(widened, newwidth, width) == fragment
    for module in OURS_AND_THEIRS:
        assert module.rms(fragment, width) == pcm.rms(fragment, width)
        assert module.max(fragment, width) == pcm.max(fragment, width)
        assert module.lin2lin(fragment, width, newwidth) == widened
        mono = module.tomono(fragment, width, left, right)
        assert mono == pcm.tomono(memoryview(fragment), width, left, right)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: pcm.rms(b"123", 2), vo.FormatError, "3 bytes"),
        (lambda: pcm.tomono(b"12", 2, 1, 1), vo.FormatError, "multiple of 4"),
        (lambda: pcm.max(b"12", 5), vo.ConfigError, "width is 5"),
        (lambda: pcm.lin2lin(b"12", 2, 0), vo.ConfigError, "newwidth is 0"),
        (lambda: pcm.tomono(b"1234", 2, np.inf, 1), vo.ConfigError, "lfactor is inf"),
        (lambda: pcm.rms("12", 2), vo.ConfigError, "the fragment is '12', expected bytes"),
    ],
)
def test_fragments_that_cannot_be_are_refused(call, error, match):
    with pytest.raises(error, match=match):
        call()
