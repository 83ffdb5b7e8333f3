"""`vocana record`: a capture into a WAV file, with a meter."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..capture.block import Block
    from ..capture.capture import Capture
    from ..record.recorder import Recorder, Subtype

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


def _record(mic: Capture, recorder: Recorder) -> None:
    """Until the source or the recording ends, or `mic` is stopped."""
    from rich.console import Console

    from .levels import Levels
    from .meter import Meter, Progress

    levels = Levels(mic.channels)

    def progress() -> Progress:
        stats = recorder.stats
        return Progress(stats.frames, stats.silence_frames, stats.gaps, mic.state == "stalled")

    with Meter(Console(stderr=True), recorder.path, mic.rate, levels, progress):
        for block in _blocks(mic):
            levels.add(block.data)
            if recorder.ended or recorder.stats.place == "stopped":
                mic.stop()
                return


def _summary(mic: Capture, recorder: Recorder) -> list[str]:
    from .words import clock, count, size

    stats, files = recorder.stats, recorder.files
    frames, lost = stats.frames_durable, stats.silence_frames
    octets = sum(file.stat().st_size for file in files if file.exists())
    plural = "" if mic.channels == 1 else "s"
    lines = [
        f"{recorder.path}  {clock(frames / mic.rate)}  {mic.rate} Hz  "
        f"{mic.channels} channel{plural}  {size(octets)}",
        *(f"  and {file}" for file in files[1:]),
        f"recorded {count(frames - lost)} frames, lost {count(lost)}",
    ]
    if stats.gaps:
        lines[-1] += f" in {stats.gaps} gap{'s' if stats.gaps > 1 else ''} (silence in their place)"
        shown = [gap for gap in mic.gaps if gap.frame < frames]
        lines += [
            f"  at {clock(gap.frame / mic.rate)}  {count(gap.frames)} frames  {gap.cause}"
            for gap in shown[:GAPS_LISTED]
        ]
        if len(shown) > GAPS_LISTED:
            lines.append(f"  and {len(shown) - GAPS_LISTED} more")
    return lines


def _story(recorder: Recorder) -> list[str]:
    """Return what happened to its disks, a line each."""
    from ..record.errors import reason
    from .words import clock, count

    told: dict[str, Callable[[int], str]] = {
        "file_sealed": lambda value: f"{reason(value)}: the file ends here",
        "spooling": lambda value: "went on in the spool",
        "in_memory": lambda value: "went on in memory",
        "back": lambda value: f"back on the disk, with {count(value)} frames from memory",
        "record_stopped": lambda value: "no place was left: frames are lost from here on",
        "disk_low": lambda value: f"the disk has room for {value} s",
    }
    return [
        f"  at {clock(event.frame / recorder.rate)}  {told[event.kind](event.value)}"
        for event in recorder.events()
        if event.kind in told
    ]


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
@click.option(
    "--flush-s",
    metavar="S",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="How much a power cut may cost.",
)
@click.option(
    "--segment-min",
    metavar="MIN",
    type=click.FloatRange(min=0, min_open=True),
    help="Begin another file after so many minutes.",
)
@click.option(
    "--spool",
    metavar="DIR",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where to go on when the disk is full or fails.",
)
@click.option(
    "--subtype",
    type=click.Choice(["float32", "pcm24", "pcm16"]),
    default="float32",
    show_default=True,
    help="Samples of the file.",
)
@click.option("--force", is_flag=True, help="Replace OUT.WAV if it is there.")
def command(
    path: Path,
    device: str | None,
    rate: int | None,
    channels: int | None,
    seconds: float | None,
    source: str | None,
    flush_s: float,
    segment_min: float | None,
    spool: Path | None,
    subtype: Subtype,
    force: bool,
) -> None:
    """Record to OUT.WAV until Ctrl-C.

    Ctrl-C, SIGTERM and SIGHUP end the recording with a complete file and exit code 0. A file that
    is there already is not touched without --force.

    Frames that are lost are counted, and stand in the file as silence, so that time in the file
    stays true. What was recorded stays readable even if the program is killed or the power fails.
    When the disk is full or fails, the recording goes on in the spool, then in memory, and back
    when it can: OUT-0002.WAV and so on. Exit code 1 says that frames found no place, and which.
    """
    for name, number in (
        ("--seconds", seconds),
        ("--flush-s", flush_s),
        ("--segment-min", segment_min),
    ):
        if number is not None and not math.isfinite(number):
            raise click.BadParameter("expected a finite number", param_hint=name)
    if path.suffix.lower() not in (".wav", ".wave"):
        raise click.BadParameter("expected a name that ends in .wav", param_hint="OUT.WAV")
    import vocana_dsp as vo
    from vocana_dsp.cli.signals import StopSignals
    from vocana_dsp.record.errors import refuse_existing

    if not force:
        refuse_existing(path)
    lost: vo.DeviceError | None = None
    mic = vo.Capture(_source(source, device, rate, channels), channels=channels)
    try:
        recorder = vo.Recorder(
            path,
            mic,
            flush_s=flush_s,
            spool=spool,
            segment_minutes=segment_min,
            subtype=subtype,
            overwrite=force,
            frames=None if seconds is None else max(1, round(seconds * mic.rate)),
        )
    except BaseException:
        mic.close()
        raise
    with StopSignals(mic.stop), recorder, mic:
        try:
            _record(mic, recorder)
        except vo.DeviceError as error:
            lost = error
    for line in (*_summary(mic, recorder), *_story(recorder)):
        click.echo(line)
    if recorder.stats.dropped_frames and recorder.error is not None:
        raise recorder.error
    for file in recorder.files:
        if not file.exists():
            raise vo.RecordError(f"{file} was removed while it was written", code="file_gone")
    if lost is not None:
        raise vo.DeviceError(
            f"{lost.args[0]}; the file is complete up to there",
            code=lost.code,
            hint="check that the device is plugged in and its sound server runs, then record again",
        ) from lost
