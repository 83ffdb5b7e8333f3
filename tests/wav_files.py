"""Read WAV files as others do."""

import shutil
import subprocess
import warnings
from pathlib import Path

import numpy as np
import pytest
import scipy.io.wavfile
import soundfile

from vocana_dsp._native import wav

RATE = 48_000
HEADER = wav.HEAD_BYTES


def noise(frames: int, channels: int) -> np.ndarray:
    rng = np.random.default_rng(frames * 31 + channels)
    return rng.uniform(-1, 1, (frames, channels)).astype(np.float32)


# --- readers -----------------------------------------------------------------


def by_soundfile(path: Path, channels: int) -> np.ndarray:
    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == RATE
    return audio


def by_scipy(path: Path, channels: int) -> np.ndarray:
    with warnings.catch_warnings():  # it says that an unfinished file is unfinished
        warnings.simplefilter("ignore", scipy.io.wavfile.WavFileWarning)
        rate, audio = scipy.io.wavfile.read(path)
    assert rate == RATE
    return audio.reshape(-1, channels)


def by_program(*command: str, channels: int) -> np.ndarray:
    if shutil.which(command[0]) is None:
        pytest.fail(f"this test reads with {command[0]}: install it")
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    return np.frombuffer(done.stdout, "<f4").reshape(-1, channels)


def by_ffmpeg(path: Path, channels: int) -> np.ndarray:
    options = ("-v", "error", "-i", str(path), "-f", "f32le", "-")
    return by_program("ffmpeg", *options, channels=channels)


def by_sox(path: Path, channels: int) -> np.ndarray:
    return by_program("sox", "-V1", str(path), "-t", "f32", "-", channels=channels)


READERS = [by_soundfile, by_scipy, by_ffmpeg, by_sox]


def same(got: np.ndarray, expected: np.ndarray, reader: object) -> bool:
    """Equal; sox works in 32-bit integers, so its samples are near."""
    if got.shape != expected.shape:
        return False
    if reader is by_sox:
        return float(np.max(np.abs(got - expected), initial=0)) <= 2**-23
    return np.array_equal(got, expected)
