"""vo.Recorder and files of other recordings: what is replaced, what is kept, what is gone."""

import shutil
import subprocess
import sys
import time

import numpy as np
import pytest
from recorded import RATE, audio, record, sidecar

import vocana_dsp as vo
from vocana_dsp.record.errors import what_failed
from vocana_dsp.testing import SimulatedDevice

# --- What is replaced ------------------------------------------------------------


def recording(path, seconds=3, **options):
    """Make a recording of several files, a second each."""
    device = SimulatedDevice(seconds=seconds, pace="lockstep")
    return record(path, device, segment_minutes=1 / 60, **options)


def test_a_recording_is_replaced_as_a_whole(tmp_path):
    recording(tmp_path / "a.wav")
    shutil.copy(tmp_path / "a.wav", tmp_path / "a-0007.wav")  # nobody knows whose
    recording(tmp_path / "b.wav", seconds=2)
    for number in ("", ".json"):  # of b, by its sidecar, although its name is one of a's
        shutil.move(tmp_path / f"b-0002.wav{number}", tmp_path / f"a-0004.wav{number}")
    record(tmp_path / "a.wav", overwrite=True)
    assert sorted(path.name for path in tmp_path.glob("*.wav")) == [
        "a-0004.wav", "a-0007.wav", "a.wav", "b.wav",
    ]  # fmt: skip
    assert not (tmp_path / "a-0002.wav.json").exists()
    assert len(audio(tmp_path / "a.wav")) == RATE


def test_its_files_in_the_spool_are_replaced_too(tmp_path):
    spool = tmp_path / "spool"
    spool.mkdir()
    recording(tmp_path / "a.wav")
    for part in ("a-0002.wav", "a-0002.wav.json"):
        shutil.move(tmp_path / part, spool / part)
    record(tmp_path / "a.wav", overwrite=True)
    assert (spool / "a-0002.wav").exists()  # it was not asked for
    for part in ("a-0002.wav", "a-0002.wav.json"):
        (spool / part).unlink()
    recording(tmp_path / "a.wav", overwrite=True)
    for part in ("a-0002.wav", "a-0002.wav.json"):
        shutil.move(tmp_path / part, spool / part)
    record(tmp_path / "a.wav", overwrite=True, spool=spool)
    assert list(spool.iterdir()) == []


@pytest.mark.parametrize("segments", [1, 2])
def test_what_is_being_recorded_is_not_replaced(tmp_path, segments):
    """Nor when its first file has ended, and a later one is written."""
    path = tmp_path / "a.wav"
    with vo.Capture(SimulatedDevice()) as mic, vo.Capture(SimulatedDevice()) as other:
        with vo.Recorder(path, mic, segment_minutes=1 / 60) as recorder:
            while recorder.stats.segments < segments:
                mic.read(480)
            with pytest.raises(vo.ResourceBusy, match=r"being recorded, and is not replaced") as no:
                vo.Recorder(path, other, overwrite=True)
            assert str(recorder.files[segments - 1]) in str(no.value)
            mic.read(4_800)
        sound = audio(*recorder.files)
        np.testing.assert_array_equal(np.diff(sound), 1)
        assert len(sound) == recorder.stats.frames_durable
        vo.Recorder(path, other, overwrite=True).close()


def test_nor_by_another_process(tmp_path):
    words = [sys.executable, "-m", "vocana_dsp", "record", tmp_path / "a.wav"]
    with vo.Capture(SimulatedDevice()) as mic, vo.Recorder(tmp_path / "a.wav", mic):
        done = subprocess.run(
            [*words, "--source", "tone", "--seconds", "0.1", "--force"],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        mic.read(4_800)
    assert done.returncode == 1
    assert "a.wav is being recorded" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(audio(tmp_path / "a.wav")) > 0


# --- What is kept ------------------------------------------------------------------


def test_a_sidecar_without_its_audio_is_kept(tmp_path):
    (tmp_path / "a-0002.wav.json").write_bytes(b"mine")
    recorder = recording(tmp_path / "a.wav", seconds=2)
    assert [path.name for path in recorder.files] == ["a.wav", "a-0003.wav"]
    assert (tmp_path / "a-0002.wav.json").read_bytes() == b"mine"


def test_names_that_are_used_up_are_told():
    code, what, _ = what_failed(75)
    assert (code, "9,999 files" in what) == ("too_many_files", True)


# --- What is gone --------------------------------------------------------------------


@pytest.mark.parametrize("again", [False, True])
def test_a_folder_that_is_removed_is_noticed_at_the_next_flush(tmp_path, again):  # faults 25
    main, spool = tmp_path / "main", tmp_path / "spool"
    main.mkdir()
    spool.mkdir()
    with vo.Capture(SimulatedDevice()) as mic:
        with vo.Recorder(main / "a.wav", mic, spool=spool, flush_s=0.05) as recorder:
            while not recorder.stats.frames_durable:
                mic.read(480)
            shutil.rmtree(main)
            if again:
                main.mkdir()
            gives_up = time.monotonic() + 60
            while recorder.stats.segments < 2:
                mic.read(480)
                assert time.monotonic() < gives_up
            assert recorder.files[1] == spool / "a-0002.wav"
            assert recorder.stats.frames_gone > 0
        stats = recorder.stats
    kept = [path for path in recorder.files if path.exists()]
    assert len(kept) == len(recorder.files) - 1
    assert sum(len(audio(path)) for path in kept) == stats.frames_durable
    assert stats.frames_durable + stats.frames_gone == stats.frames
    assert sidecar(kept[0])["first_frame"] == stats.frames_gone
    assert recorder.error.code == "file_gone"


def test_a_folder_that_is_renamed_takes_its_recording_along(tmp_path):  # faults 25
    folder, moved = tmp_path / "folder", tmp_path / "moved"
    folder.mkdir()
    with vo.Capture(SimulatedDevice()) as mic:
        with vo.Recorder(folder / "a.wav", mic, flush_s=0.05, segment_minutes=1 / 60) as recorder:
            while not recorder.stats.frames_durable:
                mic.read(480)
            folder.rename(moved)
            gives_up = time.monotonic() + 60
            while recorder.stats.segments < 3:
                mic.read(480)
                assert time.monotonic() < gives_up
        stats = recorder.stats
    assert recorder.error is None
    assert (stats.frames_gone, stats.frames_durable) == (0, stats.frames)
    found = vo.recover(moved)
    assert found.complete
    assert found.recordings[0].frames == stats.frames


def test_what_waits_when_a_file_is_removed_is_in_another(tmp_path):  # faults 25
    with vo.Capture(SimulatedDevice()) as mic:
        with vo.Recorder(tmp_path / "a.wav", mic, flush_s=60) as recorder:
            mic.read(4_800)
            (tmp_path / "a.wav").unlink()
        stats = recorder.stats
    assert [path.exists() for path in recorder.files] == [False, True]
    assert len(audio(recorder.files[1])) == stats.frames_durable == stats.frames > 0
    assert (stats.frames_gone, recorder.error.code) == (0, "file_gone")


def test_a_name_in_a_folder_that_is_gone(tmp_path, monkeypatch):
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    with (
        vo.Capture(SimulatedDevice()) as mic,
        pytest.raises(vo.RecordError, match="no such folder"),
    ):
        vo.Recorder("a.wav", mic)
    monkeypatch.chdir(tmp_path)
