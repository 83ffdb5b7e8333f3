"""Where a recording goes: names that can be one, and the way made for one that replaces another."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from ..config import path_of
from ..errors import ConfigError, ResourceBusy, VocanaError
from .errors import RecordError
from .locked import LockedFile
from .sidecars import identity, sidecar_of, sidecar_path

NAME_BYTES = 231  # and what is added makes a name of 255


def checked(path: str | os.PathLike[str]) -> Path:
    """Return the path with its folder made absolute; ConfigError for what names no file."""
    text = str(path_of("path", path))
    try:
        whole_path = Path(os.path.abspath(text))  # noqa: PTH100 - the last part may be a link
    except OSError as cause:  # the current folder is gone
        raise RecordError.opening(Path(text), cause) from cause
    name = whole_path.name
    if os.fsdecode(path).endswith("/") or whole_path.suffix.lower() not in (".wav", ".wave"):
        raise ConfigError(
            f"path is {text!r}, expected a name that ends in .wav",
            hint="samples are written as WAV: call it something.wav",
        )
    if len(os.fsencode(name)) > NAME_BYTES:
        raise ConfigError(
            f"path has a name of {len(os.fsencode(name))} bytes, expected {NAME_BYTES} or fewer",
            hint="choose a shorter name",
        )
    return whole_path


def spool_folder(path: str | os.PathLike[str]) -> Path:
    """Return a folder that is there, as an absolute path."""
    folder = path_of("spool", path)
    there = False
    with contextlib.suppress(OSError):  # the current folder is gone, a name is too long
        folder = folder.absolute()
        there = folder.is_dir()
    if not there:
        raise ConfigError(f"spool is {str(path)!r}, which is no folder", hint="make it first")
    return folder


def make_way(path: Path, spool: Path | None) -> None:
    """Remove a recording: its first file, those that follow it here and in the spool, sidecars.

    What is no regular file stays, and so do files that are not known to be of the recording.

    Raises:
        ResourceBusy: a file of it is being recorded; nothing is removed.
        RecordError: one can be neither opened nor removed.
    """
    files = [path, *_followers(path, spool)]
    with contextlib.ExitStack() as locks:
        for file in files:
            if _is_regular(file):
                locks.enter_context(_locked(file))
        for name in [name for file in files for name in (file, sidecar_path(file))]:
            if _is_regular(name):
                name.unlink(missing_ok=True)


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _locked(file: Path) -> LockedFile:
    try:
        return LockedFile(file)
    except ResourceBusy as busy:
        raise ResourceBusy(
            f"{file} is being recorded, and is not replaced",
            hint="end that recording first, or choose another name",
        ) from busy
    except VocanaError as error:
        raise RecordError.opening(file, PermissionError(errno.EACCES, str(error))) from error


def _followers(path: Path, spool: Path | None) -> Iterator[Path]:
    """Yield the other files of the recording, by their sidecars."""
    own = sidecar_of(path)
    if own is None:
        return
    numbered = re.compile(
        f"{re.escape(path.stem)}(-[0-9]{{4}})?{re.escape(path.suffix)}[.]json", re.DOTALL
    )
    for folder in {path.parent, spool or path.parent}:
        for entry in sorted(folder.iterdir()):
            file = entry.with_suffix("")
            if file == path or not numbered.fullmatch(entry.name):
                continue
            said = sidecar_of(file)
            if said is not None and identity(said) == identity(own):
                yield file
