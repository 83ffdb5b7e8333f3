"""A joined file tells what its sources missed, and whether it is still what was written."""

import json

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from recordings import HEAD, RATE, only, record, sound

import vocana_dsp as vo
from vocana_dsp.cli import main
from vocana_dsp.record import joined

ACCOUNT = slice(joined._ACCOUNT_AT, joined._ACCOUNT_AT + joined._ROOM)


def join(folder, *, missing=False, **last):
    """Join two seconds of which each is a file, or three with a gap in the last; (report, path)."""
    audio = sound((3 if missing else 2) * RATE)
    record(folder / "m.wav", audio[:RATE], finished=True, end="rolled")
    number = 3 if missing else 2
    record(
        folder / f"m-{number:04}.wav", audio[-RATE:], finished=True, segment=number,
        first_frame=len(audio) - RATE, previous="m-0002.wav" if missing else "m.wav", **last,
    )  # fmt: skip
    report = vo.recover(folder / "m.wav")
    (folder / "whole").mkdir()
    return report, report.write(folder / "whole" / "j.wav")


def as_it_was(lines, name="j.wav"):
    return [f"{name}, as it was joined: {line}" for line in lines]


def test_of_whole_ones_nothing_is_missing(tmp_path):  # K5
    _, path = join(tmp_path)
    found = vo.recover(path)
    assert (found.complete, found.recordings[0].gaps) == (True, [])
    assert only(path).joined.intact


def test_a_file_that_was_missing_is_told(tmp_path):  # K5
    report, path = join(tmp_path, missing=True)
    [problem] = report.problems
    found = vo.recover(path)
    assert (found.complete, found.problems) == (False, as_it_was([problem]))
    assert found.recordings[0].gaps == [(RATE, RATE, "missing")]
    done = CliRunner().invoke(main, ["recover", str(path)])
    assert done.exit_code == 1
    assert "j.wav: silence at 00:00:01.0  8,000 frames  missing\n" in done.output
    assert f"missing  {found.problems[0]}\n" in done.output


def test_gaps_and_what_no_disk_took_are_told(tmp_path):  # K5
    gaps = [
        {"frame": 100, "frames": 7, "cause": "device"},
        {"frame": RATE, "frames": 4_600, "cause": "overflow"},
    ]
    report, path = join(tmp_path, missing=True, end="sealed", gaps=gaps)
    found = vo.recover(path)
    assert found.problems == as_it_was(report.problems)
    assert report.problems[1] == "m-0003.wav: no disk took the 4,600 frames after it"
    assert found.recordings[0].gaps == [(RATE, RATE, "missing"), (2 * RATE + 100, 7, "device")]


def test_what_came_after_a_killed_one_stays_unknown(tmp_path):  # K5
    report, path = join(tmp_path, end="open", durable_frames=RATE - 100)
    found = vo.recover(path)
    assert report.unknown
    assert (report.recordings[0].files[-1].end, only(path).end) == ("open", None)
    assert (found.complete, found.problems) == (False, [])
    assert found.unknown == as_it_was(report.unknown)
    done = CliRunner().invoke(main, ["recover", str(path), "--json"])
    assert json.loads(done.output)["complete"] is False


def test_one_that_is_joined_again_tells_it_too(tmp_path):
    _, path = join(tmp_path, missing=True)
    first = vo.recover(path)
    second = vo.recover(first.write(tmp_path / "k.wav"))
    assert second.problems == as_it_was(first.problems, "k.wav")
    assert second.recordings[0].gaps == first.recordings[0].gaps


def test_a_gap_that_the_next_file_fills_is_none(tmp_path):  # fault 21
    audio, gap = sound(2 * RATE), {"frame": RATE - 50, "frames": 20, "cause": "device"}
    record(tmp_path / "m.wav", audio[:RATE], finished=True, end="rolled", gaps=[gap])
    record(
        tmp_path / "m-0002.wav", audio[RATE - 100 :], finished=True, segment=2,
        first_frame=RATE - 100, previous="m.wav",
    )  # fmt: skip
    path = vo.recover(tmp_path / "m.wav").write(tmp_path / "j.wav")
    assert (only(path).frames, vo.recover(path).recordings[0].gaps) == (2 * RATE, [])


def test_one_that_is_not_what_was_written_is_damaged(tmp_path):
    _, path = join(tmp_path)
    data = bytearray(path.read_bytes())
    data[-4_000:] = bytes(4_000)
    path.write_bytes(data)
    damaged = "j.wav: damaged: its audio is not what was joined"
    assert vo.recover(path).problems == [damaged]
    path.write_bytes(data[:-800])
    assert vo.recover(path).problems == ["j.wav: 100 frames gone from its end"]
    assert vo.recover(path).problems == [damaged]  # its head has been put right


