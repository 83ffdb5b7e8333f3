"""What is handed to a recovery and cannot be one: one clear error, whatever it is."""

import os

import pytest
from click.testing import CliRunner
from recordings import RATE, only, record, sound

import vocana_dsp as vo
from vocana_dsp.cli import main
from vocana_dsp.record import RecordError, refuse_existing

NO_PATHS = [3, 3.5, None, [], ["a.wav"], "", b"", "a\0.wav", "\ud800.wav"]


@pytest.mark.parametrize("path", NO_PATHS, ids=ascii)
def test_what_is_no_path(tmp_path, path):
    with pytest.raises(vo.ConfigError, match="path is "):
        vo.recover(path)
    record(tmp_path / "a.wav", sound(RATE), finished=True)
    found = vo.recover(tmp_path)
    for write in (found.write, found.recordings[0].write):
        with pytest.raises(vo.ConfigError, match="path is "):
            write(path)


def test_paths_of_every_kind(tmp_path):
    path = tmp_path / "a.wav"
    record(path, sound(RATE), finished=True)
    assert vo.recover(path) == vo.recover(str(path)) == vo.recover(os.fsencode(path))
    vo.recover(path).write(os.fsencode(tmp_path / "b.wav"))
    assert (tmp_path / "b.wav").exists()


@pytest.mark.parametrize("name", ["a" * 300 + ".wav", "x/" * 3000 + "a.wav"], ids=["name", "path"])
def test_names_that_are_too_long(tmp_path, name):
    with pytest.raises(vo.FormatError) as missing:
        vo.recover(tmp_path / name)
    assert missing.value.code == "file_not_found"
    with pytest.raises(RecordError) as refused:
        refuse_existing(tmp_path / name)
    assert refused.value.code == "bad_name"
    record(tmp_path / "a.wav", sound(RATE), finished=True)
    with pytest.raises(RecordError) as refused:
        vo.recover(tmp_path / "a.wav").write(tmp_path / name)
    assert refused.value.code == "bad_name"
    done = CliRunner().invoke(main, ["record", str(tmp_path / name), "--source", "tone"])
    assert (done.exit_code, "Traceback" in done.output) == (1, False)


def test_a_current_folder_that_is_gone(tmp_path):
    home, folder = os.getcwd(), tmp_path / "gone"  # noqa: PTH109
    folder.mkdir()
    os.chdir(folder)
    folder.rmdir()
    try:
        for path in ("a.wav", "."):
            with pytest.raises(vo.FormatError) as caught:
                vo.recover(path)
            assert caught.value.code == "file_not_found"
    finally:
        os.chdir(home)


def refused(monkeypatch, function, *places):
    """Let a function of os raise for these places what it raises for who may not."""
    real = getattr(os, function)

    def refuse(path, *rest, **more):
        if os.fspath(path) in map(os.fspath, places):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return real(path, *rest, **more)

    monkeypatch.setattr(os, function, refuse)


def test_a_folder_that_may_not_be_listed(tmp_path, monkeypatch):
    record(tmp_path / "a.wav", sound(RATE), finished=True)
    refused(monkeypatch, "scandir", tmp_path)
    with pytest.raises(RecordError) as caught:
        vo.recover(tmp_path)
    assert caught.value.code == "no_permission"
    assert only(tmp_path / "a.wav").outcome == "good"


def test_a_path_that_may_not_be_looked_at(tmp_path, monkeypatch):
    record(tmp_path / "a.wav", sound(RATE), finished=True)
    refused(monkeypatch, "lstat", tmp_path)
    monkeypatch.setattr(os.path, "realpath", lambda *_, **__: os.lstat(tmp_path))
    with pytest.raises(RecordError) as caught:
        vo.recover(tmp_path / "a.wav")
    assert caught.value.code == "no_permission"


def test_a_sidecar_that_may_not_be_read(tmp_path, monkeypatch):
    record(tmp_path / "a.wav", sound(RATE))
    refused(monkeypatch, "open", tmp_path / "a.wav.json")
    file = only(tmp_path / "a.wav")
    assert (file.outcome, file.note) == ("repaired", "its sidecar cannot be read")


def test_a_file_that_may_not_be_read_belongs_to_its_recording(tmp_path, monkeypatch):
    record(tmp_path / "a.wav", sound(RATE), finished=True, end="rolled")
    record(tmp_path / "a-0002.wav", sound(RATE), finished=True, segment=2, first_frame=RATE)
    refused(monkeypatch, "open", tmp_path / "a.wav")
    (recording,) = vo.recover(tmp_path).recordings
    assert [file.outcome for file in recording.files] == ["unreadable", "good"]
    assert recording.problems == ["a.wav: cannot repair it: Permission denied"]
