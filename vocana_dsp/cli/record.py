"""`vocana record`: a capture into files that survive, with a meter."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..config import MAX_CHANNELS, MAX_RATE_HZ
from ..record.recorder import (
    LEAST_FLUSH_S,
    LEAST_SEGMENT_MINUTES,
    MOST_FLUSH_S,
    MOST_SEGMENT_MINUTES,
)

if TYPE_CHECKING:
    from ..capture.capture import Capture
    from ..errors import DeviceError
    from ..record.recorder import Recorder, Subtype
    from .levels import Levels
    from .told import Told

DEFAULT = "default"  # the device that the system records from
RATE_HZ = 48_000  # of tone and silence
TONE_HZ = 440.0
PATIENCE_S = 10.0  # a device may be stalled, or away, for this long
FOUND_S = 2.0  # after that, if it was back just before: a rest, a delay and its first block
ATTEMPTS = 100  # to open it again: until then
TRIES = 3  # when there is another one
RATES = click.IntRange(1000, MAX_RATE_HZ)
CHANNELS = click.IntRange(1, MAX_CHANNELS)
MOST_S = 1e9  # of --seconds, 31 years
READ_S = 0.1  # between two looks whether the recording has ended


def _wanted(name: str | None) -> str | int | None:
    """Return what means a device: its name or a part of it, its number, None for the default."""
    if name is None or name.casefold() == DEFAULT:
        return None
    return int(name) if name.isdecimal() else name


def _device(name: str | None, rate: int | None) -> Any:
    """Return the device of a name."""
    import vocana_dsp as vo

    return vo.Device(_wanted(name), rate=rate)


def _warnings(fallbacks: tuple[str, ...]) -> list[str]:
    """Tell of --fallback what is no device now: it may be misspelled, or not plugged in yet."""
    from ..capture import portaudio
    from ..errors import DeviceError

    said = []
    for name in fallbacks:
        try:
            portaudio.find(_wanted(name))
        except DeviceError as error:
            said.append(f"warning: --fallback {name}: {error.args[0]}")
    return said


def _source(name: str | None, device: str | None, rate: int | None, channels: int | None) -> Any:
    """Return the source that the options name."""
    import vocana_dsp as vo

    if name is None:
        return _device(device, rate)
    if device is not None:
        raise click.UsageError("--source and --device exclude each other")
    if name == "tone":
        return vo.Tone(TONE_HZ, rate=rate or RATE_HZ, channels=channels or 1)
    if name == "silence":
        return vo.Silence(rate=rate or RATE_HZ, channels=channels or 1)
    if rate is not None:
        raise click.UsageError("a file has its own rate: leave --rate out")
    return vo.File(name)


def _listen(mic: Capture, recorder: Recorder, levels: Levels) -> None:
    """Measure what is recorded until that ends; a stalled device may come back in PATIENCE_S."""
    from .. import DeviceError

    heard = time.monotonic()
    while not recorder.ended:
        try:
            block = mic.read(mic.block_frames, timeout=READ_S)
        except DeviceError as error:
            if error.code != "device_stalled" or time.monotonic() - heard > PATIENCE_S:
                raise
            recorder.wait(READ_S)
            continue
        if len(block):
            heard = time.monotonic()
            levels.add(block.data)
        elif mic.state in ("ended", "stopped"):
            return


def _record(mic: Capture, recorder: Recorder, told: Told, flush_s: float) -> None:
    """Show it until the source ends, the recording does or `mic` is stopped."""
    from rich.console import Console

    from .levels import Levels
    from .meter import Meter, Progress

    levels = Levels(mic.channels)

    def progress() -> Progress:
        waits = mic.state in ("stalled", "recovering")
        return Progress.of(recorder.stats, waits, mic.rate, flush_s)

    with Meter(Console(stderr=True), told.path, mic.rate, levels, progress, told.news):
        _listen(mic, recorder, levels)


def _refuse_losses(lost: DeviceError | None, told: Told) -> None:
    """Raise what a recording that is incomplete ends with."""
    from .. import DeviceError

    if lost is not None:
        raise DeviceError(
            f"{lost.args[0]}; what came before is saved",
            code=lost.code,
            hint="check that the device is plugged in and its sound server runs, then record again",
        ) from lost
    missing = told.missing()
    if missing is not None:
        raise missing


class _Duration(click.FloatRange):
    """A finite number in a range, above 0 at least."""

    def __init__(self, least: float = 0, most: float | None = None) -> None:
        super().__init__(min=least, max=most, min_open=not least)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number", param, ctx)
        return number


@click.command("record")
@click.argument("path", metavar="OUT.WAV", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--device", metavar="NAME", help="Name, part of a name, number, or default.")
@click.option(
    "--fallback",
    "fallbacks",
    metavar="NAME",
    multiple=True,
    help="Device to go on with when the first one is lost, named likewise; may be repeated.",
)
@click.option("--rate", metavar="HZ", type=RATES, help="Frames a second.")
@click.option("--channels", metavar="N", type=CHANNELS, help="Channels to record.")
@click.option(
    "--seconds", metavar="S", type=_Duration(most=MOST_S), help="Stop by itself after this long."
)
@click.option("--source", metavar="WHAT", help="tone, silence or an audio file, not a device.")
@click.option(
    "--subtype",
    type=click.Choice(["float32", "pcm24", "pcm16"]),
    default="float32",
    show_default=True,
    help="Samples of the file.",
)
@click.option(
    "--flush-s",
    metavar="S",
    type=_Duration(LEAST_FLUSH_S, MOST_FLUSH_S),
    default=1.0,
    show_default=True,
    help="How much a crash of the machine may cost.",
)
@click.option(
    "--segment-min",
    metavar="MIN",
    type=_Duration(LEAST_SEGMENT_MINUTES, MOST_SEGMENT_MINUTES),
    help="Begin a new file after so many minutes.",
)
@click.option(
    "--spool",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Go on in this folder, best on another disk, when the first one fails.",
)
@click.option("--force", is_flag=True, help="Replace OUT.WAV if it is there.")
def command(
    path: Path,
    device: str | None,
    fallbacks: tuple[str, ...],
    rate: int | None,
    channels: int | None,
    seconds: float | None,
    source: str | None,
    subtype: Subtype,
    flush_s: float,
    segment_min: float | None,
    spool: Path | None,
    force: bool,
) -> None:
    """Record to OUT.WAV until Ctrl-C.

    Ctrl-C, SIGTERM and SIGHUP end the recording with a complete file and exit code 0. From a
    script, use SIGTERM: what a shell starts with & ignores SIGINT. A file that is there already is
    not touched without --force. New files are for you alone: mode 0600, whatever the umask.

    What was recorded opens in every reader at any moment, even if the program is killed. Beside the
    file stands a .json with its times and gaps, from which `vocana recover` repairs it. Frames that
    are lost are counted, and stand in the file as silence, so that time in the file stays true.

    When the disk is full or fails, the recording goes on in a new file in --spool, then in memory
    (100 MB), and back when there is room again: OUT.wav, OUT-0002.wav, OUT-0003.wav. A new file
    begins at 2 GiB at the latest. `vocana recover` joins them. A device that is unplugged or stalls
    has ten seconds to come back; with --fallback three tries, and then the next one takes over.
    Meanwhile the file goes on with silence.

    \b
    Examples:
      vocana record meeting.wav
      vocana record meeting.wav --device USB --channels 2 --subtype pcm24
      vocana record meeting.wav --device USB --fallback HDA --fallback default
      vocana record meeting.wav --segment-min 60 --spool /mnt/other/spool
      vocana record tone.wav --source tone --seconds 5

    Exit code 1 when something is missing: the device is lost, or no disk took all of it.
    """  # noqa: D301 - click's mark of lines to keep
    if path.suffix.lower() not in (".wav", ".wave"):
        raise click.BadParameter("expected a name that ends in .wav", param_hint="OUT.WAV")
    if source is not None and fallbacks:
        raise click.UsageError("--fallback is for devices: leave --source out")
    import vocana_dsp as vo

    from ..config import frames_of
    from ..record import refuse_existing
    from .signals import StopSignals
    from .told import Told

    if not force:
        refuse_existing(path)
    lost: vo.DeviceError | None = None
    tries = TRIES if fallbacks else ATTEMPTS
    again = vo.Recovery(tries, deadline_s=PATIENCE_S + FOUND_S) if source is None else None
    mic = vo.Capture(
        _source(source, device, rate, channels),
        channels=channels,
        fallback=[_device(name, rate) for name in fallbacks],
        recovery=again,
    )
    try:
        warnings = _warnings(fallbacks)
        recorder = vo.Recorder(
            path,
            mic,
            flush_s=flush_s,
            spool=spool,
            segment_minutes=segment_min,
            subtype=subtype,
            overwrite=force,
            frames=None if seconds is None else max(1, frames_of(seconds * 1e3, mic.rate)),
        )
    except BaseException:
        mic.close()
        raise
    told = Told(path, recorder, mic, warnings)
    with StopSignals(mic.stop), recorder, mic:  # in this order, so that frame 0 is recorded
        try:
            _record(mic, recorder, told, flush_s)
        except vo.DeviceError as error:
            lost = error
    try:
        for line in told.news():
            click.echo(line, err=True)
        for line in told.summary():
            click.echo(line)
    finally:  # also when the output takes nothing
        _refuse_losses(lost, told)
