"""Recovery of single files: heads put right, damage told, nothing destroyed."""

import errno
import fcntl
import os
import shutil
import struct
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import HEAD, RATE, SAMPLE_BYTES, as_bytes, heard, only, record, sound

import vocana_dsp as vo
from vocana_dsp._native import wav
from vocana_dsp.record import RecordError

# --- sizes -------------------------------------------------------------------


@pytest.mark.parametrize("with_sidecar", [True, False])
@pytest.mark.parametrize("subtype", SAMPLE_BYTES)
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_a_killed_recording_gets_its_sizes(tmp_path, channels, subtype, with_sidecar):
    path, audio = tmp_path / "a.wav", sound(10_001, channels)
    data = record(path, audio, subtype)
    if not with_sidecar:
        (tmp_path / "a.wav.json").unlink()
    found = vo.recover(path)
    assert (found.problems, found.complete) == ([], False)  # nobody knows what came later
    file = found.recordings[0].files[0]
    assert (file.outcome, file.frames, file.subtype) == ("repaired", 10_001, subtype)
    assert path.read_bytes() == wav.head(RATE, channels, subtype, 10_001) + data + bytes(
        len(data) % 2
    )
    assert np.array_equal(heard(path), audio)


@settings(max_examples=150, deadline=None)
@given(
    cut=st.one_of(st.integers(0, HEAD + 101 * 6), st.integers(HEAD - 2, HEAD + 20)),
    subtype=st.sampled_from(sorted(SAMPLE_BYTES)),
    with_sidecar=st.booleans(),
    finished=st.booleans(),
)
def test_cut_anywhere(cut, subtype, with_sidecar, finished):  # K8
    audio, frame = sound(101, 1), SAMPLE_BYTES[subtype]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.wav")
        record(path, audio, subtype, finished)
        if not with_sidecar:
            Path(folder, "a.wav.json").unlink()
        whole = path.read_bytes()
        path.write_bytes(whole[:cut])
        cut = min(cut, len(whole))
        if cut < HEAD and not with_sidecar:
            with pytest.raises(vo.FormatError, match="no sidecar"):
                vo.recover(path)
            assert path.read_bytes() == whole[:cut]
            return
        frames = max(0, cut - HEAD) // frame
        found = vo.recover(path)
        file = found.recordings[0].files[0]
        assert file.frames == frames
        assert file.lost_frames == (101 - frames if with_sidecar or finished else 0)
        assert np.array_equal(heard(path), audio[:frames])
        repaired = path.read_bytes()
        if file.outcome != "good":
            assert len(repaired) == wav.file_bytes(RATE, 1, subtype, frames)
        again = only(path)
        assert (again.outcome, again.frames) == ("good", frames)
        assert path.read_bytes() == repaired


@pytest.mark.parametrize("finished", [True, False])
def test_what_is_good_is_not_touched(tmp_path, finished):
    path = tmp_path / "a.wav"
    record(path, sound(5_000), finished=True)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    assert only(path).outcome == "good"
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_heads_of_other_programs(tmp_path):
    """Their sizes are patched where they stand, and what follows the audio is left alone."""
    path, audio = tmp_path / "a.wav", sound(3_000)
    soundfile.write(path, audio, RATE, subtype="PCM_24")
    whole = path.read_bytes()
    assert only(path).outcome == "good"
    assert path.read_bytes() == whole
    path.write_bytes(whole[:-1_000])
    assert only(path).outcome == "repaired"
    frames = (len(whole) - 1_000 - whole.index(b"data") - 8) // 6
    assert np.array_equal(heard(path), audio[:frames])
    with wave.open(str(tmp_path / "b.wav"), "wb") as writer:
        writer.setparams((1, 2, RATE, 0, "NONE", ""))
        writer.writeframes(as_bytes(audio[:, :1], "pcm16"))
    data = (tmp_path / "b.wav").read_bytes()
    (tmp_path / "b.wav").write_bytes(data[:40] + b"\xff\xff\xff\xff" + data[44:-3])
    assert only(tmp_path / "b.wav").outcome == "repaired"
    with wave.open(str(tmp_path / "b.wav")) as reader:
        assert reader.getnframes() == 2_998
    (tmp_path / "c.wav").write_bytes(data + b"LIST\x04\0\0\0abcd")
    assert only(tmp_path / "c.wav").outcome == "good"
    assert (tmp_path / "c.wav").read_bytes() == data + b"LIST\x04\0\0\0abcd"


