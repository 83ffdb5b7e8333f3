"""What a recovery found: files, and the recordings that they are of."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._native.sidecar import SidecarData
from ..errors import FormatError

#: Called with frames done and frames in all.
Progress = Callable[[int, int], None]


def shown(name: str | Path) -> str:
    r"""Write a name that came from a file so that it cannot command a terminal.

    >>> shown("a\x1b[2J.wav")
    'a\\x1b[2J.wav'
    """
    text = str(name)
    return text if text.isprintable() else ascii(text)[1:-1]


@dataclass(frozen=True, slots=True)
class RecoveredFile:
    """One file of a recording, as it is after the recovery.

    Attributes:
        path: where it is.
        outcome: "good"; "repaired", the sizes in its head; "rebuilt", its head, from the sidecar;
            "copied", the same into a new file; "unreadable"; "missing", only its sidecar is there;
            "busy", its writer is alive.
        rate: frames per second, 0 when it is not known.
        channels: samples per frame.
        subtype: "float32", "pcm24", "pcm16", or "" for others.
        data_at: byte at which its audio begins.
        frames: whole frames in it.
        sidecar: what the JSON beside it says, or None.
        damaged: its seconds, from 0, that are not what was written.
        never_written: those of them that hold nothing but zeros, as a power cut leaves them.
        lost_frames: frames that were durable by its sidecar, and are not there any more.
        zero_tail_frames: zeros at its end that nothing proves to be silence.
        note: what else there is to say.
    """

    path: Path
    outcome: str
    rate: int = 0
    channels: int = 0
    subtype: str = ""
    data_at: int = 0
    frames: int = 0
    sidecar: SidecarData | None = None
    damaged: tuple[int, ...] = ()
    never_written: tuple[int, ...] = ()
    lost_frames: int = 0
    zero_tail_frames: int = 0
    note: str = ""

    @property
    def first_frame(self) -> int:
        """Frame of the recording that is frame 0 of the file."""
        return self.sidecar.first_frame if self.sidecar else 0

    @property
    def segment(self) -> int:
        """Number of the file within its recording, from 1."""
        return self.sidecar.segment if self.sidecar else 1

    @property
    def problems(self) -> list[str]:
        """What is missing or damaged, a sentence each."""
        name, found = shown(self.path.name), []
        if self.outcome == "missing":
            found.append(f"{name} is missing; its sidecar is there")
        if self.outcome == "unreadable":
            found.append(f"{name}: {shown(self.note)}")
        if self.damaged:
            changed = [s for s in self.damaged if s not in set(self.never_written)]
            if self.never_written:
                found.append(f"{name}: never written to the disk: {_seconds(self.never_written)}")
            if changed:
                found.append(f"{name}: damaged: {_seconds(changed)}")
        if self.lost_frames and self.outcome != "missing":
            found.append(f"{name}: {self.lost_frames:,} frames at its end are gone")
        return found


def _seconds(numbers: list[int] | tuple[int, ...]) -> str:
    """Write seconds as runs.

    >>> _seconds([3, 4, 5, 9])
    'seconds 3 to 5, 9'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    words = [str(a) if a == b else f"{a} to {b}" for a, b in runs]
    return f"second{'s' if len(numbers) > 1 else ''} {', '.join(words)}"


@dataclass(frozen=True, slots=True)
class Piece:
    """Frames of a file, `silence` frames after the end of the piece before."""

    file: RecoveredFile
    frames: int
    silence: int


