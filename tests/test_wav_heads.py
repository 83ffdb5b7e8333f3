"""Heads as the C library writes them: the same bytes as ever, open in every reader."""

import struct
import wave

import numpy as np
import pytest
import soundfile
from recordings import SAMPLE_BYTES, as_bytes
from wav_files import HEADER, RATE, READERS, noise, same

import vocana_dsp as vo
from vocana_dsp._native import sidecar, wav

STEREO = struct.pack("<HHIIHHH", 3, 2, 44_100, 352_800, 8, 32, 0)
PAD = HEADER - 12 - 36 - 26 - 12 - 8 - 8


def chunk(name, body, size=None):
    return name + struct.pack("<I", len(body) if size is None else size) + body


@pytest.mark.parametrize(
    ("frames", "riff", "fact", "data"),
    [(None, 2**32 - 1, 2**32 - 1, 2**32 - 1), (0, 4088, 0, 0), (12_345, 102_848, 12_345, 98_760)],
)
def test_heads_of_floats_byte_by_byte(frames, riff, fact, data):
    assert wav.head(44_100, 2, "float32", frames) == (
        chunk(b"RIFF", b"WAVE", riff) + chunk(b"JUNK", bytes(28)) + chunk(b"fmt ", STEREO)
        + chunk(b"fact", struct.pack("<I", fact)) + chunk(b"JUNK", bytes(PAD))
        + chunk(b"data", b"", data)
    )  # fmt: skip


def test_beyond_four_gib_it_is_rf64_byte_by_byte():
    sizes = struct.pack("<QQQI", 2**43 + 4088, 2**43, 2**40, 0)
    assert wav.head(44_100, 2, "float32", 2**40) == (
        chunk(b"RF64", b"WAVE", 2**32 - 1) + chunk(b"ds64", sizes) + chunk(b"fmt ", STEREO)
        + chunk(b"fact", b"\xff" * 4) + chunk(b"JUNK", bytes(PAD)) + chunk(b"data", b"", 2**32 - 1)
    )  # fmt: skip


def test_more_than_two_channels_are_no_loudspeakers():
    body = wav.head(RATE, 4, "float32", 0)[56:96]
    extra, bits, mask, kind = struct.unpack_from("<HHI16s", body, 16)
    assert (body[:2], extra, bits, mask) == (b"\xfe\xff", 22, 32, 0)
    assert kind.hex() == "0300000000001000800000aa00389b71"


def test_five_gib(tmp_path):  # faults 26
    path, frames = tmp_path / "a.wav", 5 * 2**30 // 8
    with path.open("wb") as file:
        file.write(wav.head(RATE, 2, "float32", frames + 10))
        file.seek(HEADER + 8 * frames)  # nothing before it takes room
        file.write(np.full((10, 2), 0.5, "<f4").tobytes())
    with soundfile.SoundFile(path) as reader:
        assert reader.frames == frames + 10
        reader.seek(frames)
        assert np.all(reader.read(dtype="float32") == 0.5)
    path.unlink()


def test_reader_comparison_sees_one_wrong_sample(tmp_path):
    audio = noise(1000, 1)
    (tmp_path / "a.wav").write_bytes(wav.head(RATE, 1, "float32", 1000) + audio.tobytes())
    audio[500] += 1e-4
    for reader in READERS:
        assert not same(reader(tmp_path / "a.wav", 1), audio, reader)


@pytest.mark.parametrize("finished", [True, False])
@pytest.mark.parametrize("channels", [1, 2, 3, 8])
@pytest.mark.parametrize("subtype", SAMPLE_BYTES)
def test_every_reader_opens_it(tmp_path, subtype, channels, finished):
    path = tmp_path / "a.wav"
    rng = np.random.default_rng(channels)
    audio = (rng.integers(-(2**15), 2**15, (1_001, channels)) / 2**15).astype(np.float32)
    data = as_bytes(audio, subtype)
    head = wav.head(RATE, channels, subtype, len(audio) if finished else None)
    path.write_bytes(head + data + bytes(len(data) % 2 if finished else 0))
    scale = {"float32": 1.0, "pcm24": 2.0**31, "pcm16": 2.0**15}[subtype]
    for reader in READERS:
        got = reader(path, channels)
        if got.dtype != np.float32:  # SciPy gives integers; those of 24 bits are 32 wide
            got = (got / scale).astype(np.float32)
        assert same(got, audio, reader), reader.__name__
    if subtype != "float32":  # module wave reads no floats
        with wave.open(str(path)) as file:
            assert (file.getnchannels(), file.getframerate()) == (channels, RATE)
            assert file.getsampwidth() == SAMPLE_BYTES[subtype]
            assert file.readframes(10**6).startswith(data)


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ((0, 1, "float32"), "rate"),
        ((RATE, 0, "pcm16"), "channels"),
        ((RATE, 1, "pcm12"), "subtype"),
        ((RATE, 16_384, "float32"), "16384 channels"),
        ((2**30, 2, "pcm24"), "at 1073741824 Hz"),
    ],
)
def test_what_no_file_can_state(form, word):
    for make in (wav.head, wav.frame_bytes, lambda *stated: wav.file_bytes(*stated, 1)):
        with pytest.raises(vo.ConfigError, match=word):
            make(*form)


def test_files_beyond_all_bounds():
    for make in (wav.head, wav.file_bytes):
        with pytest.raises(vo.ConfigError) as caught:
            make(RATE, 1, "float32", 2**62)
        assert caught.value.code == "too_big"


def test_errors_of_parsing():
    head = wav.head(RATE, 1, "pcm16", 10)
    with pytest.raises(vo.FormatError) as caught:
        wav.parse(head[:100], 10_000)
    assert caught.value.code == "long_head"
    for nothing in (b"", b"RIFF", head[:100]):
        with pytest.raises(vo.FormatError) as caught:
            wav.parse(nothing, len(nothing))
        assert caught.value.code == "bad_wav"
    for nothing in (b"", b"{}", b"[]"):
        with pytest.raises(vo.FormatError) as caught:
            sidecar.parse(nothing)
        assert caught.value.code == "bad_sidecar"
