"""What a recovery claims: what is certain, what is missing, and what nobody can tell."""

import json
import os

import pytest
from click.testing import CliRunner
from recordings import NO_REST, RATE, record, sound

import vocana_dsp as vo
from vocana_dsp._native import wav
from vocana_dsp.cli import main


def told(*words: object) -> tuple[int, str]:
    done = CliRunner(env={"COLUMNS": "200"}).invoke(main, ["recover", *map(str, words)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_nothing_is_said_to_be_whole_that_was_not_ended(tmp_path):  # fault 19
    """A disk that is full takes no last sidecar: it stands where it was, and so does this."""
    path = tmp_path / "m.wav"
    record(path, sound(4 * RATE), finished=True, end="open", durable_frames=RATE, seconds_crc32="")
    code, text = told(path)
    assert (code, "nothing is missing" in text) == (0, False)
    assert "nothing is known to be missing" in text
    assert (
        "unknown  the recording was cut off in m.wav, and not ended: 8,000 frames of it "
        "acknowledged and 24,000 more unverified\n"
    ) in text
    said = json.loads(told(path, "--json")[1])
    assert said["complete"] is False
    assert said["recordings"][0]["files"][0]["acknowledged_frames"] == RATE
    assert said["recordings"][0]["unknown"][2:] == [
        "m.wav: 8,000 frames at its end, which no CRC proves"
    ]


def test_frames_beyond_the_account_are_not_vouched_for(tmp_path):  # fault 17
    path = tmp_path / "m.wav"
    record(path, sound(2 * RATE), durable_frames=RATE + 7, seconds_crc32="")
    os.truncate(path, path.stat().st_size - 8 * 100)
    (recording,) = vo.recover(path).recordings
    assert recording.problems == []
    assert (recording.frames, recording.files[0].acknowledged_frames) == (2 * RATE - 100, RATE + 7)
    assert f"8,007 frames of it acknowledged and {RATE - 107:,} more" in recording.unknown[0]


def test_what_no_disk_took_is_missing(tmp_path):  # faults 19 20
    """It is in the last account as a gap behind the last frame, for which nothing stands."""
    gaps = [
        {"frame": 10, "frames": 20, "cause": "device"},
        {"frame": RATE, "frames": 4_321, "cause": "overflow"},
    ]
    record(tmp_path / "m.wav", sound(RATE), finished=True, end="sealed", gaps=gaps)
    (recording,) = vo.recover(tmp_path).recordings
    assert recording.gaps == [(10, 20, "device")]
    assert recording.problems == ["m.wav: no disk took the 4,321 frames after it"]
    assert recording.frames == RATE
    assert told(tmp_path)[0] == 1
    assert recording.as_dict()["files"][0]["unplaced_frames"] == 4_321


def test_a_sealed_file_tells_where_its_recording_goes_on(tmp_path):
    spool = str(tmp_path / "spo\x1bol")
    record(tmp_path / "m.wav", sound(RATE), finished=True, end="sealed", spool=spool)
    (problem,) = vo.recover(tmp_path).problems
    assert problem.endswith('may be in its spool folder, "' + spool.replace("\x1b", "\\x1b") + '"')


def test_what_was_ended_is_certain(tmp_path):
    record(tmp_path / "m.wav", sound(RATE), finished=True)
    found = vo.recover(tmp_path)
    assert (found.problems, found.unknown, found.complete) == ([], [], True)
    assert "nothing is missing" in told(tmp_path)[1]


def test_what_no_crc_proves_is_not_certain(tmp_path):  # fault 18
    """Sidecars that have none of the last part of a second, and frames that none speaks of."""
    path = tmp_path / "m.wav"
    record(path, sound(RATE + 9), finished=True, **NO_REST)
    found = vo.recover(path)
    assert (found.problems, found.complete) == ([], False)
    assert found.unknown == ["m.wav: 9 frames at its end, which no CRC proves"]
    assert "nothing is known to be missing" in told(path)[1]
    record(path, sound(RATE), finished=True)
    path.write_bytes(wav.head(RATE, 2, "float32") + path.read_bytes()[wav.HEAD_BYTES :] + b"1" * 16)
    assert vo.recover(path).unknown == ["m.wav: 2 frames at its end, which no CRC proves"]


def test_what_a_file_that_took_no_last_sidecar_hands_over(tmp_path):  # fault 21
    """Another one follows it: all before that was durable, and nobody can tell whether it is so."""
    record(tmp_path / "m.wav", sound(RATE), durable_frames=RATE - 9, seconds_crc32="", **NO_REST)
    following = {"segment": 2, "first_frame": RATE - 2}
    record(tmp_path / "m-0002.wav", sound(RATE), finished=True, **following)
    (recording,) = vo.recover(tmp_path).recordings
    assert (recording.problems, recording.frames) == ([], 2 * RATE - 2)
    assert recording.unknown == ["m.wav: 7,998 frames at its end, which no CRC proves"]


def test_without_a_sidecar_the_head_counts(tmp_path):
    """Sizes that were never written say nothing; those beyond the file's end say what is gone."""
    for name, finished in (("cut.wav", True), ("open.wav", False)):
        record(tmp_path / name, sound(RATE), finished=finished)
        (tmp_path / f"{name}.json").unlink()
    os.truncate(tmp_path / "cut.wav", (tmp_path / "cut.wav").stat().st_size - 8)
    found = vo.recover(tmp_path)
    assert found.problems == ["cut.wav: 1 frame gone from its end"]
    assert "open.wav: no sidecar tells how much it held" in found.unknown


def test_a_loss_is_told_once(tmp_path):
    """A file that was cut, and the hole that this leaves before the next one, are one thing."""
    record(tmp_path / "m.wav", sound(RATE), finished=True, end="rolled")
    record(tmp_path / "m-0002.wav", sound(RATE), finished=True, segment=2, first_frame=RATE + 5)
    os.truncate(tmp_path / "m.wav", (tmp_path / "m.wav").stat().st_size - 8 * 100)
    (recording,) = vo.recover(tmp_path).recordings
    assert recording.problems == [
        "5 frames missing before m-0002.wav", "m.wav: 100 frames gone from its end",
    ]  # fmt: skip
    assert recording.frames == 2 * RATE + 5


@pytest.mark.parametrize("words", [["--json"], ["--to", "flac"], []])
def test_what_cannot_be_read_is_told_beside_what_can(tmp_path, words):
    record(tmp_path / "good.wav", sound(RATE), finished=True)
    (tmp_path / "bad.wav").write_bytes(b"<html>")
    code, text = told(tmp_path, *words)
    assert (code, "bad.wav" in text, "good.wav" in text) == (1, True, True)
    assert (tmp_path / "good.flac").exists() == ("--to" in words)


def test_nothing_to_read_is_an_empty_recording(tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"<html>")
    (recording,) = vo.recover(tmp_path).recordings
    assert (recording.pieces, recording.frames, recording.held) == ([], 0, [])
    with pytest.raises(vo.FormatError, match="no audio to write"):
        recording.write(tmp_path / "bad.flac")
