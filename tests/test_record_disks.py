"""`vocana record` on disks that fill up: what is saved, where it is, and what is told."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from vocana_dsp.cli import main, told
from vocana_dsp.cli.meter import Progress
from vocana_dsp.record.stats import DiskTimes, RecorderStats

RATE = 48_000
DISK_BYTES = 1 << 20
SECONDS = 7  # 1.3 MB
PATIENCE_S = 60.0  # a loaded machine may be slow; a hang is longer
FULL = ("the disk is full", "no file may be larger here")  # of a tmpfs, of a limit


@pytest.fixture
def small(tmp_path):
    """A folder on a disk of 1 MiB where root may mount one; else files may not be larger."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", str(folder)]
    mounted = os.geteuid() == 0 and not subprocess.run(mount, check=False).returncode
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    if not mounted:
        resource.setrlimit(resource.RLIMIT_FSIZE, (DISK_BYTES, before[1]))
    yield folder
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)


def record(path: Path, source: Path, *options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vocana_dsp", "record", path, "--source", source, *options]
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


@pytest.fixture
def counter(tmp_path):
    """A sound file whose frame n is n, which is recorded as fast as it can be read."""
    path = tmp_path / "counter.wav"
    soundfile.write(path, np.arange(SECONDS * RATE, dtype=np.float32), RATE, subtype="FLOAT")
    return path


def sound(*paths: Path) -> np.ndarray:
    return np.concatenate([soundfile.read(path, dtype="float32")[0] for path in paths])


def files_told(out: str) -> list[Path]:
    return [Path(line.split("  ")[1]) for line in out.splitlines() if line.startswith("  /")]


@pytest.mark.fault(19, "a disk of 1 MiB fills up while `vocana record` has a --spool")
def test_a_full_disk_with_a_spool(seen, tmp_path, small, counter):
    spool = tmp_path / "spool"
    spool.mkdir()
    done = record(small / "a.wav", counter, "--spool", spool)
    files = files_told(done.stdout)
    audio = sound(*files)
    seen(
        f"exit code {done.returncode}; {len(audio):,} frames in {len(files)} files, all in order; "
        f"it says {done.stderr.splitlines()[-1].split('  ')[1]!r}"
    )
    np.testing.assert_array_equal(audio, np.arange(SECONDS * RATE))
    assert done.returncode == 0
    assert files[:2] == [small / "a.wav", spool / "a-0002.wav"]
    assert any(words in done.stderr for words in FULL)
    assert f"goes on in {spool / 'a-0002.wav'}\n" in done.stderr
    assert f"recorded {SECONDS * RATE:,} frames, lost 0\n" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_full_disk_without_a_spool(small, counter):  # fault 19
    done = record(small / "a.wav", counter, "--seconds", SECONDS)
    if not os.path.ismount(small):  # a limit of each file: there is room for another one
        assert done.returncode == 0
        np.testing.assert_array_equal(sound(*files_told(done.stdout)), np.arange(SECONDS * RATE))
        return
    audio = sound(small / "a.wav")
    np.testing.assert_array_equal(audio, np.arange(len(audio)))
    missing = SECONDS * RATE - len(audio)
    assert 0 < missing < 2 * RATE
    assert done.returncode == 1
    recorded = f"recorded {len(audio):,} frames, lost {missing:,} that found no place on a disk"
    assert recorded in done.stdout
    *_, error, hint = done.stderr.splitlines()
    assert error.startswith(f"error: the disk is full: {missing:,} frames (")
    assert error.endswith(" s) missing from 00:00:05.0 on")
    assert hint == "  free some space, or record to another disk"
    assert "goes on in memory" in done.stderr
    assert "Traceback" not in done.stderr
    found = CliRunner().invoke(main, ["recover", str(small)])
    assert found.exit_code == 1
    assert "frames are lost: no disk takes them" in done.stderr
    assert f"missing  a.wav: no disk took the {missing:,} frames after it\n" in found.output
    assert "nothing is" not in found.output


def test_a_recording_that_begins_in_the_spool(tmp_path, small):  # fault 20
    (small / "full").write_bytes(bytes(DISK_BYTES))
    (spool := tmp_path / "spool").mkdir()
    done = record(small / "a.wav", Path("tone"), "--seconds", 0.1, "--spool", spool)
    assert done.returncode == 0
    if os.path.ismount(small):
        assert done.stdout.startswith(f"{spool / 'a.wav'}  ")
        assert done.stderr == f"00:00:00.0  begins in the spool: {spool / 'a.wav'}\n"


def test_a_disk_that_does_not_take_the_first_file(small):  # fault 20
    path = small / "full"
    path.write_bytes(bytes(DISK_BYTES))
    done = record(small / "a.wav", Path("tone"), "--seconds", 0.1)
    if os.path.ismount(small):
        assert done.returncode == 1
        assert done.stderr.startswith(f"error: cannot make {small / 'a.wav'}: the disk is full\n")
        assert list(small.iterdir()) == [path]


# --- What the meter makes of it ----------------------------------------------------------------


def stats(**changed: object) -> RecorderStats:
    times = DiskTimes(0.0, 0.0, 0.0)
    numbers = {
        "frames": 10 * RATE, "frames_written": 10 * RATE, "frames_durable": 9 * RATE,
        "frames_waiting": RATE, "frames_gone": 0, "gaps": 0, "silence_frames": 0,
        "dropped_frames": 0, "events_dropped": 0, "first_dropped": None, "segments": 1,
        "writes": 1, "bytes": 1, "failures": 0, "errno": 0, "write_ms": times, "sync_ms": times,
        "minutes_left": 100.0, "place": "main",
    }  # fmt: skip
    return RecorderStats(**{**numbers, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "troubles"),
    [
        ({}, []),
        ({"place": "spool"}, ["in the spool"]),
        (
            {"place": "memory", "frames_durable": 2 * RATE, "frames_waiting": 8 * RATE},
            ["in memory, on no disk", "safe up to 00:00:02.0"],
        ),
        ({"minutes_left": 9.4}, ["disk has room for 9 min"]),
        ({"minutes_left": 0.9}, ["disk has room for less than a minute"]),
        ({"minutes_left": None}, []),
        ({"place": "stopped"}, ["no room: frames are lost"]),
    ],
)
def test_the_meter_shows_what_matters(changed, troubles):
    progress = Progress.of(stats(**changed), stalled=False, rate=RATE, flush_s=1.0)
    assert progress.troubles(RATE) == troubles


def test_what_is_owed_as_silence_is_lost():
    owing = stats(frames_durable=8 * RATE, silence_frames=100, gaps=2)
    progress = Progress.of(owing, stalled=True, rate=RATE, flush_s=1.0)
    assert (progress.lost, progress.gaps) == (RATE + 100, 2)
    assert progress.troubles(RATE) == ["waiting for the device"]


@pytest.mark.parametrize(
    ("changed", "silence", "words"),
    [
        ({"frames_durable": 10 * RATE}, 0, "0"),
        (
            {"frames_durable": 10 * RATE, "gaps": 2, "silence_frames": 1_500},
            1_500,
            "1,500 in 2 gaps (silence in their place)",
        ),
        ({}, 0, "48,000 that found no place on a disk"),
        (
            {"frames_durable": 0, "frames_gone": 10 * RATE},
            0,
            "480,000 with files that were removed or moved",
        ),
        (
            {"frames_durable": 0, "frames_gone": 9 * RATE},
            0,
            "480,000: 48,000 that found no place on a disk, "
            "432,000 with files that were removed or moved",
        ),
    ],
)
def test_a_loss_is_counted_once(changed, silence, words):
    assert told._losses(stats(**changed), silence) == words


@pytest.mark.parametrize(
    ("gone", "missing", "words"),
    [
        (0, 0, ""),
        (1, 0, ": 1 frame missing"),
        (0, 4_800, ": 4,800 frames missing"),
        (4_800, 1, ": 4,800 frames gone with it, and 1 on no disk"),
    ],
)
def test_what_was_removed_is_told_apart_from_what_no_disk_took(tmp_path, gone, missing, words):
    path = tmp_path / "a.wav"
    recorder = SimpleNamespace(files=[path], path=path, rate=RATE)
    error = told.Told(path, recorder, None)._gone(gone, missing)
    assert error.args[0] == f"{path} was removed or moved while it was recorded{words}"
