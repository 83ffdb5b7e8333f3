"""Recordings as they lie on a disk: WAV files and their sidecars, from a description."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

import vocana_dsp as vo
from vocana_dsp._native import wav

RATE = 8_000
HEAD = wav.HEAD_BYTES
NO_REST = {"rest_frames": None, "rest_crc32": None}  # as sidecars were at first
SAMPLE_BYTES = {"float32": 4, "pcm24": 3, "pcm16": 2}


def sound(frames: int, channels: int = 2, seed: int = 0) -> np.ndarray:
    """Noise that 16 bits hold exactly."""
    rng = np.random.default_rng(seed * 7919 + frames)
    whole = rng.integers(-(2**15), 2**15, (frames, channels))
    return (whole / 2**15).astype(np.float32)


def as_bytes(audio: np.ndarray, subtype: str) -> bytes:
    if subtype == "float32":
        return audio.astype("<f4").tobytes()
    bits = 8 * SAMPLE_BYTES[subtype]
    whole = np.rint(audio.astype(np.float64) * 2 ** (bits - 1)).astype("<i4").ravel()
    return whole.view(np.uint8).reshape(-1, 4)[:, : bits // 8].tobytes()


def describe(data: bytes, channels: int, subtype: str, rate: int = RATE) -> dict[str, Any]:
    """What the sidecar of a file with these bytes of audio says when its writer was killed."""
    frame = channels * SAMPLE_BYTES[subtype]
    second = rate * frame
    whole = [data[i : i + second] for i in range(0, len(data) - second + 1, second)]
    rest = data[len(whole) * second :]
    return {
        "vocana_sidecar": 1,
        "recording": "meeting.wav",
        "segment": 1,
        "previous": "",
        "started_utc": "2026-11-26T23:22:14.000000000Z",
        "started_monotonic_ns": 12345,
        "capture_frame": 0,
        "first_frame": 0,
        "rate_hz": rate,
        "channels": channels,
        "subtype": subtype,
        "durable_frames": len(data) // frame,
        "end": "open",
        "gaps": [],
        "seconds_crc32": "".join(f"{zlib.crc32(part):08x}" for part in whole),
        "rest_frames": len(rest) // frame,
        "rest_crc32": f"{zlib.crc32(rest):08x}",
    }


def put_sidecar(path: Path, said: dict[str, Any]) -> None:
    """Write the members that are not None."""
    members = {name: value for name, value in said.items() if value is not None}
    path.with_name(path.name + ".json").write_text(json.dumps(members))


def record(
    path: Path, audio: np.ndarray, subtype: str = "float32", finished: bool = False, **said: Any
) -> bytes:
    """Make a recording whose writer was killed, or ended; `said` changes its sidecar."""
    data, channels = as_bytes(audio, subtype), audio.shape[1]
    head = wav.head(RATE, channels, subtype, len(audio) if finished else None)
    path.write_bytes(head + data + bytes(len(data) % 2 if finished else 0))
    end = {"end": "closed"} if finished else {}
    put_sidecar(path, describe(data, channels, subtype) | end | said)
    return data


def heard(path: Path) -> np.ndarray:
    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == RATE
    return audio


def only(path: Path) -> vo.RecoveredFile:
    """Recover one file that is alone."""
    (recording,) = vo.recover(path).recordings
    (file,) = recording.files
    return file


def snapshot(*folders: Path) -> dict[str, Any]:
    """Everything below some folders: bytes of files, targets of links."""
    found: dict[str, Any] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink():
                found[str(path)] = path.readlink()
            elif path.is_file():
                found[str(path)] = path.read_bytes()
            else:
                found[str(path)] = path.stat().st_mode
    return found
