"""What a recovery writes: for its owner alone, on the disk, and never taken for a source."""

import errno
import os
import stat

import numpy as np
import pytest
from click.testing import CliRunner
from recordings import RATE, heard, only, record, sound

import vocana_dsp as vo
from vocana_dsp.cli import main
from vocana_dsp.record import RecordError, copying


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3"])
def test_what_is_written_is_as_private_as_the_recording(tmp_path, suffix):
    path = tmp_path / "m.wav"
    record(path, sound(RATE) * np.float32(0.5), finished=True)
    before = os.umask(0)
    try:
        out = vo.recover(path).write(tmp_path / f"whole.{suffix}")
    finally:
        os.umask(before)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_what_is_written_is_brought_to_the_disk_with_its_name(tmp_path, monkeypatch, suffix):
    path, out = tmp_path / "m.wav", tmp_path / f"whole.{suffix}"
    record(path, sound(RATE) * np.float32(0.5), finished=True)
    found, synced, real = vo.recover(path), [], os.fsync

    def fsync(fd):
        synced.append(os.fstat(fd).st_ino)
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    found.write(out)
    assert synced[-2:] == [out.stat().st_ino, tmp_path.stat().st_ino]


def test_a_disk_that_takes_a_part_of_each_write_gets_all(tmp_path, monkeypatch):
    path, audio, real = tmp_path / "m.wav", sound(RATE), os.write
    record(path, audio, finished=True)
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[:10_000]))
    assert np.array_equal(heard(vo.recover(path).write(tmp_path / "whole.wav")), audio)


def test_a_head_that_is_put_right_is_brought_to_the_disk(tmp_path, monkeypatch):
    path, synced = tmp_path / "m.wav", []
    record(path, sound(RATE))
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(os.fstat(fd).st_ino))
    vo.recover(path)
    assert synced == [path.stat().st_ino]


def test_a_disk_that_takes_no_name_leaves_no_file(tmp_path, monkeypatch):
    path, out = tmp_path / "m.wav", tmp_path / "whole.wav"
    record(path, sound(RATE), finished=True)
    found = vo.recover(path)

    def fsync(_):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(RecordError) as caught:
        found.write(out)
    assert (caught.value.code, caught.value.hint) == ("disk_error", copying.ELSEWHERE)
    assert not out.exists()


def test_what_was_joined_is_no_recording(tmp_path):
    """A second recovery of the folder finds what the first one found, not its result too."""
    audio = sound(2 * RATE)
    record(tmp_path / "m.wav", audio[:RATE], finished=True, end="rolled")
    record(tmp_path / "m-0002.wav", audio[RATE:], finished=True, segment=2, first_frame=RATE)
    first = vo.recover(tmp_path)
    first.write(tmp_path / "a-whole.wav")
    assert vo.recover(tmp_path) == first
    assert only(tmp_path / "a-whole.wav").outcome == "joined"
    assert np.array_equal(heard(tmp_path / "a-whole.wav"), audio)


def test_one_that_is_there_does_not_keep_the_others_from_being_written(tmp_path):
    for name in ("a.wav", "b.wav", "c.wav"):
        record(tmp_path / name, sound(RATE), finished=True, recording=name)
    (tmp_path / "b.flac").write_bytes(b"mine")
    done = CliRunner().invoke(main, ["recover", str(tmp_path), "--to", "flac"])
    assert done.exit_code == 1
    assert "b.flac is there already" in done.stderr
    assert done.stderr.endswith("1 of 3 files failed\n")
    assert (tmp_path / "b.flac").read_bytes() == b"mine"
    assert len(heard(tmp_path / "a.flac")) == len(heard(tmp_path / "c.flac")) == RATE


def test_a_folder_of_joined_files_holds_no_recording(tmp_path):
    record(tmp_path / "m.wav", sound(RATE), finished=True)
    (tmp_path / "joined").mkdir()
    vo.recover(tmp_path / "m.wav").write(tmp_path / "joined" / "whole.wav")
    with pytest.raises(vo.FormatError, match="there is no recording in"):
        vo.recover(tmp_path / "joined")


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_what_is_there_is_not_replaced_and_the_hint_is_of_recover(tmp_path, suffix):
    out = tmp_path / f"whole.{suffix}"
    out.write_bytes(b"mine")
    record(tmp_path / "m.wav", sound(RATE), finished=True)
    with pytest.raises(RecordError) as caught:
        vo.recover(tmp_path / "m.wav").write(out)
    assert caught.value.code == "file_exists"
    assert "--force" not in str(caught.value)
    assert "overwrite" not in str(caught.value)
    assert out.read_bytes() == b"mine"
