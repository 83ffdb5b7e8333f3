"""New files, made as a whole or not at all, and never in the place of another."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from .errors import RecordError, refuse_existing

REPLACES_NOTHING = "choose another name, or move it away: a recovery replaces nothing"
ELSEWHERE = "write it to a folder of your own, on a disk with room"


def refuse_to_replace(path: Path) -> None:
    """Raise `RecordError`, code ``"file_exists"`` or ``"not_a_file"``, when something is there."""
    try:
        refuse_existing(path)
    except RecordError as error:
        error.hint = REPLACES_NOTHING
        raise


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[int]:
    """Descriptor of a file that was not there; on the disk at the end, gone after an error.

    Raises `RecordError`: code ``"file_exists"``, ``"disk_full"``, ...
    """
    refuse_to_replace(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        fd = os.open(path, flags, 0o600)
    except (OSError, ValueError) as cause:
        raise _refusal(path, cause) from cause
    try:
        try:
            yield fd
        finally:
            os.close(fd)
        sync(path)
    except BaseException as cause:
        path.unlink(missing_ok=True)
        if isinstance(cause, OSError) and not isinstance(cause, RecordError):
            raise _refusal(path, cause) from cause
        raise


def _refusal(path: Path, cause: Exception) -> RecordError:
    error = RecordError.opening(path, cause)
    error.hint = REPLACES_NOTHING if error.code == "file_exists" else ELSEWHERE
    return error


def sync(path: Path) -> None:
    """Bring a file and its name to the disk, or raise `RecordError`."""
    for each in (path, path.parent):
        try:
            fd = os.open(each, os.O_RDONLY | os.O_CLOEXEC)
        except PermissionError:
            continue  # a folder that may be written to, and not listed
        try:
            os.fsync(fd)
        except OSError as cause:
            raise _refusal(path, cause) from cause
        finally:
            os.close(fd)


def put(fd: int, data: bytes) -> None:
    """Append all of it."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
