"""What a recording costs: processor time of its thread, beside libsndfile in a Python thread."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..capture.capture import Capture
from ..record.recorder import Recorder
from ..record.stats import RecorderStats
from ..testing import SimulatedDevice
from .figure import Figure, Target
from .pairs import OURS, in_turn
from .peers import PeerAbsentError, peer

RATE, CHANNELS = 48_000, 8
SECONDS = 2.0
ROUNDS = 3
PEER = "soundfile in a Python thread"
SHARE = Target("value", "<=", 1.0)
NAME = f"recorder, processor time of its thread for {CHANNELS} channels at {RATE} Hz"


def figures() -> list[Figure]:
    """Record the simulated device in real time, in both ways in turn."""
    last: list[RecorderStats] = []
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.wav")

        def ours(_: int) -> float:
            percent, stats = _by_recorder(path)
            last.append(stats)
            return percent

        try:
            soundfile = peer("soundfile")
        except PeerAbsentError as absent:
            value = ours(0)
            cost = Figure(NAME, value, "%", PEER, target=SHARE, note=f"peer absent: {absent}")
        else:
            runs = in_turn({OURS: ours, PEER: lambda _: _by_soundfile(soundfile, path)}, ROUNDS)
            cost = runs.figure(NAME, "%", PEER, SHARE, "of one processor, in real time")
    stats = last[-1]
    note = (
        f"{stats.writes} writes of {stats.bytes / max(1, stats.writes) / 1024:.0f} KiB; longest "
        f"{stats.write_ms.max:.2f} ms; sync, 99th percentile {stats.sync_ms.p99:.2f} ms"
    )
    lost = sum(stats.silence_frames for stats in last)
    return [
        cost,
        Figure("recorder, write, 99th percentile", stats.write_ms.p99, "ms", note=note),
        Figure("recorder, frames lost", lost, "frames", target=Target("value", "<=", 0)),
    ]


def _capture() -> Capture:
    return Capture(SimulatedDevice("silence", rate=RATE, channels=CHANNELS, seconds=SECONDS))


def _by_recorder(path: Path) -> tuple[float, RecorderStats]:
    """Percent of a processor that the thread of a recorder took, and what it tells."""
    mic = _capture()
    with Recorder(path, mic, overwrite=True) as recorder, mic:
        time.sleep(SECONDS * 0.9)
        schedule = Path(f"/proc/self/task/{recorder.threads['recorder']}/schedstat")
        busy_ns = int(schedule.read_text().split()[0])
        recorded_s = recorder.stats.frames / RATE
        recorder.wait(10)
    return busy_ns / 1e9 / recorded_s * 100, recorder.stats


def _by_soundfile(soundfile: Any, path: Path) -> float:
    """Percent of a processor that a Python thread takes to read a capture and write its blocks."""
    busy_s: list[float] = []
    mic = _capture()

    def work() -> None:
        began = time.thread_time()
        with soundfile.SoundFile(path, "w", RATE, CHANNELS, subtype="FLOAT", format="WAV") as out:
            for block in mic:
                out.write(block.data)
        busy_s.append(time.thread_time() - began)

    with mic:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    return busy_s[0] / SECONDS * 100
