"""What a recorder tells of its work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

Place = Literal["main", "spool", "memory", "stopped"]


@dataclass(frozen=True, slots=True)
class DiskTimes:
    """Durations of calls of the disk in milliseconds, from a histogram kept in C.

    p50 and p99 are upper edges of buckets 1.6 % wide; max is exact.
    """

    p50: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class RecorderStats:
    """One snapshot of a recording.

    Attributes:
        frames: of the recording's timeline so far, lost ones too.
        frames_written: handed to the system; they outlive the process.
        frames_durable: brought to the disk; they outlive the machine's power.
        frames_waiting: held in memory until they are durable.
        frames_gone: were durable, but their files were removed, moved or replaced by others while
            they were recorded; frames_durable counts them no longer.
        gaps: losses, each of which stands in a file as silence.
        silence_frames: frames of that silence so far.
        dropped_frames: of these losses, what the recording itself dropped because neither a disk
            nor memory had room; and what still had no place at the end.
        first_dropped: frame of the timeline at which that began, None without.
        segments: files so far.
        writes: of audio.
        bytes: written by them.
        failures: calls of the system that failed and made it go elsewhere or try again.
        errno: of the last of them, 0 without.
        events_dropped: events that found their queue full: 1,024 wait until they are taken.
        write_ms: how long the writes took.
        sync_ms: how long it took to bring them to the disk.
        minutes_left: that the disk has room for; None when the system does not tell.
        place: where frames go now: "main" is the folder of the recording, "stopped" nowhere.
    """

    frames: int
    frames_written: int
    frames_durable: int
    frames_waiting: int
    frames_gone: int
    gaps: int
    silence_frames: int
    dropped_frames: int
    first_dropped: int | None
    segments: int
    writes: int
    bytes: int
    failures: int
    errno: int
    events_dropped: int
    write_ms: DiskTimes
    sync_ms: DiskTimes
    minutes_left: float | None
    place: Place

    @classmethod
    def of(cls, native: dict[str, Any]) -> RecorderStats:
        """Make it of what the C side tells."""
        numbers = dict(native)
        seconds_left = numbers.pop("seconds_left")
        return cls(
            write_ms=DiskTimes(*(ns / 1e6 for ns in numbers.pop("write_ns"))),
            sync_ms=DiskTimes(*(ns / 1e6 for ns in numbers.pop("sync_ns"))),
            minutes_left=None if seconds_left is None else seconds_left / 60,
            place=cast(Place, numbers.pop("place")),
            **numbers,
        )
