"""Recordings of several files: found, joined, converted, and told when one is missing."""

import json
import os
import zlib
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from recordings import RATE, SAMPLE_BYTES, as_bytes, heard, record, sound

import vocana_dsp as vo
from vocana_dsp._native import wav
from vocana_dsp.cli import main
from vocana_dsp.record import RecordError
from vocana_dsp.record.joined import JoinedAccount, joined_head

FRAMES = 3 * RATE


def segments(folder: Path, spool: Path, audio: np.ndarray, subtype: str = "float32") -> list[Path]:
    """Three files of a third each: rolled, sealed by a failing disk, then killed in the spool."""
    third = FRAMES // 3
    paths = [folder / "meeting.wav", folder / "meeting-2.wav", spool / "meeting-3.wav"]
    for i, (path, end) in enumerate(zip(paths, ("rolled", "sealed", "open"), strict=True)):
        part = audio[i * third : (i + 1) * third]
        before = str(paths[i - 1]) if i else ""
        record(
            path, part, subtype, finished=end != "open",
            segment=i + 1, first_frame=i * third, previous=before, end=end,
        )  # fmt: skip
    return paths


@pytest.fixture
def folders(tmp_path):
    (tmp_path / "main").mkdir()
    (tmp_path / "spool").mkdir()
    return tmp_path / "main", tmp_path / "spool"


@pytest.mark.parametrize("subtype", SAMPLE_BYTES)
def test_all_of_a_recording_is_found_and_joined(folders, tmp_path, subtype):  # K5
    audio = sound(FRAMES)
    paths = segments(*folders, audio, subtype)
    found = vo.recover(paths[0], folders[1])
    (recording,) = found.recordings
    assert [file.path for file in recording.files] == paths
    assert [file.outcome for file in recording.files] == ["good", "good", "repaired"]
    assert not found.problems
    assert recording.frames == FRAMES
    assert found.write(tmp_path / "whole.wav") == tmp_path / "whole.wav"
    data = as_bytes(audio, subtype)
    account = JoinedAccount(zlib.crc32(data), unknown=tuple(recording.unknown))
    head = joined_head(wav.head(RATE, 2, subtype, FRAMES), account)
    assert (tmp_path / "whole.wav").read_bytes() == head + data


def test_a_spool_is_not_searched_unless_it_is_named(folders):  # fault 49
    paths = segments(*folders, sound(FRAMES))
    before = paths[2].read_bytes()
    found = vo.recover(paths[1])
    assert [file.path for file in found.recordings[0].files] == paths[:2]
    assert found.problems == [
        "the disk of meeting-2.wav failed: what followed may be in a spool folder"
    ]
    assert paths[2].read_bytes() == before


