"""Reading and writing sound files. The one file that imports soundfile.

A C thread reads the file of a capture while Python may be busy, so it calls libsndfile itself:
soundfile opens and checks the file, and tells where the functions of the library it has loaded are.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ConfigError, FormatError, VocanaError
from .content import missing_frames, what_it_is

Samples = npt.NDArray[np.float32]

# What is written when a name says no more than its suffix.
SUBTYPES = {
    ".wav": ("WAV", "FLOAT"),
    ".flac": ("FLAC", "PCM_24"),
    ".ogg": ("OGG", "VORBIS"),
    ".opus": ("OGG", "OPUS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
    ".aiff": ("AIFF", "PCM_24"),
    ".caf": ("CAF", "FLOAT"),
    ".w64": ("W64", "FLOAT"),
}

# Suffixes of formats that libsndfile knows by another name.
_ALIASES = {"AIFC": "AIFF", "AIF": "AIFF", "WAVE": "WAV", "OGA": "OGG", "OPUS": "OGG", "SND": "AU"}

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class FileSignal:
    """An open sound file as a signal of the simulated device."""

    rate: int
    channels: int
    frames: int
    signal: tuple[Any, ...]


def _open(name: str | os.PathLike[str]) -> Any:
    """Return the open SoundFile; FormatError when libsndfile cannot read it as audio."""
    import soundfile

    path = Path(name)
    if not path.exists():
        raise FormatError(
            f"{path} does not exist",
            code="file_not_found",
            hint="check the path; it is relative to the current directory",
        )
    if path.is_dir():
        raise FormatError(f"{path} is a directory, expected a sound file", hint="name a file in it")
    if not path.is_file():
        raise FormatError(f"{path} is not a regular file", hint="name a sound file")
    try:
        return soundfile.SoundFile(path)
    except (soundfile.SoundFileError, TypeError, OSError) as error:
        raise FormatError(
            f"{path} is not a sound file that can be read: {_reason(path, error)}",
            hint="WAV, FLAC, Ogg, MP3 and AIFF files can be read; convert it, or check that it is "
            "complete",
        ) from error


def _reason(path: Path, error: Exception) -> str:
    """Say what the file is, when it can be told; else what libsndfile says."""
    with contextlib.suppress(OSError):
        found = what_it_is(path)
        if found:
            return f"it is {found}"
    return str(error)


def open_for_reading(name: str, loop: bool) -> FileSignal:
    """Open a sound file for a C thread; FormatError when it is not audio."""
    import soundfile

    file = _open(name)
    if loop and not file.frames:
        raise ConfigError(f"{name} holds no audio, so it cannot loop", hint="pass loop=False")

    def address(function: Any) -> int:
        return int(soundfile._ffi.cast("uintptr_t", function))

    library = soundfile._snd
    signal = (
        "file",
        address(library.sf_readf_float),
        address(library.sf_seek),
        address(file._file),
        file.frames,
        loop,
        file,
    )
    return FileSignal(file.samplerate, file.channels, file.frames, signal)


class AudioReader:
    """A sound file, block by block. A context manager; one thread at a time.

    Attributes:
        path: where it is.
        rate: frames per second.
        channels: how many.
        frames: how many it holds by its own account.
        missing_frames: how many more the head of a WAV file promises: it was cut.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._file = _open(path)
        self.missing_frames = missing_frames(self.path)
        self.rate = int(self._file.samplerate)
        self.channels = int(self._file.channels)
        self.frames = int(self._file.frames)

    def blocks(self, frames: int) -> Iterator[Samples]:
        """Blocks of `frames` frames, (frames, channels) float32; the last one is shorter.

        libsndfile is called as it is: soundfile's own `read` seeks after each block, and after a
        seek an MP3 decoder begins anew, without what it had of the frames before.

        Raises:
            FormatError: the file is damaged.
        """
        import soundfile

        while True:
            block = np.empty((frames, self.channels), np.float32)
            samples = soundfile._ffi.from_buffer("float[]", block, require_writable=True)
            got = soundfile._snd.sf_readf_float(self._file._file, samples, frames)
            problem = soundfile._snd.sf_error(self._file._file)
            if problem:
                said = soundfile.LibsndfileError(problem).error_string
                raise FormatError(
                    f"{self.path} is damaged: {said.removeprefix('Error : ')}",
                    hint="check that it is complete, or convert it again",
                )
            if not got:
                return
            yield block[:got]

    def __enter__(self) -> AudioReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()


