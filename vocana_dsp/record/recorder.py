"""A capture becomes files that survive, written by a thread that does not wait for Python."""

from __future__ import annotations

import atexit
import os
import threading
import time
import weakref
from pathlib import Path
from typing import Literal

from .._native.recorder import NativeRecorder
from ..capture.block import Event
from ..capture.capture import Capture
from ..capture.lifetime import Closed
from ..config import MAX_FRAMES, flag, frames_of, instance, one_of, positive, seconds, whole
from ..errors import ConfigError, StreamClosed, VocanaError
from .errors import RecordError, refuse_existing
from .sidecars import sidecar_path
from .stats import RecorderStats
from .way import checked, make_way, spool_folder

Subtype = Literal["float32", "pcm24", "pcm16"]

# How long close() waits for a stream to let go, and for a disk to take what is queued.
DETACH_S = 1.0
CLOSE_S = 10.0
SLICE_S = 0.2

LEAST_FLUSH_S, MOST_FLUSH_S = 0.001, 60.0  # room for two is reserved on the disk

# 9,999 files of less are no long recording. A file ends at 2 GiB long before the other.
LEAST_SEGMENT_MINUTES, MOST_SEGMENT_MINUTES = 1 / 60, 525_600.0

_open: weakref.WeakSet[Recorder] = weakref.WeakSet()


