"""What goes wrong with a file that is being recorded, in words a user can act on."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, Self

from ..errors import VocanaError

# errno: (code, what happened, what to do)
_CAUSES = {
    errno.ENOSPC: ("disk_full", "the disk is full", "free some space, or record to another disk"),
    errno.EDQUOT: ("disk_full", "the quota is used up", "delete files, or record to another disk"),
    errno.EFBIG: ("file_too_big", "no file may be larger here", "see `ulimit -f`, or record less"),
    errno.EIO: ("disk_error", "the disk does not work", "record to another disk; check this one"),
    errno.EROFS: ("read_only", "the file system is read-only", "record to another place"),
    errno.EACCES: ("no_permission", "permission denied", "record to a folder of your own"),
    errno.EPERM: ("no_permission", "not permitted", "record to a folder of your own"),
    errno.ENOENT: ("no_folder", "there is no such folder", "make the folder first"),
    errno.ENOTDIR: ("no_folder", "a part of the path is not a folder", "correct the path"),
    errno.ENAMETOOLONG: ("bad_name", "the name is too long", "choose a shorter name"),
    errno.ESTALE: (
        "file_gone",
        "the file was removed, moved or replaced while it was recorded",
        "leave the files of a recording alone until it has ended",
    ),
    errno.EOVERFLOW: (
        "too_many_files",
        "the recording has its 9,999 files, and there is no name for another one",
        "record longer segments, or begin another recording",
    ),
    errno.EMFILE: (
        "too_many_open",
        "this process has too many files open",
        "close some, or raise `ulimit -n`",
    ),
    errno.ELOOP: ("not_a_file", "it is a symbolic link", "name the file itself"),
}


class RecordError(VocanaError, OSError):
    """A recording's file cannot be made or written.

    Attributes:
        code: for example ``"disk_full"``, ``"disk_error"``, ``"file_exists"``, ``"no_folder"``.
        errno: what the system said, 0 when it said nothing.
        path: the file.
        frames_saved: whole frames of the recording that are safe, in whichever of its files.
    """

    default_code = "recording"
    default_hint = "record to another place"

    def __init__(
        self,
        message: str = "",
        *,
        code: str | None = None,
        hint: str | None = None,
        path: Path | None = None,
        number: int = 0,
        frames_saved: int = 0,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.path = path
        self.frames_saved = frames_saved
        self.errno = number
        self.strerror = os.strerror(number) if number else None
        self.filename = None if path is None else str(path)

    def __reduce__(self) -> tuple[Any, ...]:
        # OSError keeps these three outside of __dict__.
        system = {"errno": self.errno, "strerror": self.strerror, "filename": self.filename}
        return type(self), self.args, {**self.__dict__, **system}

    @classmethod
    def opening(cls, path: Path, cause: Exception) -> Self:
        """Build the error for a file that could not be made."""
        number = getattr(cause, "errno", None) or 0
        if number == errno.EEXIST:
            if path.is_symlink() or not path.is_file():
                return cls(
                    f"{path} is there and is not a regular file",
                    code="not_a_file",
                    path=path,
                    hint="name a file that can be made new",
                    number=number,
                )
            return cls(
                f"{path} is there already",
                code="file_exists",
                path=path,
                hint="choose another name, or replace it: overwrite=True",
                number=number,
            )
        code, what, todo = what_failed(number, str(cause))
        return cls(f"cannot make {path}: {what}", code=code, path=path, hint=todo, number=number)

    @classmethod
    def writing(cls, path: Path, cause: OSError, frames: int, rate: int) -> Self:
        """Build the error for a write that failed after `frames` frames at `rate` Hz."""
        number = cause.errno or 0
        code, what, todo = what_failed(number, str(cause))
        saved = "nothing is saved"
        if frames:
            saved = f"{frames:,} frames of {path}, {frames / rate:.2f} s, are saved"
        return cls(
            f"{what}; {saved}",
            code=code,
            path=path,
            hint=todo,
            number=number,
            frames_saved=frames,
        )


def what_failed(number: int, text: str = "") -> tuple[str, str, str]:
    """Return a code, what happened and what to do for an errno; `text` for one that is unknown.

    >>> what_failed(28)
    ('disk_full', 'the disk is full', 'free some space, or record to another disk')
    """
    said = text or os.strerror(number)
    return _CAUSES.get(number, ("disk_error", said, RecordError.default_hint))


def refuse_existing(path: Path) -> None:
    """Raise `RecordError`, code ``"file_exists"`` or ``"not_a_file"``, when something is there."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return  # making it says more of its folder
    except (OSError, ValueError) as cause:
        raise RecordError.opening(path, cause) from cause
    raise RecordError.opening(path, FileExistsError(errno.EEXIST, "exists"))
