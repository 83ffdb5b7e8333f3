"""`vocana process`: sound files through a chain, at another rate or with other channels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..config import MAX_CHANNELS, MAX_RATE_HZ, MIN_RESAMPLED_HZ

if TYPE_CHECKING:
    from rich.progress import Progress

    from ..dsp.chain import Chain

RATES = click.IntRange(MIN_RESAMPLED_HZ, MAX_RATE_HZ)
CHANNELS = click.IntRange(1, MAX_CHANNELS)

FAILED = 1  # exit code when a file could not be processed


def _outputs(inputs: list[Path], out: Path, suffix: str | None, into: bool) -> list[Path]:
    """Return where each input goes; a UsageError when two would go to one place."""
    if not into:
        return [out]
    named = [out / (path.stem + (suffix or path.suffix)) for path in inputs]
    for path in named:
        if named.count(path) > 1:
            raise click.UsageError(f"two of the inputs would be written to {path}")
    return named


def _one(
    source: Path,
    target: Path,
    chain: Chain | None,
    rate: int | None,
    channels: int | None,
    force: bool,
    progress: Progress,
) -> str:
    """Process one file and say what became of it."""
    from ..dsp.offline import Pipeline
    from ..files.soundfiles import AudioReader, AudioWriter
    from ..words import clock, count, plural
    from .inputs import warn_of_a_cut

    with AudioReader(source) as reader:
        warn_of_a_cut(source, reader.missing_frames, reader.rate)
        pipeline = Pipeline(reader.rate, reader.channels, rate, channels, chain)
        task = progress.add_task(source.name, total=reader.frames or None)
        written = 0
        with AudioWriter(target, pipeline.rate, pipeline.channels, overwrite=force) as writer:
            for block in pipeline.through(reader.blocks(pipeline.BLOCK_FRAMES)):
                writer.write(block)
                written += len(block)
                progress.update(task, completed=pipeline.read_frames)
        progress.update(task, completed=reader.frames, total=reader.frames)
    clipped = f"  {count(writer.clipped)} samples clipped" if writer.clipped else ""
    return (
        f"{source} -> {target}  {clock(written / pipeline.rate)}  {pipeline.rate} Hz  "
        f"{plural(pipeline.channels, 'channel')}{clipped}"
    )


@click.command("process")
@click.argument(
    "paths", metavar="IN... OUT", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--chain", "spec", metavar="NODES", help="Nodes with their values; see below.")
@click.option("--rate", metavar="HZ", type=RATES, help="Resample to this.")
@click.option("--channels", metavar="N", type=CHANNELS, help="1 mixes, more copy one.")
@click.option("--format", "suffix", metavar="EXT", help="Format in a directory, such as flac.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
def command(
    paths: tuple[Path, ...],
    spec: str | None,
    rate: int | None,
    channels: int | None,
    suffix: str | None,
    force: bool,
) -> None:
    """Process sound files: IN is a file, several, or a directory; OUT a file or a directory.

    Reads and writes what libsndfile knows: WAV, FLAC, Ogg, MP3 and more. Files of any length, a
    block at a time; the delays of chain and resampler are taken off, so the sound stays in place.
    WAV is written as 32-bit float, FLAC and AIFF as 24-bit integers; what these clip is counted.

    NODES are written with commas between them and colons between their values, in the order of the
    Python classes: highpass=80 is HighPass(80), compressor=-20:3 is Compressor(-20, ratio=3), and
    highpass=80:order=4 names a value. There are bandpass, compressor, dcblock, delay, gain, gate,
    highpass, highshelf, limiter, lowpass, lowshelf, notch and peaking.

    \b
    Examples:
      vocana process talk.wav out.flac --chain "highpass=80,compressor=-20:3,limiter=-1"
      vocana process talk.wav out.wav --rate 16000 --channels 1
      vocana process recordings/ cleaned/ --format flac --chain "dcblock,gate=-50"

    Exit code 1 when a file could not be processed; the others are.
    """  # noqa: D301 - click's mark of lines to keep
    if len(paths) < 2:
        raise click.UsageError("expected IN and OUT: what to process, and where to write it")
    from rich.console import Console
    from rich.progress import Progress

    from ..dsp.spec import parse_chain
    from ..errors import VocanaError
    from ..files.soundfiles import check_output
    from .inputs import sound_files

    *sources, out = paths
    inputs = sound_files(sources)
    into = len(inputs) > 1 or out.is_dir() or any(path.is_dir() for path in sources)
    suffix = f".{suffix.lstrip('.').lower()}" if suffix else None
    targets = _outputs(inputs, out, suffix, into)
    if spec is not None:
        parse_chain(spec)  # what is wrong with it is said once, before any file is touched
    if into:
        out.mkdir(parents=True, exist_ok=True)
    failed = 0
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        for source, target in zip(inputs, targets, strict=True):
            try:
                check_output(target, overwrite=force)
                chain = None if spec is None else parse_chain(spec)
                line = _one(source, target, chain, rate, channels, force, progress)
                click.echo(line)
            except VocanaError as error:
                if len(inputs) == 1:
                    raise
                failed += 1
                click.echo(f"{source}: {error}", err=True)
    if failed:
        click.echo(f"{failed} of {len(inputs)} files failed", err=True)
        raise SystemExit(FAILED)
