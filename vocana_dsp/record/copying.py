"""New files, made as a whole or not at all, and never in the place of another."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from .errors import RecordError


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[int]:
    """Descriptor of a file that was not there; on the disk at the end, gone after an error.

    Raises `RecordError`: code ``"file_exists"``, ``"disk_full"``, ...
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        fd = os.open(path, flags, 0o600)
    except (OSError, ValueError) as cause:
        raise RecordError.opening(path, cause) from cause
    try:
        try:
            yield fd
            os.fsync(fd)
        finally:
            os.close(fd)
    except BaseException as cause:
        path.unlink(missing_ok=True)
        if isinstance(cause, OSError) and not isinstance(cause, RecordError):
            raise RecordError.opening(path, cause) from cause
        raise


def put(fd: int, data: bytes) -> None:
    """Append all of it."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
