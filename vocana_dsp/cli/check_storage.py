"""What `vocana doctor` tries of files: a folder takes a recording, and a kill spares it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from ..errors import VocanaError
from ..files.soundfiles import AudioReader
from .check import REPORT, Check

WRITTEN_BYTES = 4 << 20
STEREO_BYTES_PER_HOUR = 3600 * 48_000 * 8
SLOW_SYNC_S = 1.0  # a recording is made durable this often

KILL_AFTER_FRAMES = 24_000
KILL_DEADLINE_S = 10.0


def storage() -> Check:
    """Write a file into the current folder as a recording is written, and sync it."""
    folder = Path()
    try:
        with tempfile.NamedTemporaryFile(prefix=".vocana-", dir=folder) as file:
            begun = time.monotonic()
            file.write(bytes(WRITTEN_BYTES))
            file.flush()
            os.fsync(file.fileno())
            took_s = time.monotonic() - begun
        free_bytes = shutil.disk_usage(folder).free
    except OSError as error:
        todo = "record into a folder that can be written to, on a disk with room"
        return Check("storage", "FAIL", f"the current folder: {error.strerror}", todo)
    hours = free_bytes / STEREO_BYTES_PER_HOUR
    detail = f"{WRITTEN_BYTES >> 20} MiB written and synced in {1000 * took_s:.0f} ms, room for "
    detail += f"{hours:,.1f} hours of stereo"
    if took_s > SLOW_SYNC_S:
        todo = "the disk is slow: a power cut may cost more than a second of a recording"
        return Check("storage", "WARN", detail, todo)
    if hours < 1:
        return Check("storage", "WARN", detail, "make room before a long recording")
    return Check("storage", "OK", detail)


RECORDS = """
import sys
import vocana_dsp as vo
from vocana_dsp.testing import SimulatedDevice
mic = vo.Capture(SimulatedDevice())
with vo.Recorder(sys.argv[1], mic, flush_s=0.1) as recorder, mic:
    while True:
        mic.read(480)
        print(recorder.stats.frames_durable, flush=True)
"""


def crash_safety() -> Check:
    """Record in a process of its own, kill it, and read the file back."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "killed.wav"
        durable, errors = _record_and_kill(path)
        if durable < KILL_AFTER_FRAMES:
            return Check("crash", "FAIL", f"the recording does not run: {errors}", REPORT)
        try:
            with AudioReader(path) as reader:
                found = np.concatenate(list(reader.blocks(4800)))[:, 0]
        except (VocanaError, ValueError) as error:
            detail = f"killed after {durable:,} frames were on the disk: {error}"
            return Check("crash", "FAIL", detail, f"`vocana recover` may help; {REPORT}")
    detail = f"killed -9 after {durable:,} frames were on the disk: {len(found):,} found"
    if len(found) < durable:
        return Check("crash", "FAIL", f"{detail}: {durable - len(found):,} are missing", REPORT)
    wrong = np.count_nonzero(found != np.arange(len(found)))
    if wrong:
        return Check("crash", "FAIL", f"{detail}, {wrong:,} of them wrong", REPORT)
    return Check("crash", "OK", f"{detail}, each as it was sent")


def _record_and_kill(path: Path) -> tuple[int, str]:
    """Return how many frames the child said to be on the disk, and what it said of errors."""
    child = subprocess.Popen(
        [sys.executable, "-c", RECORDS, path],
        cwd=Path(__file__).parent.parent.parent,  # where the package is, installed or not
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    limit = threading.Timer(KILL_DEADLINE_S, child.kill)
    limit.start()
    durable = 0
    try:
        assert child.stdout is not None
        for line in child.stdout:
            durable = int(line)
            if durable >= KILL_AFTER_FRAMES:
                break
    finally:  # Ctrl-C too: the child and the timer would outlast it
        child.kill()
        limit.cancel()
        limit.join()
        told, errors = child.communicate()
    last = [durable, *map(int, told.splitlines(keepends=True)[:-1])][-1]
    return last, (errors.strip().splitlines() or ["it stands still"])[-1]
