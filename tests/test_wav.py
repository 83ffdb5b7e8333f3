"""The WAV writer: its bytes, its readers, and which files it makes."""

import os
import struct
import wave

import numpy as np
import pytest
import soundfile
from wav_files import HEADER, RATE, READERS, by_ffmpeg, by_soundfile, noise, same, write

from vocana_dsp import ConfigError
from vocana_dsp.record import RecordError, WavWriter, refuse_existing, wav, wav_header

# --- layout ------------------------------------------------------------------


def chunks(data: bytes) -> dict[bytes, tuple[int, int]]:
    """Position of the body and stated size of each chunk, as a strict reader walks them."""
    found, at = {}, 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        found[name + (b"2" if name in found else b"")] = (at + 8, size)
        at += 8 + size
    return found


def test_header_of_an_unfinished_file_byte_by_byte():
    header = wav_header(44_100, 2, None)
    pad = HEADER - 12 - 36 - 26 - 12 - 8 - 8
    assert header == (
        b"RIFF\xff\xff\xff\xffWAVE"
        + b"JUNK\x1c\0\0\0" + bytes(28)
        + b"fmt \x12\0\0\0" + struct.pack("<HHIIHHH", 3, 2, 44_100, 352_800, 8, 32, 0)
        + b"fact\x04\0\0\0\xff\xff\xff\xff"
        + b"JUNK" + struct.pack("<I", pad) + bytes(pad)
        + b"data\xff\xff\xff\xff"
    )  # fmt: skip
    assert len(header) == 4096


@pytest.mark.parametrize("channels", [1, 2, 3, 8])
def test_header_of_a_finished_file_states_true_sizes(tmp_path, channels):
    audio = noise(1234, channels)
    write(tmp_path / "a.wav", audio).close()
    data = (tmp_path / "a.wav").read_bytes()
    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8
    found = chunks(data)
    assert found[b"data"] == (HEADER, audio.nbytes)
    assert struct.unpack_from("<I", data, found[b"fact"][0])[0] == 1234
    assert data[HEADER:] == audio.tobytes()


def test_more_than_two_channels_are_no_loudspeakers():
    header = wav_header(RATE, 4, 0)
    at, size = chunks(header)[b"fmt "]
    tag = struct.unpack_from("<H", header, at)[0]
    extra, bits, mask, kind = struct.unpack_from("<HHI16s", header, at + 16)
    assert (tag, size, extra, bits, mask) == (0xFFFE, 40, 22, 32, 0)
    assert kind.hex() == "0300000000001000800000aa00389b71"


@pytest.mark.parametrize("channels", [1, 2, 4])
@pytest.mark.parametrize("finished", [True, False])
@pytest.mark.parametrize("reader", READERS)
def test_readers(tmp_path, reader, finished, channels):
    audio = noise(10_007, channels)
    writer = write(tmp_path / "a.wav", audio)
    assert writer.frames_written == len(audio)
    if finished:
        writer.close()
    got = reader(tmp_path / "a.wav", channels)
    writer.close()
    assert same(got, audio, reader)


def test_reader_comparison_sees_one_wrong_sample(tmp_path):
    audio = noise(1000, 1)
    write(tmp_path / "a.wav", audio).close()
    audio[500] += 1e-4
    for reader in READERS:
        assert not same(reader(tmp_path / "a.wav", 1), audio, reader)


def test_the_standard_library_walks_to_the_audio(tmp_path):
    """Module wave refuses floats by their tag; read as integers, the same bytes are all there."""
    audio = noise(500, 2)
    write(tmp_path / "a.wav", audio).close()
    data = bytearray((tmp_path / "a.wav").read_bytes())
    data[chunks(bytes(data))[b"fmt "][0]] = 1  # PCM
    (tmp_path / "b.wav").write_bytes(data)
    with wave.open(str(tmp_path / "b.wav")) as reader:
        assert (reader.getnchannels(), reader.getframerate()) == (2, RATE)
        assert reader.readframes(10**6) == audio.tobytes()


def test_rf64_beyond_the_limit_of_riff(tmp_path, monkeypatch):
    monkeypatch.setattr(wav, "RIFF_MAX_BYTES", 10_000)
    audio = noise(2_500, 1)
    write(tmp_path / "a.wav", audio).close()
    data = (tmp_path / "a.wav").read_bytes()
    assert data[:4] == b"RF64"
    assert data[12:16] == b"ds64"
    assert struct.unpack_from("<QQQI", data, 20) == (len(data) - 8, audio.nbytes, 2_500, 0)
    assert chunks(data)[b"data"] == (HEADER, 0xFFFFFFFF)
    for reader in (by_soundfile, by_ffmpeg):
        assert same(reader(tmp_path / "a.wav", 1), audio, reader)


