"""`vocana analyze`: what sound files are like, as a table, as JSON and as a picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .inputs import (
    Failures,
    Names,
    apart,
    check_form,
    hint_of,
    is_directory,
    make_directory,
    progress,
    sound_files,
    warn_of_a_cut,
)

if TYPE_CHECKING:
    from rich.progress import Progress

    from ..errors import VocanaError
    from ..features.analysis import Analysis


def _pictures(inputs: list[Path], png: Path | None, into: bool) -> list[Path | None]:
    """Return where the picture of each input goes; a UsageError when two would go to one place."""
    if png is None:
        return [None] * len(inputs)
    if not into:
        return [png]
    return list(apart([png / f"{path.stem}.png" for path in inputs], "pictures"))


def _one(source: Path, png: Path | None, force: bool, bar: Progress) -> Analysis:
    """Analyze one file, and draw it."""
    from ..errors import FormatError
    from ..features.blocks import LEAST_RATE_HZ
    from ..features.overview import Overview
    from ..features.report import BLOCK_FRAMES, AnalysisMeter
    from ..files.soundfiles import AudioReader

    with AudioReader(source) as reader:
        if not reader.frames:
            raise FormatError(f"{source} holds no audio", hint="name a file with some")
        check_form(reader, LEAST_RATE_HZ)
        warn_of_a_cut(source, reader.missing_frames, reader.rate)
        task = bar.add_task(source.name, total=reader.frames)
        meter = AnalysisMeter(reader.rate, reader.channels)
        overview = Overview(reader.rate, reader.channels, reader.frames) if png else None
        for block in reader.blocks(BLOCK_FRAMES):
            meter.process(block)
            if overview is not None:
                overview.process(block)
            bar.update(task, completed=meter.frames)
        found = meter.finish()
    if png is not None and overview is not None:
        from .picture import draw

        draw(png, source.name, found, overview.finish(), overwrite=force)
    bar.update(task, visible=False)
    return found


def _failure(path: Path, error: VocanaError) -> dict[str, object]:
    """Return what JSON says of a file that could not be analyzed."""
    said = {"code": error.code, "message": error.args[0], "hint": hint_of(error)}
    return {"path": str(path), "error": said}


@click.command("analyze")
@click.argument("paths", metavar="FILE... | DIR", nargs=-1, required=True, type=Names())
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option(
    "--png",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Draw waveform, spectrogram and loudness; of several files, into a directory.",
)
@click.option("--force", is_flag=True, help="Replace pictures that are there.")
def command(paths: tuple[Path, ...], as_json: bool, png: Path | None, force: bool) -> None:
    """Measure sound files: FILE is one, several, or a directory of them.

    Levels and true peak of each channel, loudness by EBU R 128, correlation, spectrum, tempo, and
    what may be wrong: silence, DC, clipping, imbalance. Reads what libsndfile knows: WAV, FLAC,
    Ogg, MP3 and more, of any length and up to 64 channels, a block at a time.

    One file is shown in full, several with a line each; JSON has all of every file, an object for
    one and a list for several, with null for what there is not, such as the loudness of silence,
    and with "error" for a file that could not be analyzed.

    \b
    Examples:
      vocana analyze talk.wav
      vocana analyze talk.wav --png talk.png
      vocana analyze recordings/ --png pictures/
      vocana analyze *.flac --json | jq '.[] | [.path, .loudness.integrated_lufs]'

    Exit code 1 when a file could not be analyzed; the others are.
    """  # noqa: D301 - click's mark of lines to keep
    from ..errors import VocanaError
    from . import tables

    inputs = sound_files(paths)
    several = len(inputs) > 1 or any(map(is_directory, paths))
    into = png is not None and (several or is_directory(png))
    targets = _pictures(inputs, png, into)
    if png is not None:
        from .picture import check_target, need_matplotlib

        need_matplotlib()
        if into:
            make_directory(png)
    found: list[tuple[Path, Analysis]] = []
    failures = Failures()
    with progress() as bar:
        for source, target in zip(inputs, targets, strict=True):
            try:
                if target is not None:
                    check_target(target, overwrite=force)
                found.append((source, _one(source, target, force, bar)))
            except VocanaError as error:
                if not several:
                    raise
                failures.add(source, error)
    if as_json:
        objects = {path: {"path": str(path)} | analysis.to_dict() for path, analysis in found}
        objects |= {path: _failure(path, error) for path, error in failures.errors.items()}
        shown = [objects[path] for path in inputs]
        click.echo(json.dumps(shown if several else shown[0], indent=2, allow_nan=False))
    elif not several:
        tables.print_whole(*found[0])
    elif found:
        tables.print_lines(found)
    failures.end(len(inputs))
