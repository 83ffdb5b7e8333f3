"""What a joined file says of itself: a mark and an account, in the unused end of its head."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .._native.wav import HEAD_BYTES
from ..config import MAX_FRAMES
from ..errors import VocanaError
from ..words import count, shown
from .locked import LockedFile

Gap = tuple[int, int, str]

_MARK = b"joined by vocana recover"
_MARK_AT = HEAD_BYTES - 8 - len(_MARK)  # before the eight bytes that begin the audio
_ACCOUNT_AT = 128  # after the chunks that say something
_ROOM = _MARK_AT - _ACCOUNT_AT
_MOST_ENTRIES = 200  # more gaps have no room


@dataclass(frozen=True, slots=True)
class JoinedAccount:
    """What was known of a recording when its files were joined.

    Attributes:
        crc32: CRC-32 of the bytes of audio.
        gaps: what stands in the file as silence: (frame, frames, cause), where the cause of a file
            that was not there is "missing".
        problems: what was missing or damaged, a sentence each.
        unknown: what nobody could tell, a sentence each.
        intact: whether the audio is still what was written.
    """

    crc32: int
    gaps: tuple[Gap, ...] = ()
    problems: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    intact: bool = True

    def _text(self) -> bytes:
        """Return its JSON, the end of the longest lists only counted when there is no room."""
        lists = (self.gaps, self.problems, self.unknown)
        kept = [min(len(entries), _MOST_ENTRIES) for entries in lists]
        while True:
            value = {
                "crc32": self.crc32,
                "gaps": _first_gaps(self.gaps, kept[0]),
                "problems": _first_lines(self.problems, kept[1]),
                "unknown": _first_lines(self.unknown, kept[2]),
            }
            text = json.dumps(value, separators=(",", ":")).encode("ascii")
            if len(text) <= _ROOM:
                return text
            kept[kept.index(max(kept))] -= 1


def _first_gaps(gaps: Sequence[Gap], n: int) -> list[Gap]:
    rest = gaps[n:]
    if not rest:
        return list(gaps)
    frames = sum(frames for _, frames, _ in rest)
    return [*gaps[:n], (rest[0][0], frames, f"all of the last {count(len(rest))} gaps")]


def _first_lines(lines: Sequence[str], n: int) -> list[str]:
    left = len(lines) - n
    return [*lines[:n], f"and {count(left)} more"] if left else list(lines)


def _parsed(text: bytes) -> JoinedAccount:
    """Read an account without trust; ValueError when it is none."""
    value = json.loads(text)
    crc32, gaps = value["crc32"], [(frame, frames, cause) for frame, frames, cause in value["gaps"]]
    numbers = [crc32, *(number for gap in gaps for number in gap[:2])]
    words = [*(cause for _, _, cause in gaps), *value["problems"], *value["unknown"]]
    if not all(type(number) is int and 0 <= number < MAX_FRAMES for number in numbers):
        raise ValueError(numbers)
    if not all(isinstance(word, str) for word in words):
        raise ValueError(words)
    return JoinedAccount(
        crc32,
        tuple((frame, frames, shown(cause)) for frame, frames, cause in gaps),
        tuple(map(shown, value["problems"])),
        tuple(map(shown, value["unknown"])),
    )


def joined_head(head: bytes, account: JoinedAccount) -> bytes:
    """Mark a head, so that a later recovery knows the file, and what it says of its sources."""
    text = account._text().ljust(_ROOM, b"\0")
    return head[:_ACCOUNT_AT] + text + _MARK + head[_MARK_AT + len(_MARK) :]


def is_joined(head: bytes) -> bool:
    """Whether a head has that mark."""
    return head[_MARK_AT : _MARK_AT + len(_MARK)] == _MARK


def is_joined_file(path: Path) -> bool:
    """Whether the head of a file has it; False when it cannot be read."""
    try:
        with LockedFile(path) as file:
            return is_joined(file.read(0, HEAD_BYTES))
    except VocanaError:
        return False


def account_of(file: LockedFile, at: int, end: int) -> JoinedAccount | None:
    """Return what a marked file says of its audio, from `at` to `end`; None without an account.

    The audio is compared with it, unless a part of that is gone.
    """
    try:
        account = _parsed(file.read(_ACCOUNT_AT, _ROOM).rstrip(b"\0"))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if end > file.size:
        return account
    crc32 = 0
    for part in file.parts(at, end):
        crc32 = zlib.crc32(part, crc32)
    return replace(account, intact=crc32 == account.crc32)
