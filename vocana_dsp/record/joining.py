"""The files of a recording as one new file."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .._native import wav as _wav
from ..errors import FormatError
from ..files.soundfiles import AudioReader, AudioWriter, Samples
from .copying import new_file, put, refuse_to_replace, sync
from .joined import JoinedAccount, joined_head
from .locked import PART_BYTES, LockedFile
from .report import Piece, Progress, RecoveredRecording

BLOCK_FRAMES = 1 << 15


def join(recording: RecoveredRecording, path: Path, progress: Progress | None) -> Path:
    """Write a recording to a new file, in the format of its suffix."""
    if not recording.held:
        raise FormatError("there is no audio to write", hint="see what is missing")
    formats = {(file.rate, file.channels, file.subtype) for file in recording.held}
    if len(formats) > 1:
        raise FormatError(
            "the files of the recording differ in rate, channels or subtype",
            hint="write them one by one",
        )
    refuse_to_replace(path)
    total = recording.frames
    rate, channels, subtype = formats.pop()
    exact = path.suffix.lower() in (".wav", ".wave") and subtype
    parts = (
        _as_they_are(recording, path, (rate, channels, subtype))
        if exact
        else _converted(recording.pieces, path, rate, channels)
    )
    done = 0
    for frames in parts:
        done += frames
        if progress is not None:
            progress(done, total)
    return path


def _as_they_are(
    recording: RecoveredRecording, path: Path, form: tuple[int, int, str]
) -> Iterator[int]:
    """Copy bytes, then write the head, which says what they are; yield the frames of each step."""
    frame, total, crc32 = _wav.frame_bytes(*form), recording.frames, 0
    with new_file(path) as fd:
        put(fd, bytes(_wav.HEAD_BYTES))
        for part in _bytes(recording.pieces, frame):
            put(fd, part)
            crc32 = zlib.crc32(part, crc32)
            yield len(part) // frame
        account = JoinedAccount(
            crc32, tuple(recording.silences), tuple(recording.problems), tuple(recording.unknown)
        )
        os.pwrite(fd, joined_head(_wav.head(*form, total), account), 0)
        os.ftruncate(fd, _wav.file_bytes(*form, total))


def _bytes(pieces: list[Piece], frame: int) -> Iterator[bytes]:
    step = max(1, PART_BYTES // frame)
    for piece in pieces:
        for first in range(0, piece.silence, step):
            yield bytes(min(step, piece.silence - first) * frame)
        with LockedFile(piece.file.path) as file:
            for first in range(0, piece.frames, step):
                n = min(step, piece.frames - first)
                yield file.read(piece.file.data_at + first * frame, n * frame)


def _samples(piece: Piece, channels: int) -> Iterator[Samples]:
    for first in range(0, piece.silence, BLOCK_FRAMES):
        yield np.zeros((min(BLOCK_FRAMES, piece.silence - first), channels), np.float32)
    left = piece.frames
    with AudioReader(piece.file.path) as reader:
        for block in reader.blocks(BLOCK_FRAMES):
            yield block[:left]
            left -= len(block[:left])
            if not left:
                return


def _converted(pieces: list[Piece], path: Path, rate: int, channels: int) -> Iterator[int]:
    with AudioWriter(path, rate, channels, mode=0o600) as writer:
        for piece in pieces:
            for block in _samples(piece, channels):
                writer.write(block)
                yield len(block)
    sync(path)
