"""`vocana process`: sound files through a chain, at another rate or with other channels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..config import MAX_DSP_CHANNELS, MAX_RATE_HZ, MIN_RESAMPLED_HZ
from .inputs import (
    Failures,
    Names,
    apart,
    check_form,
    is_directory,
    make_directory,
    progress,
    sound_files,
    suffix_of,
    warn_of_a_cut,
)

if TYPE_CHECKING:
    from rich.progress import Progress

    from ..dsp.chain import Chain

RATES = click.IntRange(MIN_RESAMPLED_HZ, MAX_RATE_HZ)
CHANNELS = click.IntRange(1, MAX_DSP_CHANNELS)


def _outputs(inputs: list[Path], out: Path, suffix: str | None, into: bool) -> list[Path]:
    """Return where each input goes; a UsageError when two would go to one place."""
    if not into:
        if suffix not in (None, out.suffix.lower()):
            raise click.UsageError(f"--format is for a directory: OUT is a file, {out}")
        return [out]
    return apart([out / (path.stem + (suffix or path.suffix)) for path in inputs], "inputs")


def _one(
    source: Path,
    target: Path,
    chain: Chain | None,
    rate: int | None,
    channels: int | None,
    force: bool,
    bar: Progress,
) -> str:
    """Process one file and say what became of it."""
    from ..dsp.offline import Pipeline
    from ..files.soundfiles import AudioReader, AudioWriter
    from ..words import clock, count, plural

    with AudioReader(source) as reader:
        check_form(reader, 1 if rate in (None, reader.rate) else MIN_RESAMPLED_HZ)
        warn_of_a_cut(source, reader.missing_frames, reader.rate)
        pipeline = Pipeline(reader.rate, reader.channels, rate, channels, chain)
        task = bar.add_task(source.name, total=reader.frames or None)
        written = 0
        with AudioWriter(target, pipeline.rate, pipeline.channels, overwrite=force) as writer:
            for block in pipeline.through(reader.blocks(pipeline.BLOCK_FRAMES)):
                writer.write(block)
                written += len(block)
                bar.update(task, completed=pipeline.read_frames)
        bar.update(task, completed=reader.frames, total=reader.frames)
    clipped = f"  {count(writer.clipped)} samples clipped" if writer.clipped else ""
    return (
        f"{source} -> {target}  {clock(written / pipeline.rate)}  {pipeline.rate} Hz  "
        f"{plural(pipeline.channels, 'channel')}{clipped}"
    )


@click.command("process")
@click.argument("paths", metavar="IN... OUT", nargs=-1, required=True, type=Names())
@click.option("--chain", "spec", metavar="NODES", help="Nodes with their values, as above.")
@click.option("--rate", metavar="HZ", type=RATES, help="Resample to this.")
@click.option("--channels", metavar="N", type=CHANNELS, help="1 mixes, more copy one.")
@click.option(
    "--format",
    "suffix",
    metavar="EXT",
    callback=suffix_of,
    help="Format in a directory OUT, such as flac.",
)
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

    Reads and writes what libsndfile knows: WAV, FLAC, Ogg, MP3 and more. Files of any length and up
    to 64 channels, a block at a time; the delays of chain and resampler are taken off, so the sound
    stays in place. WAV is written as 32-bit float, as RF64 beyond 4 GiB, FLAC and AIFF as 24-bit
    integers; what these clip is counted.

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
    from ..dsp.spec import parse_chain
    from ..errors import VocanaError
    from ..files.soundfiles import check_output

    *sources, out = paths
    inputs = sound_files(sources)
    into = len(inputs) > 1 or any(map(is_directory, paths))
    targets = _outputs(inputs, out, suffix, into)
    if spec is not None:
        parse_chain(spec)  # what is wrong with it is said once, before any file is touched
    if into:
        make_directory(out)
    failures = Failures()
    with progress() as bar:
        for source, target in zip(inputs, targets, strict=True):
            try:
                check_output(target, overwrite=force)
                chain = None if spec is None else parse_chain(spec)
                line = _one(source, target, chain, rate, channels, force, bar)
                click.echo(line)
            except VocanaError as error:
                if len(inputs) == 1:
                    raise
                failures.add(source, error)
    failures.end(len(inputs))
