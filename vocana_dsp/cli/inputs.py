"""Files that a command is given by name or by directory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click


def warn_of_a_cut(path: Path, missing_frames: int, rate: int) -> None:
    """Say on stderr that a file holds less than its head promises."""
    if missing_frames:
        click.echo(
            f"{path} is cut: its head promises {missing_frames / rate:.1f} s more; "
            "`vocana recover` tells what is there",
            err=True,
        )


def sound_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files that are meant: those named, and the sound files of directories named."""
    from ..files.soundfiles import is_audio

    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.is_file() and is_audio(p))
            if not inside:
                raise click.UsageError(f"there is no sound file in the directory {path}")
            found += inside
        else:
            found.append(path)
    return found
