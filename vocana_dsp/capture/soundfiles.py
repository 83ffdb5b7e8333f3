"""Reading sound files. The one file that imports soundfile.

A C thread reads the file while Python may be busy, so it calls libsndfile itself: soundfile opens
and checks the file, and tells where the functions of the library it has loaded are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ConfigError, FormatError


@dataclass(frozen=True, slots=True)
class FileSignal:
    """An open sound file as a signal of the simulated device."""

    rate: int
    channels: int
    frames: int
    signal: tuple[Any, ...]


def open_for_reading(name: str, loop: bool) -> FileSignal:
    """Open a sound file; FormatError when libsndfile cannot read it as audio."""
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
    try:
        file = soundfile.SoundFile(path)
    except (soundfile.SoundFileError, TypeError, OSError) as error:
        raise FormatError(
            f"{path} is not a sound file that can be read: {error}",
            hint="WAV, FLAC, Ogg, MP3 and AIFF files can be read; convert it, or check that it is "
            "complete",
        ) from error
    if loop and not file.frames:
        raise ConfigError(f"{path} holds no audio, so it cannot loop", hint="pass loop=False")

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
