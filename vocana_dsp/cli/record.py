"""`vocana record`: a capture into a WAV file, with a meter."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..capture.block import Block
    from ..capture.capture import Capture
    from ..record import Recording

RATE_HZ = 48_000  # of tone and silence
TONE_HZ = 440.0
GAPS_LISTED = 5
PATIENCE_S = 10.0  # a device may be stalled for this long


def _source(name: str | None, device: str | None, rate: int | None, channels: int | None) -> Any:
    """Return the source that the options name."""
    import vocana_dsp as vo

    if name is None:
        index = int(device) if device is not None and device.isdecimal() else device
        return vo.Device(index, rate=rate)
    if device is not None:
        raise click.UsageError("--source and --device exclude each other")
    if name == "tone":
        return vo.Tone(TONE_HZ, rate=rate or RATE_HZ, channels=channels or 1)
    if name == "silence":
        return vo.Silence(rate=rate or RATE_HZ, channels=channels or 1)
    if rate is not None:
        raise click.UsageError("a file has its own rate: leave --rate out")
    return vo.File(name)


def _blocks(mic: Capture) -> Iterator[Block]:
    """Blocks until the end; a device that stalls may come back within PATIENCE_S."""
    from .. import DeviceError

    heard = time.monotonic()
    while True:
        try:
            for block in mic:
                heard = time.monotonic()
                yield block
            return
        except DeviceError as error:
            if error.code != "device_stalled" or time.monotonic() - heard > PATIENCE_S:
                raise


def _record(mic: Capture, recording: Recording, path: Path) -> None:
    """Until the source ends or `mic` is stopped."""
    from rich.console import Console

    from .levels import Levels
    from .meter import Meter, Progress

    levels = Levels(mic.channels)

    def progress() -> Progress:
        stalled = mic.state == "stalled"
        return Progress(recording.frames, recording.lost, recording.gaps, stalled)

    with Meter(Console(stderr=True), path, mic.rate, levels, progress):
        for block in _blocks(mic):
            levels.add(block.data)
            if not recording.take(block):
                mic.stop()
                return


def _summary(mic: Capture, recording: Recording, path: Path) -> list[str]:
    from .words import clock, count, size

    frames = recording.frames
    plural = "" if mic.channels == 1 else "s"
    lines = [
        f"{path}  {clock(frames / mic.rate)}  {mic.rate} Hz  {mic.channels} channel{plural}  "
        f"{size(path.stat().st_size)}",
        f"recorded {count(frames - recording.lost)} frames, lost {count(recording.lost)}",
    ]
    if recording.gaps:
        lines[-1] += (
            f" in {recording.gaps} gap{'s' if recording.gaps > 1 else ''} (silence in their place)"
        )
        shown = [gap for gap in mic.gaps if gap.frame < frames]
        lines += [
            f"  at {clock(gap.frame / mic.rate)}  {count(gap.frames)} frames  {gap.cause}"
            for gap in shown[:GAPS_LISTED]
        ]
        if len(shown) > GAPS_LISTED:
            lines.append(f"  and {len(shown) - GAPS_LISTED} more")
    return lines


@click.command("record")
@click.argument("path", metavar="OUT.WAV", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--device", metavar="NAME", help="Name, part of a name, or number of a device.")
@click.option("--rate", metavar="HZ", type=click.IntRange(min=1), help="Frames a second.")
@click.option("--channels", metavar="N", type=click.IntRange(min=1), help="Channels to record.")
@click.option(
    "--seconds",
    metavar="S",
    type=click.FloatRange(min=0, min_open=True),
    help="Stop by itself after this long.",
)
@click.option("--source", metavar="WHAT", help="tone, silence or an audio file, not a device.")
@click.option("--force", is_flag=True, help="Replace OUT.WAV if it is there.")
def command(
    path: Path,
    device: str | None,
    rate: int | None,
    channels: int | None,
    seconds: float | None,
    source: str | None,
    force: bool,
) -> None:
    """Record to OUT.WAV, float32, until Ctrl-C.

    Ctrl-C, SIGTERM and SIGHUP end the recording with a complete file and exit code 0. A file that
    is there already is not touched without --force.

    Frames that are lost are counted, and stand in the file as silence, so that time in the file
    stays true. What was recorded stays readable even if the program is killed. A full disk ends the
    recording with exit code 1 and a word on what is saved; the file is complete up to there.
    """
    if seconds is not None and not math.isfinite(seconds):
        raise click.BadParameter("expected a number of seconds", param_hint="--seconds")
    if path.suffix.lower() not in (".wav", ".wave"):
        raise click.BadParameter("expected a name that ends in .wav", param_hint="OUT.WAV")
    import vocana_dsp as vo
    from vocana_dsp.cli.signals import StopSignals
    from vocana_dsp.record import Recording, WavWriter, refuse_existing

    if not force:
        refuse_existing(path)
    lost: vo.DeviceError | None = None
    with vo.Capture(_source(source, device, rate, channels), channels=channels) as mic:
        limit = None if seconds is None else max(1, round(seconds * mic.rate))
        with (
            StopSignals(mic.stop),
            WavWriter(path, mic.rate, mic.channels, overwrite=force) as writer,
        ):
            recording = Recording(writer, limit)
            try:
                _record(mic, recording, path)
            except vo.DeviceError as error:
                lost = error
        lines = _summary(mic, recording, path)
    for line in lines:
        click.echo(line)
    if lost is not None:
        raise vo.DeviceError(
            f"{lost.args[0]}; the file is complete up to there",
            code=lost.code,
            hint="check that the device is plugged in and its sound server runs, then record again",
        ) from lost
