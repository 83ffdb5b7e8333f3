"""Reading and writing sound files. The one file that imports soundfile.

A C thread reads the file of a capture while Python may be busy, so it calls libsndfile itself:
soundfile opens and checks the file, and tells where the functions of the library it has loaded are.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ConfigError, FormatError, VocanaError
from .content import missing_frames, what_it_is
from .outputs import FORMATS, Format, check_place, refusal
from .wavfile import WavFile

Samples = npt.NDArray[np.float32]

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
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise FormatError(
            f"{path} does not exist",
            code="file_not_found",
            hint="check the path; it is relative to the current directory",
        ) from error
    except OSError as error:
        raise _refusal(path, error) from error
    if stat.S_ISDIR(mode):
        raise FormatError(f"{path} is a directory, expected a sound file", hint="name a file in it")
    if not stat.S_ISREG(mode):
        raise FormatError(f"{path} is not a regular file", hint="name a sound file")
    try:
        return soundfile.SoundFile(os.fsencode(path))  # in bytes a name need not be UTF-8
    except (soundfile.SoundFileError, TypeError, OSError) as error:
        raise _unreadable(path, getattr(error, "error_string", str(error))) from error


def _unreadable(path: Path, said: str) -> FormatError:
    """Return an error that says what the file is, when it can be told; else what was said of it."""
    try:
        found = what_it_is(path)
    except OSError as error:
        return _refusal(path, error)
    return FormatError(
        f"{path} is not a sound file that can be read: {f'it is {found}' if found else said}",
        hint="WAV, FLAC, Ogg, MP3 and AIFF files can be read; convert it, or check that it is "
        "complete",
    )


def _refusal(path: Path, cause: OSError) -> FormatError:
    return FormatError(
        f"{path} cannot be read: {cause.strerror}",
        code="not_readable",
        hint="check its name, its permissions, its disk and `ulimit -n`",
    )


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
        self._form = form = format_of(self.path)
        form.check(self.path, rate, channels)
        self._samples = 0
        self.clipped = 0
        self._part = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        try:
            self._remove_part()
            os.close(os.open(self._part, _NEW, mode))  # libsndfile keeps the mode that it finds
        except OSError as error:
            raise refusal(self.path, error) from error
        try:
            self._file: Any = (
                WavFile(self._part, rate, channels)
                if form.kind == "WAV"
                else soundfile.SoundFile(
                    os.fsencode(self._part), "w", rate, channels, form.subtype, format=form.kind
                )
            )
        except (soundfile.SoundFileError, TypeError, ValueError, OSError) as error:
            self._remove_part()
            raise self._failed(error) from error

    def _remove_part(self) -> None:
        with contextlib.suppress(OSError):
            self._part.unlink()

    def _failed(self, error: Exception) -> VocanaError:
        """Return the error for what libsndfile or the system does not do."""
        if isinstance(error, OSError):
            return refusal(self.path, error)
        return VocanaError(
            f"writing {self.path} failed: {getattr(error, 'error_string', error)}",
            code="write_failed",
            hint="check that the disk has room",
        )

    def write(self, frames: Samples) -> None:
        """Append (frames, channels) float32; integer formats clip at full scale, counted."""
        self._samples += frames.size
        self._form.check_length(self.path, self._samples)
        if self._form.subtype.startswith("PCM"):
            self.clipped += int(np.count_nonzero(np.abs(frames) > 1.0))
        try:
            self._file.write(frames)
        except (RuntimeError, OSError) as error:
            raise self._failed(error) from error

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
        except (RuntimeError, OSError) as error:
            raise self._failed(error) from error
        finally:
            self._remove_part()


def check_output(path: Path, *, overwrite: bool) -> None:
    """Raise VocanaError when `path` is there and may not be replaced, FormatError for its name."""
    format_of(path)
    check_place(path, overwrite=overwrite)


def format_of(path: Path) -> Format:
    """Return the format of a name; FormatError when it has none that can be written."""
    found = FORMATS.get(path.suffix.lower())
    if found is None or not _writes(found):
        known = ", ".join(suffix for suffix, form in FORMATS.items() if _writes(form))
        raise FormatError(
            f"{path} has the suffix {path.suffix!r}, which cannot be written",
            hint=f"name a file that ends in one of {known}",
        )
    return found


def _writes(form: Format) -> bool:
    import soundfile

    return form.subtype in soundfile.available_subtypes(form.kind)


def is_audio(path: Path) -> bool:
    """Whether the suffix is one that libsndfile reads; the file itself is not looked at."""
    import soundfile

    name = path.suffix[1:].upper()
    return _ALIASES.get(name, name) in soundfile.available_formats() and name != "RAW"