def test_five_gib(tmp_path):
    """A sparse file: the writer is set past 4 GiB, then goes on as ever."""
    frames = 5 * 2**30 // 8
    writer = WavWriter(tmp_path / "a.wav", RATE, 2)
    writer._end += frames * 8
    writer.write(np.full((10, 2), 0.5, np.float32))
    writer.close()
    assert soundfile.info(tmp_path / "a.wav").frames == frames + 10
    with soundfile.SoundFile(tmp_path / "a.wav") as reader:
        reader.seek(frames)
        assert np.all(reader.read(dtype="float32") == 0.5)


# --- making the file ---------------------------------------------------------


def test_an_existing_file_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"precious")
    for attempt in (lambda: WavWriter(path, RATE, 1), lambda: refuse_existing(path)):
        with pytest.raises(RecordError, match="there already") as caught:
            attempt()
        assert caught.value.code == "file_exists"
        assert "--force" in caught.value.hint
    assert path.read_bytes() == b"precious"


def test_overwrite_makes_a_new_file(tmp_path):
    path, other = tmp_path / "a.wav", tmp_path / "hard_link"
    path.write_bytes(b"precious")
    other.hardlink_to(path)
    WavWriter(path, RATE, 1, overwrite=True).close()
    assert soundfile.info(path).frames == 0
    assert other.read_bytes() == b"precious"


@pytest.mark.parametrize("overwrite", [False, True])
def test_links_and_folders_are_refused(tmp_path, overwrite):  # faults 49
    target = tmp_path / "target"
    target.write_bytes(b"precious")
    (tmp_path / "link.wav").symlink_to(target)
    (tmp_path / "dangling.wav").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder.wav").mkdir()
    os.mkfifo(tmp_path / "fifo.wav")
    for name in ("link.wav", "dangling.wav", "folder.wav", "fifo.wav"):
        with pytest.raises(RecordError) as caught:
            WavWriter(tmp_path / name, RATE, 1, overwrite=overwrite)
        assert caught.value.code == "not_a_file"
    assert target.read_bytes() == b"precious"
    assert not (tmp_path / "nowhere").exists()


def test_the_umask_decides_who_may_read(tmp_path):
    before = os.umask(0o027)
    try:
        WavWriter(tmp_path / "a.wav", RATE, 1).close()
    finally:
        os.umask(before)
    assert (tmp_path / "a.wav").stat().st_mode & 0o777 == 0o640


def test_children_do_not_inherit_the_file(tmp_path):
    with WavWriter(tmp_path / "a.wav", RATE, 1) as writer:
        assert not os.get_inheritable(writer._fd)


@pytest.mark.parametrize(
    ("path", "code"),
    [("no/such/folder.wav", "no_folder"), ("file/x.wav", "no_folder"), ("a\0b.wav", "disk_error")],
)
def test_paths_that_cannot_be(tmp_path, path, code):
    (tmp_path / "file").touch()
    with pytest.raises(RecordError) as caught:
        WavWriter(tmp_path / path, RATE, 1)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("rate", "channels"), [(0, 1), (-1, 1), (2**32, 1), (2**31, 2), (RATE, 0), (RATE, 2**14)]
)
def test_formats_that_cannot_be(tmp_path, rate, channels):
    with pytest.raises(ConfigError):
        WavWriter(tmp_path / "a.wav", rate, channels)
    assert not (tmp_path / "a.wav").exists()


@pytest.mark.parametrize(
    "block",
    [
        np.zeros(4, np.float32),
        np.zeros((4, 1), np.float32),
        np.zeros((4, 2), np.float64),
        np.zeros((4, 2, 1), np.float32),
    ],
)
def test_blocks_that_do_not_fit(tmp_path, block):
    with WavWriter(tmp_path / "a.wav", RATE, 2) as writer, pytest.raises(ConfigError):
        writer.write(block)
    assert soundfile.info(tmp_path / "a.wav").frames == 0


def test_strided_and_empty_blocks(tmp_path):
    audio = noise(1000, 4)
    with WavWriter(tmp_path / "a.wav", RATE, 2) as writer:
        writer.write(audio[::3, ::2])
        writer.write(audio[:0, :2])
        writer.write(np.asfortranarray(audio[:, 1:3]))
    expected = np.concatenate([audio[::3, ::2], audio[:, 1:3]])
    assert np.array_equal(by_soundfile(tmp_path / "a.wav", 2), expected)


@pytest.mark.parametrize("frames", [0, 1, wav.SILENCE_BYTES // 12, 100_000])
def test_silence_is_exact(tmp_path, frames):
    with WavWriter(tmp_path / "a.wav", RATE, 3) as writer:
        writer.write(np.ones((5, 3), np.float32))
        writer.write_silence(frames)
        writer.write(np.ones((5, 3), np.float32))
        assert writer.frames_written == frames + 10
    audio = by_soundfile(tmp_path / "a.wav", 3)
    assert len(audio) == frames + 10
    assert np.all(audio[5 : 5 + frames] == 0)
    assert np.all(audio[5 + frames :] == 1)
