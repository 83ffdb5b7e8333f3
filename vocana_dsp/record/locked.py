"""A file under repair: opened without trust in its name, locked against its writer."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from ..errors import FormatError, ResourceBusy, VocanaError
from .errors import RecordError

PART_BYTES = 1 << 20  # what is read at a time
#: Never through a symbolic link; a pipe or a device of that name blocks nobody.
SAFELY = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def refusal(path: Path, cause: Exception) -> VocanaError:
    """Build the error for a file that cannot be opened, read or changed."""
    number = getattr(cause, "errno", None) or 0
    if number in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
        return FormatError(f"{path} does not exist", code="file_not_found", hint="check the path")
    if number in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
        return _not_a_file(path)
    what = os.strerror(number) if number else str(cause)
    return RecordError(
        f"cannot repair {path}: {what}",
        code="no_permission" if number in (errno.EACCES, errno.EPERM) else "disk_error",
        hint="copy it to a folder of your own, and recover the copy",
        path=path,
        number=number,
    )


def _not_a_file(path: Path) -> RecordError:
    return RecordError(
        f"{path} is not a regular file",
        code="not_a_file",
        path=path,
        hint="name the WAV file itself, or a folder of them",
    )


class LockedFile:
    """A regular file, open, and locked against the recorder that may still write it.

    A context manager. Raises `ResourceBusy` while its writer lives, `RecordError` when it cannot be
    opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            try:
                self._fd = os.open(path, os.O_RDWR | SAFELY)
            except OSError as cause:
                if cause.errno not in (errno.EACCES, errno.EROFS, errno.EPERM):
                    raise
                self._fd = os.open(path, os.O_RDONLY | SAFELY)
        except (OSError, ValueError) as cause:
            raise refusal(path, cause) from cause
        try:
            self._lock()
        except BaseException:
            os.close(self._fd)
            raise
        self.size = os.fstat(self._fd).st_size

    def _lock(self) -> None:
        if not stat.S_ISREG(os.fstat(self._fd).st_mode):
            raise _not_a_file(self.path)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as cause:
            raise ResourceBusy(
                f"{self.path} is being recorded: its writer is alive",
                hint="end the recording first",
            ) from cause
        except OSError:
            pass  # a file system without locks: there is no writer to be seen

    def read(self, at: int, n: int) -> bytes:
        """Return up to n bytes; fewer only at the end."""
        got = b""
        try:
            while len(got) < n and (part := os.pread(self._fd, n - len(got), at + len(got))):
                got += part
        except OSError as cause:
            raise refusal(self.path, cause) from cause
        return got

    def parts(self, at: int, end: int) -> Iterator[bytes]:
        """Bytes from `at` to `end`, PART_BYTES at a time."""
        while at < end and (part := self.read(at, min(PART_BYTES, end - at))):
            at += len(part)
            yield part

    def change(self, changes: dict[int, bytes], size: int) -> None:
        """Cut to a size and write a few bytes; it is on the disk when this returns."""
        try:
            os.ftruncate(self._fd, size)
            for at, data in changes.items():
                os.pwrite(self._fd, data, at)
            os.fsync(self._fd)
        except OSError as cause:
            read_only = cause.errno in (errno.EBADF, errno.EINVAL)
            raise refusal(self.path, OSError(errno.EACCES, "") if read_only else cause) from cause
        self.size = size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._fd)
