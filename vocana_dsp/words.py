"""How numbers and names are written for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def clock(seconds: float) -> str:
    """Write a duration.

    >>> clock(3723.46)
    '01:02:03.4'
    """
    tenths = int(seconds * 10.0)
    minutes, tenths = divmod(tenths, 600)
    return f"{minutes // 60:02}:{minutes % 60:02}:{tenths // 10:02}.{tenths % 10}"


def brief_clock(seconds: float) -> str:
    """Write a duration, without hours where there are none.

    >>> brief_clock(83.46), brief_clock(3723.46)
    ('01:23.4', '01:02:03.4')
    """
    return clock(seconds).removeprefix("00:")


def count(number: int) -> str:
    """Write a whole number with its thousands apart.

    >>> count(1234567)
    '1,234,567'
    """
    return f"{number:,}"


def plural(number: int, noun: str) -> str:
    """Write how many there are.

    >>> plural(1, "frame"), plural(48000, "frame")
    ('1 frame', '48,000 frames')
    """
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def size(octets: int) -> str:
    """Write an amount of storage.

    >>> size(23_040_000), size(999)
    ('23.0 MB', '999 bytes')
    """
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if octets >= scale:
            return f"{octets / scale:.1f} {unit}"
    return f"{octets} bytes"


def shown(name: str | Path) -> str:
    r"""Write a name that came from a file so that it cannot command a terminal.

    >>> shown("a\x1b[2J.wav")
    'a\\x1b[2J.wav'
    """
    text = str(name)
    return text if text.isprintable() else ascii(text)[1:-1]


def decibels(level_db: float) -> str:
    """Write a level; silence is minus infinity.

    >>> decibels(-18.04), decibels(-120.0)
    ('-18.0', '-inf')
    """
    return "-inf" if level_db <= -120.0 else f"{level_db:.1f}"
