"""Record until the disk is full, go on elsewhere, and show that no frame is missing.

The disk is a tmpfs of 2 MiB, if this user may mount one (as root, or in a user namespace of its
own); else the kernel's limit on the size of a file stands for it.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice

DISK_BYTES = 2 << 20
INSIDE = "VOCANA_FULL_DISK_INSIDE"

#: What the events of a recorder mean. Some have an errno as their value, others a number.
BY_ERRNO = {
    "file_sealed": "{}: the file ends with what is safe in it",
    "spooling": "{}: it goes on in the spool",
    "in_memory": "{}: it goes on in memory",
    "record_stopped": "{}: memory is full too, and frames are dropped",
}
BY_NUMBER = {
    "file_opened": "file {} begins",
    "file_rolled": "file {} is full",
    "back": "{} frames that waited are on a disk",
    "disk_low": "the disk has room for {} s more",
}


def mounted(folder: Path) -> bool:
    """Put a small disk at that folder, if this user may."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", str(folder)]
    return (
        shutil.which("mount") is not None
        and not subprocess.run(command, capture_output=True, check=False).returncode
    )


def in_a_namespace() -> int | None:
    """Run this again where it may mount; None when that cannot be had."""
    may = (
        shutil.which("unshare")
        and not subprocess.run(
            ["unshare", "--user", "--map-root-user", "--mount", "true"],
            capture_output=True,
            check=False,
        ).returncode
    )
    if os.environ.get(INSIDE) or os.geteuid() == 0 or not may:
        return None
    command = ["unshare", "--user", "--map-root-user", "--mount", sys.executable, *sys.argv]
    return subprocess.run(command, env={**os.environ, INSIDE: "1"}, check=False).returncode


def fill(small: Path, spool: Path, seconds: float) -> vo.Recorder:
    """Record a device whose frame n has the value n."""
    mic = vo.Capture(SimulatedDevice(seconds=seconds, pace="lockstep"))
    with vo.Recorder(small / "meeting.wav", mic, flush_s=0.1, spool=spool) as recorder, mic:
        for _ in mic:
            pass
        recorder.wait()
    return recorder


def said(event: vo.Event) -> str:
    """Say what an event means."""
    if event.kind in BY_ERRNO:
        return BY_ERRNO[event.kind].format(os.strerror(event.value))
    return BY_NUMBER.get(event.kind, str(event.value)).format(event.value)


def report(recorder: vo.Recorder) -> int:
    """Print what is where; return the number of frames that are missing or wrong."""
    at, wrong = 0, 0
    for path in recorder.files:
        sound, _ = soundfile.read(path, dtype="float32")
        wrong += int(np.sum(sound != np.arange(at, at + len(sound))))
        print(f"{path}: frames {at:,} to {at + len(sound):,}")
        at += len(sound)
    for event in recorder.events():
        print(f"  at {event.frame / recorder.rate:6.2f} s  {event.kind:<14}  {said(event)}")
    stats = recorder.stats
    missing = stats.frames - at
    print(f"{stats.frames:,} frames recorded, {missing:,} missing, {wrong:,} wrong")
    return missing + wrong + stats.dropped_frames


def main() -> int:
    """Fill the disk; exit status 1 when a frame is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        small, spool = Path(folder, "small"), Path(folder, "spool")
        small.mkdir()
        spool.mkdir()
        if mounted(small):
            print(f"a tmpfs of {DISK_BYTES:,} bytes fills up")
            try:
                return int(report(fill(small, spool, options.seconds)) > 0)
            finally:
                subprocess.run(["umount", str(small)], check=False)
        code = in_a_namespace()
        if code is not None:
            return code
        print(f"no file may be longer than {DISK_BYTES:,} bytes")
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (DISK_BYTES, before[1]))
        try:
            recorder = fill(small, spool, options.seconds)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        return int(report(recorder) > 0)


if __name__ == "__main__":
    sys.exit(main())
