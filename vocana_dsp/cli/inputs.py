"""Files that a command is given, by name or by directory, and those that it writes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..config import MAX_DSP_CHANNELS, MAX_RATE_HZ

if TYPE_CHECKING:
    from rich.progress import Progress

    from ..errors import VocanaError
    from ..files.soundfiles import AudioReader

FAILED = 1  # exit code when one of several files failed

# How a command is told what a hint says in Python.
_OPTIONS = {
    "overwrite=True": "--force",
    "vo.Tone(440)": "--source tone",
    "vo.Tone and vo.File work": "--source works",
    "; Device(..., isolate=True) finds what was plugged in after the program started": "",
    ", or open it without isolate=True": "",
}


def hint_of(error: VocanaError) -> str:
    """Return what to do about an error, in words of the command line."""
    hint = error.hint
    for python, option in _OPTIONS.items():
        hint = hint.replace(python, option)
    return hint


def apart(paths: list[Path], what: str) -> list[Path]:
    """Return the paths that things are written to; a UsageError when two would go to one."""
    for path, number in Counter(paths).items():
        if number > 1:
            raise click.UsageError(f"two of the {what} would be written to {path}")
    return paths


def make_directory(path: Path) -> None:
    """Make the directory that is written to, unless it is there; raises VocanaError."""
    from ..errors import VocanaError

    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise VocanaError(
            f"{path} cannot be made a directory: {error}",
            code="not_writable",
            hint="choose a name that is no file, in a directory that is yours",
        ) from error


def progress() -> Progress:
    """Return a bar for stderr, which shows nothing where that is no terminal."""
    from rich.console import Console
    from rich.progress import Progress, TextColumn

    console = Console(stderr=True)
    name = TextColumn("{task.description}", markup=False)  # a file may be called "[bold].wav"
    return Progress(
        name,
        *Progress.get_default_columns()[1:],
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


class Failures:
    """The files of several that failed, while the others went on.

    Attributes:
        errors: what each failed with.
    """

    def __init__(self) -> None:
        self.errors: dict[Path, VocanaError] = {}

    def add(self, path: Path, error: VocanaError) -> None:
        """Note it, and say so on stderr."""
        self.errors[path] = error
        said = f"{error.args[0]} (hint: {hint_of(error)})" if error.hint else str(error)
        click.echo(said if str(path) in said else f"{path}: {said}", err=True)

    def end(self, number: int) -> None:
        """Exit with code 1 when there are any, of that number of files."""
        if self.errors:
            click.echo(f"{len(self.errors)} of {number} files failed", err=True)
            raise SystemExit(FAILED)


def check_form(reader: AudioReader, least_hz: int) -> None:
    """Raise FormatError unless a file has channels and a rate that can be worked with."""
    from ..errors import FormatError

    if reader.channels > MAX_DSP_CHANNELS:
        raise FormatError(
            f"{reader.path} has {reader.channels} channels, expected {MAX_DSP_CHANNELS} at most",
            hint="split it into files of fewer channels first",
        )
    if not least_hz <= reader.rate <= MAX_RATE_HZ:
        raise FormatError(
            f"{reader.path} has {reader.rate} Hz, expected {least_hz} to {MAX_RATE_HZ}",
            hint="convert it to such a rate first",
        )


def warn_of_a_cut(path: Path, missing_frames: int, rate: int) -> None:
    """Say on stderr that a file holds less than its head promises."""
    if missing_frames:
        click.echo(
            f"{path} is cut: its head promises {missing_frames / rate:.1f} s more; "
            "`vocana recover` tells what is there",
            err=True,
        )


class Names(click.Path):
    """Names of files and folders; none is empty, which would be the current folder."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Refuse an empty name, such as that of a variable that is not set."""
        if not os.fspath(value):
            self.fail("a name is empty", param, ctx)
        return Path(os.fsdecode(super().convert(value, param, ctx)))


def suffix_of(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Return the suffix of a format, ".flac" for "flac", when that can be written."""
    from ..errors import FormatError
    from ..files.outputs import FORMATS
    from ..files.soundfiles import format_of

    if value is None:
        return None
    name = Path(f"sound.{value.lower().removeprefix('.')}")
    try:
        format_of(name)
    except FormatError as error:
        known = ", ".join(suffix.removeprefix(".") for suffix in FORMATS)
        raise click.BadParameter(f"{value!r} is not one of {known}") from error
    return name.suffix


def sound_name(ctx: click.Context, param: click.Parameter, path: Path | None) -> Path | None:
    """Return the name of a sound file, when a format of its suffix can be written."""
    if path is not None and path.suffix.lower() != ".wave":
        suffix_of(ctx, param, path.suffix)
    return path


def is_directory(path: Path) -> bool:
    """Whether it is a directory; not for a name that none can have."""
    return os.path.isdir(path)  # noqa: PTH112 - Path's raises for a name that is too long


def sound_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files that are meant: those named, and the sound files of directories named."""
    from ..files.soundfiles import is_audio

    found: list[Path] = []
    for path in paths:
        if is_directory(path):
            inside = sorted(p for p in path.iterdir() if p.is_file() and is_audio(p))
            if not inside:
                raise click.UsageError(f"there is no sound file in the directory {path}")
            found += inside
        else:
            found.append(path)
    return found
