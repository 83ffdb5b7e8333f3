"""Where a recording goes: names that can be one, and the way made for one that replaces another."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from .._native.sidecar import SidecarData
from ..errors import ConfigError, ResourceBusy, VocanaError
from .errors import RecordError
from .locked import LockedFile
from .sidecars import read_sidecar, sidecar_path

NAME_BYTES = 231  # and what is added makes a name of 255


def checked(path: str | os.PathLike[str]) -> Path:
    """Return the path with its folder made absolute; ConfigError for what names no file."""
    text = os.fspath(path)
    if "\0" in text:
        raise ConfigError(f"path is {text!r}, expected a name without NUL", hint="correct the name")
    whole_path = Path(os.path.abspath(text))  # noqa: PTH100 - the last part may be a link
    name = whole_path.name
    if text.endswith("/") or not name or whole_path.suffix.lower() not in (".wav", ".wave"):
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
    folder = Path(path).absolute()
    if not folder.is_dir():
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


def _said(path: Path) -> SidecarData | None:
    with contextlib.suppress(VocanaError):
        return read_sidecar(sidecar_path(path))
    return None


def _identity(said: SidecarData | None) -> tuple[object, ...] | None:
    return said and (said.recording, said.started_wall_ns, said.started_ns)


def _followers(path: Path, spool: Path | None) -> Iterator[Path]:
    """Yield the other files of the recording, by their sidecars."""
    own = _identity(_said(path))
    if own is None:
        return
    numbered = re.compile(
        f"{re.escape(path.stem)}(-[0-9]{{4}})?{re.escape(path.suffix)}[.]json", re.DOTALL
    )
    for folder in {path.parent, spool or path.parent}:
        for entry in sorted(folder.iterdir()):
            file = entry.with_suffix("")
            if numbered.fullmatch(entry.name) and file != path and _identity(_said(file)) == own:
                yield file
