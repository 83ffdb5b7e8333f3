"""How long files are kept that nobody will ask for again."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from stat import S_ISREG

from ..config import positive, whole
from ..errors import ConfigError, VocanaError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Retention:
    """Which files of a folder have been kept long enough.

    Attributes:
        pattern: which names it is about, as a shell knows them: ``"*.bak"``.
        older_than_s: how long after its last change a file may go.
        keep: the newest of them always stay, so many at least, whatever a clock says.

    >>> BACKUPS.older_than_s / 3600, LOGS.older_than_s / 86400
    (24.0, 30.0)
    """

    pattern: str
    older_than_s: float
    keep: int = 1

    def __post_init__(self) -> None:
        if not isinstance(self.pattern, str) or not self.pattern or "/" in self.pattern:
            raise ConfigError(
                f"pattern is {self.pattern!r}, expected a pattern of names such as '*.bak'",
                hint="pass the folder to sweep, and the names here",
            )
        positive("older_than_s", self.older_than_s, "s")
        whole("keep", self.keep, 0, 2**31 - 1)

    def sweep(
        self, folder: str | os.PathLike[str], *, clock: Callable[[], float], dry_run: bool = False
    ) -> list[Path]:
        """Delete what has been kept long enough in `folder`: which files, oldest first.

        Only regular files of that folder itself: links are neither followed nor deleted, folders
        are left alone. A file that is gone already, or may not be deleted, is passed over.

        Args:
            folder: no link either.
            clock: seconds since 1970, which is what files are dated by: `time.time`.
            dry_run: delete nothing, only tell.

        Raises:
            VocanaError: code ``"no_folder"``; it cannot be opened.
        """
        folder = Path(folder)
        try:
            opened = os.open(folder, _FOLDER)
        except (OSError, ValueError) as error:
            raise VocanaError(
                f"{folder} cannot be swept: {error}",
                code="no_folder",
                hint="name the folder itself, not a link to it",
            ) from error
        try:
            swept = []
            for name in self._old(opened, clock()):
                with suppress(OSError):
                    if not dry_run:
                        os.unlink(name, dir_fd=opened)
                    swept.append(folder / name)
            return swept
        finally:
            os.close(opened)

    def _old(self, folder: int, now_s: float) -> list[str]:
        """Names that may go, oldest first."""
        dated = []
        for name in os.listdir(folder):
            if not fnmatchcase(name, self.pattern):
                continue
            with suppress(OSError):
                status = os.stat(name, dir_fd=folder, follow_symlinks=False)
                if S_ISREG(status.st_mode):
                    dated.append((status.st_mtime, name))
        dated.sort()
        spare = dated[: max(0, len(dated) - self.keep)]
        return [name for time_s, name in spare if now_s - time_s > self.older_than_s]


BACKUPS = Retention("*.bak", older_than_s=24 * 3600.0)
LOGS = Retention("*.log*", older_than_s=30 * 86400.0)
