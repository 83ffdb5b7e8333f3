"""Recovery of what vo.Recorder leaves behind: killed, without its first pages, still alive."""

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import soundfile
from recordings import HEAD

import vocana_dsp as vo

RATE = 48_000

RECORDING = """
    import sys, time
    import vocana_dsp as vo
    mic = vo.Capture(vo.testing.SimulatedDevice(signal="counter", channels=2, rate=48000))
    recorder = vo.Recorder(sys.argv[1], mic, flush_s=0.1, segment_minutes=float(sys.argv[2]))
    with recorder, mic:
        while True:
            print(recorder.stats.frames_durable, flush=True)
            time.sleep(0.05)
"""


def recording(path: Path, segment_minutes: float = 10.0) -> "subprocess.Popen[str]":
    words = [sys.executable, "-c", textwrap.dedent(RECORDING), str(path), str(segment_minutes)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def until(child: "subprocess.Popen[str]", frames: int) -> None:
    assert child.stdout is not None
    while int(child.stdout.readline()) < frames:
        pass


def kill(child: "subprocess.Popen[str]") -> int:
    """Return the frames that it had called durable."""
    child.send_signal(signal.SIGKILL)
    assert child.stdout is not None
    told = [int(line) for line in child.stdout.read().splitlines() if line.isdecimal()]
    child.wait()
    child.stdout.close()
    return max(told, default=0)


def test_a_killed_recording_of_several_segments(tmp_path):  # fault 17
    path = tmp_path / "meeting.wav"
    child = recording(path, segment_minutes=1 / 60)
    until(child, 4 * RATE)
    child.send_signal(signal.SIGSTOP)
    newest = max(tmp_path.glob("*.wav"), key=lambda file: file.stat().st_mtime_ns)
    with pytest.raises(vo.ResourceBusy, match="its writer is alive"):
        vo.recover(newest)
    durable = kill(child)
    found = vo.recover(path)
    assert not found.problems
    (whole,) = found.recordings
    assert len(whole.files) > 3
    assert whole.frames >= durable
    assert {file.outcome for file in whole.files[:-1]} == {"good"}
    assert whole.cut_off
    for file in whole.files:
        assert file.compared_frames == file.sidecar.durable_frames
    found.write(tmp_path / "whole.wav")
    joined = soundfile.read(tmp_path / "whole.wav", dtype="float32")[0]
    single = [soundfile.read(file.path, dtype="float32")[0] for file in whole.files]
    assert np.array_equal(joined, np.concatenate(single))
    assert vo.recover(path).recordings[0].files[-1].outcome == "good"


@pytest.mark.parametrize("subtype", ["float32", "pcm24", "pcm16"])
def test_a_recording_whose_pages_were_lost(tmp_path, subtype):  # fault 27
    path = tmp_path / "meeting.wav"
    mic = vo.Capture(vo.testing.SimulatedDevice(channels=2, seconds=2.5, pace="lockstep"))
    with vo.Recorder(path, mic, subtype=subtype) as recorder, mic:
        assert sum(len(block) for block in mic) == 120_000
        assert recorder.wait(20)
    whole = path.read_bytes()
    (found,) = vo.recover(path).recordings
    assert (found.files[0].outcome, found.cut_off) == ("good", False)
    path.write_bytes(bytes(HEAD) + whole[HEAD:])
    assert vo.recover(path).complete
    assert path.read_bytes() == whole
    damaged = bytearray(whole)
    damaged[HEAD + 4096 : HEAD + 8192] = bytes(4096)
    path.write_bytes(damaged)
    assert vo.recover(path).problems == ["meeting.wav: damaged: second 0"]
    path.write_bytes(whole[:-4096] + bytes(4096))
    assert vo.recover(path).problems == ["meeting.wav: damaged: second 2"]
    path.write_bytes(whole[: HEAD + 1])
    assert vo.recover(path).problems == ["meeting.wav: 120,000 frames gone from its end"]
