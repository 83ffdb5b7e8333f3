"""Kill recordings at random moments with `kill -9`, and count what is left of them.

Prints for each recording how many frames it had acknowledged as durable, how many were handed to
the system, and how many each reader finds in the file, which nobody has repaired.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

RATE = 48_000

CHILD = """
import sys, time
import vocana_dsp as vo
mic = vo.Capture(vo.Tone(440.0, rate=48000))
with vo.Recorder(sys.argv[1], mic, flush_s=0.2, subtype="pcm16") as recorder, mic:
    while True:
        stats = recorder.stats
        print(stats.frames_durable, stats.frames_written, flush=True)
        time.sleep(0.01)
"""


def by_soundfile(path: Path) -> int:
    """Frames that libsndfile reads."""
    return len(soundfile.read(path)[0])


def by_wave(path: Path) -> int:
    """Frames that the standard library reads."""
    with wave.open(str(path)) as reader:
        return len(reader.readframes(reader.getnframes())) // 2


def by_scipy(path: Path) -> int:
    """Frames that SciPy reads."""
    import warnings

    import scipy.io.wavfile

    with warnings.catch_warnings():  # it says that an unfinished file is unfinished
        warnings.simplefilter("ignore")
        return len(scipy.io.wavfile.read(path)[1])


def by_ffmpeg(path: Path) -> int:
    """Frames that ffmpeg reads."""
    return _bytes_of("ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-") // 2


def by_sox(path: Path) -> int:
    """Frames that SoX reads."""
    return _bytes_of("sox", "-V1", str(path), "-t", "s16", "-") // 2


def _bytes_of(*command: str) -> int:
    return len(subprocess.run(command, capture_output=True, check=True).stdout)


def readers() -> dict[str, Callable[[Path], int]]:
    """Those that are installed here."""
    found: dict[str, Callable[[Path], int]] = {"soundfile": by_soundfile, "wave": by_wave}
    try:
        import scipy.io.wavfile  # noqa: F401

        found["scipy"] = by_scipy
    except ImportError:
        pass
    for name, reader in (("ffmpeg", by_ffmpeg), ("sox", by_sox)):
        if shutil.which(name):
            found[name] = reader
    return found


def kill_one(path: Path, delay_s: float) -> tuple[int, int]:
    """Record, and kill that long after the first frame was written: (durable, written)."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with child.stdout as told:
        last = (0, 0)
        ends = None
        while ends is None or time.monotonic() < ends:
            durable, written = told.readline().split()
            last = int(durable), int(written)
            if ends is None and last[1]:
                ends = time.monotonic() + delay_s
        child.send_signal(signal.SIGKILL)
        rest = [line.split() for line in told.read().splitlines()]
    child.wait()
    whole = [line for line in rest if len(line) == 2]
    return (int(whole[-1][0]), int(whole[-1][1])) if whole else last


def is_tone(path: Path) -> bool:
    """Whether the file is one unbroken tone from its first frame on."""
    sound = soundfile.read(path)[0]
    turns = 2 * np.pi * 440.0 * np.arange(len(sound)) / RATE
    basis = np.stack([np.sin(turns), np.cos(turns)], axis=1)
    fit = np.linalg.lstsq(basis, sound, rcond=None)[0]
    return bool(np.abs(sound - basis @ fit).max() < 1e-3)


def main() -> int:
    """Kill the recordings; exit status 1 when a frame that was promised is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    drawn, missing, found_by = random.Random(options.seed), 0, readers()
    print(f"killing {options.kills} recordings, one after the other: some 2 s each")
    print("durable: frames acknowledged before the kill; written: those handed to the system;")
    print("and then how many frames each reader finds in the file, as it was left")
    print(
        f"{'kill':>4} {'durable':>9} {'written':>9}",
        *(f"{name:>9}" for name in found_by),
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, options.kills + 1):
            path = Path(folder) / f"{number}.wav"
            durable, written = kill_one(path, drawn.uniform(0, 1.5))
            found = [reader(path) for reader in found_by.values()]
            print(f"{number:4} {durable:9,} {written:9,}", *(f"{n:9,}" for n in found), flush=True)
            missing += min(found) < max(durable, written) or not is_tone(path)
    print(f"{options.kills} kills, {missing} recordings with a frame missing")
    return int(missing > 0)


if __name__ == "__main__":
    sys.exit(main())
