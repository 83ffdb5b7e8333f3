"""What `vocana record` tells: what happens while it runs, and the account at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..words import clock, count, plural, size

if TYPE_CHECKING:
    from ..capture.block import Event
    from ..capture.capture import Capture
    from ..record.errors import RecordError
    from ..record.recorder import Recorder
    from ..record.stats import RecorderStats

GAPS_LISTED = 5
FILES_LISTED = 20

Gap = tuple[int, int, str]  # frame, frames, cause


class Told:
    """Words for one recording; `warnings` are told first."""

    def __init__(
        self, path: Path, recorder: Recorder, mic: Capture, warnings: Sequence[str] = ()
    ) -> None:
        self.path = path
        self._recorder = recorder
        self._mic = mic
        self._rate = recorder.rate
        self._recovering = False
        self._warnings = list(warnings)

    # --- While it runs -----------------------------------------------------------------------

    def news(self) -> list[str]:
        """Return and take a line for each thing that has happened since the last call."""
        lines, self._warnings = self._warnings, []
        for event in [*self._mic.events(), *self._recorder.events()]:
            said = self._said(event)
            if said:
                lines.append(f"{self._clock(event.frame)}  {said}")
        return lines

    def _said(self, event: Event) -> str:
        from ..record.errors import what_failed

        kind, value = event.kind, event.value
        if kind == "recovering":
            self._recovering = True
            return "the device is lost or stalled: it is opened again"
        if kind == "running" and self._recovering:
            self._recovering = False
            return "the device is back"
        if kind == "degraded":
            return f"goes on with {self._mic.device or 'another device'}, of --fallback"
        if kind == "file_opened" and value > 1:
            return f"goes on in {self._shown(self._numbered(value))}"
        if kind == "file_opened" and (first := self._recorder.files[0]) != self._recorder.path:
            return f"begins in the spool: {first}"
        if kind == "file_sealed":
            _, what, todo = what_failed(value)
            return f"{what}: {todo}"
        if kind == "in_memory":
            return "goes on in memory, which holds 100 MB, until a disk takes it"
        if kind == "record_stopped":
            return "frames are lost: no disk takes them"
        if kind == "back" and value:
            return f"the disk works again: {plural(value, 'frame')} written that waited"
        if kind == "disk_low":
            return "the disk is nearly full: it has room for less than a minute"
        return ""

    def _numbered(self, number: int) -> Path:
        name = f"{self.path.stem}-{number:04}{self.path.suffix}"
        return next((path for path in self._recorder.files if path.name == name), Path(name))

    # --- At the end --------------------------------------------------------------------------

    def summary(self) -> Iterator[str]:
        """Lines on the files and on what is in them; once the recorder is closed."""
        stats, files = self._recorder.stats, self._recorder.files
        channels = plural(self._mic.channels, "channel")
        saved = stats.frames_durable
        line = f"{self._clock(saved)}  {self._rate} Hz  {channels}"
        absent = "moved with its folder" if self._moved() else "gone"
        if len(files) == 1:
            yield f"{self._shown(files[0])}  {line}  {_size(files[0], absent)}"
        else:
            yield f"{line} in {len(files)} files"
            for path in files[:FILES_LISTED]:
                yield f"  {self._shown(path)}  {_size(path, absent)}"
            if len(files) > FILES_LISTED:
                yield f"  and {len(files) - FILES_LISTED} more"
        silence = min(saved, stats.silence_frames)
        yield f"recorded {plural(saved - silence, 'frame')}, lost {_losses(stats, silence)}"
        gaps = self._gaps()
        for frame, frames, cause in gaps[:GAPS_LISTED]:
            yield f"  at {self._clock(frame)}  {plural(frames, 'frame')}  {cause}"
        if len(gaps) > GAPS_LISTED:
            yield f"  and {len(gaps) - GAPS_LISTED} more"

    def missing(self) -> RecordError | None:
        """Return an error for what the device gave and no file holds, None when that is nothing."""
        from ..record.errors import RecordError, what_failed

        stats = self._recorder.stats
        late = [(at, frames) for at, frames, cause in self._gaps() if cause == "overflow"]
        if unplaced := _unplaced(stats):
            late.append((stats.frames - unplaced, unplaced))
        missing = max(stats.dropped_frames, sum(frames for _, frames in late))
        gone = None if self._moved() else self._gone(stats.frames_gone, missing)
        if gone or not missing:
            return gone
        first = min(at for at, _ in late) if late else stats.first_dropped or 0
        code, what, todo = what_failed(stats.errno)
        if not stats.errno:
            code, what, todo = "disk_slow", "the disk is too slow", "record to a faster one"
        return RecordError(
            f"{what}: {plural(missing, 'frame')} ({missing / self._rate:.2f} s) missing "
            f"from {self._clock(first)} on",
            code=code,
            hint=todo,
            path=self.path,
            number=stats.errno,
            frames_saved=stats.frames_durable,
        )

    def _moved(self) -> bool:
        """Whether a folder was moved: at the end the last file was in it, and not at its path."""
        stats = self._recorder.stats
        durable = stats.frames_durable and not stats.frames_gone
        return bool(durable) and not self._recorder.files[-1].exists()

    def _gone(self, gone: int, missing: int) -> RecordError | None:
        from ..record.errors import RecordError

        lost = f": {plural(gone + missing, 'frame')} missing" if gone or missing else ""
        if gone and missing:
            lost = f": {plural(gone, 'frame')} gone with it, and {count(missing)} on no disk"
        for path in self._recorder.files:
            if not path.exists():
                return RecordError(
                    f"{self._shown(path)} was removed or moved while it was recorded{lost}",
                    code="file_gone",
                    hint="leave the files of a recording alone until it has ended",
                    path=path,
                )
        return None

    def _gaps(self) -> list[Gap]:
        """Losses in the order of the recording, from the JSON files beside its files."""
        from .._native import sidecar

        gaps: list[Gap] = []
        for path in self._recorder.files:
            try:
                said = sidecar.parse(path.with_name(f"{path.name}.json").read_bytes())
            except (OSError, ValueError):
                continue  # on a disk that has failed
            gaps += (  # what is behind its last frame found no place
                (said.first_frame + frame, n, cause)
                for frame, n, cause in said.gaps
                if frame < said.durable_frames
            )
        return gaps

    def _clock(self, frames: int) -> str:
        return clock(frames / self._rate)

    def _shown(self, path: Path) -> Path:
        """Write a path as OUT.WAV was written when it is beside it."""
        return self.path.with_name(path.name) if path.parent == self._recorder.path.parent else path


def _losses(stats: RecorderStats, silence: int) -> str:
    """Write how many frames are lost, and how."""
    parts = {
        f"in {plural(stats.gaps, 'gap')} (silence in their place)": silence,
        "that found no place on a disk": _unplaced(stats),
        "with files that were removed or moved": stats.frames_gone,
    }
    told = [(frames, words) for words, frames in parts.items() if frames]
    if len(told) == 1:
        return f"{count(told[0][0])} {told[0][1]}"
    total = count(sum(parts.values()))
    return ": ".join(filter(None, (total, ", ".join(f"{count(n)} {words}" for n, words in told))))


def _unplaced(stats: RecorderStats) -> int:
    """Count the frames of a recording that has ended which were in no file."""
    return stats.frames - stats.frames_durable - stats.frames_gone


def _size(path: Path, absent: str) -> str:
    try:
        return size(path.stat().st_size)
    except FileNotFoundError:
        return absent
    except OSError:
        return "cannot be read"
