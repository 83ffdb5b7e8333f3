"""`vocana record` on a JACK server that is killed: it goes on with the card of --fallback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from server import HERE, die_with_parent

WAIT_S = 40.0


def wait(condition: Callable[[], object], said: Path) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, said.read_text()
        time.sleep(0.01)


def steps(samples: Any) -> set[int]:
    """Return how the counter of a card goes on from the first frame that it gave."""
    return set(np.diff(np.trim_zeros(samples)).astype(int))


@pytest.mark.fault(
    9, "the JACK server of `vocana record` is killed, and comes back with a new card"
)
@pytest.mark.long
@pytest.mark.jack
def test_a_recording_goes_on_with_the_fallback(studio: Any, tmp_path: Path, seen: Any) -> None:
    out, said = tmp_path / "a.wav", tmp_path / "said"
    arguments = [out, "--device", "VocanaCard", "--fallback", "OtherCard", "--channels", "2"]
    with said.open("w") as stderr:
        program = subprocess.Popen(
            [sys.executable, "-m", "vocana_dsp", "record", *map(str, arguments)],
            env=studio.server.environment | {"PYTHONPATH": str(HERE.parent.parent)},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            preexec_fn=die_with_parent,
        )
    try:
        wait(lambda: out.exists() and out.stat().st_size > 400_000, said)
        studio.server.kill()
        studio.server.restart()
        studio.server.card("OtherCard", 2)
        wait(lambda: "goes on with OtherCard, of --fallback" in said.read_text(), said)
        size = out.stat().st_size
        wait(lambda: out.stat().st_size > size + 400_000, said)
        os.kill(program.pid, signal.SIGINT)
        summary, _ = program.communicate(timeout=WAIT_S)
    finally:
        program.kill()
        program.wait()
    assert program.returncode == 0, said.read_text()
    assert " in 1 gap (silence in their place)" in summary
    (gap,) = [line for line in summary.splitlines() if line.endswith("frames  device")]
    lost = int(gap.split()[-3].replace(",", ""))
    audio = soundfile.read(out, dtype="float32")[0][:, 0]
    first = np.flatnonzero(np.diff(np.flatnonzero(audio)) > lost)
    assert len(first) == 1, "one hole in what is heard"
    at = int(np.flatnonzero(audio)[first[0]]) + 1
    assert not audio[at : at + lost].any()
    assert steps(audio[:at]) == steps(audio[at + lost :]) == {1}
    seen(f"exit status 0; one gap of {lost:,} frames, then {len(audio) - at - lost:,} of OtherCard")