@dataclass(frozen=True, slots=True)
class RecoveredRecording:
    """The files of one recording, in the order of time.

    Attributes:
        files: as `RecoveredFile`.
    """

    files: tuple[RecoveredFile, ...]

    @property
    def held(self) -> list[RecoveredFile]:
        """The files that hold audio that can be read."""
        return [file for file in self.files if file.frames and file.outcome != "busy"]

    @property
    def pieces(self) -> list[Piece]:
        """What a joined file is made of: where two files hold the same frames, the later one."""
        pieces: list[Piece] = []
        at = self.held[0].first_frame if self.held else 0
        for file, later in zip(self.held, [*self.held[1:], None], strict=True):
            end = file.first_frame + file.frames
            if later is not None:
                end = min(end, max(later.first_frame, file.first_frame))
            pieces.append(Piece(file, end - file.first_frame, file.first_frame - at))
            at = end
        return pieces

    @property
    def frames(self) -> int:
        """Frames from the first to the last, missing ones too."""
        return sum(piece.silence + piece.frames for piece in self.pieces)

    @property
    def cut_off(self) -> bool:
        """Whether nobody ended it: it was killed, the power failed, or a disk took no more."""
        last = self.files[-1]
        return last.outcome != "busy" and last.sidecar is not None and last.sidecar.end == "open"

    @property
    def gaps(self) -> list[tuple[int, int, str]]:
        """Losses that stand as silence since they were recorded: (frame, frames, cause)."""
        return [
            (file.first_frame + frame, frames, cause)
            for file in self.files
            if file.sidecar is not None
            for frame, frames, cause in file.sidecar.gaps
        ]

    @property
    def problems(self) -> list[str]:
        """What is missing or damaged, a sentence each; empty when all is well."""
        return [*self._absent(), *(line for file in self.files for line in file.problems)]

    def _absent(self) -> Iterator[str]:
        """Files that others of the recording speak of."""
        expected = 1
        end: int | None = None
        for file in self.files:
            if file.sidecar is None:
                return
            name = shown(file.path.name)
            if file.segment > expected:
                what = _segments(expected, file.segment - 1)
                before = shown(file.sidecar.previous)
                yield f'{what} not found; before {name} came "{before}"'
            elif end is not None and file.first_frame > end:
                yield f"{file.first_frame - end:,} frames before {name} are missing"
            expected = max(expected, file.segment + 1)
            end = None if file.outcome == "missing" else file.first_frame + file.frames
        last = self.files[-1]
        if last.sidecar is not None and last.sidecar.end == "rolled":
            yield f"segment {expected} not found, which followed {shown(last.path.name)}"
        if last.sidecar is not None and last.sidecar.end == "sealed":
            name = shown(last.path.name)
            yield f"the disk of {name} failed: what followed may be in a spool folder"

    def write(self, path: str | os.PathLike[str], *, progress: Progress | None = None) -> Path:
        """Write the recording as one new file, with silence where files are missing; return it.

        A name that ends in .wav keeps the samples as they are; .flac, .ogg and what else libsndfile
        writes are made from float32. A file that is there is never replaced.

        Raises:
            FormatError: there is no audio, files differ in rate, channels or subtype, or a format
                cannot be written.
            RecordError, VocanaError: the file cannot be made, or is there already.
        """
        from .joining import join

        return join(self, Path(path), progress)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        return {
            "frames": self.frames,
            "cut_off": self.cut_off,
            "gaps": [
                {"frame": frame, "frames": frames, "cause": cause}
                for frame, frames, cause in self.gaps
            ],
            "problems": self.problems,
            "files": [
                {
                    "path": str(file.path),
                    "outcome": file.outcome,
                    "rate": file.rate,
                    "channels": file.channels,
                    "subtype": file.subtype,
                    "segment": file.segment,
                    "first_frame": file.first_frame,
                    "frames": file.frames,
                    "end": file.sidecar.end if file.sidecar else None,
                    "damaged_seconds": list(file.damaged),
                    "never_written_seconds": list(file.never_written),
                    "lost_frames": file.lost_frames,
                    "zero_tail_frames": file.zero_tail_frames,
                    "note": file.note,
                }
                for file in self.files
            ],
        }


def _segments(first: int, last: int) -> str:
    return f"segment {first}" if first == last else f"segments {first} to {last}"


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What was found where a recovery looked.

    Attributes:
        recordings: as `RecoveredRecording`, by name.
    """

    recordings: tuple[RecoveredRecording, ...]

    @property
    def problems(self) -> list[str]:
        """What is missing or damaged, a sentence each."""
        return [line for recording in self.recordings for line in recording.problems]

    @property
    def complete(self) -> bool:
        """Whether nothing that was recorded is missing or damaged."""
        return not self.problems

    def write(self, path: str | os.PathLike[str], *, progress: Progress | None = None) -> Path:
        """Write the one recording that was found; see `RecoveredRecording.write`."""
        if len(self.recordings) != 1:
            raise FormatError(
                f"{len(self.recordings)} recordings were found, expected one to write to {path}",
                hint="name the files of one recording, or write each of them",
            )
        return self.recordings[0].write(path, progress=progress)
