"""Recordings whose process is killed at any instant: what it had written is there, and opens."""

import os
import random
import select
import signal
import struct
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest
from wav_files import HEADER, by_ffmpeg, by_scipy, by_soundfile

BLOCK = 32_768 // 8  # frames that the writer gathers before it writes them
WRAPS = 2**24  # of the simulated device's counter
TOLD = struct.Struct("<QQ")  # frames that the child has taken, frames that it has written

CHILD = """
    import os, struct, sys
    import vocana_dsp as vo
    from vocana_dsp.testing import SimulatedDevice

    path, boast = sys.argv[1], int(sys.argv[2])
    mic = vo.Capture(SimulatedDevice(pace="lockstep", channels=2, block_frames=480))
    with vo.Recorder(path, mic, flush_s=0.01, overwrite=True) as recorder, mic:
        os.write(1, struct.pack("<QQ", 0, 0))
        while True:
            mic.read(480)
            stats = recorder.stats
            os.write(1, struct.pack("<QQ", stats.frames, stats.frames_written + boast))
"""


def last(told):
    """Return the last whole message."""
    return TOLD.unpack_from(told, (len(told) // TOLD.size - 1) * TOLD.size)


def kill_after(path, delay_s, *, least=0, boast=0):
    """Record to path and kill -9 that long after the start, or when so many frames are written,
    whichever is later; return the last (taken, written) that the child told, which adds `boast` to
    what it has written."""
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(path), str(boast)],
        stdout=subprocess.PIPE,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert child.stdout is not None
    with child.stdout as pipe:
        told = os.read(pipe.fileno(), TOLD.size)
        assert told == TOLD.pack(0, 0)
        ends = time.monotonic() + delay_s
        while (left := ends - time.monotonic()) > 0 or last(told)[1] < least:
            if select.select([pipe], [], [], max(left, 0.001))[0]:
                told += os.read(pipe.fileno(), 1 << 16)
                assert child.poll() is None
        child.send_signal(signal.SIGKILL)
        told += pipe.read()
    assert child.wait() == -signal.SIGKILL
    return last(told)


def faults(path, told, readers):
    """What is wrong with the file of a killed child, as a list of texts."""
    taken, written = told
    found = []
    frames = (path.stat().st_size - HEADER) // 8
    if frames < written:
        found.append(f"{written - frames} frames lost that were written")
    if taken - frames > BLOCK:
        found.append(f"{taken - frames} frames lost of {taken}")
    expected = (np.arange(frames) % WRAPS).astype(np.float32)
    for reader in readers:
        try:
            audio = reader(path, 2)
        except Exception as error:
            found.append(f"{reader.__name__}: {error!r}")
            continue
        if audio.shape != (frames, 2) or (audio != expected[:, None]).any():
            found.append(f"{reader.__name__}: {audio.shape} of {frames} frames, or other values")
    return found


def kills(folder, count, *, seed, ffmpeg_each, least=0):
    """Kill so many recordings; return (file, faults) of those with faults, and all lengths."""
    drawn = random.Random(seed)
    bad, lengths = [], []
    for number in range(count):
        path = folder / f"{number}.wav"
        told = kill_after(path, drawn.uniform(0, 0.04), least=least)
        lengths.append(told[1])
        readers = [by_soundfile, by_scipy] + [by_ffmpeg] * (number % ffmpeg_each == 0)
        if found := faults(path, told, readers):
            bad.append((path.name, told, found))
        path.unlink()
    return bad, lengths


def test_three_kills_at_random_times(tmp_path):  # K3, faults 17
    bad, lengths = kills(tmp_path, 3, seed=1, ffmpeg_each=3, least=BLOCK)
    assert bad == []
    assert min(lengths) >= BLOCK


@pytest.mark.long
def test_two_hundred_kills_at_random_times(tmp_path):  # K3, faults 17
    bad, lengths = kills(tmp_path, 200, seed=17, ffmpeg_each=20)
    assert bad == []
    assert len(set(lengths)) > 20  # they met it at different places


def test_a_writer_that_boasts_and_a_broken_file_are_seen(tmp_path):
    """The control: frames never written, a header that is not there, a sample that is off."""
    path = tmp_path / "a.wav"
    told = kill_after(path, 0, least=10 * BLOCK, boast=1000 * BLOCK)
    assert any("that were written" in text for text in faults(path, told, []))

    path.unlink()
    told = kill_after(path, 0, least=10 * BLOCK)
    good = path.read_bytes()
    assert faults(path, told, [by_soundfile, by_scipy]) == []
    path.write_bytes(bytes(HEADER) + good[HEADER:])
    assert len(faults(path, told, [by_soundfile, by_scipy])) == 2
    path.write_bytes(good[: HEADER + 400] + good[HEADER + 408 :])
    assert len(faults(path, told, [by_soundfile, by_scipy])) >= 2
    path.write_bytes(good[: HEADER + 8 * (told[0] - BLOCK - 1)])
    assert any("frames lost" in text for text in faults(path, told, []))
