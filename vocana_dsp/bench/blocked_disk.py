"""What is lost while a disk takes no write for 5 s: by the recorder, and by a Python thread."""

from __future__ import annotations

import json
import os
from tempfile import TemporaryDirectory

from .._native.bench import BenchError
from .child import run_python
from .figure import Figure, Target
from .peers import PeerAbsentError, peer, preload

RATE, CHANNELS, SECONDS, BLOCKED_S = 48_000, 8, 7, 5
NOTHING = Target("value", "<=", 0)
NAME = f"recorder, frames lost while a disk blocks for {BLOCKED_S} s"
PEER = "soundfile in a Python thread"

_BEGIN = f"""
import ctypes, json, os
import vocana_dsp as vo
path = os.path.join(os.environ["VOCANA_BENCH_FOLDER"], "a.wav")
mic = vo.Capture(vo.testing.SimulatedDevice("silence", rate={RATE}, channels={CHANNELS},
                                            seconds={SECONDS}))
"""
_OURS = """
with vo.Recorder(path, mic) as recorder, mic:
    recorder.wait(30)
lost = recorder.stats.silence_frames
"""
_PEER = f"""
import soundfile
with soundfile.SoundFile(path, "w", {RATE}, {CHANNELS}, subtype="FLOAT") as out, mic:
    for block in mic:
        out.write(block.data)
lost = mic.stats.dropped
"""
_END = """
blocked = ctypes.CDLL(None).vocana_bench_blocked()
print(json.dumps({"lost": lost, "blocked": blocked}))
"""


def figures() -> list[Figure]:
    """Record in real time onto a disk whose one write is held up, in both ways."""
    try:
        with preload("block_disk.c") as blocker:
            ours = _lost(_OURS, blocker)
            try:
                peer("soundfile")
            except PeerAbsentError as absent:
                return [Figure(NAME, ours, "frames", target=NOTHING, note=f"peer absent: {absent}")]
            theirs = _lost(_PEER, blocker)
    except PeerAbsentError as absent:
        return [Figure(NAME, None, "frames", target=NOTHING, note=f"not measured: {absent}")]
    note = f"of {SECONDS * RATE}; the thread reads a capture with the ring that it has if not asked"
    return [Figure(NAME, ours, "frames", PEER, theirs, None, NOTHING, note)]


def _lost(how: str, blocker: str) -> float:
    """Return the frames that were lost."""
    with TemporaryDirectory(prefix="vocana-bench-") as folder:
        told = run_python(
            _BEGIN + how + _END,
            LD_PRELOAD=blocker,
            VOCANA_BENCH_FOLDER=folder + os.sep,
            VOCANA_BENCH_BLOCK_MS=str(BLOCKED_S * 1000),
        )
    counts = json.loads(told)
    if counts["blocked"] != 1:
        raise BenchError(f"the disk of the benchmark blocked {counts['blocked']} writes, not one")
    return float(counts["lost"])