@pytest.mark.parametrize(
    "account",
    [
        b"",
        b"\xff{",
        b"[" * 3_000,
        b"[]",
        b"{}",
        b'{"crc32":0,"gaps":[],"problems":[]}',
        b'{"crc32":-1,"gaps":[],"problems":[],"unknown":[]}',
        b'{"crc32":true,"gaps":[],"problems":[],"unknown":[]}',
        b'{"crc32":0,"gaps":[[1]],"problems":[],"unknown":[]}',
        b'{"crc32":0,"gaps":[[1,1e999,"x"]],"problems":[],"unknown":[]}',
        b'{"crc32":0,"gaps":[[1,' + b"9" * 99 + b',"x"]],"problems":[],"unknown":[]}',
        b'{"crc32":0,"gaps":[[1,2,3]],"problems":[],"unknown":[]}',
        b'{"crc32":0,"gaps":[],"problems":[5],"unknown":[]}',
        b'{"crc32":0,"gaps":[],"problems":7,"unknown":[]}',
    ],
)
def test_without_an_account_nobody_knows(tmp_path, account):  # fault 49
    _, path = join(tmp_path)
    data = bytearray(path.read_bytes())
    data[ACCOUNT] = account.ljust(joined._ROOM, b"\0")
    path.write_bytes(data)
    found = vo.recover(path)
    assert (found.complete, found.problems) == (False, [])
    assert found.unknown == ["j.wav was joined from others: what they missed is told of them alone"]


def test_an_account_commands_no_terminal(tmp_path):  # fault 49
    _, path = join(tmp_path)
    data = bytearray(path.read_bytes())
    text = json.dumps({"crc32": 0, "gaps": [[0, 1, "\x1b[2J"]], "problems": ["\x1b[2J"],
                       "unknown": ["\ud800"]})  # fmt: skip
    data[ACCOUNT] = text.encode().ljust(joined._ROOM, b"\0")
    path.write_bytes(data)
    for options in ([], ["--json"]):
        assert "\x1b" not in CliRunner().invoke(main, ["recover", str(path), *options]).output


def test_an_account_without_room_tells_how_much_more_there_is():
    gaps = tuple((48_000 * n, 480, "device") for n in range(10_000))
    lines = tuple(f"segment {n} not found; before x came {'y' * 300!r}" for n in range(99))
    account = joined.JoinedAccount(1, gaps, lines, ("nobody knows",))
    told = joined._parsed(account._text())
    kept = len(told.gaps) - 1
    assert kept > 3
    assert told.gaps[:-1] == gaps[:kept]
    left = 10_000 - kept
    assert told.gaps[-1] == (48_000 * kept, 480 * left, f"all of the last {left:,} gaps")
    assert told.problems[-1] == f"and {99 - len(told.problems) + 1} more"
    assert told.problems[:-1] == lines[: len(told.problems) - 1]
    assert told.unknown == ("nobody knows",)
    longest = joined.JoinedAccount(1, gaps, ("y" * 9_000,), ("y" * 9_000,))
    assert joined._parsed(longest._text()).problems == ("and 1 more",)


def test_what_lies_beside_it_is_of_another(tmp_path):
    """A file that was joined to where one of the recording is missing is none of it."""
    audio = sound(2 * RATE)
    for number in (1, 2):
        record(
            tmp_path / f"m-{number}.wav", audio[(number - 1) * RATE : number * RATE],
            finished=True, segment=number, first_frame=(number - 1) * RATE,
            end="rolled" if number == 1 else "closed",
        )  # fmt: skip
    (tmp_path / "m-2.wav").unlink()
    vo.recover(tmp_path / "m-1.wav").write(tmp_path / "m-2.wav")
    missing = ["m-2.wav is missing; its sidecar is there"]
    assert vo.recover(tmp_path).problems == vo.recover(tmp_path / "m-1.wav").problems == missing
    assert only(tmp_path / "m-2.wav").outcome == "joined"
    assert vo.recover(tmp_path / "m-2.wav").problems == as_it_was(missing, "m-2.wav")


def test_the_head_is_read_by_others(tmp_path):
    _, path = join(tmp_path, missing=True)
    audio = soundfile.read(path, dtype="float32")[0]
    assert path.stat().st_size == HEAD + audio.nbytes
    assert not audio[RATE : 2 * RATE].any()
    assert np.any(audio[:RATE])
