"""What was measured, as tables for people."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console, Group
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from ..words import brief_clock, clock, count, plural, shown

if TYPE_CHECKING:
    from ..features.analysis import Analysis, Average, ChannelAnalysis, SpectrumSummary
    from ..record.report import RecoveredRecording

ABSENT = "[dim]-[/]"
SHORT_TERM_S = 3.0  # a shorter sound has no short-term loudness (EBU R 128)
_COLOURS = dict.fromkeys(("good", "repaired", "rebuilt", "joined"), "green")
_COLOURS |= dict.fromkeys(("copied", "busy"), "yellow")  # others are red
LOUD_DB = -1.0  # a true peak above this is shown in yellow, one above 0 in red (EBU R 128)


def print_whole(path: Path, found: Analysis) -> None:
    """Print all of one file."""
    console = Console(highlight=False)
    console.print(f"[bold]{escape(str(path))}[/]", soft_wrap=True)
    console.print(
        f"[dim]{clock(found.duration_s)}   {count(found.frames)} frames   {found.rate} Hz   "
        f"{plural(len(found.channels), 'channel')}[/]"
    )
    console.print(_levels(found))
    halves = Table.grid(padding=(0, 4))
    halves.add_row(
        Padding(Group(_loudness(found), "", _other(found)), (0, 0, 0, 1)),
        "[dim]spectrum[/]  -" if found.spectrum is None else _spectrum(found.spectrum),
    )
    console.print(halves)


def print_lines(found: list[tuple[Path, Analysis]]) -> None:
    """Print a line for each file, and above them the directory if it is one."""
    parents = {path.parent for path, _ in found}
    where = parents.pop() if len(parents) == 1 else None
    table = _table(
        "file", "length", "true peak\ndBTP", "RMS\ndBFS", "loudness\nLUFS", "range\nLU", "BPM"
    )
    table.columns[0].style = "bold"
    table.add_column("flags", overflow="fold")
    for path, analysis in found:
        loudness = analysis.loudness
        table.add_row(
            escape(path.name if where else str(path)),
            brief_clock(analysis.duration_s),
            _true_peak(analysis.true_peak_db),
            _db(max(channel.rms_db for channel in analysis.channels)),
            _db(None if loudness is None else loudness.integrated_lufs),
            _db(None if loudness is None else loudness.range_lu),
            _db(None if analysis.tempo is None else analysis.tempo.bpm),
            _flags(analysis.frames, *analysis.channels),
        )
    console = Console(highlight=False)
    if where and where != Path():
        console.print(f"[bold]{escape(str(where))}[/]", soft_wrap=True)
    console.print(table)


def print_recovered(found: Sequence[RecoveredRecording]) -> None:
    """Print a line for each file of recordings, and above them the folder that holds them all."""
    files = [file for recording in found for file in recording.files]
    where = Path(os.path.commonpath([file.path.parent for file in files]))
    table = _table("file", "from", "length", "frames", "rate", "gaps")
    table.add_column("state", overflow="fold")
    for file in files:
        at = clock(file.first_frame / file.rate) if file.rate else ABSENT
        colour = "red" if file.problems else _COLOURS.get(file.outcome, "red")
        table.add_row(
            escape(shown(file.path.relative_to(where))),
            at,
            clock(file.frames / file.rate) if file.rate else ABSENT,
            count(file.frames),
            f"{file.rate}" if file.rate else ABSENT,
            count(len(file.gaps)) if file.sidecar or file.joined else ABSENT,
            f"[{colour}]{file.outcome}[/]  {escape(shown(file.note))}".rstrip(),
        )
    console = Console(highlight=False)
    console.print(f"[bold]{escape(shown(where))}[/]", soft_wrap=True)
    console.print(table)


def _table(first: str, *others: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="dim", pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(first, overflow="fold")
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _levels(found: Analysis) -> Table:
    table = _table(
        "channel",
        "peak\ndBFS",
        "true peak\ndBTP",
        "RMS\ndBFS",
        "crest\ndB",
        "floor\ndBFS",
        "DC",
    )
    table.add_column("flags", overflow="fold")
    for number, channel in enumerate(found.channels):
        table.add_row(
            _name(number, len(found.channels)),
            _db(channel.peak_db),
            _true_peak(channel.true_peak_db),
            _db(channel.rms_db),
            _db(channel.crest_db),
            _db(channel.noise_floor_db),
            _percent(channel.mean),
            _flags(found.frames, channel),
        )
    return table


def _percent(value: float) -> str:
    """Write a share, and a dash when it rounds to nothing."""
    return f"{value:.2%}" if abs(value) >= 0.5e-4 else ABSENT


def _name(number: int, channels: int) -> str:
    if channels == 1:
        return "mono"
    return ("left", "right")[number] if channels == 2 else str(number + 1)


def _loudness(found: Analysis) -> Table:
    loudness = found.loudness
    short_term = None
    if loudness is not None and found.duration_s >= SHORT_TERM_S:
        short_term = loudness.max_short_term_lufs
    table = _pairs("loudness", "EBU R 128")
    for name, unit, value in (
        ("integrated", "LUFS", None if loudness is None else loudness.integrated_lufs),
        ("range", "LU", None if loudness is None else loudness.range_lu),
        ("max momentary", "LUFS", None if loudness is None else loudness.max_momentary_lufs),
        ("max short-term", "LUFS", short_term),
    ):
        table.add_row(name, _db(value), f"[dim]{unit}[/]")
    return table


def _other(found: Analysis) -> Table:
    table = _pairs("", "")
    table.show_header = False
    table.add_row(
        "correlation",
        ABSENT if found.correlation is None else f"{round(found.correlation, 2) + 0.0:+.2f}",
        "",
    )
    if found.tempo is None:
        table.add_row("tempo", ABSENT, "")
    else:
        table.add_row("tempo", f"{found.tempo.bpm:.1f}", "[dim]BPM[/]")
    return table


def _pairs(first: str, second: str) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 1))
    table.add_column(first, min_width=14)
    table.add_column("", justify="right", min_width=6)
    table.add_column(second)
    return table


def _spectrum(found: SpectrumSummary) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 1))
    table.add_column("spectrum", min_width=14)
    table.add_column("mean", justify="right", min_width=7)
    table.add_column("", justify="right", style="dim")
    table.add_column("")
    for name, average, unit, digits in (
        ("centroid", found.centroid_hz, "Hz", 0),
        ("spread", found.spread_hz, "Hz", 0),
        ("roll-off 85 %", found.rolloff_hz, "Hz", 0),
        ("zero crossings", found.crossings_per_s, "/s", 0),
        ("flatness", found.flatness, "", 4),
        ("crest", found.crest, "", 1),
        ("brightness", found.brightness, "", 2),
    ):
        table.add_row(name, *_average(average, digits), f"[dim]{unit}[/]")
    for name, value in (
        ("20 to 250 Hz", found.low_db),
        ("250 to 4000", found.mid_db),
        ("above 4 kHz", found.high_db),
    ):
        table.add_row(name, _db(value), "", "[dim]dB[/]")
    return table


def _average(average: Average, digits: int) -> tuple[str, str]:
    return f"{average.mean:,.{digits}f}", f"± {average.deviation:,.{digits}f}"


def _db(value: float | None) -> str:
    """Write a number of dB; minus infinity is silence, None is not known."""
    if value is None:
        return ABSENT
    return f"{value:.1f}" if math.isfinite(value) else "[dim]-inf[/]"


def _true_peak(value: float) -> str:
    text = _db(value)
    return f"[red]{text}[/]" if value > 0 else f"[yellow]{text}[/]" if value > LOUD_DB else text


def _flags(frames: int, *channels: ChannelAnalysis) -> str:
    """Name what may be wrong, with the number of samples where that is known."""
    samples = {
        "clipped": round(sum(channel.clip_ratio for channel in channels) * frames),
        "invalid": round(sum(channel.invalid_ratio for channel in channels) * frames),
    }
    names = sorted(frozenset().union(*(channel.flags for channel in channels)))
    words = [f"{name} {count(samples[name])}" if name in samples else name for name in names]
    return f"[yellow]{', '.join(words)}[/]" if words else "[green]✓[/]"
