"""What a recovery found: recordings, whole again or with what is missing of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ..config import function_of, path_of
from ..errors import FormatError
from ..words import plural, shown
from .recovered import RecoveredFile

#: Called with frames done and frames in all.
Progress = Callable[[int, int], None]


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
        for file, later in zip_longest(self.held, self.held[1:]):
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
        return [gap for file in self.files for gap in file.gaps]

    @property
    def silences(self) -> list[tuple[int, int, str]]:
        """The same in a joined file, and the files that are missing there."""
        found, at = [], 0
        for piece in self.pieces:
            if piece.silence:
                found.append((at, piece.silence, "missing"))
            at += piece.silence
            first = piece.file.first_frame
            gaps = [gap for gap in piece.file.gaps if gap[0] < first + piece.frames]
            found += [(at + frame - first, frames, cause) for frame, frames, cause in gaps]
            at += piece.frames
        return found

    @property
    def problems(self) -> list[str]:
        """What is missing or damaged, a sentence each; empty when all is well."""
        return [*self._absent(), *(line for file in self.files for line in file.problems)]

    @property
    def unknown(self) -> list[str]:
        """What can be told by nobody, a sentence each; empty when its account is whole."""
        of_files = (line for file in self.files for line in file.unknown)
        return [*self._after_the_end(), *self._unproven(), *of_files]

    def _after_the_end(self) -> Iterator[str]:
        """Tell what a recording that was not ended leaves open."""
        last = self.files[-1]
        if self.cut_off and last.outcome != "missing":
            held = f"{plural(last.acknowledged_frames, 'frame')} of it acknowledged"
            if last.frames > last.acknowledged_frames:
                held += f" and {last.frames - last.acknowledged_frames:,} more unverified"
            name = shown(last.path.name)
            yield f"the recording was cut off in {name}, and not ended: {held}"
            yield f"what came after {name} is not known"

    def _unproven(self) -> Iterator[str]:
        """Tell what no CRC proves, but for what follows the account of a recording cut off."""
        for piece in self.pieces:
            file, frames = piece.file, piece.frames
            if self.cut_off and file is self.files[-1]:
                frames = min(frames, file.acknowledged_frames)
            if file.sidecar is not None and frames > file.compared_frames:
                end = plural(frames - file.compared_frames, "frame")
                yield f"{shown(file.path.name)}: {end} at its end, which no CRC proves"

    def _absent(self) -> Iterator[str]:
        """Files that others of the recording speak of."""
        expected = 1
        end: int | None = None  # of the file before, with what it says itself to have lost
        for file in self.files:
            if file.sidecar is None:
                return
            name = shown(file.path.name)
            if file.segment > expected:
                what = _segments(expected, file.segment - 1)
                before = shown(file.sidecar.previous)
                yield f'{what} not found; before {name} came "{before}"'
            elif end is not None and file.first_frame > end:
                yield f"{plural(file.first_frame - end, 'frame')} missing before {name}"
            expected = max(expected, file.segment + 1)
            told = file.outcome in ("missing", "unreadable")
            end = None if told else file.first_frame + file.frames + file.lost_frames
        last = self.files[-1]
        if last.sidecar is not None and last.sidecar.end == "rolled":
            yield f"segment {expected} not found, which followed {shown(last.path.name)}"
        if last.sidecar is not None and last.sidecar.end == "sealed" and not last.unplaced_frames:
            name = shown(last.path.name)
            spool = shown(last.sidecar.spool)
            where = f'its spool folder, "{spool}"' if spool else "a spool folder"
            yield f"the disk of {name} failed: what followed may be in {where}"

    def write(
        self, path: str | bytes | os.PathLike[str], *, progress: Progress | None = None
    ) -> Path:
        """Write the recording as one new file, with silence where files are missing; return it.

        A name that ends in .wav keeps the samples as they are; .flac, .ogg and what else libsndfile
        writes are made from float32. A file that is there is never replaced.

        Raises:
            FormatError: there is no audio, files differ in rate, channels or subtype, or a format
                cannot be written.
            RecordError, VocanaError: the file cannot be made, or is there already.
        """
        from .joining import join

        function_of("progress", progress, optional=True)
        return join(self, path_of("path", path), progress)

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
            "unknown": self.unknown,
            "files": [file.as_dict() for file in self.files],
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
    def unknown(self) -> list[str]:
        """What can be told by nobody, a sentence each."""
        return [line for recording in self.recordings for line in recording.unknown]

    @property
    def complete(self) -> bool:
        """Whether all that was recorded is there, and whole, for certain."""
        return not self.problems and not self.unknown

    def write(
        self, path: str | bytes | os.PathLike[str], *, progress: Progress | None = None
    ) -> Path:
        """Write the one recording that was found; see `RecoveredRecording.write`."""
        path = path_of("path", path)
        if len(self.recordings) != 1:
            raise FormatError(
                f"{len(self.recordings)} recordings were found, expected one to write to {path}",
                hint="name the files of one recording, or write each of them",
            )
        return self.recordings[0].write(path, progress=progress)
