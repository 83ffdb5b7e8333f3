"""Recordings that a crash, a full disk or a power cut left behind, put right."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from .._native import wav
from .._native.sidecar import SidecarData
from ..config import path_of
from ..errors import ConfigError, FormatError, ResourceBusy, VocanaError
from .joined import is_joined_file
from .locked import refusal
from .recovered import RecoveredFile
from .repair import SUFFIXES, Form, recover_file
from .report import RecoveredRecording, RecoveryReport
from .sidecars import identity, sidecar_of

_SIDECARS = (".wav.json", ".wave.json")


def recover(
    *paths: str | bytes | os.PathLike[str],
    rate: int | None = None,
    channels: int | None = None,
    subtype: str | None = None,
) -> RecoveryReport:
    """Repair WAV files in place, find the files that belong together, and tell what is missing.

    Args:
        paths: files, or folders whose WAV files are all looked at. Other segments of a file are
            found in its own folder and in the folders named; one in a spool elsewhere only when
            that folder is named too: a name that stands in a sidecar is never followed.
        rate: of a file that has lost both its head and its sidecar, when somebody knows it; it goes
            into a new file, ``NAME.recovered.wav``.
        channels: of the same file.
        subtype: of the same file: "float32", "pcm24" or "pcm16".

    In place only heads are changed: sizes that were never written or are beyond the file, and a
    head that is lost, from the sidecar, when the audio behind it is proven by a CRC; and the part
    of a frame at the end is cut off. A second time it changes nothing. The audio is read as a
    whole and compared with the CRC of each second in the sidecar, and of the rest, which tells
    zeros that a power cut left from silence that was recorded. A file that was joined tells what
    its sources missed.

    Raises:
        ResourceBusy: the one file named is being recorded.
        FormatError: the one file named is no WAV file, nor was one; there is nothing in a folder.
        ConfigError: a path is none; rate, channels and subtype are not told together, of one file.
        RecordError: the one file named cannot be opened or changed.

    In folders, such files are listed with what is wrong with them. Blocks while it reads; any
    thread. `RecoveryReport.write` joins the files, or converts them.
    """
    named = [_absolute(path_of("path", path)) for path in paths]
    form = _form(named, rate, channels, subtype)
    files: dict[Path, RecoveredFile] = {}
    for path in named:
        if _is_dir(path):
            _of_folder(path, files)
        else:
            files[path] = recover_file(path, form)
            _siblings(path, files)
    if not files:
        raise FormatError(
            f"there is no recording in {', '.join(map(str, named))}"
            if named
            else "no file is named",
            code="file_not_found",
            hint="name a file, or a folder of recordings",
        )
    return RecoveryReport(tuple(_together(files.values())))


def _form(
    named: list[Path], rate: int | None, channels: int | None, subtype: str | None
) -> Form | None:
    """Return what was told of a file; ConfigError when that does not suffice, or cannot be."""
    if rate is None and channels is None and subtype is None:
        return None
    one_file = len(named) == 1 and not _is_dir(named[0])
    if rate is None or channels is None or subtype is None or not one_file:
        raise ConfigError(
            "rate, channels and subtype are those of one file, expected all three and its path",
            hint="name the file that has lost its head and its sidecar, and tell all of them",
        )
    wav.frame_bytes(rate, channels, subtype)  # raises for what no WAV file can be
    return rate, channels, subtype


def _is_dir(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - Path's raises for what it may not look at


def _absolute(path: Path) -> Path:
    """Follow links to the folder, never one that is the file itself."""
    try:
        return path.resolve() if _is_dir(path) else path.parent.resolve() / path.name
    except OSError as cause:  # of the current folder
        raise refusal(path, cause) from cause


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        return sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as cause:
        raise refusal(folder, cause) from cause


def _of_folder(folder: Path, files: dict[Path, RecoveredFile]) -> None:
    names = [entry.name for entry in _entries(folder) if entry.is_file(follow_symlinks=False)]
    sounds = [name for name in names if name.lower().endswith(SUFFIXES)]
    # The recording of a joined file lies beside it, or has been put away.
    wanted = [name for name in sounds if not is_joined_file(folder / name)]
    beside = [name.removesuffix(".json") for name in names if name.endswith(".json")]
    orphans = [name for name in beside if name.lower().endswith(SUFFIXES) and name not in wanted]
    for name in wanted:
        if folder / name not in files:
            files[folder / name] = _listed(folder / name)
    for name in orphans:
        sidecar = sidecar_of(folder / name)
        if sidecar is not None:
            files.setdefault(folder / name, _absent(folder / name, sidecar))


def _listed(path: Path) -> RecoveredFile:
    """Recover a file of a folder; what is wrong with it is a note."""
    try:
        return recover_file(path)
    except ResourceBusy:
        return RecoveredFile(path, "busy", sidecar=sidecar_of(path), note="it is being recorded")
    except VocanaError as error:
        note = str(error.args[0]).replace(str(path), "it")
        return RecoveredFile(path, "unreadable", sidecar=sidecar_of(path), note=note)


def _absent(path: Path, sidecar: SidecarData) -> RecoveredFile:
    return RecoveredFile(path, "missing", sidecar=sidecar, lost_frames=sidecar.durable_frames)


def _siblings(path: Path, files: dict[Path, RecoveredFile]) -> None:
    """Other segments beside a file."""
    own = files[path].sidecar
    if own is None:
        return
    try:
        beside = _entries(path.parent)
    except VocanaError:  # what it may not list is looked at when it is named
        return
    for entry in beside:
        other = path.parent / entry.name.removesuffix(".json")
        if not entry.name.lower().endswith(_SIDECARS) or other in files:
            continue
        sidecar = sidecar_of(other)
        if sidecar is None or identity(sidecar) != identity(own):
            continue
        there = os.path.lexists(other) and not is_joined_file(other)
        files[other] = _listed(other) if there else _absent(other, sidecar)


def _together(files: Iterable[RecoveredFile]) -> list[RecoveredRecording]:
    """Group files by recording, in the order of time."""
    groups: dict[object, list[RecoveredFile]] = {}
    for file in files:
        key = file.path if file.sidecar is None else identity(file.sidecar)
        groups.setdefault(key, []).append(file)
    return [
        RecoveredRecording(tuple(sorted(group, key=lambda file: (file.first_frame, file.segment))))
        for group in groups.values()
    ]
