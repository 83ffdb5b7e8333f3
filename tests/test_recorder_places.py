"""vo.Recorder from one real disk to another, into memory, and back when there is room again."""

import os
import subprocess
import sys

import pytest

RETURNS = """
import subprocess, sys
import numpy as np
import soundfile
import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice

main, spool = sys.argv[1:]

def mount(folder, options):
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)

mount(main, "size=1m")
mount(spool, "size=1m")
mic = vo.Capture(SimulatedDevice(channels=4, seconds=60))
with vo.Recorder(f"{main}/a.wav", mic, spool=spool, flush_s=0.2) as recorder, mic:
    while recorder.stats.place != "memory":
        mic.read(480)
    mount(main, "remount,size=100m")
    while recorder.stats.place != "main":
        mic.read(480)
    mic.read(9600)
stats, report = recorder.stats, vo.recover(main, spool)
sound = np.concatenate([soundfile.read(path, dtype="float32")[0][:, 0] for path in recorder.files])
right = np.array_equal(sound, np.arange(stats.frames, dtype=np.float32))
print(stats.frames, stats.frames_durable, stats.dropped_frames, right, report.complete)
print(*(path.parent.name for path in recorder.files))
print(*(event.kind for event in recorder.events()))
"""


@pytest.mark.fault(19, "two disks of 1 MiB fill up one after the other; then the first one grows")
def test_a_recording_goes_back_when_space_returns(seen, tmp_path):  # K5 K6
    folders = [tmp_path / "main", tmp_path / "spool"]
    for folder in folders:
        folder.mkdir()
    rights = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    done = subprocess.run(
        ["unshare", *rights, "--mount", sys.executable, "-c", RETURNS, *folders],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    numbers, places, events = done.stdout.splitlines()
    frames, durable, dropped, right, complete = numbers.split()
    seen(
        f"{int(durable):,} of {int(frames):,} frames durable, {dropped} dropped, in files in "
        f"{places.replace(' ', ', ')}; every value in its place: {right}"
    )
    assert (durable, dropped, right, complete) == (frames, "0", "True", "True")
    assert places.split() == ["main", "spool", "main"]
    kinds = [kind for kind in events.split() if kind not in ("file_opened", "disk_low")]
    assert kinds == ["file_sealed", "spooling", "file_sealed", "in_memory", "back"]
