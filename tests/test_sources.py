"""Where audio comes from: tones, silence, files good and bad."""

import os
import re

import numpy as np
import pytest
import soundfile
from played import everything, noise

import vocana_dsp as vo

# --- Tone and silence -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hz", "level_db", "rate", "channels"),
    [(440, -20.0, 48_000, 1), (1000, 0.0, 16_000, 2), (8000, -6.0, 16_000, 1)],
)
def test_a_tone_has_its_frequency_and_level(hz, level_db, rate, channels):
    with vo.Capture(vo.Tone(hz, level_db, rate, channels)) as mic:
        assert (mic.rate, mic.channels) == (rate, channels)
        tone = mic.read(rate // 5).data
    cycles = np.arange(rate // 5) * (hz / rate)
    expected = 10 ** (level_db / 20) * np.sin(2 * np.pi * (cycles % 1))
    np.testing.assert_allclose(tone, np.repeat(expected[:, None], channels, 1), atol=1e-6)
    if hz < rate / 2:
        # In dB: samples miss the peak of a sine.
        assert vo.levels(tone)[0].peak_db == pytest.approx(level_db, abs=0.1)


def test_silence_is_zeros():
    with vo.Capture(vo.Silence(channels=2)) as mic:
        block = mic.read(4800)
        assert block.data.shape == (4800, 2)
        assert not block.data.any()
        assert mic.state == "running"  # I12: silence is no failure
        assert mic.stats.input.silent_frames >= 4800


@pytest.mark.parametrize(
    "make",
    [
        lambda: vo.Tone(0),
        lambda: vo.Tone(-440),
        lambda: vo.Tone(24_001),
        lambda: vo.Tone(float("nan")),
        lambda: vo.Tone("440"),
        lambda: vo.Tone(True),
        lambda: vo.Tone(440, float("inf")),
        lambda: vo.Tone(440, None),
        lambda: vo.Capture(vo.Tone(440, 1e6)),
        lambda: vo.Tone(440, rate=0),
        lambda: vo.Tone(440, rate=48_000.5),
        lambda: vo.Tone(440, channels=0),
        lambda: vo.Silence(rate=-1),
        lambda: vo.Silence(channels=2**40),
        lambda: vo.Capture(vo.Silence(channels=2), channels=3),
        lambda: vo.Capture(vo.Silence(channels=4), channels=2),
        lambda: vo.Device(rate=0),
        lambda: vo.Device(block_frames=-1),
    ],
)
def test_senseless_sources_are_refused(make):
    with pytest.raises(vo.ConfigError) as told:
        make()
    assert told.value.hint


# --- Files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_a_float_wav_comes_through_bit_for_bit(tmp_path, channels, rate):
    audio = noise(2001, channels)
    path = tmp_path / "talk.wav"
    soundfile.write(path, audio, rate, subtype="FLOAT")
    with vo.Capture(vo.File(path)) as mic:
        assert (mic.rate, mic.channels) == (rate, channels)
    assert everything(vo.File(str(path))).tobytes() == audio.tobytes()


@pytest.mark.parametrize(
    ("name", "subtype", "error"),
    [
        ("a.wav", "PCM_16", 2**-15),
        ("a.wav", "PCM_24", 2**-23),
        ("a.flac", "PCM_16", 2**-15),
        ("a.aiff", "PCM_16", 2**-15),
        ("a.ogg", "VORBIS", 0.2),
    ],
)
def test_other_formats(tmp_path, name, subtype, error):
    audio = (0.5 * np.sin(2 * np.pi * 300 / 48_000 * np.arange(4800)))[:, None]
    audio = np.hstack([audio, -audio]).astype(np.float32)
    soundfile.write(tmp_path / name, audio, 48_000, subtype=subtype)
    found = everything(vo.File(tmp_path / name))
    assert found.shape == audio.shape
    assert np.abs(found - audio).max() <= error
    reference, _ = soundfile.read(tmp_path / name, dtype="float32", always_2d=True)
    np.testing.assert_array_equal(found, reference)


def test_a_file_is_paced_in_real_time(tmp_path):
    soundfile.write(tmp_path / "a.wav", noise(48_000 * 30, 1), 48_000, subtype="PCM_16")
    with vo.Capture(vo.File(tmp_path / "a.wav"), ring_ms=60_000) as mic:
        mic.read(4800)
        assert mic.stats.captured < 48_000 * 30
        assert mic.state == "running"


@pytest.mark.parametrize("frames", [1, 479, 480, 1000])
def test_a_file_in_a_loop_begins_again(tmp_path, frames):
    audio = noise(frames, 2)
    soundfile.write(tmp_path / "a.wav", audio, 48_000, subtype="FLOAT")
    with vo.Capture(vo.File(tmp_path / "a.wav", loop=True)) as mic:
        found = mic.read(3333).data
        assert mic.state == "running"
    np.testing.assert_array_equal(found, np.resize(audio, (3333, 2)))


def test_a_file_without_audio_ends_at_once(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.empty((0, 1)), 48_000)
    assert everything(vo.File(tmp_path / "a.wav")).shape == (0, 1)
    with pytest.raises(vo.ConfigError, match="loop"):
        vo.Capture(vo.File(tmp_path / "a.wav", loop=True))


def test_a_file_whose_writer_was_killed_gives_what_is_there(tmp_path):
    audio = noise(1000, 1)
    soundfile.write(tmp_path / "whole.wav", audio, 48_000, subtype="FLOAT")
    data = (tmp_path / "whole.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(data[: len(data) - 1200])
    found = everything(vo.File(tmp_path / "cut.wav"))
    assert len(found) == 700
    np.testing.assert_array_equal(found, audio[:700])


def test_a_file_has_the_channels_that_it_has(tmp_path):
    soundfile.write(tmp_path / "a.wav", noise(10, 2), 48_000)
    with pytest.raises(vo.ConfigError, match="channels is 3, expected 2"):
        vo.Capture(vo.File(tmp_path / "a.wav"), channels=3)
    for channels in (None, 1, 2):
        with vo.Capture(vo.File(tmp_path / "a.wav"), channels=channels) as mic:
            assert mic.channels == (channels or 2)


# name: bytes, and what is said that they are
NOT_AUDIO = {
    "text.wav": (b"This is not audio, it only says so.\n" * 100, "it is text"),
    "page.wav": (b"\n<!DOCTYPE html><html><body>404</body></html>\n" * 50, "it is a web page"),
    "page.flac": (b"<html></html>", "it is a web page"),
    "empty.wav": (b"", "it is empty"),
    "magic.wav": (b"RIFF", ""),
    "header.wav": (b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00", ""),
    "zeros.ogg": (bytes(4096), "it is zeros"),
    "noise.mp3": (bytes(range(256)) * 40, ""),
    "book.wav": (b"%PDF-1.7\n" + bytes(99), "it is a PDF document"),
    "phone.wav": (b"\0\0\0\x20ftypM4A " + bytes(99), "MPEG-4"),
    "latin.wav": ("Straße nach Süden\n".encode() * 40, "it is text"),
}


@pytest.mark.parametrize("name", NOT_AUDIO)
def test_what_is_not_audio_is_refused_before_anything_is_captured(tmp_path, name):  # N17
    path = tmp_path / name
    content, said = NOT_AUDIO[name]
    path.write_bytes(content)
    with pytest.raises(vo.FormatError, match=name) as told:
        vo.Capture(vo.File(path))
    assert said in str(told.value)
    assert told.value.code == "bad_format"
    assert told.value.hint
    assert not told.value.retryable


def test_a_pipe_is_refused_and_blocks_nobody(tmp_path):
    os.mkfifo(tmp_path / "a.wav")
    with pytest.raises(vo.FormatError, match="not a regular file"):
        vo.Capture(vo.File(tmp_path / "a.wav"))


def test_a_directory_and_nothing_are_no_files(tmp_path):
    with pytest.raises(vo.FormatError, match="directory"):
        vo.Capture(vo.File(tmp_path))
    with pytest.raises(vo.FormatError, match="does not exist") as told:
        vo.Capture(vo.File(tmp_path / "gone.wav"))
    assert told.value.code == "file_not_found"


def test_a_wav_with_an_impossible_header_is_refused(tmp_path):
    audio = noise(100, 1)
    soundfile.write(tmp_path / "a.wav", audio, 48_000, subtype="PCM_16")
    good = (tmp_path / "a.wav").read_bytes()
    for place, value in ((22, b"\x00\x00"), (24, b"\x00\x00\x00\x00"), (20, b"\x77\x77")):
        broken = good[:place] + value + good[place + len(value) :]
        (tmp_path / "a.wav").write_bytes(broken)
        with pytest.raises(vo.FormatError):
            vo.Capture(vo.File(tmp_path / "a.wav"))


def test_nan_in_a_file_is_counted_and_cleaned(tmp_path):  # faults 30
    audio = noise(1000, 2)
    audio[500, 1] = np.nan
    audio[501, 0] = np.inf
    soundfile.write(tmp_path / "a.wav", audio, 48_000, subtype="FLOAT")
    with vo.Capture(vo.File(tmp_path / "a.wav")) as mic:
        found = np.concatenate([block.data for block in mic])
        assert (mic.stats.input.nan, mic.stats.input.infinite) == (1, 1)
    audio[500, 1], audio[501, 0] = 0.0, 2.0
    np.testing.assert_array_equal(found, audio)


@pytest.mark.parametrize("path", [5, None, "a\0b"])
def test_a_path_that_is_none_is_refused(path):
    with pytest.raises((vo.FormatError, vo.ConfigError)):
        vo.Capture(vo.File(path))


@pytest.mark.parametrize("source", ["USB", 3, vo.Tone, object()])
def test_a_source_that_is_none_is_refused_with_what_to_do(source):
    with pytest.raises(vo.ConfigError, match="source") as told:
        vo.Capture(source)
    assert "Device" in told.value.hint


@pytest.mark.parametrize("wanted", [re.compile(b"usb"), re.compile(" "), "", 1.5, True])
def test_what_names_no_device_is_refused(wanted):  # I3
    with pytest.raises(vo.ConfigError, match="expected a name, a pattern, an index or None"):
        vo.Device(wanted)


def test_isolate_is_true_or_false():
    with pytest.raises(vo.ConfigError, match="isolate is 'yes', expected True or False"):
        vo.Device(isolate="yes")
