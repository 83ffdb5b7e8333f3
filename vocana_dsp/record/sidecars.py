"""The JSON beside each file of a recording, found and read without trust."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from .._native import sidecar as _sidecar
from .._native.sidecar import SidecarData
from ..errors import VocanaError
from .locked import SAFELY, refusal

MOST_BYTES = 64 << 20


def sidecar_path(path: Path) -> Path:
    """Return where the sidecar of a file is."""
    return path.with_name(path.name + ".json")


def sidecar_of(path: Path) -> SidecarData | None:
    """Return what the sidecar of a file says, None when it cannot be read or there is none."""
    try:
        return read_sidecar(sidecar_path(path))
    except VocanaError:
        return None


def identity(sidecar: SidecarData) -> tuple[object, ...]:
    """Return what all files of a recording have in common."""
    return sidecar.recording, sidecar.started_wall_ns, sidecar.started_ns


def crc_frames(sidecar: SidecarData) -> int:
    """Return how many frames of the file, from its first one on, have a CRC."""
    return len(sidecar.seconds) * sidecar.rate + sidecar.rest_frames


def read_sidecar(path: Path) -> SidecarData | None:
    """Return what a sidecar says, None when there is none; FormatError when it is broken."""
    try:
        fd = os.open(path, os.O_RDONLY | SAFELY)
    except OSError as cause:
        if cause.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO, errno.ENAMETOOLONG):
            return None
        raise refusal(path, cause) from cause
    with os.fdopen(fd, "rb") as file:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
            return None
        try:
            text = file.read(status.st_size)
        except OSError as cause:
            raise refusal(path, cause) from cause
    return _sidecar.parse(text)
