"""Files that are replaced as a whole, whatever happens meanwhile."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress

from ..config import octets_of, path_of
from ..errors import ConfigError, VocanaError

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def replace_file(path: str | os.PathLike[str], data: bytes) -> None:
    """Put a file with this content in the place of `path`, which need not exist.

    Whoever opens `path`, also after a crash or a power cut, finds all of the old content or all of
    the new one; when this has returned, the new one. Only the owner may read it. A link at `path`
    is replaced, never followed. A process that is killed meanwhile may leave ``.NAME.*.tmp``
    behind.

    For any thread, but it waits for the disk.

    Args:
        path: in a folder that exists.
        data: the whole content.

    Raises:
        ConfigError: `path` names no file, or `data` is no bytes.
        VocanaError: code ``"not_saved"``; the system's own error is its cause. One of the two is in
            its place, and whole.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     state = Path(folder, "state.json")
    ...     replace_file(state, b'{"takes": 1}')
    ...     replace_file(state, b'{"takes": 2}')
    ...     state.read_bytes(), len(list(state.parent.iterdir()))
    (b'{"takes": 2}', 1)
    """
    path = path_of("path", path)
    octets = octets_of("data", data, "encode text first: text.encode()")
    if path.name in ("", ".."):
        raise ConfigError(
            f"path is {str(path)!r}, expected the name of a file",
            hint="pass the file itself, not its folder",
        )
    try:
        folder = os.open(path.parent, _FOLDER)
        try:
            _replace(folder, path.name, octets)
        finally:
            os.close(folder)
    except OSError as error:
        raise VocanaError(
            f"{path} cannot be replaced: {error}",
            code="not_saved",
            hint="look at the folder, its permissions and the room on the disk",
        ) from error


def _replace(folder: int, name: str, data: memoryview) -> None:
    temporary = f".{name}.{secrets.token_hex(4)}.tmp"
    file = os.open(temporary, _NEW, 0o600, dir_fd=folder)
    try:
        try:
            _write_all(file, data)
            os.fsync(file)
        finally:
            os.close(file)
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise
    os.fsync(folder)


def _write_all(file: int, data: memoryview) -> None:
    while data:
        data = data[os.write(file, data) :]
