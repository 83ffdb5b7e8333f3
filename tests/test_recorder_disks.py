"""Recordings on disks that fill up or become read-only: real ones, mounted for the test alone."""

import os
import subprocess
import sys

import pytest

fault = pytest.mark.fault


def alone(script, *arguments):
    """Run a script that may mount what nobody else sees; return the lines that it printed."""
    rights = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    done = subprocess.run(
        ["unshare", *rights, "--mount", sys.executable, "-c", script, *map(str, arguments)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


FILLS = """
import subprocess, sys
import numpy as np
import soundfile
import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice

main, spool = sys.argv[1:]
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", main], check=True)
mic = vo.Capture(SimulatedDevice(seconds=12, pace="lockstep"))
with vo.Recorder(f"{main}/a.wav", mic, spool=spool) as recorder, mic:
    for _ in mic:
        pass
    recorder.wait()
report = vo.recover(main, spool)
files = [file for recording in report.recordings for file in recording.files]
sound = [soundfile.read(file.path, dtype="float32")[0] for file in files]
print(len(report.recordings), report.complete, *(len(part) for part in sound))
print(np.array_equal(np.concatenate(sound), np.arange(12 * 48_000)))
"""


@fault(19, "12 s at once to a tmpfs of 1 MiB, full before its file is a second old")
def test_a_disk_that_is_full_at_once(seen, tmp_path):
    (tmp_path / "main").mkdir()
    (tmp_path / "spool").mkdir()
    told, right = alone(FILLS, tmp_path / "main", tmp_path / "spool")
    count, complete, *frames = told.split()
    seen(f"one recording of {' + '.join(frames)} frames is recovered, in order: {right}")
    assert (count, complete, right) == ("1", "True", "True")
    assert len(frames) >= 2


READ_ONLY = """
import errno, subprocess, sys
import numpy as np
import soundfile
import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice

main, spool = sys.argv[1:]
mount = lambda *how: subprocess.run(["mount", *how, main], check=True)
mount("-t", "tmpfs", "tmpfs")
mic = vo.Capture(SimulatedDevice(seconds=3.5, pace="lockstep"), ring_ms=100)  # waits for room
options = {"spool": spool, "flush_s": 0.1, "segment_minutes": 1 / 60}
with vo.Recorder(f"{main}/a.wav", mic, **options) as recorder, mic:
    mic.read(4_800)
    mount("--bind", main)
    mount("-o", "remount,bind,ro")
    for _ in mic:
        pass
    recorder.wait()
sound = np.concatenate([soundfile.read(path, dtype="float32")[0] for path in recorder.files])
print(np.array_equal(sound, np.arange(168_000)), errno.errorcode[recorder.error.errno])
print(*(path.parent.name for path in recorder.files))
"""


@fault(25, "a tmpfs becomes read-only while a recording's first file is written there")
def test_a_disk_that_becomes_read_only(seen, tmp_path):
    (tmp_path / "main").mkdir()
    (tmp_path / "spool").mkdir()
    told, folders = alone(READ_ONLY, tmp_path / "main", tmp_path / "spool")
    right, error = told.split()
    seen(f"{error}, files in {folders.replace(' ', ', ')}; 168,000 of 168,000 frames: {right}")
    assert (right, error) == ("True", "EROFS")
    assert folders.split() == ["main", "spool", "spool", "spool"]


ENDS_FULL = """
import json, subprocess, sys
import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice

main = sys.argv[1]
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", main], check=True)
mic = vo.Capture(SimulatedDevice(seconds=20, pace="lockstep"))
with vo.Recorder(f"{main}/a.wav", mic) as recorder, mic:
    for _ in mic:
        pass
    recorder.wait()
said = json.loads(recorder.path.with_name("a.wav.json").read_text())
stats, size = recorder.stats, recorder.path.stat().st_size
held = (size - 4096) // 4
print(said["end"], held, said["durable_frames"], len(said["seconds_crc32"]) // 8)
print(*said["gaps"][-1].values(), stats.frames_durable, stats.dropped_frames)
"""


@fault(19, "20 s to a tmpfs of 2 MiB that holds 10, without a spool")
def test_a_full_disk_knows_what_it_has(seen, tmp_path):
    held, gap = alone(ENDS_FULL, tmp_path)
    end, frames, told, seconds = held.split()
    at, lost, cause, durable, dropped = gap.split()
    seen(
        f"the sidecar says {end}: {int(told):,} of {int(frames):,} frames in the file, {seconds} "
        f"seconds' CRCs, and {int(lost):,} frames after {int(at):,} without a place"
    )
    assert (end, cause) == ("sealed", "overflow")
    assert frames == told == at == durable
    assert int(frames) > 9 * 48_000
    assert int(seconds) == int(frames) // 48_000
    assert int(lost) == int(dropped) == 20 * 48_000 - int(frames)


BEGINS_FULL = """
import subprocess, sys
import numpy as np
import soundfile
import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice

main, spool = sys.argv[1:]
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", main], check=True)
mic = vo.Capture(SimulatedDevice(seconds=1, pace="lockstep"))
try:
    vo.Recorder(f"{main}/a.wav", mic)
except vo.RecordError as error:
    print(error.code, error.args[0])
with vo.Recorder(f"{main}/a.wav", mic, spool=spool) as recorder, mic:
    for _ in mic:
        pass
    recorder.wait()
sound = np.concatenate([soundfile.read(path, dtype="float32")[0] for path in recorder.files])
print(recorder.files[0].parent.name, np.array_equal(sound, np.arange(48_000)), recorder.error.code)
"""


@fault(20, "a recording begins on a tmpfs that is full, without a spool and with one")
def test_a_disk_that_is_full_before_it_begins(seen, tmp_path):
    (tmp_path / "main").mkdir()
    (tmp_path / "spool").mkdir()
    refused, told = alone(BEGINS_FULL, tmp_path / "main", tmp_path / "spool")
    seen(f"without: {refused.split(' ', 1)[1]}; with: {told}")
    assert refused == f"disk_full cannot make {tmp_path}/main/a.wav: the disk is full"
    assert told == "spool True disk_full"
