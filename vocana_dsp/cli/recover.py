"""`vocana recover`: recordings that a crash, a full disk or a power cut left behind, put right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .inputs import Failures, Names, apart, make_directory, progress, sound_name, suffix_of

if TYPE_CHECKING:
    from ..record.report import RecoveredRecording, RecoveryReport

INCOMPLETE = 1  # exit code when something is missing or damaged
GAPS_LISTED = 5


def _outputs(recordings: list[RecoveredRecording], suffix: str, folder: Path | None) -> list[Path]:
    """Return where each recording goes; a UsageError when two would go to one place."""
    outputs = []
    for recording in recordings:
        first = recording.files[0].path
        outputs.append((folder or first.parent) / f"{first.stem}{suffix}")
    return apart(outputs, "recordings")


def _near(path: Path) -> Path:
    """Write what is below the current folder as it is seen from there."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _write(recording: RecoveredRecording, path: Path) -> None:
    with progress() as bar:
        task = bar.add_task(path.name, total=recording.frames)
        recording.write(path, progress=lambda done, _: bar.update(task, completed=done))


def _print(found: RecoveryReport) -> None:
    from rich.console import Console
    from rich.markup import escape

    from ..words import clock, count, plural, shown
    from .tables import print_recovered

    print_recovered(found.recordings)
    for recording in found.recordings:
        name = shown(recording.files[0].path.name)
        rate = next((file.rate for file in recording.files if file.rate), 0)
        for frame, frames, cause in recording.gaps[:GAPS_LISTED]:
            at = clock(frame / rate) if rate else f"frame {count(frame)}"
            click.echo(f"  {name}: silence at {at}  {plural(frames, 'frame')}  {cause}")
        if len(recording.gaps) > GAPS_LISTED:
            click.echo(f"  {name}: and {len(recording.gaps) - GAPS_LISTED} more")
    console = Console(highlight=False)
    for line in found.problems:
        console.print(f"[red]missing[/]  {escape(line)}", soft_wrap=True)
    for line in found.unknown:
        console.print(f"[yellow]unknown[/]  {escape(line)}", soft_wrap=True)
    if found.complete:
        console.print("[green]nothing is missing[/]")
    elif not found.problems:
        console.print("nothing is known to be missing")


@click.command("recover")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=Names())
@click.option(
    "--join", "joined", metavar="OUT", type=Names(), callback=sound_name, help="Write one new file."
)
@click.option(
    "--to",
    "suffix",
    metavar="EXT",
    callback=suffix_of,
    help="Write each recording as flac, ogg, ...",
)
@click.option(
    "--out",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where --to writes, made if it is not there; else beside the recording.",
)
@click.option("--rate", metavar="HZ", type=int, help="Of a file without head and sidecar.")
@click.option("--channels", metavar="N", type=int, help="The same.")
@click.option("--subtype", metavar="WHAT", help="The same: float32, pcm24 or pcm16.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    paths: tuple[Path, ...],
    joined: Path | None,
    suffix: str | None,
    folder: Path | None,
    rate: int | None,
    channels: int | None,
    subtype: str | None,
    as_json: bool,
) -> None:
    """Repair recordings, find what belongs together, and tell what is missing.

    PATH is a WAV file or a folder of them. In place only heads are repaired: sizes that were
    never written, and a head that is lost, from the .json beside the file. What the recording
    lost when it was made is listed, and stands in it as silence; seconds that are not what was
    written are named. Of a recording that was killed, frames beyond what its .json acknowledges
    are told as unverified, and what came later as unknown.

    Files of one recording are found beside each other. When it went on in a spool folder, name
    that folder too. --join writes all of them as one new file, with silence where a file is
    missing; --to does so in another format. A file that is there already is never replaced; new
    ones are for you alone: mode 0600, whatever the umask.

    A file that has lost its head, and its .json too, can be read by who knows what it was: with
    --rate, --channels and --subtype its audio goes into a new file, NAME.recovered.wav.

    \b
    Examples:
      vocana recover meeting.wav
      vocana recover meeting.wav /mnt/other/spool --join whole.wav
      vocana recover recordings/ --to flac --out archive/
      vocana recover headless.wav --rate 48000 --channels 2 --subtype float32

    Exit code 1 when something is missing, damaged or cannot be read.
    """  # noqa: D301 - click's mark of lines to keep
    if joined is not None and suffix is not None:
        raise click.UsageError(
            "--join and --to exclude each other: name OUT with the suffix you want"
        )
    if folder is not None and suffix is None:
        raise click.UsageError("--out says where --to writes: give --to too")
    import vocana_dsp as vo

    from ..words import shown

    found = vo.recover(*paths, rate=rate, channels=channels, subtype=subtype)
    if joined is not None and len(found.recordings) != 1:
        names = ", ".join(shown(recording.files[0].path.name) for recording in found.recordings)
        raise click.UsageError(
            f"{len(found.recordings)} recordings were found: --join writes one, --to each of them "
            f"({names})"
        )
    if as_json:
        recordings = [recording.as_dict() for recording in found.recordings]
        click.echo(json.dumps({"complete": found.complete, "recordings": recordings}, indent=2))
    else:
        _print(found)
    written, outputs = list(found.recordings), [joined] if joined is not None else []
    if suffix is not None:
        written = [recording for recording in written if recording.held]
        outputs = _outputs(written, suffix, folder)
        if folder is not None:
            make_directory(folder)
    failures = Failures()
    for recording, path in zip(written, outputs, strict=False):
        try:
            _write(recording, path)
            click.echo(f"wrote {_near(path)}", err=as_json)
        except vo.VocanaError as error:
            if len(outputs) == 1:
                raise
            failures.add(path, error)
    failures.end(len(outputs))
    if found.problems:
        raise SystemExit(INCOMPLETE)
