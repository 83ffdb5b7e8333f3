"""What `vocana record` shows while it runs: a calm meter on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ..words import clock, decibels, plural, size
from .levels import FLOOR_DB, Levels, Reading

if TYPE_CHECKING:
    from ..record.stats import Place, RecorderStats

SCALE_DB = -60.0  # left end of a bar
WARM_DB, HOT_DB = -18.0, -6.0  # where a bar turns yellow, and red
SCALE_STEP_DB = 12
BAR_CELLS, BAR_CELLS_LEAST = 48, 16
OTHER_CELLS = 26  # beside the bar
FALL_DB_PER_S = 24.0  # bars rise at once and sink slowly
HOLD_S = 1.5  # how long a peak's mark stays
REFRESH_S = 0.1
LINE_S = 5.0  # between two plain lines
CHANNELS_SHOWN = 8
BEHIND_FLUSHES = 3  # from here on it matters how much is durable
MINUTES_SHOWN = 10.0  # and what the disk has room for

PLACES = {
    "main": "",
    "spool": "in the spool",
    "memory": "in memory, on no disk",
    "stopped": "no room: frames are lost",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """What the meter shows besides the levels."""

    frames: int
    lost: int
    gaps: int
    stalled: bool
    place: Place = "main"
    durable: int | None = None  # when that is far behind, frames
    minutes_left: float | None = None  # when these are few

    @classmethod
    def of(cls, stats: RecorderStats, stalled: bool, rate: int, flush_s: float) -> Self:
        """Make it of what a recorder tells, and leave out what does not matter."""
        unsafe = stats.frames - stats.frames_durable - stats.frames_gone
        owed = unsafe - stats.frames_waiting
        behind_s = unsafe / rate
        left = stats.minutes_left
        return cls(
            stats.frames,
            stats.silence_frames + owed,
            stats.gaps,
            stalled,
            stats.place,
            stats.frames_durable if behind_s > BEHIND_FLUSHES * flush_s else None,
            left if left is not None and left < MINUTES_SHOWN else None,
        )

    def troubles(self, rate: int) -> list[str]:
        """Say what is not as it should be."""
        found = ["waiting for the device"] if self.stalled else []
        if PLACES[self.place]:
            found.append(PLACES[self.place])
        if self.durable is not None:
            found.append(f"safe up to {clock(self.durable / rate)}")
        if self.minutes_left is not None:
            room = "less than a minute" if self.minutes_left < 1 else f"{self.minutes_left:.0f} min"
            found.append(f"disk has room for {room}")
        return found


class Ballistics:
    """How one bar moves: `bar_db` sinks slowly, `mark_db` is the peak held for a moment."""

    def __init__(self) -> None:
        self.bar_db = FLOOR_DB
        self.mark_db = FLOOR_DB
        self._held_s = 0.0

    def move(self, peak_db: float, rms_db: float, elapsed_s: float) -> None:
        """Follow a reading that is `elapsed_s` after the one before."""
        self.bar_db = max(rms_db, self.bar_db - FALL_DB_PER_S * elapsed_s)
        self._held_s += elapsed_s
        if peak_db >= self.mark_db or self._held_s > HOLD_S:
            self.mark_db, self._held_s = peak_db, 0.0


def _cell(level_db: float, cells: int) -> int:
    return max(0, min(cells, round((1.0 - level_db / SCALE_DB) * cells)))


def _colour(cell: int, cells: int) -> str:
    level_db = SCALE_DB * (1.0 - (cell + 0.5) / cells)
    return "red" if level_db > HOT_DB else "yellow" if level_db > WARM_DB else "green"


def bar(level_db: float, mark_db: float, cells: int) -> Text:
    """Draw a bar up to a level, with a mark at the held peak; 0 dBFS is its right end."""
    filled, mark = _cell(level_db, cells), _cell(mark_db, cells) - 1
    text = Text()
    for cell in range(cells):
        if cell == mark and cell >= filled:
            text.append("╸", style=_colour(cell, cells))
        else:
            text.append("━", style=_colour(cell, cells) if cell < filled else "bright_black")
    return text


def scale(cells: int) -> Text:
    """Write the decibels below a bar, each number ending where it belongs."""
    line = [" "] * cells
    for level_db in range(int(SCALE_DB) + SCALE_STEP_DB, 1, SCALE_STEP_DB):
        number, end = str(level_db), _cell(level_db, cells)
        line[end - len(number) : end] = number
    return Text("".join(line), "dim")


class Meter:
    """Show levels and progress from a thread of its own: a stuck terminal holds nothing up.

    Enter it to begin. `progress` is called from that thread, and so is `news`, for lines that stay.
    """

    def __init__(
        self,
        console: Console,
        path: Path,
        rate: int,
        levels: Levels,
        progress: Callable[[], Progress],
        news: Callable[[], list[str]] = list,
    ) -> None:
        self._console = console
        self._path = path
        self._rate = rate
        self._levels = levels
        self._progress = progress
        self._news = news
        self._bars: list[Ballistics] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vocana-meter", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        try:
            if self._console.is_terminal:
                self._run_live()
            else:
                self._run_lines()
        except OSError:
            pass  # the terminal went away; the recording goes on

    def _tell_news(self) -> None:
        for line in self._news():
            self._print(line)

    def _print(self, line: str) -> None:
        self._console.print(line, soft_wrap=True, highlight=False, markup=False)

    def _run_lines(self) -> None:
        due = time.monotonic() + LINE_S
        while not self._done.wait(min(REFRESH_S, LINE_S)):
            self._tell_news()
            if time.monotonic() >= due:
                due += LINE_S
                if (reading := self._levels.read()) is not None:
                    self._print(self._line(reading))

    def _line(self, reading: Reading) -> str:
        now = self._progress()
        peaks = " ".join(decibels(level) for level in reading.peak_db)
        rms = " ".join(decibels(level) for level in reading.rms_db)
        at = clock(now.frames / self._rate)
        line = f"{at}  peak {peaks}  rms {rms} dBFS  lost {plural(now.lost, 'frame')}"
        return "  ".join([line, *now.troubles(self._rate)])

    def _run_live(self) -> None:
        before = time.monotonic()
        reading = None
        with Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,  # whoever else prints must not wait for this terminal
            redirect_stderr=False,
        ) as live:
            while True:
                self._tell_news()
                reading = self._levels.read() or reading
                now = time.monotonic()
                if reading is not None:
                    live.update(self._panel(reading, now - before), refresh=True)
                before = now
                if self._done.wait(REFRESH_S):
                    return

    def _panel(self, reading: Reading, elapsed_s: float) -> RenderableType:
        shown = min(len(reading.peak_db), CHANNELS_SHOWN)
        self._bars = self._bars or [Ballistics() for _ in range(shown)]
        room = self._console.width - OTHER_CELLS
        cells = max(BAR_CELLS_LEAST, min(BAR_CELLS, room))
        table = Table.grid(padding=(0, 2))
        table.add_column(justify="right", style="dim", min_width=3)
        table.add_column()
        table.add_column(justify="right", width=5)
        table.add_column(justify="right", width=5, style="dim")
        table.add_row("", "", Text("rms", "dim"), "peak")
        for channel, moving in enumerate(self._bars):
            moving.move(reading.peak_db[channel], reading.rms_db[channel], elapsed_s)
            table.add_row(
                str(channel + 1),
                bar(moving.bar_db, moving.mark_db, cells),
                decibels(moving.bar_db),
                Text(decibels(moving.mark_db), "bold red" if moving.mark_db >= 0.0 else ""),
            )
        now = self._progress()
        rows: list[RenderableType] = [self._title(now), Text(), table]
        table.add_row("", scale(cells))
        if len(reading.peak_db) > shown:
            rows.append(Text(f"    and {len(reading.peak_db) - shown} more channels", "dim"))
        return Group(*rows, Text(), self._account(now))

    def _title(self, now: Progress) -> Text:
        return Text.assemble(
            ("  ● ", "red"),
            (clock(now.frames / self._rate), "bold"),
            "  ",
            str(self._path),
        )

    def _account(self, now: Progress) -> Text:
        lost = f"lost {plural(now.lost, 'frame')}"
        if now.gaps:
            lost += f" in {plural(now.gaps, 'gap')}"
        text = Text.assemble("  ", (lost, "bold yellow" if now.lost else "green"))
        for trouble in now.troubles(self._rate):
            text.append(f"   {trouble}", "bold red" if now.place == "stopped" else "bold yellow")
        if now.minutes_left is None:
            with contextlib.suppress(OSError):
                room = os.statvfs(self._path.parent)
                text.append(f"   disk {size(room.f_bavail * room.f_frsize)} free", "dim")
        return text.append("   Ctrl-C ends it", "dim")