class Recorder(Closed):
    """Record a capture to WAV files. The file is made at once; it is written from `start` on.

    A C thread takes frames from the capture through a ring of ten seconds of its own, so neither a
    busy Python nor a slow disk costs anything. What it has told to be durable survives a crash of
    the process and of the machine: the file opens in every reader at any moment.

    When the disk fails or is full, the recording goes on in a new file in `spool`, then in memory
    (100 MB), and back when there is room again. Beyond that it drops frames, tells exactly which,
    and goes on after them. Lost frames stand in the file as silence, so that time stays right.
    Beside each file stands a JSON file with its format, its place in time, and its gaps.

    ::

        meeting.wav  meeting.wav.json  meeting-0002.wav  meeting-0002.wav.json  ...

    Methods may be called from any thread.

    Args:
        path: of the first file; its name ends in .wav.
        capture: what to record. Start the recorder first to have it from its first frame on.
        flush_s: how much a crash of the machine may cost, 0.001 to 60 s.
        spool: another folder, best on another disk, to go on in.
        segment_minutes: after which the next file begins, at least 1/60; one begins at 2 GiB at the
            latest. A recording has 9,999 files at most.
        subtype: of the samples: "float32", "pcm24" or "pcm16".
        overwrite: whether a recording at `path` is replaced: a regular file there, and the files in
            its folder and in `spool` whose sidecars say that they are of the same recording.
        frames: after which it ends by itself; None is never.

    Raises:
        RecordError: the file cannot be made; nothing has been started.
        ResourceBusy: what is to be replaced is being recorded.
        StreamClosed: the capture is closed, or has ended.
        ConfigError: an argument is out of its range.

    >>> import tempfile, vocana_dsp as vo
    >>> mic = vo.Capture(vo.testing.SimulatedDevice(seconds=0.1, pace="lockstep"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with vo.Recorder(f"{folder}/meeting.wav", mic) as recorder, mic:
    ...         ended = recorder.wait()
    ...     recorder.stats.frames_durable
    4800
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        capture: Capture,
        *,
        flush_s: float = 1.0,
        spool: str | os.PathLike[str] | None = None,
        segment_minutes: float | None = None,
        subtype: Subtype = "float32",
        overwrite: bool = False,
        frames: int | None = None,
    ) -> None:
        instance("capture", capture, Capture)
        _ = capture.outlets  # raises when there would be nothing to record
        if not LEAST_FLUSH_S <= positive("flush_s", flush_s, "s") <= MOST_FLUSH_S:
            raise ConfigError(
                f"flush_s is {flush_s!r}, expected {LEAST_FLUSH_S:g} to {MOST_FLUSH_S:g} s",
                hint="1 is usual: it is what a crash of the machine may cost",
            )
        one_of("subtype", subtype, ("float32", "pcm24", "pcm16"))
        segment = 0
        if segment_minutes is not None:
            segment = frames_of(_segment(segment_minutes) * 60_000, capture.rate)
        if frames is not None:
            whole("frames", frames, 1, MAX_FRAMES)
        flag("overwrite", overwrite)
        self.path = checked(path)
        folder = None if spool is None else spool_folder(spool)
        self.rate = capture.rate
        self._capture = capture
        self._last_stats: RecorderStats | None = None
        self._state: Literal["open", "running", "closed"] = "open"
        self._closing = threading.RLock()
        try:
            if overwrite:
                make_way(self.path, folder)
            else:
                refuse_existing(self.path)
                refuse_existing(sidecar_path(self.path))
            self._native = NativeRecorder(
                os.fsencode(self.path.parent),
                os.fsencode(self.path.name),
                None if folder is None else os.fsencode(folder),
                (capture.rate, capture.channels, subtype),
                round(flush_s * 1e9),
                segment,
                frames or 0,
            )
        except VocanaError:
            self._state = "closed"
            raise
        except OSError as cause:
            self._state = "closed"
            raise RecordError.opening(self.path, cause) from cause
        _open.add(self)
        atexit.unregister(close_all)
        atexit.register(close_all)

    # --- Lifecycle ---------------------------------------------------------------------------

    def start(self) -> None:
        """Write what the capture gives from now on. Does nothing when it has started."""
        with self._closing:
            if self._state == "closed":
                raise StreamClosed("the recorder is closed", hint="make a new Recorder")
            if self._state == "open":
                self._native.start(self._capture.outlets)
                self._state = "running"

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the capture, or the recording itself, has ended; return whether so."""
        gives_up = None if timeout is None else time.monotonic() + seconds("timeout", timeout)
        while not self.ended:
            left = SLICE_S if gives_up is None else min(SLICE_S, gives_up - time.monotonic())
            if left <= 0:
                return False
            self._native.wait(left)
        return True

    def close(self) -> None:
        """Write what is queued and end the file. May be called again; raises nothing.

        What went wrong is in `error`. A disk that hangs is left alone after ten seconds.
        """
        if self._state != "closed":  # without the lock, which a forked child may find taken
            with self._closing:
                self._end()

    def _end(self) -> None:
        if self._state == "closed":  # by another thread, meanwhile
            return
        if not (self._native.detach(DETACH_S) and self._native.stop(CLOSE_S)):
            self._native.leak()
        self._last_stats = self.stats
        self._state = "closed"  # last: what a Ctrl-C has interrupted, the next call does
        _open.discard(self)

    def abandon(self) -> None:
        """Let go of the file and change nothing: for a forked child."""
        if self._state != "closed":
            self._last_stats = self.stats
            self._state = "closed"
            self._native.abandon()

    def __repr__(self) -> str:
        """Say where it is, how it is, and what is safe."""
        state = "ended" if self._state == "running" and self.ended else self._state
        return f"<Recorder {self.path} {state}, {self.stats.frames_durable:,} frames durable>"

    # --- Accounts ----------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        """Whether nothing more will be written: closed, or the capture has ended or failed."""
        if self._state == "closed":
            return True
        _ = self._capture.state  # looks at the device: the stream of one that is lost has ended
        return self._native.state == "ended"

    @property
    def stats(self) -> RecorderStats:
        """One consistent snapshot; the last one after `close`."""
        return self._last_stats or RecorderStats.of(self._native.stats())

    @property
    def files(self) -> list[Path]:
        """Its files in the order of the recording, those in the spool among them.

        Where they were made: a folder that is renamed meanwhile takes its files along.
        """
        return [Path(os.fsdecode(path)) for path in self._native.paths()]

    @property
    def error(self) -> RecordError | None:
        """What the disk said when it failed last, None when it never has; it may go on."""
        stats = self.stats
        if not stats.errno:
            return None
        cause = OSError(stats.errno, os.strerror(stats.errno))
        return RecordError.writing(self.path, cause, stats.frames_durable, self.rate)

    @property
    def threads(self) -> dict[str, int]:
        """The system's numbers of its threads, by name; empty unless it runs."""
        native_id = self._native.thread
        return {"recorder": native_id} if native_id and not self.ended else {}

    def events(self) -> list[Event]:
        """Return and take what has happened since the last call.

        Kinds are ``"file_opened"``, ``"file_rolled"``, ``"file_sealed"``, ``"spooling"``,
        ``"in_memory"``, ``"record_stopped"``, ``"back"`` and ``"disk_low"``; `frame` is of the
        recording, `value` the number of a file, an errno, frames or seconds. 1,024 wait until they
        are taken; later ones are dropped, and counted in `stats`.
        """
        return [Event(*event) for event in self._native.events()]


def _segment(minutes: float) -> float:
    """Return a length of a file, or raise ConfigError."""
    if not LEAST_SEGMENT_MINUTES <= positive("segment_minutes", minutes) <= MOST_SEGMENT_MINUTES:
        raise ConfigError(
            f"segment_minutes is {minutes!r}, expected 1/60 (a second) to "
            f"{MOST_SEGMENT_MINUTES:,.0f} (a year)",
            hint="60 is usual: a recording has 9,999 files at most",
        )
    return minutes


def close_all() -> None:
    """Close every recorder, so that a process that ends leaves whole files."""
    for recorder in list(_open):
        recorder.close()


def _in_child() -> None:
    """Threads do not survive a fork: the files are the parent's."""
    for recorder in list(_open):
        recorder.abandon()
    _open.clear()


os.register_at_fork(after_in_child=_in_child)
