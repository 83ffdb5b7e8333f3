"""One file as a recovery found it, and left it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._native.sidecar import SidecarData
from ..words import plural, shown
from .joined import JoinedAccount
from .sidecars import crc_frames


@dataclass(frozen=True, slots=True)
class RecoveredFile:
    """One file of a recording, as it is after the recovery.

    Attributes:
        path: where it is.
        outcome: "good"; "repaired", the sizes in its head; "rebuilt", its head, from the sidecar;
            "copied", the same into a new file; "damaged", its head is right, not all of its audio;
            "joined", an earlier recovery wrote it from others; "unreadable"; "missing", only its
            sidecar is there; "busy", its writer is alive.
        rate: frames per second, 0 when it is not known.
        channels: samples per frame.
        subtype: "float32", "pcm24", "pcm16", or "" for others.
        data_at: byte at which its audio begins.
        frames: whole frames in it.
        sidecar: what the JSON beside it says, or None.
        damaged: its seconds, from 0, that are not what was written; the last may be a part of one.
        never_written: those of them that hold nothing but zeros, as a power cut leaves them.
        lost_frames: frames that its sidecar says were durable, or without one its head, and that
            are not there any more.
        compared_frames: from its first one on, that were compared with a CRC in the sidecar.
        zero_tail_frames: zeros at its end that nothing proves to be silence.
        note: what else there is to say.
        joined: what a joined file says of itself and of its sources, or None.
    """

    path: Path
    outcome: str
    rate: int = 0
    channels: int = 0
    subtype: str = ""
    data_at: int = 0
    frames: int = 0
    sidecar: SidecarData | None = None
    damaged: tuple[int, ...] = ()
    never_written: tuple[int, ...] = ()
    lost_frames: int = 0
    compared_frames: int = 0
    zero_tail_frames: int = 0
    note: str = ""
    joined: JoinedAccount | None = None

    @property
    def end(self) -> str | None:
        """How it ended: "closed"; "rolled", another follows; "sealed", its disk failed; "open"."""
        return self.sidecar.end if self.sidecar else None

    @property
    def first_frame(self) -> int:
        """Frame of the recording that is frame 0 of the file."""
        return self.sidecar.first_frame if self.sidecar else 0

    @property
    def segment(self) -> int:
        """Number of the file within its recording, from 1."""
        return self.sidecar.segment if self.sidecar else 1

    @property
    def acknowledged_frames(self) -> int:
        """Frames in it that its sidecar vouches for: that they were durable, or by their CRC."""
        if self.sidecar is None:
            return 0
        return min(max(self.sidecar.durable_frames, crc_frames(self.sidecar)), self.frames)

    @property
    def gaps(self) -> list[tuple[int, int, str]]:
        """Losses that stand in it as silence: (frame of the recording, frames, cause)."""
        if self.joined is not None:
            return list(self.joined.gaps)
        return [(self.first_frame + at, n, cause) for at, n, cause in self._gaps(placed=True)]

    @property
    def unplaced_frames(self) -> int:
        """Frames after its last one that the recording had, and no disk took."""
        return sum(n for _, n, _ in self._gaps(placed=False))

    def _gaps(self, placed: bool) -> list[tuple[int, int, str]]:
        """Return those before the end of a file that was ended, or those after it."""
        if self.sidecar is None:
            return []
        end = None if self.sidecar.end == "open" else self.sidecar.durable_frames
        return [gap for gap in self.sidecar.gaps if (end is None or gap[0] < end) == placed]

    @property
    def problems(self) -> list[str]:
        """What is missing or damaged, a sentence each."""
        name, found = shown(self.path.name), []
        if self.outcome == "missing":
            found.append(f"{name} is missing; its sidecar is there")
        if self.outcome == "unreadable":
            found.append(f"{name}: {shown(self.note)}")
        if self.damaged:
            changed = [s for s in self.damaged if s not in set(self.never_written)]
            if self.never_written:
                found.append(f"{name}: never written to the disk: {_seconds(self.never_written)}")
            if changed:
                found.append(f"{name}: damaged: {_seconds(changed)}")
        if self.lost_frames and self.outcome not in ("missing", "unreadable"):
            found.append(f"{name}: {plural(self.lost_frames, 'frame')} gone from its end")
        if self.unplaced_frames:
            found.append(
                f"{name}: no disk took the {plural(self.unplaced_frames, 'frame')} after it"
            )
        if self.joined is not None:
            if not self.joined.intact:
                found.append(f"{name}: damaged: its audio is not what was joined")
            found += [f"{name}, as it was joined: {line}" for line in self.joined.problems]
        return found

    @property
    def unknown(self) -> list[str]:
        """What can be told by nobody, a sentence each."""
        name, found = shown(self.path.name), []
        if self.outcome == "busy":
            found.append(f"{name} is being recorded")
        if self.outcome in ("repaired", "copied") and self.sidecar is None:
            found.append(f"{name}: no sidecar tells how much it held")
        if self.zero_tail_frames:
            zeros = plural(self.zero_tail_frames, "frame")
            found.append(f"{name}: zeros at its end, {zeros}, which nothing proves to be silence")
        if self.joined is not None:
            found += [f"{name}, as it was joined: {line}" for line in self.joined.unknown]
        elif self.outcome == "joined":
            found.append(f"{name} was joined from others: what they missed is told of them alone")
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        return {
            "path": str(self.path),
            "outcome": self.outcome,
            "rate": self.rate,
            "channels": self.channels,
            "subtype": self.subtype,
            "segment": self.segment,
            "first_frame": self.first_frame,
            "frames": self.frames,
            "acknowledged_frames": self.acknowledged_frames,
            "end": self.end,
            "damaged_seconds": list(self.damaged),
            "never_written_seconds": list(self.never_written),
            "lost_frames": self.lost_frames,
            "unplaced_frames": self.unplaced_frames,
            "compared_frames": self.compared_frames,
            "zero_tail_frames": self.zero_tail_frames,
            "note": self.note,
        }


def _seconds(numbers: list[int] | tuple[int, ...]) -> str:
    """Write seconds as runs.

    >>> _seconds([3, 4, 5, 9])
    'seconds 3 to 5, 9'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    words = [str(a) if a == b else f"{a} to {b}" for a, b in runs]
    return f"second{'s' if len(numbers) > 1 else ''} {', '.join(words)}"
