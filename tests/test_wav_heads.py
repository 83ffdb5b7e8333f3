"""Heads as the C library writes them: the same bytes as ever, open in every reader."""

import wave

import numpy as np
import pytest
from recordings import SAMPLE_BYTES, as_bytes
from wav_files import RATE, READERS, same

import vocana_dsp as vo
from vocana_dsp._native import sidecar, wav
from vocana_dsp.record import wav_header


@pytest.mark.parametrize("channels", [1, 2, 3, 8, 16_383])
@pytest.mark.parametrize("frames", [None, 0, 1, 12_345, 2**31, 2**40])
def test_heads_of_floats_keep_their_bytes(channels, frames):
    assert wav.head(1, channels, "float32", frames) == wav_header(1, channels, frames)


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
