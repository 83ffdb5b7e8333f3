"""Integer samples become exactly the fraction of full scale that they stand for."""

import numpy as np
import pytest
import soundfile
from played import noise

import vocana_dsp as vo

RATE = 48_000
BITS = [16, 24, 32]
PLAYS_S = 0.03


def integers(bits):
    """Edges of the scale and of float32's precision, both signs, and samples at random."""
    top = 2 ** (bits - 1)
    powers = 2 ** np.arange(bits - 1, dtype=np.int64)
    edges = np.concatenate([powers - 1, powers, powers + 1, [0, top - 1, top - 2]])
    edges = np.concatenate([edges, -edges, [-top, -top + 1]])
    drawn = np.random.default_rng(bits).integers(-top, top, int(PLAYS_S * RATE))
    return np.concatenate([np.clip(edges, -top, top - 1), drawn])


def write(path, samples, bits):
    """Write samples of that many bits; libsndfile takes the upper bits of what it is given."""
    kind, shift = (np.int16, 0) if bits == 16 else (np.int32, 32 - bits)
    soundfile.write(path, (samples << shift).astype(kind), RATE, subtype=f"PCM_{bits}")


def played(path):
    with vo.Capture(vo.File(path)) as mic:
        data = np.concatenate([block.data for block in mic])
        stats = mic.stats
    assert (stats.captured, stats.dropped) == (len(data), 0)
    return data, stats.input


def exact(samples, bits):
    """The fraction of full scale, rounded once; a float64 holds each of them exactly."""
    return (samples / 2.0 ** (bits - 1)).astype(np.float32)


def wrong(data, samples, bits):
    """Number of samples that are not bit for bit what they stand for."""
    expected = exact(samples, bits)
    assert data.shape == (len(expected), 1)
    return int(np.sum(data[:, 0].view(np.uint32) != expected.view(np.uint32)))


@pytest.mark.parametrize("bits", BITS)
def test_every_sample_is_its_fraction_of_full_scale(tmp_path, bits):  # faults 32
    samples = integers(bits)
    write(tmp_path / "a.wav", samples, bits)
    data, _ = played(tmp_path / "a.wav")
    assert wrong(data, samples, bits) == 0
    if bits < 32:  # float32 holds them all: there and back nothing is lost
        np.testing.assert_array_equal(data[:, 0] * 2.0 ** (bits - 1), samples)


@pytest.mark.parametrize("bits", BITS)
def test_full_scale_stays_on_its_side(tmp_path, bits):  # faults 32
    top = 2 ** (bits - 1)
    samples = np.resize([top - 1, -top], 960)  # the loudest square wave there is
    write(tmp_path / "a.wav", samples, bits)
    data, counts = played(tmp_path / "a.wav")
    highest = np.float32((top - 1) / top)
    assert (data[::2, 0] == highest).all()
    assert (data[1::2, 0] == -1.0).all()
    assert 0.9999 < highest <= 1.0
    assert counts.over == 0


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("share", [1, -1, 0.5, -0.5])
def test_a_constant_stays_that_constant(tmp_path, bits, share):  # faults 32
    level = int(share * 2 ** (bits - 1)) if abs(share) < 1 else int(share)
    write(tmp_path / "a.wav", np.full(960, level), bits)
    data, _ = played(tmp_path / "a.wav")
    assert (data == np.float32(level / 2 ** (bits - 1))).all()
    assert data[0, 0] != 0


@pytest.mark.parametrize("bits", BITS)
def test_a_scale_one_step_off_and_a_wrap_would_be_seen(bits):
    """The control: the other two scales in use, and full scale that turns over."""
    samples = integers(bits)
    right = exact(samples, bits)[:, None]
    top = 2.0 ** (bits - 1)
    assert wrong(right, samples, bits) == 0
    assert wrong((samples / top).astype(np.float16)[:, None].astype(np.float32), samples, bits)
    if bits < 32:  # beyond float32's precision the two scales are one
        assert wrong((samples / (top - 1)).astype(np.float32)[:, None], samples, bits)
    wrapped = np.where(samples == top - 1, -top, samples)
    assert wrong(exact(wrapped, bits)[:, None], samples, bits)


def test_floats_pass_bit_for_bit_and_what_is_clipped_is_counted(tmp_path):  # faults 32
    audio = noise(1_440, 2)
    audio[100], audio[200], audio[300] = 1.0, -1.0, np.nextafter(np.float32(1), np.float32(2))
    audio[400, 0], audio[500, 1] = 1.5, -2.5
    soundfile.write(tmp_path / "a.wav", audio, RATE, subtype="FLOAT")
    data, counts = played(tmp_path / "a.wav")
    np.testing.assert_array_equal(data.view(np.uint32), audio.view(np.uint32))
    assert counts.over == 1  # beyond 2.0, where the policy's limit is by default
    policy = vo.InputPolicy(over="clean", limit=1.0)
    with vo.Capture(vo.File(tmp_path / "a.wav"), input=policy) as mic:
        clean = np.concatenate([block.data for block in mic])
        assert mic.stats.input.over == 4
    np.testing.assert_array_equal(clean, np.clip(audio, -1.0, 1.0))
