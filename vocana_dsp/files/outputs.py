"""What may be written where: the formats of sound files, and places that take a file."""

from __future__ import annotations

import errno
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..config import MAX_CHANNELS, MAX_RATE_HZ
from ..errors import FormatError, VocanaError


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is written whose name says no more than its suffix.

    Attributes:
        kind: what libsndfile calls the file.
        subtype: what it calls the samples.
        most_channels: channels that it holds.
        rates: rates that it holds, in Hz.
        most_samples: samples of all channels that it holds.
    """

    kind: str
    subtype: str
    most_channels: int = MAX_CHANNELS
    rates: Sequence[int] = range(1, MAX_RATE_HZ + 1)
    most_samples: float = math.inf

    def check(self, path: Path, rate: int, channels: int) -> None:
        """Raise FormatError unless it holds that, for a file at `path`.

        Beyond what Vorbis holds, libsndfile 1.2.2 ends the process when the file is closed.
        """
        if channels > self.most_channels:
            raise FormatError(
                f"{path} cannot hold {channels} channels, expected {self.most_channels} at most",
                hint="mix them to fewer, or write WAV, which holds any",
            )
        if rate not in self.rates:
            raise FormatError(
                f"{path} cannot hold {rate} Hz, expected {_listed(self.rates)}",
                hint="convert it to such a rate first, or write WAV, which holds any",
            )

    def check_length(self, path: Path, samples: int) -> None:
        """Raise VocanaError unless it holds so many, for a file at `path`."""
        if samples > self.most_samples:
            raise VocanaError(
                f"{path} would be longer than 4 GiB, the most that it holds",
                code="too_long",
                hint="write WAV, FLAC or CAF, which hold any length",
            )


def _listed(rates: Sequence[int]) -> str:
    """Write rates for people.

    >>> _listed(range(1, 200_001)), _listed((8000, 48_000))
    ('200000 Hz at most', 'one of 8000, 48000 Hz')
    """
    if isinstance(rates, range):
        return f"{rates[-1]} Hz at most"
    return f"one of {', '.join(map(str, rates))} Hz"


_MPEG_RATES = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)

FORMATS = {
    ".wav": Format("WAV", "FLOAT"),
    ".flac": Format("FLAC", "PCM_24", 8, range(1, 655_351)),
    ".ogg": Format("OGG", "VORBIS", 255, range(1, 200_001)),
    ".opus": Format("OGG", "OPUS", 255, (8000, 12_000, 16_000, 24_000, 48_000)),
    ".mp3": Format("MP3", "MPEG_LAYER_III", 2, _MPEG_RATES),
    ".aiff": Format("AIFF", "PCM_24", most_samples=(2**32 - 4096) // 3),  # sizes have 32 bits
    ".caf": Format("CAF", "FLOAT"),
    ".w64": Format("W64", "FLOAT"),
}


def check_place(path: Path, *, overwrite: bool) -> None:
    """Raise VocanaError when a directory is at `path`, or a file that may not be replaced."""
    if path.is_dir():
        raise VocanaError(
            f"{path} is a directory, expected a file", code="exists", hint="name a file in it"
        )
    if path.exists() and not overwrite:
        raise VocanaError(
            f"{path} is there already",
            code="exists",
            hint="choose another name, or replace it: overwrite=True",
        )


_ELSEWHERE = "choose a directory that exists and is yours"

_TODO = {
    errno.ENOSPC: "free some space, or write to another disk",
    errno.EDQUOT: "delete files, or write to another disk",
    errno.EFBIG: "see `ulimit -f`, or write less",
    errno.EROFS: "write to another place: nothing can be written there",
    errno.EIO: "write to another disk; check this one",
    errno.EMFILE: "close some, or raise `ulimit -n`",
    errno.ENAMETOOLONG: "choose a shorter name",
}


def refusal(path: Path, cause: OSError) -> VocanaError:
    """Return the error that says why the system does not let a file be written at `path`."""
    place = path.parent if cause.errno in (errno.EACCES, errno.EPERM, errno.ENOENT) else path
    return VocanaError(
        f"{place} cannot be written: {cause.strerror or cause}",
        code="not_writable",
        hint=_TODO.get(cause.errno or 0, _ELSEWHERE),
    )