class AudioWriter:
    """A new sound file, in the format of its suffix. A context manager; one thread at a time.

    What is written stands under a name of its own until the end, and then takes the place of
    `path`: a failure leaves no half file, and a file that was there stays as it was.

    Attributes:
        path: where it will stand.
        clipped: samples beyond full scale so far, which a format of integers cannot hold.

    Args:
        mode: who may read and write it; the process's umask is taken off.

    Raises:
        FormatError: the suffix, or this rate with these channels, cannot be written.
        VocanaError: the file cannot be made, or there is one and `overwrite` is False.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        rate: int,
        channels: int,
        *,
        overwrite: bool = False,
        mode: int = 0o666,
    ) -> None:
        import soundfile

        self.path = Path(path)
        self._overwrite = overwrite
        check_output(self.path, overwrite=overwrite)
        kind, subtype = format_of(self.path)
        self._integers = subtype.startswith("PCM")
        self.clipped = 0
        self._part = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        try:
            self._part.unlink(missing_ok=True)
            os.close(os.open(self._part, _NEW, mode))  # libsndfile keeps the mode that it finds
            self._file = soundfile.SoundFile(
                self._part, "w", rate, channels, subtype=subtype, format=kind
            )
        except (soundfile.SoundFileError, TypeError, ValueError, OSError) as error:
            self._part.unlink(missing_ok=True)
            if not os.access(self.path.parent, os.W_OK):
                raise VocanaError(
                    f"{self.path.parent} cannot be written",
                    code="not_writable",
                    hint="choose a directory that exists and is yours",
                ) from error
            raise FormatError(
                f"{self.path} cannot be written with {rate} Hz and {channels} channels: {error}",
                hint="WAV and FLAC take most rates; Opus takes 8, 12, 16, 24 and 48 kHz",
            ) from error

    def write(self, frames: Samples) -> None:
        """Append (frames, channels) float32; integer formats clip at full scale, counted."""
        if self._integers:
            self.clipped += int(np.count_nonzero(np.abs(frames) > 1.0))
        try:
            self._file.write(frames)
        except (RuntimeError, OSError) as error:
            raise VocanaError(
                f"writing {self.path} failed: {error}",
                code="write_failed",
                hint="check that the disk has room",
            ) from error

    def __enter__(self) -> AudioWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._file.close()
            if kind is None:
                check_output(self.path, overwrite=self._overwrite)
                self._part.replace(self.path)
        finally:
            with contextlib.suppress(OSError):
                self._part.unlink(missing_ok=True)


def check_output(path: Path, *, overwrite: bool) -> None:
    """Raise VocanaError when `path` is there and may not be replaced, FormatError for its name."""
    format_of(path)
    check_place(path, overwrite=overwrite)


def check_place(path: Path, *, overwrite: bool) -> None:
    """Raise VocanaError when a directory is at `path`, or a file that may not be replaced."""
    if path.is_dir():
        raise VocanaError(
            f"{path} is a directory, expected a file", code="exists", hint="name a file in it"
        )
    if path.exists() and not overwrite:
        raise VocanaError(
            f"{path} is there already",
            code="exists",
            hint="choose another name, or replace it: overwrite=True",
        )


def format_of(path: Path) -> tuple[str, str]:
    """Return libsndfile's (format, subtype) for a name; FormatError when it has none."""
    import soundfile

    found = SUBTYPES.get(path.suffix.lower())
    if found is None or found[1] not in soundfile.available_subtypes(found[0]):
        known = ", ".join(s for s, (kind, sub) in SUBTYPES.items() if _writes(kind, sub))
        raise FormatError(
            f"{path} has the suffix {path.suffix!r}, which cannot be written",
            hint=f"name a file that ends in one of {known}",
        )
    return found


def _writes(kind: str, subtype: str) -> bool:
    import soundfile

    return subtype in soundfile.available_subtypes(kind)


def is_audio(path: Path) -> bool:
    """Whether the suffix is one that libsndfile reads; the file itself is not looked at."""
    import soundfile

    name = path.suffix[1:].upper()
    return _ALIASES.get(name, name) in soundfile.available_formats() and name != "RAW"