@pytest.mark.parametrize(
    "own",
    [
        pytest.param(True, marks=pytest.mark.fault(26, "5 GiB of a killed recording are repaired")),
        False,
    ],
)
def test_beyond_four_gib(tmp_path, own, seen):
    path, frames = tmp_path / "a.wav", 5 * 2**30 // 8 + 3
    head = wav.head(RATE, 2, "float32")
    path.write_bytes(head if own else head.replace(b"fact", b"fact"[::-1]))
    os.truncate(path, HEAD + frames * 8 + 5)
    assert only(path).outcome == "repaired"
    assert path.stat().st_size == HEAD + frames * 8
    with path.open("rb") as file:
        assert file.read(16)[:4] == b"RF64"
    assert soundfile.info(path).frames == by_ffprobe(path) == frames
    assert only(path).outcome == "good"
    seen(f"RF64 where it stands; {frames:,} frames by libsndfile and by ffprobe")


def by_ffprobe(path: Path) -> int:
    if shutil.which("ffprobe") is None:
        pytest.fail("this test reads with ffprobe: install ffmpeg")
    words = ["ffprobe", "-v", "error", "-show_entries", "stream=duration_ts", "-of", "csv=p=0"]
    done = subprocess.run([*words, path], capture_output=True, text=True, timeout=60, check=True)
    return int(done.stdout)


def test_no_room_for_long_sizes(tmp_path):
    path = tmp_path / "a.wav"
    fmt = struct.pack("<HHIIHH", 1, 1, RATE, RATE * 2, 2, 16)
    head = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0" + fmt + b"data\xff\xff\xff\xff"
    path.write_bytes(head)
    os.truncate(path, 2**32 + 100)
    file = only(path)
    assert (file.outcome, file.frames) == ("good", (2**32 + 100 - len(head)) // 2)
    assert "no room" in file.note
    with path.open("rb") as file:
        assert file.read(len(head)) == head


# --- who may -------------------------------------------------------------------


def test_a_running_recording_is_refused(tmp_path):
    path = tmp_path / "a.wav"
    record(path, sound(100))
    before = path.read_bytes()
    writer = os.open(path, os.O_RDWR)
    fcntl.flock(writer, fcntl.LOCK_EX)
    with pytest.raises(vo.ResourceBusy, match="its writer is alive"):
        vo.recover(path)
    (recording,) = vo.recover(tmp_path).recordings
    assert [file.outcome for file in recording.files] == ["busy"]
    assert path.read_bytes() == before
    os.close(writer)
    assert only(path).outcome == "repaired"


def test_a_file_system_without_locks(tmp_path, monkeypatch):
    path = tmp_path / "a.wav"
    record(path, sound(100))

    def lacking(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", lacking)
    assert only(path).outcome == "repaired"


def test_a_name_too_long_to_have_a_sidecar(tmp_path):
    path = tmp_path / f"{'a' * 251}.wav"
    record(tmp_path / "a.wav", sound(100))
    (tmp_path / "a.wav").rename(path)
    assert only(path).outcome == "repaired"


def test_a_file_that_cannot_be_changed(tmp_path, monkeypatch):
    path = tmp_path / "a.wav"
    record(path, sound(100))
    real = os.open

    def read_only(name, flags, *mode):
        if flags & os.O_RDWR:
            raise OSError(errno.EROFS, "read-only")
        return real(name, flags, *mode)

    monkeypatch.setattr(os, "open", read_only)
    with pytest.raises(RecordError) as caught:
        vo.recover(path)
    assert caught.value.code == "no_permission"
    monkeypatch.undo()
    vo.recover(path)
    monkeypatch.setattr(os, "open", read_only)
    assert only(path).outcome == "good"


def test_a_disk_that_cannot_be_read(tmp_path, monkeypatch):  # fault 21
    path = tmp_path / "a.wav"
    record(path, sound(100))
    before = path.read_bytes()

    def broken(*_):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "pread", broken)
    with pytest.raises(RecordError) as caught:
        vo.recover(path)
    assert (caught.value.code, caught.value.errno) == ("disk_error", errno.EIO)
    assert path.read_bytes() == before


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(vo.FormatError) as caught:
        vo.recover(tmp_path / "none.wav")
    assert caught.value.code == "file_not_found"
    with pytest.raises(vo.FormatError, match="no recording in"):
        vo.recover(tmp_path)
    with pytest.raises(vo.FormatError, match="no file is named"):
        vo.recover()
