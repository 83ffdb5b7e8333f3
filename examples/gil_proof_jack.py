"""The GIL proof on real PortAudio: a JACK server of our own, with a JACK client as sound card."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from pathlib import Path

from gil_proof import busy_python, report

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "jack"))

import numpy as np
from server import JackServer, build

import vocana_dsp as vo

CARD = "GilProofCard"


class CallbackCapture:
    """Counts the frames that sounddevice's Python callback receives."""

    def __init__(self) -> None:
        import sounddevice

        self.kept = 0
        self._stream = sounddevice.InputStream(
            device=CARD, channels=2, dtype="float32", callback=self._count
        )

    def _count(self, data: object, frames: int, time: object, status: object) -> None:
        self.kept += frames

    def run(self, seconds: float) -> None:
        """Capture for that long; sleeps in C, so it needs the GIL only to begin and to end."""
        with self._stream:
            threading.Event().wait(seconds)


def on_jack(seconds: float) -> int:
    """Both captures on one real PortAudio device; frames that vocana-dsp lost."""
    with tempfile.TemporaryDirectory() as directory:
        program = build(Path(directory), "sound_card")
        with JackServer(program, period=128, wait_ms=0) as server:
            os.environ.update(server.environment)
            card = server.card(CARD, ports=2)
            with busy_python():
                mic, breaks = _ours(seconds)
                before, _ = card.stats()
                theirs = CallbackCapture()
                theirs.run(seconds)
                played = card.stats()[0] - before
    report("vocana-dsp", mic.stats.delivered, mic.stats.dropped)
    print(f"{'':24}{breaks} breaks in the card's frame counter")
    report("sounddevice callback", theirs.kept, max(0, played - theirs.kept))
    return mic.stats.dropped + breaks


def _ours(seconds: float) -> tuple[vo.Capture, int]:
    """Capture, and count where the card's frame counter does not go on by one."""
    blocks = []
    with vo.Capture(vo.Device(CARD), channels=2) as mic:
        for block in mic:
            blocks.append(block.data)
            if mic.state == "running" and block.time >= seconds:
                mic.stop()
    counter = np.concatenate(blocks)[:, 0].astype(np.int64)
    return mic, int(np.count_nonzero(np.diff(counter) % 2**24 != 1))
