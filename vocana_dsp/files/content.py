"""What a file is by its first bytes, and whether a WAV file holds what its head promises."""

from __future__ import annotations

from pathlib import Path

from .._native import wav
from ..errors import FormatError

_FIRST_BYTES = 1 << 16

# First bytes, in lower case, and what begins with them.
_BEGINNINGS = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "XML"),
    (b"%pdf-", "a PDF document"),
    (b"pk\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7felf", "a program"),
    (b"\x89png", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"gif8", "a picture (GIF)"),
    (b"\x1aE\xdf\xa3".lower(), "Matroska or WebM, which ffmpeg converts"),
)


def what_it_is(path: Path) -> str | None:
    """Name what a file is when it is no sound, by its first bytes; None when they do not tell.

    A server's error page that was saved under a sound's name is "a web page".
    """
    with path.open("rb") as file:
        first = file.read(512)
    if not first:
        return "empty"
    start = first.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for beginning, name in _BEGINNINGS:
        if start.startswith(beginning):
            return name
    if first[4:8] == b"ftyp":
        return "MPEG-4 (AAC), which ffmpeg converts"
    if first.strip(b"\0") == b"":
        return "zeros"
    return "text" if _is_text(first) else None


def _is_text(first: bytes) -> bool:
    text = first.decode("utf-8", errors="ignore")
    readable = sum(c.isprintable() or c in "\t\r\n" for c in text)
    return len(text) >= 8 and readable == len(text) and len(text.encode()) > len(first) - 4


def missing_frames(path: Path) -> int:
    """Count the frames that the head of a WAV file promises and the file does not hold.

    0 for other files, and for a recording whose length was never written.
    """
    with path.open("rb") as file:
        first = file.read(_FIRST_BYTES)
    try:
        info = wav.parse(first, path.stat().st_size)
    except FormatError:
        return 0
    return info.stated_frames - info.frames
