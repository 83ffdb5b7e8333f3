"""The level meter of `vocana record`."""

import threading
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from vocana_dsp.cli import meter
from vocana_dsp.cli.levels import FLOOR_DB, Levels

RATE = 48_000
HEADER = 4096
PATIENCE_S = 60.0  # a loaded machine may be slow; a hang is longer


def test_levels_of_a_sine_and_of_nothing():
    levels = Levels(2)
    assert levels.read() is None
    turns = 2 * np.pi * 1_000 * np.arange(RATE) / RATE
    audio = np.stack([0.5 * np.sin(turns), 0 * turns], axis=1).astype(np.float32)
    for start in range(0, RATE, 960):
        levels.add(audio[start : start + 960])
    reading = levels.read()
    assert reading is not None
    assert reading.peak_db == (pytest.approx(-6.02, abs=0.01), FLOOR_DB)  # dB: rounded
    assert reading.rms_db == (pytest.approx(-9.03, abs=0.01), FLOOR_DB)  # dB: rounded
    assert levels.read() is None


@pytest.mark.parametrize(
    ("level_db", "filled"), [(-120, 0), (-60, 0), (-45, 15), (-30, 30), (0, 60), (6, 60)]
)
def test_bars_are_linear_in_decibels(level_db, filled):
    text = meter.bar(level_db, -120.0, 60)
    lit = sum(span.end - span.start for span in text.spans if span.style != "bright_black")
    assert (len(text), lit) == (60, filled)


def test_bars_sink_slowly_and_marks_hold():
    moving = meter.Ballistics()
    moving.move(peak_db=-6.0, rms_db=-12.0, elapsed_s=0.1)
    moving.move(peak_db=-50.0, rms_db=-60.0, elapsed_s=0.5)
    assert moving.bar_db == pytest.approx(-12.0 - 0.5 * meter.FALL_DB_PER_S)
    assert moving.mark_db == -6.0
    moving.move(peak_db=-50.0, rms_db=-60.0, elapsed_s=meter.HOLD_S)
    assert moving.mark_db == -50.0
    moving.move(peak_db=-1.0, rms_db=-3.0, elapsed_s=0.0)
    assert (moving.bar_db, moving.mark_db) == (-3.0, -1.0)


class Screen:
    """A terminal's file that keeps what is written, and may be stuck."""

    def __init__(self) -> None:
        self.text = ""
        self.written = threading.Event()
        self.free = threading.Event()
        self.free.set()

    def write(self, text: str) -> int:
        self.written.set()
        self.free.wait()
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return True


def show(screen: Screen, progress: meter.Progress) -> None:
    levels = Levels(10)
    levels.add(np.full((480, 10), 0.5, np.float32))
    console = Console(file=screen, force_terminal=True, width=80, color_system=None)
    with meter.Meter(console, Path("a.wav"), RATE, levels, lambda: progress):
        assert screen.written.wait(PATIENCE_S)


def test_the_meter_on_a_terminal():
    screen = Screen()
    show(screen, meter.Progress(frames=RATE * 61, lost=1_234, gaps=2, stalled=True))
    for words in (
        "00:01:01.0  a.wav",
        "━━━",
        "-6.0   -6.0",
        "-48      -36",
        "and 2 more channels",
        "lost 1,234 frames in 2 gaps   waiting for the device",
    ):
        assert words in screen.text


def test_a_stuck_terminal_holds_nothing_up():
    screen = Screen()
    screen.free.clear()
    show(screen, meter.Progress(0, 0, 0, stalled=False))
    assert screen.text == ""
    screen.free.set()