def test_a_missing_segment_is_told_and_stands_as_silence(folders, tmp_path):
    audio = sound(FRAMES)
    paths = segments(*folders, audio)
    paths[1].unlink()
    found = vo.recover(*folders)
    assert found.problems == ["meeting-2.wav is missing; its sidecar is there"]
    Path(f"{paths[1]}.json").unlink()
    found = vo.recover(*folders)
    assert found.problems == [f'segment 2 not found; before meeting-3.wav came "{paths[1]}"']
    found.write(tmp_path / "whole.wav")
    audio[FRAMES // 3 : 2 * FRAMES // 3] = 0
    assert np.array_equal(heard(tmp_path / "whole.wav"), audio)
    for path in (paths[0], Path(f"{paths[0]}.json")):
        path.unlink()
    assert "segments 1 to 2 not found" in vo.recover(folders[1]).problems[0]


def test_the_last_segment_is_missing(folders):
    paths = segments(*folders, sound(FRAMES))
    for i in (1, 2):
        paths[i].unlink()
        Path(f"{paths[i]}.json").unlink()
    assert vo.recover(paths[0]).problems == ["segment 2 not found, which followed meeting.wav"]


def test_a_segment_that_was_cut_leaves_silence_before_the_next(folders, tmp_path):
    audio = sound(FRAMES)
    paths = segments(*folders, audio)
    os.truncate(paths[0], paths[0].stat().st_size - 8 * 100 - 1)
    found = vo.recover(*folders)
    assert found.problems == [
        "meeting.wav: 101 frames gone from its end",
    ]
    found.write(tmp_path / "whole.wav")
    audio[FRAMES // 3 - 101 : FRAMES // 3] = 0
    assert np.array_equal(heard(tmp_path / "whole.wav"), audio)


def test_where_two_files_hold_the_same_frames_the_later_one_counts(folders, tmp_path):
    """A sealed file may end with what was never durable and was written again elsewhere."""
    audio = sound(FRAMES)
    wrong = audio[: FRAMES // 2].copy()
    wrong[FRAMES // 3 :] = 0.5
    record(folders[0] / "meeting.wav", wrong, end="sealed", durable_frames=FRAMES // 3)
    record(folders[1] / "meeting-2.wav", audio[FRAMES // 3 :], segment=2, first_frame=FRAMES // 3)
    found = vo.recover(*folders)
    assert not found.problems
    assert found.recordings[0].frames == FRAMES
    found.write(tmp_path / "whole.wav")
    assert np.array_equal(heard(tmp_path / "whole.wav"), audio)


def test_recordings_of_one_name_are_kept_apart(folders):
    record(folders[0] / "a.wav", sound(100), started_monotonic_ns=1)
    record(folders[0] / "b.wav", sound(100), started_monotonic_ns=2)
    record(folders[0] / "c.wav", sound(100))
    (folders[0] / "c.wav.json").unlink()
    found = vo.recover(folders[0])
    assert [recording.files[0].path.name for recording in found.recordings] == [
        "a.wav", "b.wav", "c.wav",
    ]  # fmt: skip
    with pytest.raises(vo.FormatError, match="3 recordings were found"):
        found.write(folders[1] / "all.wav")


def test_gaps_are_on_the_timeline_of_the_recording(folders):
    audio = sound(100)
    gap = {"frame": 10, "frames": 20, "cause": "device"}
    record(folders[0] / "a.wav", audio, gaps=[gap])
    record(folders[0] / "b.wav", audio, gaps=[gap], segment=2, first_frame=100)
    found = vo.recover(folders[0] / "a.wav")
    assert found.recordings[0].gaps == [(10, 20, "device"), (110, 20, "device")]
    assert not found.problems


@pytest.mark.parametrize("suffix", ["flac", "ogg", "wav"])
def test_conversion(folders, tmp_path, suffix):
    audio = sound(FRAMES) * np.float32(0.5)
    segments(*folders, audio)
    seen: list[tuple[int, int]] = []
    out = tmp_path / f"whole.{suffix}"
    vo.recover(*folders).write(out, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (FRAMES, FRAMES)
    got = heard(out)
    assert got.shape == audio.shape
    if suffix != "ogg":
        assert np.array_equal(got, audio)
    before = out.read_bytes()
    with pytest.raises(RecordError) as caught:
        vo.recover(*folders).write(out)
    assert caught.value.code == "file_exists"
    assert out.read_bytes() == before


def test_what_cannot_be_joined(folders):
    record(folders[0] / "a.wav", sound(100, 1))
    record(folders[0] / "b.wav", sound(100, 2), segment=2, first_frame=100)
    with pytest.raises(vo.FormatError, match="differ"):
        vo.recover(folders[0]).write(folders[1] / "x.wav")
    record(folders[1] / "c.wav", sound(0))
    with pytest.raises(vo.FormatError, match="no audio"):
        vo.recover(folders[1]).write(folders[1] / "x.wav")
    assert not (folders[1] / "x.wav").exists()


# --- the command -----------------------------------------------------------------


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["recover", *map(str, words)], env={"COLUMNS": "120"})
    return done.exit_code, done.output


def test_command_says_what_it_found(folders):
    paths = segments(*folders, sound(FRAMES))
    gap = {"frame": 1, "frames": 2, "cause": "skip"}
    record(folders[0] / "alone.wav", sound(50), gaps=[gap], started_monotonic_ns=7)
    (folders[0] / "other.wav").write_bytes(b"<html>")
    code, text = run(folders[0])
    assert code == 1
    for word in (
        "meeting.wav",
        "meeting-2.wav",
        "good",
        "repaired",
        "unreadable",
        "alone.wav: silence at 00:00:00.0  2 frames  skip",
    ):
        assert word in text
    assert "other.wav: it is no WAV file that can be read" in text
    assert "spool folder" in text
    code, text = run(paths[0], folders[1])
    assert (code, "nothing is known to be missing" in text) == (0, True)
    assert "cut off in meeting-3.wav, and not ended" in text


def test_command_joins_converts_and_prints_json(folders, tmp_path):
    segments(*folders, sound(FRAMES))
    assert run(*folders, "--join", tmp_path / "whole.wav")[0] == 0
    assert len(heard(tmp_path / "whole.wav")) == FRAMES
    (tmp_path / "out").mkdir()
    assert run(*folders, "--to", "flac", "--out", tmp_path / "out")[0] == 0
    assert len(heard(tmp_path / "out" / "meeting.flac")) == FRAMES
    code, text = run(*folders, "--json")
    said = json.loads(text)
    assert (code, said["complete"], said["recordings"][0]["cut_off"]) == (0, False, True)
    files = said["recordings"][0]["files"]
    assert [file["frames"] for file in files] == [RATE] * 3
    assert [file["end"] for file in files] == ["rolled", "sealed", "open"]


@pytest.mark.parametrize(
    "words", [[], ["a.wav", "--join", "x.wav", "--to", "flac"], ["a.wav", "--out", "."]]
)
def test_command_usage(words):
    assert run(*words)[0] == 2


def test_command_ends_with_one_message(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"<html>")
    code, text = run(tmp_path / "a.wav")
    assert (code, text.count("\n")) == (1, 2)
    record(tmp_path / "b.wav", sound(9), recording="b.wav")
    assert run(tmp_path, "--join", tmp_path / "x.wav")[0] == 2


def test_two_conversions_to_one_place(folders, tmp_path):
    for i, folder in enumerate(folders):
        record(folder / "a.wav", sound(9), started_monotonic_ns=i)
    code, text = run(*folders, "--to", "flac", "--out", tmp_path)
    assert (code, "two of the recordings" in text) == (2, True)
